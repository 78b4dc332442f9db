"""The page of two products side by side."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboard import wording
from dashboard.app import create_app
from dashboard.ids import item_href
from dashboard.navigation import Location
from dashboard.pages.compare import layout
from dashboard.recommendations import recommendations
from dashboard.store import current_build
from tests.drawn import hrefs, links_of, of_class, text_of
from tests.planted_cache import ODD_IDS, SIGNALS, write_planted_cache


@pytest.fixture(scope="module", autouse=True)
def request_context(planted: Path) -> Iterator[None]:
    with create_app(planted).server.test_request_context():
        yield


def draw(**query: str) -> Any:
    return layout(Location("/compare", query)).body


def test_facts_of_both_and_the_way_back_to_each() -> None:
    body = draw(a="item-001", b="item-002")
    assert "Category Chairs" in text_of(body)
    assert {"/item/item-001", "/item/item-002", "/compare?a=item-002&b=item-001"} <= set(hrefs(body))


def test_ranks_and_reasons_are_those_of_the_lists() -> None:
    build = current_build()
    row = build.cache.row_of("item-001")
    assert row is not None
    best = recommendations(build, row, "visual")[0]
    text = text_of(draw(a="item-001", b=best.product.id))
    for signal in SIGNALS:
        listed = recommendations(build, row, signal)
        found = next((one for one in listed if one.product.row == best.product.row), None)
        said = wording.at_rank(found.rank, found.reason) if found else wording.not_listed(len(listed))
        assert f"{wording.signal_name(signal)} {said}" in text


def test_what_cant_be_known_is_said() -> None:
    body = draw(a="item-005", b="item-003")
    [shared] = of_class(body, "compare-shared")
    assert wording.NOT_COMPARED_PICTURES in text_of(shared)
    assert wording.FEW_SHARED_ORDERS in text_of(shared)
    assert wording.STANDS_IN_SHORT in text_of(body)


@pytest.mark.parametrize("query", [{"a": "item-001"}, {"b": "item-001"}, {"a": "item-001", "b": "item-001"}])
def test_one_product_is_offered_its_recommendations_to_compare_with(query: dict[str, str]) -> None:
    build = current_build()
    row = build.cache.row_of("item-001")
    assert row is not None
    offered = [f"/compare?a=item-001&b={one.product.id}" for one in recommendations(build, row, "blend")]
    compared = [link.href for link in of_class(draw(**query), "card-compare")]
    assert len(compared) == len(offered) == 8
    assert compared[0] == offered[0]


def test_none_or_an_unknown_product_gets_a_friendly_word() -> None:
    assert wording.CHOOSE_FIRST in text_of(draw())
    assert "nobody" in text_of(draw(a="item-001", b="nobody"))
    assert wording.NO_SUCH_PRODUCT in text_of(draw(a="nobody"))


@pytest.mark.parametrize("product_id", ODD_IDS)
def test_odd_ids_come_through_the_address(product_id: str) -> None:
    swap = of_class(draw(a=product_id, b="item-001"), "compare-swap")[0].href
    again = layout(Location.parse(*swap.partition("?")[::2])).body
    assert item_href(product_id) in hrefs(again)
    assert of_class(again, "compare-swap")


def test_a_shop_without_signals_still_compares_facts(tmp_path: Path) -> None:
    write_planted_cache(tmp_path, n=30, without=SIGNALS)
    with create_app(tmp_path).server.test_request_context():
        body = draw(a="item-001", b="item-002")
        assert wording.NOT_COMPARED_WORDS in text_of(body)
        assert wording.NOT_COMPARED_ORDERS in text_of(body)
        assert links_of(body)[wording.SWAP] == "/compare?a=item-002&b=item-001"
        assert wording.NO_NEIGHBOURS in text_of(draw(a="item-001"))
