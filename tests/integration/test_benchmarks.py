"""What the benchmarks measure with: a drawn cache is one that the dashboard serves, and the traffic is what a browser asks."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient

from benchmarks.large_cache import _first_distinct, draw_cache
from benchmarks.traffic import SHARES, Ask, Callbacks, Traffic
from dashboard.app import create_app
from lookup import schema
from lookup.reader import Cache
from lookup.schema import NO_NEIGHBOUR
from precompute.settings import NEIGHBOUR_TABLES

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


def test_a_list_never_holds_a_product_twice_or_the_product_itself(drawn: Path) -> None:
    cache = Cache.open(drawn)
    for name in cache.manifest.signals:
        for row in range(0, PRODUCTS, 37):
            found = cache.neighbours(row, name)
            assert len(set(found.rows.tolist()) | {row}) == len(found.rows) + 1
            assert found.fallback or (np.diff(found.scores) <= 0).all()


def test_documents_are_weighted_to_length_one(drawn: Path) -> None:
    postings = Cache.open(drawn).table(schema.POSTINGS).read()
    products, weights = (postings.column(name).combine_chunks().values.to_numpy() for name in ("product", "weight"))
    lengths = np.bincount(products, weights.astype(np.float64) ** 2, PRODUCTS)
    assert np.isclose(lengths, 1, atol=1e-4).mean() > 0.99  # a document of rare words alone has no length


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


def test_the_mix_is_drawn_in_its_shares(drawn: Path, callbacks: Callbacks) -> None:
    kinds = [ask.kind for ask in islice(Traffic(drawn, callbacks).draw(1), 2_000)]
    assert {kind: kinds.count(kind) / len(kinds) for kind in SHARES} == pytest.approx(SHARES, abs=0.03)


def answered(client: FlaskClient, ask: Ask) -> str:
    """The answer's text; it must be a good one."""
    body = {"data": ask.body, "content_type": "application/json"} if ask.body else {}
    response = client.open(ask.path, method="POST" if ask.body else "GET", **body)
    assert response.status_code == 200, response.text[:500]
    return response.get_data(as_text=False).decode("utf-8", "replace")
