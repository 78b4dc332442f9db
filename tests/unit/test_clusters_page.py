"""Clusters: what the map and its legend show for an address."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from dashboard.app import create_app
from dashboard.figures import PALETTE
from dashboard.maps import FORMAT
from dashboard.navigation import Location
from dashboard.pages import clusters
from dashboard.pages.clusters import MAPS, Choice, by_size, choose, product_at
from dashboard.store import Build
from lookup import schema
from tests.drawn import hrefs, of_class, of_type, parts, text_of
from tests.planted_cache import CATEGORIES, ODD_IDS, write_planted_cache
from tests.republish import republish


@pytest.fixture(scope="module")
def build(planted: Path) -> Build:
    return Build.open(planted)


def draw(folder: Path, **query: str) -> Any:
    with create_app(folder).server.test_request_context():
        return clusters.layout(Location("/clusters", query)).body


def figure(body: Any) -> Any:
    return of_type(body, "Graph")[0].figure


@pytest.mark.parametrize(
    ("query", "chosen"),
    [
        ({}, Choice("reviews", "cluster", None)),
        ({"map": "look"}, Choice("look", "category", None)),
        ({"map": "look", "cluster": "3"}, Choice("look", "cluster", "3")),
        ({"colour": "category", "category": "Mugs"}, Choice("reviews", "category", "Mugs")),
        ({"map": "nowhere", "colour": "taste", "cluster": "99"}, Choice("reviews", "cluster", None)),
        ({"cluster": "-1"}, Choice("reviews", "cluster", None)),
        ({"colour": "category", "category": "Boats"}, Choice("reviews", "category", None)),
    ],
)
def test_the_address_chooses_what_there_is(build: Build, query: dict[str, str], chosen: Choice) -> None:
    assert choose(build, MAPS, Location("/clusters", query)) == chosen


@pytest.mark.parametrize("colour", ["cluster", "category"])
def test_groups_count_every_product_that_has_one(build: Build, colour: Any) -> None:
    groups = by_size(build, Choice("look", colour, None))
    numbers = (build.catalogue.cluster if colour == "cluster" else build.catalogue.category).tolist()
    assert {group.number: group.size for group in groups} == Counter(number for number in numbers if number >= 0)
    sizes = [group.size for group in groups]
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize(("name", "missing"), [("reviews", 2), ("look", 0), ("style", 0)])
def test_the_page_names_where_the_points_are_and_says_how_many_are_missing(
    planted: Path, build: Build, name: str, missing: int
) -> None:
    body = draw(planted, map=name, colour="category")
    store = next(part for part in parts(body) if getattr(part, "id", None) == clusters.POINTS)
    assert store.data == {
        "places": f"/maps/{FORMAT}/{build.name}/{name}",
        "products": f"/maps/{FORMAT}/{build.name}/products",
        "by": "category",
    }
    assert ("2 products have no data" in text_of(of_type(body, "Figcaption"))) == bool(missing)


def test_labels_stand_on_the_map_of_reviews_alone(planted: Path, build: Build) -> None:
    assert build.clusters is not None
    first = {terms[0] for terms in build.clusters.column("terms").to_pylist()}
    written = {name: {trace["label"] for trace in figure(draw(planted, map=name, colour="cluster"))["data"]} for name in MAPS}
    assert written == {"reviews": first | {""}, "look": {""}, "style": {""}}


def test_no_answer_grows_with_the_products(planted: Path, tmp_path: Path) -> None:
    """The points are not among what a click is answered with."""
    write_planted_cache(tmp_path, 600)
    few, many = (json.dumps(figure(draw(folder))) for folder in (planted, tmp_path))
    assert len(many) == pytest.approx(len(few), abs=20)


def test_a_chosen_category_lists_its_products(planted: Path) -> None:
    body = draw(planted, colour="category", category="Mugs")
    cards = of_class(of_class(body, "chosen-group"), "card-kicker")
    assert len(cards) == 10
    assert {text_of(card) for card in cards} == {"Mugs"}
    assert [text_of(of_class(link, "legend-name")) for link in parts(body) if getattr(link, "aria-current", None) == "true"][
        -1
    ] == "Mugs"


def test_a_chosen_cluster_says_its_words(planted: Path, build: Build) -> None:
    assert build.clusters is not None
    terms = build.clusters.column("terms")[2].as_py()
    assert ", ".join(terms) in text_of(of_class(draw(planted, cluster="2"), "chosen-group"))


def test_without_a_choice_every_cluster_is_listed(planted: Path) -> None:
    body = draw(planted)
    assert len(of_class(body, "cluster-card")) == len(CATEGORIES)
    assert {f"/clusters?map=reviews&cluster={number}" for number in range(len(CATEGORIES))} <= set(hrefs(body))


def test_more_categories_than_colours(tmp_path: Path) -> None:
    write_planted_cache(tmp_path)
    products = Build.open(tmp_path).cache.table(schema.PRODUCTS).read()
    names = pa.array([f"category {row // 2:02}" for row in range(60)])
    at = schema.PRODUCTS_SCHEMA.get_field_index("category")
    republish(tmp_path, tables={schema.PRODUCTS: products.set_column(at, schema.PRODUCTS_SCHEMA.field(at), names)})
    build = Build.open(tmp_path)

    groups = by_size(build, Choice("look", "category", "category 29"))
    coloured = [group for group in groups if group.colour is not None]
    assert len(groups) == 30
    assert sorted(group.colour for group in coloured if group.colour is not None) == list(range(len(PALETTE)))
    assert "category 29" in {group.value for group in coloured}, "the chosen one has a colour for sure"
    drawn = [trace["group"] for trace in figure(draw(tmp_path, map="look", category="category 29"))["data"]]
    assert drawn[-1] == next(group.number for group in groups if group.value == "category 29")
    assert set(drawn) == {None, *(group.number for group in coloured)}


@pytest.mark.parametrize("product_id", ["item-001", *ODD_IDS])
def test_an_event_names_its_product(build: Build, product_id: str) -> None:
    product = product_at(build, {"points": [{"customdata": product_id, "bbox": {}}]})
    assert product is not None
    assert product.id == product_id


@pytest.mark.parametrize(
    "event",
    [
        None,
        "",
        7,
        [],
        {},
        {"points": []},
        {"points": [{}]},
        {"points": [{"customdata": 3}]},
        {"points": [{"customdata": "no such"}]},
    ],
)
def test_a_mangled_event_names_nothing(build: Build, event: Any) -> None:
    assert product_at(build, event) is None


def test_without_maps_the_page_says_so(tmp_path: Path) -> None:
    write_planted_cache(tmp_path)
    republish(tmp_path, without=[schema.map_path(name) for name in MAPS])
    assert of_class(draw(tmp_path), "empty-state")


def test_pictures_alone_have_maps_but_no_clusters(tmp_path: Path) -> None:
    write_planted_cache(tmp_path, without=("reviews",))
    republish(tmp_path, without=[schema.map_path("reviews"), schema.CLUSTERS, schema.TERMS, schema.POSTINGS])
    body = draw(tmp_path, cluster="3", colour="cluster")
    assert figure(body)["data"][0]["group"] is None
    assert not of_class(body, "cluster-card")
