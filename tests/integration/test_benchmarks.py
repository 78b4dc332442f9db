"""What the benchmarks measure with: a drawn cache is one that the dashboard serves, and the traffic is what a browser asks."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

import numpy as np
import onnx
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from flask.testing import FlaskClient
from rich.console import Console

from benchmarks import lookup_process
from benchmarks.export import take
from benchmarks.full_shop import DUPLICATES, write_shop
from benchmarks.large_cache import SIGNALS, _first_distinct, draw_cache
from benchmarks.traffic import SHARES, Ask, Callbacks, Traffic
from dashboard.app import create_app
from lookup import schema
from lookup.packed import postings_in, vectors_in
from lookup.reader import Cache
from lookup.schema import NO_NEIGHBOUR
from precompute.report import Report
from precompute.settings import NEIGHBOUR_TABLES, read_settings
from precompute.sources import read_shop
from precompute.sparse_topk import sparse_cosine_neighbours
from precompute.tfidf import documents
from tests.serving import running

pytestmark = pytest.mark.slow
PRODUCTS = 1_200


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn")
    draw_cache(folder, PRODUCTS, thumbnails=30)
    return folder


@pytest.fixture(scope="module")
def client(drawn: Path) -> FlaskClient:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("RATE_LIMIT_QUERY", "0")
        return create_app(drawn).server.test_client()


@pytest.fixture(scope="module")
def callbacks(client: FlaskClient) -> Callbacks:
    return Callbacks(client.get("/_dash-dependencies").json)


def test_a_drawn_cache_holds_every_table_of_a_build(drawn: Path) -> None:
    cache = Cache.open(drawn)
    assert cache.manifest.signals.keys() == {"blend", *NEIGHBOUR_TABLES}
    assert cache.table(schema.PRODUCTS).schema.equals(schema.PRODUCTS_SCHEMA)
    assert {table.num_rows for name in cache.manifest.signals for table in [cache.table(schema.neighbours_path(name))]} == {
        PRODUCTS
    }
    assert {schema.ENCODER, schema.POSTINGS, schema.METRICS, schema.THUMBNAILS} <= cache.manifest.files.keys()


def test_its_encoder_is_in_the_form_that_a_build_deploys(drawn: Path) -> None:
    cache = Cache.open(drawn)
    model = onnx.load(drawn / cache.manifest.folder / schema.ENCODER)
    assert SIGNALS.encoder.precision == "int8"
    assert "QLinearConv" in {node.op_type for node in model.graph.node}
    sizes = {signal: vectors_in(cache.table(schema.vectors_path(signal)).row(0)).size for signal in cache.encoder.outputs}
    assert sizes == {"visual": SIGNALS.visual.dimensions, "style": SIGNALS.style.dimensions}


def test_a_list_never_holds_a_product_twice_or_the_product_itself(drawn: Path) -> None:
    cache = Cache.open(drawn)
    for name in cache.manifest.signals:
        for row in range(0, PRODUCTS, 37):
            found = cache.neighbours(row, name)
            assert len(set(found.rows.tolist()) | {row}) == len(found.rows) + 1
            assert found.fallback or (np.diff(found.scores) <= 0).all()


def test_documents_are_weighted_to_length_one(drawn: Path) -> None:
    postings = postings_in(Cache.open(drawn).table(schema.POSTINGS).read())
    products, weights = (np.concatenate(part) for part in zip(*postings, strict=True))
    terms = np.bincount(products, minlength=PRODUCTS)
    assert terms.max() == SIGNALS.reviews.query_terms
    whole = terms < SIGNALS.reviews.query_terms
    lengths = np.bincount(products, weights.astype(np.float64) ** 2, PRODUCTS)
    assert whole.any()
    assert np.isclose(lengths[whole], 1, atol=0.05).mean() > 0.95  # a document of rare words alone has no length


def test_of_candidates_the_first_different_ones_are_taken() -> None:
    candidates = np.array([[3, 3, 0, 2], [1, 1, 1, 1]], np.int32)
    assert _first_distinct(candidates, 3).tolist() == [[3, 2, NO_NEIGHBOUR], [NO_NEIGHBOUR] * 3]


@pytest.mark.parametrize("kind", SHARES)
def test_every_kind_of_request_is_answered(client: FlaskClient, callbacks: Callbacks, drawn: Path, kind: str) -> None:
    for ask in islice(Traffic(drawn, callbacks).draw(1, kind), 5):
        assert ask.kind == kind
        assert answered(client, ask)


def test_an_upload_finds_look_alikes(client: FlaskClient, callbacks: Callbacks) -> None:
    assert "product-card" in answered(client, callbacks.upload())


def test_a_file_is_taken_to_its_end(client: FlaskClient, drawn: Path) -> None:
    path = "/export/recommendations.jsonl"
    with running(drawn, workers=1) as app:
        assert take(app.port, path).size == len(client.get(path).data)
        with pytest.raises(SystemExit, match="404"):
            take(app.port, "/export/nothing.csv")


def test_the_mix_is_drawn_in_its_shares(drawn: Path, callbacks: Callbacks) -> None:
    kinds = [ask.kind for ask in islice(Traffic(drawn, callbacks).draw(1), 2_000)]
    assert {kind: kinds.count(kind) / len(kinds) for kind in SHARES} == pytest.approx(SHARES, abs=0.03)


def test_the_reader_is_measured_on_every_signal_and_on_sentences(
    drawn: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(lookup_process, "PRODUCTS", 50)
    monkeypatch.setattr(lookup_process, "SENTENCES", 20)
    lookup_process.main(str(drawn))
    measured = json.loads(capsys.readouterr().out)
    assert measured["opened"] > 0
    assert measured["asked"] > 0
    assert {name: len(times) for name, times in measured["neighbours"].items()} == dict.fromkeys(
        Cache.open(drawn).manifest.signals, 45
    )
    assert len(measured["sentences"]) == 18
    assert min(measured["sentences"]) > 0


def answered(client: FlaskClient, ask: Ask) -> str:
    """The answer's text; it must be a good one."""
    body = {"data": ask.body, "content_type": "application/json"} if ask.body else {}
    response = client.open(ask.path, method="POST" if ask.body else "GET", **body)
    assert response.status_code == 200, response.text[:500]
    return response.get_data(as_text=False).decode("utf-8", "replace")


@pytest.fixture(scope="module")
def shop_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    write_shop(folder, products=400, reviews=3_000, lines=2_000)
    return folder


def test_a_drawn_shop_is_read_but_for_its_planted_duplicates(shop_files: Path, tmp_path: Path) -> None:
    shop = read_shop(read_settings(shop_files / "shop.toml"), tmp_path, Report(Console(quiet=True)))
    assert shop.products.column("product_id").equals(pq.read_table(shop_files / "truth.parquet").column("asin"))
    repeats = shop.rejects.reasons["exact duplicate review"]
    assert 0 < repeats < 3_000 * DUPLICATES
    assert shop.rejects.reasons.total() == repeats
    lines = pacsv.read_csv(shop_files / "orders.csv").select(["order_id", "asin"])
    assert lines.num_rows == 2_000
    bought = lines.group_by(["order_id", "asin"]).aggregate([])
    orders = {"orders": len(bought.column("order_id").unique()), "order_lines": bought.num_rows}
    assert shop.counts == {"products": 400, "reviews": 3_000 - repeats, "pictures": 0} | orders


def test_the_words_of_a_drawn_shop_tell_its_kinds_apart(shop_files: Path, tmp_path: Path) -> None:
    settings = read_settings(shop_files / "shop.toml")
    shop = read_shop(settings, tmp_path, Report(Console(quiet=True)))
    _, weights = documents(shop.reviews, shop.products, settings.signals.reviews)
    nearest = sparse_cosine_neighbours(weights, 1)[0][:, 0]
    kind = pq.read_table(shop_files / "truth.parquet").column("kind").to_numpy()
    alike = kind == kind[nearest]
    assert alike.mean() > 5 / len(np.unique(kind))


def test_the_same_seed_draws_the_same_shop(shop_files: Path, tmp_path: Path) -> None:
    for seed, same in ((0, True), (1, False)):
        write_shop(tmp_path / str(seed), 400, 3_000, 2_000, seed)
        for name in ("products.csv", "reviews.jsonl.gz", "orders.csv"):
            assert ((tmp_path / str(seed) / name).read_bytes() == (shop_files / name).read_bytes()) == same


def test_a_shop_can_be_drawn_without_reviews_and_orders(tmp_path: Path) -> None:
    write_shop(tmp_path, products=50, reviews=0, lines=0)
    assert {path.name for path in tmp_path.iterdir()} == {"products.csv", "shop.toml", "truth.parquet"}
    settings = read_settings(tmp_path / "shop.toml")
    assert (settings.reviews, settings.orders) == (None, None)
