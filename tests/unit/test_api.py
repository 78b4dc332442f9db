"""The JSON API, the pictures and the health checks, over a planted cache."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard import __version__
from dashboard.app import create_app
from lookup.reader import Cache
from tests.planted_cache import ODD_IDS, SIGNALS, XSS_TITLE, K, write_planted_cache

Get = Callable[[str], tuple[int, dict]]


@pytest.fixture(scope="module")
def client(planted: Path) -> FlaskClient:
    return create_app(planted).server.test_client()


@pytest.fixture(scope="module")
def get(client: FlaskClient) -> Get:
    def answer(path: str) -> tuple[int, dict]:
        response = client.get(path)
        assert response.is_json, response.text
        return response.status_code, response.get_json()

    return answer


@pytest.mark.parametrize("signal", SIGNALS)
def test_recommendations_are_those_of_the_table(get: Get, planted: Path, signal: str) -> None:
    cache = Cache.open(planted)
    row = cache.row_of("item-001")
    assert row is not None
    expected = cache.neighbours(row, signal)
    status, answer = get(f"/api/products/item-001/recommendations?signal={signal}")
    assert status == 200
    assert (answer["product"], answer["signal"], answer["untrained"]) == ("item-001", signal, signal in ("visual", "style"))
    found = answer["recommendations"]
    assert [cache.row_of(one["product_id"]) for one in found] == expected.rows.tolist()
    np.testing.assert_allclose([one["score"] for one in found], expected.scores, atol=1e-6)
    assert [one["rank"] for one in found] == list(range(1, K + 1))
    assert [one["fallback"] for one in found] == [False] * (K - 1) + [signal in ("blend", "bought_together")]


def test_without_a_signal_the_first_answers(get: Get) -> None:
    assert get("/api/products/item-001/recommendations")[1]["signal"] == SIGNALS[0]


def test_k_takes_the_best(get: Get) -> None:
    _, every = get("/api/products/item-001/recommendations?signal=visual")
    _, best = get("/api/products/item-001/recommendations?signal=visual&k=3")
    assert best["recommendations"] == every["recommendations"][:3]


def test_a_category_is_a_filter_and_ranks_stay(get: Get) -> None:
    _, every = get("/api/products/item-001/recommendations?signal=style")
    category = every["recommendations"][1]["category"]
    _, chosen = get(f"/api/products/item-001/recommendations?signal=style&category={quote(category)}")
    assert chosen["recommendations"] == [one for one in every["recommendations"] if one["category"] == category]


@pytest.mark.parametrize(
    ("signal", "reason"),
    [
        ("reviews", "both described as “good, nice”"),
        ("bought_together", "bought together in "),
        ("similar_company", "bought with the same things: "),
    ],
)
def test_reasons_come_from_the_evidence(get: Get, signal: str, reason: str) -> None:
    _, answer = get(f"/api/products/item-001/recommendations?signal={signal}")
    assert all(one["reason"].startswith(reason) for one in answer["recommendations"] if not one["fallback"])


def test_the_same_photo_is_named_only_where_it_is_the_same(get: Get, planted: Path) -> None:
    first = Cache.open(planted).id_of(0)
    _, same = get(f"/api/products/{quote(first, safe='')}/recommendations?signal=visual&k=1")
    assert same["recommendations"][0]["reason"] == "the same photo"
    _, alike = get("/api/products/item-001/recommendations?signal=visual&k=1")
    assert alike["recommendations"][0]["reason"].startswith("looks ")


@pytest.mark.parametrize("signal", ["blend", "bought_together"])
def test_what_is_listed_for_its_popularity_alone_says_so(get: Get, signal: str) -> None:
    _, answer = get(f"/api/products/item-001/recommendations?signal={signal}")
    *others, last = answer["recommendations"]
    assert (last["reason"], last["fallback"]) == ("Popular in this shop", True)
    assert not any(one["fallback"] or one["reason"].startswith("Popular") for one in others)


def test_a_fallback_is_labelled(get: Get) -> None:
    _, answer = get("/api/products/item-003/recommendations?signal=reviews")
    assert all(one["fallback"] for one in answer["recommendations"])
    for one in answer["recommendations"]:
        assert one["reason"] == ("Popular in Mugs" if one["category"] == "Mugs" else "Popular in this shop")


def test_a_stand_in_for_a_product_without_category_is_popular_in_the_shop(get: Get) -> None:
    _, answer = get("/api/products/item-005/recommendations?signal=visual")
    assert {one["reason"] for one in answer["recommendations"]} == {"Popular in this shop"}


@pytest.mark.parametrize("product_id", ODD_IDS)
@pytest.mark.parametrize("what", ["", "/recommendations"])
def test_odd_ids_are_ids_like_any(get: Get, product_id: str, what: str) -> None:
    segment = "~.." if product_id == ".." else quote(product_id, safe="")
    status, answer = get(f"/api/products/{segment}{what}")
    assert status == 200
    assert answer["product" if what else "product_id"] == product_id


def test_a_product_is_described(get: Get, planted: Path) -> None:
    status, answer = get("/api/products/item-003")
    assert status == 200
    assert answer["title"] == XSS_TITLE
    assert answer["category"] == "Mugs"
    assert answer["currency"] == "EUR"
    assert answer["page"] == "/item/item-003"
    assert answer["picture"] == f"/thumbnails/{Cache.open(planted).manifest.folder}/item-003.webp"
    assert answer["signals"] == list(SIGNALS)


def test_what_is_unknown_of_a_product_is_null(get: Get) -> None:
    _, answer = get("/api/products/item-005")
    assert (answer["category"], answer["price"], answer["rating"], answer["cluster"], answer["picture"]) == (None,) * 5


@pytest.mark.parametrize(
    "path",
    [
        "/api/products/nobody",
        "/api/products/nobody/recommendations",
        "/api/products/%00",
        "/api/x",
        "/api",
        "/api/",
        "/api/products/a/b",
    ],
)
def test_the_unknown_is_404_in_json(get: Get, path: str) -> None:
    status, answer = get(path)
    assert status == 404
    assert list(answer) == ["error"]


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_another_method_is_405_in_json(client: FlaskClient, method: str) -> None:
    response = getattr(client, method)("/api/products/item-001")
    assert (response.status_code, list(response.get_json())) == (405, ["error"])
    assert "GET" in response.headers["Allow"]


@pytest.mark.parametrize("path", ["/api/products/{}", "/api/products/item-001/recommendations?category={}"])
def test_an_error_does_not_repeat_all_that_was_asked(get: Get, path: str) -> None:
    assert len(get(path.format("x" * 5000))[1]["error"]) < 400


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("signal=magic", "blend, bought_together"),
        ("signal=", "blend, bought_together"),
        ("k=0", "from 1 to 8"),
        ("k=9", "from 1 to 8"),
        ("k=-1", "from 1 to 8"),
        ("k=two", "from 1 to 8"),
        ("k=٣", "from 1 to 8"),
        ("k=99999999999999999999", "from 1 to 8"),
        ("k=", "from 1 to 8"),
        ("category=Boats", "Chairs, Lamps"),
    ],
)
def test_a_broken_parameter_is_400_and_says_what_is_allowed(get: Get, query: str, named: str) -> None:
    status, answer = get(f"/api/products/item-001/recommendations?{query}")
    assert status == 400
    assert named in answer["error"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(product_id=st.text(max_size=20), signal=st.text(max_size=8), k=st.text(max_size=4), category=st.text(max_size=8))
def test_nothing_that_is_asked_breaks_it(get: Get, product_id: str, signal: str, k: str, category: str) -> None:
    parts = {"signal": signal, "k": k, "category": category}
    query = "&".join(f"{name}={quote(value.encode('utf-8', 'surrogatepass'))}" for name, value in parts.items())
    segment = quote(product_id.encode("utf-8", "surrogatepass"), safe="")
    status, answer = get(f"/api/products/{segment}/recommendations?{query}")
    assert status in (400, 404)
    assert answer["error"]


def test_a_picture_may_be_kept_for_ever_under_its_build(client: FlaskClient, planted: Path) -> None:
    cache = Cache.open(planted)
    row = cache.row_of("a/b c")
    assert row is not None
    url = f"/thumbnails/{cache.manifest.folder}/a%2Fb%20c.webp"
    response = client.get(url)
    assert response.status_code == 200
    assert response.mimetype == "image/webp"
    assert response.data == cache.thumbnail(row)
    assert "immutable" in response.headers["Cache-Control"]
    again = client.get(url, headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_an_old_builds_name_gets_the_new_picture_but_not_for_ever(client: FlaskClient) -> None:
    response = client.get("/thumbnails/0123456789ab/item-001.webp")
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "public, max-age=60"


@pytest.mark.parametrize("name", ["item-005.webp", "nobody.webp", "item-001.png", "item-001", "a/b/item-001.webp"])
def test_no_picture_is_404(client: FlaskClient, name: str) -> None:
    assert client.get(f"/thumbnails/x/{name}").status_code == 404


def test_alive_and_ready(get: Get, planted: Path) -> None:
    assert get("/healthz") == (200, {"status": "alive", "version": __version__})
    status, ready = get("/readyz")
    assert status == 200
    assert (ready["status"], ready["build"], ready["products"]) == ("ready", Cache.open(planted).manifest.folder, 60)


def test_a_shop_without_signals_says_so(tmp_path: Path) -> None:
    write_planted_cache(tmp_path, without=SIGNALS)
    response = create_app(tmp_path).server.test_client().get("/api/products/item-001/recommendations")
    assert (response.status_code, response.get_json()) == (400, {"error": "this shop has no signals"})


def test_ready_names_the_build_that_was_refused(tmp_path: Path) -> None:
    write_planted_cache(tmp_path, n=40)
    app = create_app(tmp_path).server
    store = app.config["store"]
    name = store.build.name
    (tmp_path / "manifest.json").write_text("{}")
    store._checked = float("-inf")
    status, answer = (response := app.test_client().get("/readyz")).status_code, response.get_json()
    assert (status, answer["build"]) == (200, name)
    assert "manifest.json" in answer["refused"]
