"""``shop.toml``: what it means, and one readable message for each mistake."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from precompute.errors import BadInput
from precompute.settings import NEIGHBOUR_TABLES, read_settings
from precompute.signals.registry import SIGNALS

INPUT = '[orders]\npath = "orders.csv"\norder = "o"\nproduct = "p"\n'


def _write(folder: Path, toml: str) -> Path:
    path = folder / "shop.toml"
    path.write_text(toml, encoding="utf-8")
    return path


def _message(folder: Path, toml: str) -> str:
    path = _write(folder, toml)
    with pytest.raises(BadInput) as caught:
        read_settings(path)
    return str(caught.value).removeprefix(f"{path}: ")


def test_paths_are_relative_to_the_file(tmp_path):
    settings = read_settings(
        _write(
            tmp_path,
            '[shop]\nname = "A"\n[products]\npath = "in/p.csv"\nid = "id"\n[images]\nfolder = "in/images"\n'
            '[reviews]\npath = "/data/r.csv"\nproduct = "p"\ntext = "t"\n' + INPUT + "[signals.visual]\n"
            'weights = "my.weights.h5"\n[signals.style]\nweights = "untrained"\n',
        )
    )
    assert settings.products is not None
    assert settings.images is not None
    assert settings.reviews is not None
    assert settings.orders is not None
    assert settings.products.path == tmp_path / "in/p.csv"
    assert settings.images.folder == tmp_path / "in/images"
    assert settings.reviews.path == Path("/data/r.csv")
    assert settings.orders.path == tmp_path / "orders.csv"
    assert settings.signals.visual.weights == str(tmp_path / "my.weights.h5")
    assert settings.signals.style.weights == "untrained"


def test_the_amazon_preset_can_be_overridden_key_by_key(tmp_path):
    toml = '[shop]\nname = "A"\n[reviews]\npath = "r.json"\nformat = "amazon"\ntime = "reviewTime"\n'
    reviews = read_settings(_write(tmp_path, toml)).reviews
    assert reviews is not None
    assert (reviews.product, reviews.text, reviews.title) == ("asin", "reviewText", "summary")
    assert (reviews.rating, reviews.time, reviews.reviewer) == ("overall", "reviewTime", "reviewerID")


@pytest.mark.parametrize("clusters", ['"categories"', '"auto"', "12"])
def test_clusters_take_two_words_or_a_number(tmp_path, clusters):
    toml = f'[shop]\nname = "A"\n{INPUT}[signals.reviews]\nclusters = {clusters}\n'
    assert read_settings(_write(tmp_path, toml)).signals.reviews.clusters == (
        int(clusters) if clusters.isdigit() else clusters[1:-1]
    )


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        (
            '[signals.reviews]\nclusters = "x"',
            '[signals.reviews] "clusters": expected "categories", "auto" or a whole number, not \'x\'',
        ),
        (
            "[signals.reviews]\nclusters = 0",
            '[signals.reviews] "clusters": expected "categories", "auto" or a number of at least 1, not 0',
        ),
        ('[signals.basket]\nk = "a"', "[signals.basket] \"k\": expected a whole number, not 'a'"),
        ("[signals.basket]\nk = 500", '[signals.basket] "k": expected a number of at most 200, not 500'),
        (
            '[signals.basket]\nscore = "dice"',
            '[signals.basket] "score": expected "smoothed", "count", "support", "confidence", "cosine", '
            '"jaccard" or "lift", not \'dice\'',
        ),
        ("[signals.basket]\nmin_order = 3", '[signals.basket] unknown key "min_order"; did you mean "min_orders"?'),
        ("[signals.viusal]\nk = 3", '[signals] unknown section "viusal"; did you mean "visual"?'),
        ("[enigne]\nmemory = 3", 'unknown section "enigne"; did you mean "engine"?'),
        ("[engine]\nxyz = 3", '[engine] unknown key "xyz"; known: kind, memory'),
        ('[engine]\nmemory = "lots"', '[engine] "memory": expected a text like "4GB", not \'lots\''),
        ("[signals]\nvisual = 1", "[signals.visual] expected a section with keys of its own, not 1"),
        ('[signals.visual]\nenabled = "maybe"', "[signals.visual] \"enabled\": expected true or false, not 'maybe'"),
        ("[signals.blend]\nweights = {visual = -1}", '[signals.blend] "weights": expected a number of at least 0, not -1'),
        ("[signals.blend]\nweights = {visual = nan}", '[signals.blend] "weights": expected a finite number, not nan'),
        ("[signals.blend]\nweights = {visual = inf}", '[signals.blend] "weights": expected a finite number, not inf'),
        (
            "[signals.blend]\nweights = {viusal = 1}",
            '[signals.blend] "weights": unknown table "viusal"; did you mean "visual"?',
        ),
        (
            "[signals.blend]\nweights = {visual = 1, x = 0}",
            '[signals.blend] "weights": unknown table "x"; known: visual, style, reviews, bought_together, similar_company',
        ),
        ("[signals.blend]\nweights = {visual = 0}", '[signals.blend] "weights": at least one weight above 0 is needed'),
        ("[signals.blend]\nweights = {}", '[signals.blend] "weights": at least one weight above 0 is needed'),
        ("[signals.basket]\nmin_score = nan", '[signals.basket] "min_score": expected a finite number, not nan'),
        ("[evaluate]\nk = []", '[evaluate] "k": expected a list of at least 1 value(s), not []'),
        ("[evaluate]\nk = [5, 0]", '[evaluate] "k": expected a number of at least 1, not 0'),
        ("[evaluate]\nseed = -1", '[evaluate] "seed": expected a number of at least 0, not -1'),
        (
            "[evaluate]\nseed = 4294967296",
            '[evaluate] "seed": expected a number of at most 4294967295, not 4294967296',
        ),
        ("[signals.visual]\nseed = -1", '[signals.visual] "seed": expected a number of at least 0, not -1'),
        ("[signals.reviews]\nseed = -1", '[signals.reviews] "seed": expected a number of at least 0, not -1'),
        (
            "[evaluate]\nvalidation = 0.5\ntest = 0.5",
            '[evaluate] "validation" and "test" must add up to less than 1, not 1: the other orders are what is learned from',
        ),
        (
            '[engine]\nmemory = "63.9 MB"',
            '[engine] "memory": "63.9 MB" is too little to work in; at least 64MB is needed',
        ),
        ('[engine]\nmemory = "0GiB"', '[engine] "memory": "0GiB" is too little to work in; at least 64MB is needed'),
        ('[engine]\nmemory = "1.2.3GB"', '[engine] "memory": expected a text like "4GB", not \'1.2.3GB\''),
        (
            '[signals.reviews]\nstop_words = "german"',
            '[signals.reviews] "stop_words": expected "english", "none" or a list, not \'german\'',
        ),
        (
            '[products]\npath = "a\\u0000.csv"\nid = "a"',
            '[products] "path": holds a NUL character, which no path can',
        ),
        ('[images]\nfolder = "\\u0000"', '[images] "folder": holds a NUL character, which no path can'),
        (
            '[signals.style]\nweights = "\\u0000"',
            '[signals.style] "weights": holds a NUL character, which no path can',
        ),
        ('[evaluate]\npairs = ["ab"]', "[evaluate] \"pairs\": expected a list, not 'ab'"),
        ('[evaluate]\npairs = [["ab"]]', "[evaluate] \"pairs\": expected one more value, not ['ab']"),
        ("[evaluate]\ntest = 1.5", '[evaluate] "test": expected a number below 1, not 1.5'),
        ('[products]\npath = "p.csv"', '[products] the key "id" is missing'),
        ('[products]\npath = "p.csv"\nid = 3', '[products] "id": expected a text, not 3'),
        (
            '[products]\npath = "p.csv"\nid = "a"\ndelimiter = "ab"',
            "[products] \"delimiter\": expected a text of at most 1 character(s), not 'ab'",
        ),
        (
            '[products]\npath = "p.csv"\nid = "a"\ndelimiter = "\\n"',
            '[products] "delimiter": a line end or a quote can\'t delimit fields',
        ),
        (
            '[products]\npath = "p.csv"\nid = "a"\nencoding = "utf9"',
            '[products] "encoding": "utf9" is no encoding that Python knows; common ones are utf-8 and windows-1252',
        ),
        (
            '[products]\npath = "p.csv"\nid = "a"\nencoding = "base64"',
            '[products] "encoding": "base64" is no encoding that Python knows; common ones are utf-8 and windows-1252',
        ),
        (
            '[reviews]\npath = "r.csv"\nformat = "amzon"\nproduct = "p"',
            '[reviews] "format": expected "amazon", not \'amzon\'; [reviews] the key "text" is missing',
        ),
    ],
)
def test_each_mistake_has_one_message(tmp_path, toml, message):
    assert _message(tmp_path, f'[shop]\nname = "A"\n{INPUT}{toml}\n') == message


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        (INPUT, "[shop] the section is missing"),
        ('shop = "A"\n' + INPUT, "[shop] expected a section with keys of its own, not 'A'"),
        ('[shop]\nname = "A"\ncurrency = "euro"\n' + INPUT, '[shop] "currency": expected a text like "EUR", not \'euro\''),
        (
            '[shop]\nname = "A"\n',
            "names no input: at least one of [products], [images], [reviews], [orders] is needed",
        ),
        (
            '[shop]\nname = "A"\n[orders]\npath = "o.csv"\norder = "o"\n',
            '[orders] layout "lines" needs the keys order and product',
        ),
    ],
)
def test_mistakes_in_whole_sections(tmp_path, toml, message):
    assert _message(tmp_path, toml) == message


def test_a_broken_expression_is_named(tmp_path):
    message = _message(tmp_path, f'[shop]\nname = "A"\n{INPUT}cancelled = "("\n')
    assert message.startswith('[orders] "cancelled": "(" is no regular expression:')


def test_amounts_of_memory_in_every_unit(tmp_path):
    for memory in ("64MB", "0.5 GiB", "2TB", "65536KiB"):
        toml = f'[shop]\nname = "A"\n{INPUT}[engine]\nmemory = "{memory}"\n'
        assert read_settings(_write(tmp_path, toml)).engine.memory == memory


def test_a_blend_can_name_every_table_of_neighbours_that_other_signals_build(tmp_path):
    assert {table for signal in SIGNALS for table in signal.produces} == {*NEIGHBOUR_TABLES, "blend"}
    weights = ", ".join(f"{table} = 0.5" for table in NEIGHBOUR_TABLES)
    toml = f'[shop]\nname = "A"\n{INPUT}[signals.blend]\nweights = {{{weights}}}\n'
    assert read_settings(_write(tmp_path, toml)).signals.blend.weights == dict.fromkeys(NEIGHBOUR_TABLES, 0.5)


@pytest.mark.parametrize(("stop_words", "meant"), [('"none"', "none"), ('["der", "und"]', ("der", "und")), ("[]", ())])
def test_stop_words_take_a_word_or_a_list(tmp_path, stop_words, meant):
    toml = f'[shop]\nname = "A"\n{INPUT}[signals.reviews]\nstop_words = {stop_words}\n'
    assert read_settings(_write(tmp_path, toml)).signals.reviews.stop_words == meant


def test_a_pipe_that_nobody_writes_to_is_refused(tmp_path):
    os.mkfifo(tmp_path / "shop.toml")
    with pytest.raises(BadInput, match="is a pipe"):
        read_settings(tmp_path / "shop.toml")


def test_files_that_are_no_settings(tmp_path):
    with pytest.raises(BadInput, match="not found"):
        read_settings(tmp_path / "shop.toml")
    with pytest.raises(BadInput, match="is a folder"):
        read_settings(tmp_path)
    assert _message(tmp_path, "shop = {").startswith("is not valid TOML:")
    (tmp_path / "latin.toml").write_bytes(b'[shop]\nname = "Caf\xe9"\n')
    with pytest.raises(BadInput, match="is not UTF-8 text"):
        read_settings(tmp_path / "latin.toml")
