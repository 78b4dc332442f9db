"""The reasons of neighbours: worded from the evidence, worked out by hand; for many products at once as for one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from dashboard.recommendations import popular_reasons, reasons, recommendations
from dashboard.store import Build
from tests.planted_cache import SIGNALS, write_planted_cache

NONE = -1
POPULAR = ("Popular in this shop", True)


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    folder = tmp_path_factory.mktemp("planted")
    write_planted_cache(folder, n=40, title="T" * 100)
    return Build.open(folder)


def said(build: Build, signal: str, evidence: list[list[int]], score: float = 0.75) -> list[tuple[str, bool]]:
    """Each neighbour's reason, and whether it only stands in."""
    scores = np.full(len(evidence), score, np.float32)
    texts, stands_in = reasons(build, signal, scores, np.array(evidence, np.int32).reshape(len(evidence), -1))
    return list(zip(texts, stands_in.tolist(), strict=True))


def test_the_same_photo_or_how_alike(build: Build) -> None:
    assert said(build, "visual", [[1], [0]]) == [("the same photo", False), ("looks 75\u202f% alike", False)]


def test_without_evidence_the_score_speaks(build: Build) -> None:
    assert said(build, "style", [[], []]) == [("75\u202f% the same style", False)] * 2


def test_shared_words_are_named_in_their_order(build: Build) -> None:
    good, nice = (build.cache.terms.to_pylist().index(word) for word in ("good", "nice"))
    assert said(build, "reviews", [[nice, good, NONE], [good, NONE, NONE], [NONE, NONE, NONE]]) == [
        ("both described as “nice, good”", False),
        ("both described as “good”", False),
        ("described 75\u202f% alike", False),
    ]


def test_orders_are_counted_and_none_means_popular(build: Build) -> None:
    assert said(build, "bought_together", [[1], [0], [1200]]) == [
        ("bought together in 1 order", False),
        POPULAR,
        ("bought together in 1\u202f200 orders", False),
    ]


def test_companions_are_named_by_title_else_by_id(build: Build) -> None:
    row, titled, untitled = (build.cache.row_of(f"item-{number:03d}") for number in (3, 4, 5))
    assert row is not None
    assert titled is not None
    assert untitled is not None
    title = build.catalogue.product(titled).title
    assert said(build, "similar_company", [[untitled, titled], [NONE, row], [NONE, NONE]]) == [
        (f"bought with the same things: item-005, {title}", False),
        (f"bought with the same things: {'T' * 59}…", False),
        ("score 0.75", False),
    ]


def test_a_blend_names_its_signals_the_best_rank_first(build: Build) -> None:
    assert build.manifest.signals["blend"].details["fused"] == ["visual", "style", "reviews", "bought_together"]
    evidence = [[3, 0, 1, 0], [3, 2, 0, -1], [0, 0, 0, -4], [0, 0, 0, 0]]
    assert said(build, "blend", evidence) == [
        ("described alike + looks alike", False),
        ("goes with it + looks alike", False),
        POPULAR,
        ("score 0.75", False),
    ]


def test_what_stands_in_is_popular_in_the_category_that_it_shares(build: Build) -> None:
    category = build.catalogue.category
    others = np.arange(len(category), dtype=np.int32)
    found = popular_reasons(build, 0, others)
    own = build.catalogue.product(0).category
    assert found == [f"Popular in {own}" if shared else POPULAR[0] for shared in (category == category[0]).tolist()]
    bare = build.cache.row_of("item-005")
    assert bare is not None
    assert set(popular_reasons(build, bare, others)) == {POPULAR[0]}, "it has no category"


@pytest.mark.parametrize("signal", SIGNALS)
@given(data=st.data())
def test_many_are_worded_as_one_by_one(build: Build, signal: str, data: st.DataObject) -> None:
    n, width = data.draw(st.integers(0, 12)), build.manifest.signals[signal].evidence_width
    evidence = data.draw(arrays.arrays(np.int32, (n, width), elements=st.integers(-1, 9)))
    scores = data.draw(arrays.arrays(np.float32, n, elements=st.floats(-1, 4, width=32)))
    texts, stands_in = reasons(build, signal, scores, evidence)
    alone = [reasons(build, signal, scores[i : i + 1], evidence[i : i + 1]) for i in range(n)]
    assert (texts, stands_in.tolist()) == ([text for (text,), _ in alone], [popular.item() for _, popular in alone])


def test_no_neighbour_of_a_category_gives_none(build: Build) -> None:
    assert recommendations(build, 0, "blend", category="nowhere") == []
