"""One contract for every signal, and the answers that were planted."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from lookup import schema
from lookup.reader import NeighbourList
from precompute.signals.registry import SIGNALS
from tests.integration.conftest import PlantedBuild
from tests.planted_shop import BOUGHT_WITH, CATEGORIES, IDS, NOTHING, ROW, STYLES, VARIANTS

TABLES = [name for signal in SIGNALS for name in signal.produces]
PRODUCTS = ["-".join(parts) for parts in itertools.product(CATEGORIES, STYLES, VARIANTS)]


def answer(planted: PlantedBuild, signal: str, product_id: str) -> tuple[NeighbourList, list[str]]:
    found = planted.cache.neighbours(ROW[product_id], signal)
    return found, [IDS[row] for row in found.rows]


@pytest.mark.parametrize("signal", TABLES)
class TestContract:
    def test_is_built_for_every_product_that_has_data(self, planted: PlantedBuild, signal: str) -> None:
        entry = planted.cache.manifest.signals[signal]
        assert (entry.products, entry.fallbacks) == (len(PRODUCTS), 1)
        assert planted.cache.table(schema.neighbours_path(signal)).num_rows == len(IDS)

    def test_no_product_recommends_itself_or_another_twice(self, planted: PlantedBuild, signal: str) -> None:
        for product_id in IDS:
            _, ids = answer(planted, signal, product_id)
            assert 0 < len(ids) <= planted.cache.manifest.signals[signal].k
            assert len({*ids, product_id}) == len(ids) + 1

    def test_scores_fall(self, planted: PlantedBuild, signal: str) -> None:
        for product_id in PRODUCTS:
            found, _ = answer(planted, signal, product_id)
            assert (np.diff(found.scores) <= 0).all()

    def test_evidence_is_of_the_declared_kind_and_width(self, planted: PlantedBuild, signal: str) -> None:
        entry = planted.cache.manifest.signals[signal]
        found, _ = answer(planted, signal, PRODUCTS[0])
        assert found.evidence.shape == (len(found.rows), entry.evidence_width)
        assert (entry.evidence is None) == (entry.evidence_width == 0)
        assert entry.evidence is None or entry.evidence in list(schema.Evidence)

    def test_a_product_without_data_gets_popular_ones_labelled_as_such(self, planted: PlantedBuild, signal: str) -> None:
        found, ids = answer(planted, signal, NOTHING)
        assert found.fallback
        assert all(product_id.startswith("chair-") for product_id in ids)
        assert not any(answer(planted, signal, product_id)[0].fallback for product_id in PRODUCTS)

    def test_untrained_weights_are_named(self, planted: PlantedBuild, signal: str) -> None:
        entry = planted.cache.manifest.signals[signal]
        from_pictures = signal in ("visual", "style") or bool({"visual", "style"} & set(entry.details.get("fused", [])))
        assert entry.untrained == from_pictures


@pytest.mark.parametrize("product_id", PRODUCTS)
class TestPlantedAnswers:
    def test_the_other_variant_looks_most_alike(self, planted: PlantedBuild, product_id: str) -> None:
        found, ids = answer(planted, "visual", product_id)
        assert ids[0] == other_variant(product_id)
        assert found.scores[0] > 0.99
        assert not found.evidence.any()  # one pixel apart: alike, but not the same photo

    def test_style_finds_the_same_style_in_each_other_category(self, planted: PlantedBuild, product_id: str) -> None:
        category, style, _ = product_id.split("-")
        _, ids = answer(planted, "style", product_id)
        others = [name for name in CATEGORIES if name != category]
        assert sorted(ids) == sorted(f"{name}-{style}-{variant}" for name in others for variant in VARIANTS)

    def test_reviews_find_the_same_category_and_say_by_which_words(self, planted: PlantedBuild, product_id: str) -> None:
        category = product_id.split("-", maxsplit=1)[0]
        found, ids = answer(planted, "reviews", product_id)
        assert all(other.startswith(category) for other in ids)
        terms = planted.cache.terms.to_pylist()
        assert {terms[term] for term in found.evidence.ravel()} <= set(CATEGORIES[category].split())

    def test_bought_together_finds_companions_and_counts_their_orders(self, planted: PlantedBuild, product_id: str) -> None:
        category, style, _ = product_id.split("-")
        found, ids = answer(planted, "bought_together", product_id)
        companions = [BOUGHT_WITH[category], next(name for name, other in BOUGHT_WITH.items() if other == category)]
        *bought, popular = ids
        assert sorted(bought) == sorted(f"{name}-{style}-{variant}" for name in companions for variant in VARIANTS)
        assert found.evidence.ravel().tolist() == [10, 10, 10, 10, 0]
        # Each product stands in 40 of 480 orders, all of two products; what no pair speaks for is listed as popular, by id.
        prior = 10 * 40 / 480
        assert found.scores == pytest.approx([(10 + prior) / 50] * 4 + [prior / 50], rel=1e-3)
        assert popular == min(set(PRODUCTS) - {product_id, *bought})

    def test_similar_company_finds_the_substitute(self, planted: PlantedBuild, product_id: str) -> None:
        found, ids = answer(planted, "similar_company", product_id)
        assert other_variant(product_id) in ids[:3]
        assert found.scores[0] == pytest.approx(1.0)

    def test_the_blend_names_the_signals_it_fused(self, planted: PlantedBuild, product_id: str) -> None:
        found, ids = answer(planted, "blend", product_id)
        fused = planted.cache.manifest.signals["blend"].details["fused"]
        for other, ranks in zip(ids, found.evidence, strict=True):
            assert ranks.any()
            for signal, rank in zip(fused, ranks, strict=True):
                _, listed = answer(planted, signal, product_id)
                assert (listed.index(other) + 1 if other in listed else 0) == abs(rank)


def other_variant(product_id: str) -> str:
    return product_id[:-1] + {"a": "b", "b": "a"}[product_id[-1]]
