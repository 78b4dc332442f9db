"""What is published of a cache: layouts that give back what went in, releases that never change, addresses that stay secret."""

from __future__ import annotations

import io
import itertools
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from rich.console import Console

from dashboard.all_recommendations import recommended
from dashboard.recommendations import recommendations
from dashboard.store import Build
from lookup import schema
from lookup.lock import Busy, locked
from lookup.manifest import DamagedCache, Manifest, SignalEntry
from lookup.schema import NO_NEIGHBOUR
from lookup.writer import CacheWriter
from precompute.errors import BadInput
from precompute.publish.files import PublishedFiles, encoded, entries, publish_files
from precompute.publish.layout import Layout
from precompute.publish.rows import open_build
from precompute.publish.target import FRESH, Folder
from precompute.report import Report
from tests.planted_cache import SIGNALS, K, write_planted_cache
from tests.tiny_shop import quiet_report

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
IDS = st.lists(TEXTS, min_size=2, max_size=9, unique=True).map(sorted)


def write_ring(folder: Path, ids: list[str], scores: NDArray[np.float32] | None = None) -> None:
    """A cache in whose one signal every product has its successor as its one neighbour, and the last product a fallback."""
    n = len(ids)
    empty = {field.name: [None] * n for field in schema.PRODUCTS_SCHEMA}
    counts = dict.fromkeys(["n_reviews", "n_orders"], [0] * n)
    products = empty | {"product_id": ids, "title": [f"\x00{one}" for one in ids]} | counts | {"has_picture": [False] * n}
    neighbour = [[(row + 1) % n, NO_NEIGHBOUR] for row in range(n)]
    score = [[0.5, 0.0]] * n if scores is None else scores.tolist()
    ring = {"neighbour": neighbour, "score": score, "fallback": [row == n - 1 for row in range(n)]}
    with CacheWriter(folder) as writer:
        writer.write_table(schema.PRODUCTS, pa.table(products, schema=schema.PRODUCTS_SCHEMA))
        writer.write_table(schema.neighbours_path("visual"), pa.table(ring, schema=schema.neighbours_schema(2, 0)))
        writer.publish(Manifest(shop={"name": "Ring", "currency": ""}, signals={"visual": SignalEntry(2, n - 1, 1)}))


def publish(cache: Path, target: Folder, layout: Layout = Layout.RICH, lines: bool = False, k: int = 5) -> PublishedFiles:
    build, signals = open_build(cache, [])
    return publish_files(build, target, signals, k, layout, lines, quiet_report())


def all_entries(build: Build, signal: str, k: int, layout: Layout) -> list[tuple[str, Any]]:
    return [entry for block in recommended(build, signal, k) for entry in entries(block, layout)]


def read(content: bytes, lines: bool) -> dict[str, Any]:
    """The entries of a published file, as a shop's program reads it."""
    if not lines:
        return json.loads(content)
    return {entry["id"]: entry["recommendations"] for entry in map(json.loads, content.decode().split("\n")[:-1])}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("planted")
    write_planted_cache(folder, n=40)
    return folder


@pytest.mark.parametrize("signal", SIGNALS)
def test_the_rich_layout_says_what_the_dashboard_says(planted: Path, signal: str) -> None:
    build = Build.open(planted)
    published = dict(all_entries(build, signal, 3, Layout.RICH))
    assert list(published) == build.cache.ids.to_pylist()
    for row, product_id in enumerate(published):
        found, said = build.cache.neighbours(row, signal), recommendations(build, row, signal, 3)
        assert [one["id"] for one in published[product_id]] == [build.cache.id_of(other) for other in found.rows.tolist()[:3]]
        assert [one["rank"] for one in published[product_id]] == [1, 2, 3]
        np.testing.assert_allclose([one["score"] for one in published[product_id]], found.scores[:3], atol=1e-6)
        assert [(one["reason"], one["fallback"]) for one in published[product_id]] == [(one.reason, one.fallback) for one in said]
    assert [one["fallback"] for one in published["item-005"]] == [True] * 3


def test_more_than_there_are_gives_all_there_are(planted: Path) -> None:
    published = dict(all_entries(Build.open(planted), "visual", 1000, Layout.RICH))
    assert sorted({len(found) for found in published.values()}) == [K - 3, K]


@settings(max_examples=12, deadline=None)
@given(ids=IDS, lines=st.booleans())
def test_the_rich_layout_gives_odd_ids_back(ids: list[str], lines: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_ring(Path(folder) / "cache", ids)
        target = Folder(Path(folder) / "out")
        (file,) = publish(Path(folder) / "cache", target, lines=lines).files
        given_back = read(target.read(file.name), lines)
    found = {one: [(other["id"], other["fallback"]) for other in listed] for one, listed in given_back.items()}
    assert found == {one: [(other, other == ids[0])] for one, other in zip(ids, [*ids[1:], ids[0]], strict=True)}


@given(values=st.dictionaries(TEXTS, TEXTS | st.lists(TEXTS)), lines=st.booleans())
def test_whatever_is_encoded_is_json(values: dict[str, object], lines: bool) -> None:
    assert read(b"".join(encoded(values.items(), lines)), lines) == values


@settings(max_examples=12, deadline=None)
@given(ids=IDS.filter(lambda ids: ";" not in "".join(ids)), lines=st.booleans())
def test_the_tutorial_layout_gives_odd_ids_back(ids: list[str], lines: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_ring(Path(folder), ids)
        content = b"".join(encoded(all_entries(Build.open(Path(folder)), "visual", 5, Layout.TUTORIAL), lines))
    given_back = {one: joined.split(";") for one, joined in read(content, lines).items()}
    assert given_back == {one: [other] for one, other in itertools.pairwise(ids)}, "what stands in is left out"


def test_an_id_with_the_separator_is_refused_and_nothing_is_published(tmp_path: Path) -> None:
    write_ring(tmp_path / "cache", ["a", "b;c", "d"])
    with pytest.raises(BadInput, match="'b;c'"):
        publish(tmp_path / "cache", Folder(tmp_path / "out"), Layout.TUTORIAL)
    assert [entry.name for entry in (tmp_path / "out").iterdir()] == [".lock"]


def test_scores_are_rounded_as_python_rounds_them(tmp_path: Path) -> None:
    ids = [f"{place:04d}" for place in range(2_000)]
    scores = np.sort(np.random.default_rng(3).random((2_000, 2), np.float32) * 4, axis=1)[:, ::-1]
    halves = np.float32([[0.0078125, 0.0234375], [1.5 / 2**7, 0.5 / 2**7], [-0.0078125, -1.5]])  # between two of six digits
    scores[: len(halves)] = halves
    write_ring(tmp_path, ids, scores)
    published = all_entries(Build.open(tmp_path), "visual", 5, Layout.RICH)
    assert [found[0]["score"] for _, found in published] == [round(float(score), 6) for score in scores[:, 0]]


def test_the_bar_counts_every_product(planted: Path, tmp_path: Path) -> None:
    drawn = io.StringIO()
    build, _ = open_build(planted, [])
    report = Report(Console(file=drawn, force_terminal=True, width=120))
    publish_files(build, Folder(tmp_path), ["reviews"], 5, Layout.TUTORIAL, False, report)
    assert "40/40" in drawn.getvalue(), "also those for which this layout has nothing to say"


def test_a_release_never_changes_and_the_one_before_stays(planted: Path, tmp_path: Path) -> None:
    target = Folder(tmp_path)
    first = publish(planted, target)
    contents = {file.name: target.read(file.name) for file in first.files}
    again = publish(planted, target)
    assert (again.release, again.there, again.removed) == (first.release, len(first.files), [])
    second = publish(planted, target, Layout.TUTORIAL)
    assert target.folders() == sorted([first.release, second.release])
    assert {name: target.read(name) for name in contents} == contents
    third = publish(planted, target, Layout.TUTORIAL, k=2)
    assert third.removed == [first.release]
    assert target.folders() == sorted([second.release, third.release])
    assert json.loads(target.read("latest.json"))["release"] == third.release


def test_the_pointer_describes_the_files(planted: Path, tmp_path: Path) -> None:
    target = Folder(tmp_path)
    published = publish(planted, target, lines=True)
    latest = json.loads(target.read("latest.json"))
    assert latest["build"] == Manifest.read(planted).folder
    assert [file["signal"] for file in latest["files"]] == list(SIGNALS)
    for file in latest["files"]:
        content = target.read(file["name"])
        assert (file["bytes"], file["sha256"]) == (len(content), target.fingerprint(file["name"]))
        assert file["products"] == len(read(content, lines=True)) == 40
    assert published.build == latest["build"]


def test_what_is_not_ours_in_a_folder_stays(planted: Path, tmp_path: Path) -> None:
    for name in ("abc", "0123456789ab", "our-releases"):
        (tmp_path / name).mkdir()
    for layout, k in ((Layout.RICH, 1), (Layout.RICH, 2), (Layout.RICH, 3)):
        publish(planted, Folder(tmp_path), layout, k=k)
    assert {"abc", "0123456789ab", "our-releases"} <= set(Folder(tmp_path).folders())


def test_what_a_killed_run_left_is_removed(planted: Path, tmp_path: Path) -> None:
    left = tmp_path / f"{FRESH}abc"
    left.mkdir()
    (left / "blend.json").write_bytes(b"{")
    publish(planted, Folder(tmp_path))
    assert not left.exists()


def test_two_at_once_in_a_folder_are_told_apart(planted: Path, tmp_path: Path) -> None:
    with locked(tmp_path, "held"), pytest.raises(Busy, match="another run is publishing"):
        publish(planted, Folder(tmp_path))


def test_an_unknown_signal_is_named_beside_the_known(planted: Path) -> None:
    with pytest.raises(BadInput, match=r"no signal 'looks'; it has: blend, bought_together"):
        open_build(planted, ["looks"])


def test_a_build_without_signals_has_nothing_to_publish(tmp_path: Path) -> None:
    write_planted_cache(tmp_path, without=SIGNALS)
    with pytest.raises(BadInput, match="nothing to publish"):
        open_build(tmp_path, [])


def test_a_damaged_cache_is_not_published(tmp_path: Path) -> None:
    write_planted_cache(tmp_path, n=40)
    next(tmp_path.rglob("blend.parquet")).write_bytes(b"")
    with pytest.raises(DamagedCache, match=r"blend\.parquet"):
        open_build(tmp_path, [])
