"""Clusters: what stands around the map, and what it is told to draw, for an address."""

from __future__ import annotations

import base64
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from dashboard.app import create_app
from dashboard.components.map_legend import COLOURED, by_size, colours, facts
from dashboard.maps import FORMAT
from dashboard.navigation import Location
from dashboard.pages import clusters
from dashboard.pages.clusters import MAPS, Choice, choose
from dashboard.store import Build
from lookup import schema
from tests.drawn import hrefs, links_of, of_class, of_type, parts, text_of
from tests.planted_cache import CATEGORIES, write_planted_cache
from tests.republish import republish


@pytest.fixture(scope="module")
def build(planted: Path) -> Build:
    return Build.open(planted)


def draw(folder: Path, **query: str) -> Any:
    with create_app(folder).server.test_request_context():
        return clusters.layout(Location("/clusters", query)).body


def with_id(body: Any, name: str) -> Any:
    return next(part for part in parts(body) if getattr(part, "id", None) == name)


def drawing(body: Any) -> Any:
    return with_id(body, clusters.DRAWING).data


def with_column(folder: Path, name: str, values: Any) -> None:
    """A planted cache in which one of the products' columns is another."""
    write_planted_cache(folder)
    products = Build.open(folder).cache.table(schema.PRODUCTS).read()
    at = schema.PRODUCTS_SCHEMA.get_field_index(name)
    field = schema.PRODUCTS_SCHEMA.field(at)
    republish(folder, tables={schema.PRODUCTS: products.set_column(at, field, pa.array(values, field.type))})


@pytest.mark.parametrize(
    ("query", "chosen"),
    [
        ({}, Choice("reviews", "cluster")),
        ({"map": "look"}, Choice("look", "category")),
        ({"map": "look", "cluster": "3"}, Choice("look", "cluster", "cluster", "3")),
        ({"colour": "category", "category": "Mugs"}, Choice("reviews", "category", "category", "Mugs")),
        ({"colour": "category", "cluster": "2"}, Choice("reviews", "category", "cluster", "2")),
        ({"colour": "price", "size": "popularity"}, Choice("reviews", "price", sized=True)),
        ({"map": "nowhere", "colour": "taste", "cluster": "99", "size": "weight"}, Choice("reviews", "cluster")),
        ({"cluster": "-1"}, Choice("reviews", "cluster")),
        ({"category": "Boats"}, Choice("reviews", "cluster")),
        (
            {"q": "mug", "item": "a/b c", "signal": "style"},
            Choice("reviews", "cluster", search="mug", item="a/b c", signal="style"),
        ),
        ({"item": "nobody", "signal": "style"}, Choice("reviews", "cluster")),
        ({"item": "a/b c", "signal": "taste"}, Choice("reviews", "cluster", item="a/b c")),
    ],
)
def test_the_address_chooses_what_there_is(build: Build, query: dict[str, str], chosen: Choice) -> None:
    assert choose(build, MAPS, Location("/clusters", query)) == chosen


@pytest.mark.parametrize("kind", ["cluster", "category"])
def test_groups_count_every_product_that_has_one(build: Build, kind: Any) -> None:
    groups = by_size(build, kind)
    numbers = (build.catalogue.cluster if kind == "cluster" else build.catalogue.category).tolist()
    assert {group.number: group.size for group in groups} == Counter(number for number in numbers if number >= 0)
    sizes = [group.size for group in groups]
    assert sizes == sorted(sizes, reverse=True)


def test_the_facts_are_those_of_the_products(build: Build) -> None:
    catalogue = build.catalogue
    for number in range(len(catalogue.category_names)):
        rows = [row for row in range(len(catalogue)) if catalogue.category[row] == number]
        ratings = [float(catalogue.rating[row]) for row in rows if not np.isnan(catalogue.rating[row])]
        prices = [float(catalogue.price[row]) for row in rows if not np.isnan(catalogue.price[row])]
        assert facts(build).ratings["category"][number] == pytest.approx(sum(ratings) / len(ratings))
        assert facts(build).prices["category"][number] == pytest.approx(float(np.median(prices)))
    known = sorted(price for price in catalogue.price.tolist() if not np.isnan(price))
    lowest, middle, highest = facts(build).scales["price"]
    assert (lowest, highest) == (known[0], known[-1])
    assert sum(price < middle for price in known) == pytest.approx(len(known) / 2, abs=1)
    assert facts(build).unknown == {"price", "rating"}


def test_the_page_tells_the_map_what_to_draw(planted: Path, build: Build) -> None:
    found = drawing(draw(planted, map="look", colour="category", cluster="2", size="popularity", item="item-010"))
    root = f"/maps/{FORMAT}/{build.name}"
    assert (found["places"], found["products"], found["file"]) == (f"{root}/look", f"{root}/products", f"{root}/chosen.csv")
    assert (found["by"], found["only"], found["sized"]) == ("category", {"by": "cluster", "number": 2}, True)
    row = build.cache.row_of("item-010")
    assert row is not None
    assert found["item"] == "item-010"
    assert found["neighbours"] == [build.cache.id_of(other) for other in build.cache.neighbours(row, "blend").rows.tolist()]
    assert found["colours"] == {str(group.number): group.colour for group in by_size(build, "category")}


def test_a_category_is_chosen_by_its_number(planted: Path, build: Build) -> None:
    assert drawing(draw(planted, category="Mugs"))["only"] == {
        "by": "category",
        "number": build.catalogue.category_names.index("Mugs"),
    }


def test_what_is_found_has_a_bit_each(planted: Path, build: Build) -> None:
    body = draw(planted, q="MUG number")
    bits = np.frombuffer(base64.b64decode(drawing(body)["found"]), np.uint8)
    found = np.flatnonzero(np.unpackbits(bits, bitorder="little"))
    assert found.tolist() == [row for row in range(60) if "Mug number" in build.catalogue.product(row).title]
    assert str(len(found)) in text_of(with_id(body, clusters.FOUND))
    assert drawing(draw(planted))["found"] is None


@pytest.mark.parametrize(("name", "missing"), [("reviews", 2), ("look", 0)])
def test_the_page_says_how_many_products_a_map_lacks(planted: Path, name: str, missing: int) -> None:
    caption = text_of(with_id(draw(planted, map=name), clusters.CAPTION))
    assert ("2 products have no data" in caption) == bool(missing)


def test_no_answer_grows_with_the_products(planted: Path, tmp_path: Path) -> None:
    """The points are not among what a click is answered with."""
    write_planted_cache(tmp_path, 600)
    few, many = (json.dumps(drawing(draw(folder))) for folder in (planted, tmp_path))
    assert len(many) == pytest.approx(len(few), abs=40)


def test_a_chosen_category_lists_its_products(planted: Path) -> None:
    body = draw(planted, colour="category", category="Mugs")
    cards = of_class(of_class(body, "chosen-group"), "card-kicker")
    assert len(cards) == 10
    assert {text_of(card) for card in cards} == {"Mugs"}
    chosen = [link for link in parts(of_class(body, "legend")) if getattr(link, "aria-current", None) == "true"]
    assert [text_of(of_class(link, "legend-name")) for link in chosen] == ["Mugs"]
    assert "category" not in chosen[0].href.replace("colour=category", ""), "a second click shows all again"


def test_a_group_and_a_search_narrow_one_another(planted: Path, build: Build) -> None:
    body = draw(planted, colour="category", category="Mugs", q="number 2")
    expected = {
        product.title
        for product in build.catalogue.products(range(60))
        if product.category == "Mugs" and "number" in product.title and "2" in product.title + product.id
    }
    assert {text_of(card) for card in of_class(of_class(body, "chosen-group"), "card-title")} == expected


def test_a_chosen_cluster_says_its_words(planted: Path, build: Build) -> None:
    assert build.clusters is not None
    terms = build.clusters.column("terms")[2].as_py()
    assert ", ".join(terms) in text_of(of_class(draw(planted, cluster="2"), "chosen-group"))


def test_without_a_choice_every_cluster_is_listed(planted: Path) -> None:
    body = draw(planted)
    assert len(of_class(body, "cluster-card")) == len(CATEGORIES)
    assert {f"/clusters?map=reviews&colour=cluster&cluster={number}" for number in range(len(CATEGORIES))} <= set(hrefs(body))


def test_the_table_says_what_the_map_shows(planted: Path, build: Build) -> None:
    table = of_type(draw(planted, map="look", colour="category"), "Table")[0]
    rows = [[text_of(cell) for cell in row.children] for row in of_type(table, "Tr")[1:]]
    assert [row[:2] for row in rows] == [[group.name, str(group.size)] for group in by_size(build, "category")]
    link = links_of(table)["Mugs"]
    assert "category=Mugs" in link


def test_a_file_of_the_table_has_the_numbers_themselves(planted: Path, build: Build) -> None:
    table = of_type(draw(planted, map="look", colour="category"), "Table")[0]
    groups = by_size(build, "category")
    ratings, prices = facts(build).ratings["category"], facts(build).prices["category"]
    expected = [[str(part) for part in (one.size, ratings[one.number], prices[one.number])] for one in groups]
    assert [[one.value for one in of_type(row, "Data")] for row in of_type(table, "Tr")[1:]] == expected


def test_the_legend_keeps_its_order_whatever_is_chosen_or_found(planted: Path) -> None:
    def names(**query: str) -> list[str]:
        return [text_of(name) for name in of_class(of_class(draw(planted, colour="category", **query), "legend"), "legend-name")]

    assert names() == names(q="mug") == names(category="Mugs") == names(category="Rugs", q="rug", item="item-010")


def test_the_legend_leaves_room_for_every_count(planted: Path) -> None:
    counts = of_class(of_class(draw(planted, colour="category"), "legend"), "legend-count")
    assert [getattr(count, "data-widest") for count in counts] == [f"{text_of(count)} of {text_of(count)}" for count in counts]


def test_every_link_keeps_the_rest_of_the_choice(planted: Path) -> None:
    body = draw(planted, map="look", colour="category", cluster="2", size="popularity", q="mug", item="item-010")
    links = links_of(body)
    assert links["Price"] == "/clusters?map=look&colour=price&cluster=2&size=popularity&q=mug&item=item-010"
    assert links["By popularity"] == "/clusters?map=look&colour=category&cluster=2&q=mug&item=item-010"
    assert links["×"] == "/clusters?map=look&colour=category&cluster=2&size=popularity&q=mug"
    assert links["Goes with it"].endswith("&item=item-010&signal=style")
    assert links["Show all"] == "/clusters?map=look&colour=category&size=popularity&q=mug&item=item-010"


def test_a_product_that_the_map_lacks_says_so(planted: Path) -> None:
    assert of_class(of_class(draw(planted, map="reviews", item="item-005"), "map-panel"), "notice")
    assert not of_class(of_class(draw(planted, map="look", item="item-005"), "map-panel"), "notice")


def test_more_categories_than_colours(tmp_path: Path) -> None:
    with_column(tmp_path, "category", [f"category {row // 2:02}" for row in range(60)])
    build = Build.open(tmp_path)
    groups = by_size(build, "category", "category 29")
    coloured = [group for group in groups if group.colour is not None]
    assert len(groups) == 30
    assert sorted(group.colour for group in coloured if group.colour is not None) == list(range(COLOURED))
    assert "category 29" in {group.value for group in coloured}, "the chosen one has a colour for sure"
    told = drawing(draw(tmp_path, map="look", category="category 29"))["colours"]
    assert set(told) == {str(group.number) for group in coloured}


def test_what_does_not_differ_is_no_colour(tmp_path: Path) -> None:
    with_column(tmp_path, "price", [5.0] * 60)
    build = Build.open(tmp_path)
    assert colours(build) == ["cluster", "category", "rating", "popularity"]
    assert choose(build, MAPS, Location("/clusters", {"colour": "price"})).colour == "cluster"


def asked(folder: Path, output: str, **inputs: Any) -> Any:
    """What a callback of the page answers: by the id of what it fills, its properties."""
    client = create_app(folder).server.test_client()
    dependencies = client.get("/_dash-dependencies").get_json()
    callback = next(one for one in dependencies if output in one["output"] and not one.get("clientside_function"))
    outputs = [
        {"id": part.rpartition(".")[0], "property": part.rpartition(".")[2]}
        for part in callback["output"].strip(".").split("...")
    ]
    body = {
        "output": callback["output"],
        "outputs": outputs if callback["output"].startswith("..") else outputs[0],
        "inputs": [one | {"value": inputs[one["id"]]} for one in callback["inputs"]],
        "changedPropIds": [f"{one['id']}.data" for one in callback["inputs"]],
    }
    response = client.post("/_dash-update-component", json=body)
    return response.get_json()["response"] if response.status_code == 200 else None


def test_a_followed_link_draws_everything_around_the_map(planted: Path) -> None:
    answer = asked(planted, clusters.BESIDE, **{clusters.ASKED: {"search": "?map=look&colour=price&cluster=2"}})
    assert set(answer) == {"map-choices", "map-found", "map-caption", "map-beside", "map-below", "map-drawing"}
    assert answer["map-drawing"]["data"]["by"] == "price"
    assert len(json.dumps(answer)) < 200_000


@pytest.mark.parametrize("sent", [None, "", 7, [], {"search": 3}, {"search": "?item=" + "x" * 5000}])
def test_a_mangled_question_is_no_failure(planted: Path, sent: Any) -> None:
    answer = asked(planted, clusters.BESIDE, **{clusters.ASKED: sent})
    assert "map-drawing" not in answer or answer["map-drawing"]["data"]["item"] is None


def test_an_area_lists_the_products_that_it_names(planted: Path, build: Build) -> None:
    area = {"ids": ["item-010", "a/b c", "nobody", 3], "total": 41}
    shown = asked(planted, clusters.IN_AREA, **{clusters.AREA: area})[clusters.IN_AREA]["children"]
    text = json.dumps(shown, ensure_ascii=False)
    assert "41 products chosen" in text
    for product_id in ("item-010", "a/b c"):
        row = build.cache.row_of(product_id)
        assert row is not None
        assert build.catalogue.product(row).title in text


@pytest.mark.parametrize("sent", [None, "", {}, {"ids": ["item-010"], "total": "many"}, {"ids": ["item-010"], "total": 10**400}])
def test_a_mangled_area_is_none(planted: Path, sent: Any) -> None:
    assert asked(planted, clusters.IN_AREA, **{clusters.AREA: sent})[clusters.IN_AREA]["children"] is None


def test_without_maps_the_page_says_so(tmp_path: Path) -> None:
    write_planted_cache(tmp_path)
    republish(tmp_path, without=[schema.map_path(name) for name in MAPS])
    assert of_class(draw(tmp_path), "empty-state")


def test_pictures_alone_have_maps_but_no_clusters(tmp_path: Path) -> None:
    write_planted_cache(tmp_path, without=("reviews",))
    republish(tmp_path, without=[schema.map_path("reviews"), schema.CLUSTERS, schema.TERMS, schema.POSTINGS])
    body = draw(tmp_path, cluster="3", colour="cluster", item="item-010")
    assert drawing(body)["by"] == "category"
    assert drawing(body)["only"] is None
    assert not of_class(body, "cluster-card")
    assert of_class(body, "map-panel")


def test_what_the_page_is_asked_stands_in_one_address() -> None:
    chosen = Choice("look", "price", "category", "Mugs & more", sized=True, search="red", item="a/b", signal="style")
    assert chosen.href() == "/clusters?map=look&colour=price&category=Mugs+%26+more&size=popularity&q=red&item=a%2Fb&signal=style"
