"""Words counted batch by batch are those that the dashboard cuts a sentence into, however the texts fall into batches."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookup.words import words
from precompute import word_counts
from precompute.settings import ReviewText
from precompute.word_counts import Texts, WordCounts, count_words, texts_of


def batch(*rows: tuple[int, str]) -> Texts:
    return np.array([product for product, _ in rows], np.int32), pa.array([text for _, text in rows], pa.string())


def counted(counts: WordCounts) -> dict[int, dict[str, int]]:
    """What each product's words are, of parts that must keep their promises."""
    found: dict[int, dict[str, int]] = {}
    for part in counts.parts:
        assert [array.dtype for array in part] == [np.int32, np.int64, np.int32, np.int32]
        for place, product in enumerate(part.product.tolist()):
            own = part.between(place, place + 1)
            assert product not in found
            assert len(set(own.term.tolist())) == len(own.term)
            terms = counts.terms.take(pa.array(own.term)).to_pylist()
            found[product] = dict(zip(terms, own.n.tolist(), strict=True))
    return found


def by_hand(rows: list[tuple[int, str]]) -> dict[int, dict[str, int]]:
    expected: dict[int, Counter[str]] = {}
    for product, text in rows:
        expected.setdefault(product, Counter()).update(words(text))
    return {product: dict(counts) for product, counts in expected.items()}


some_text = st.text(st.characters(categories=["L", "M", "N", "P", "Z", "Cc", "So"]), max_size=20)


@given(st.lists(st.tuples(st.integers(0, 3), st.one_of(some_text, st.text("ab c'-1Aé", max_size=20))), max_size=12), st.data())
@settings(max_examples=30, deadline=None)
def test_words_are_the_dashboards_wherever_batches_end(rows: list[tuple[int, str]], data: st.DataObject) -> None:
    rows = sorted(rows, key=lambda row: row[0])
    ends = sorted(data.draw(st.sets(st.integers(1, len(rows))))) if rows else []
    starts = [0, *ends]
    parts = [rows[start:stop] for start, stop in zip(starts, [*ends, len(rows)], strict=True) if start < stop]
    assert counted(count_words([batch(*part) for part in parts])) == by_hand(rows)


@pytest.mark.parametrize(
    "text", ["It's a NICE 2-in-1", "İstanbul ǅ ß ﬁ naïve e\u0301te\u0301", "日本語 テキスト", "a_b\tcd\x00ef", "🌶️🌶️ hot", ""]
)
def test_a_text_is_cut_the_same_alone_in_company_and_in_a_slice(text: str) -> None:
    in_company = pa.array(["before", text, "AFTER"])
    for texts in (pa.array([text]), in_company, in_company.slice(1, 1)):
        product = np.arange(len(texts), dtype=np.int32)
        assert counted(count_words([(product, texts)])) == by_hand(list(enumerate(texts.to_pylist())))


def test_every_ascii_character_is_cut_as_the_rule_says() -> None:
    texts = [(code, f"aa{chr(code)}BB") for code in range(128)]
    assert counted(count_words([batch(*texts)])) == by_hand(texts)


def test_one_product_of_many_batches_is_one_document() -> None:
    texts = [(0, "salt")] + [(1, f"salt pepper w{n}") for n in range(8)] + [(2, "pepper")]
    found = counted(count_words([batch(row) for row in texts]))
    assert found == {0: {"salt": 1}, 1: {"salt": 8, "pepper": 8} | {f"w{n}": 1 for n in range(8)}, 2: {"pepper": 1}}


def test_the_result_does_not_depend_on_the_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    batches = [batch(*((10 * n, " ".join(f"w{word}" for word in rng.integers(0, 99, 50))) for _ in range(20))) for n in range(9)]
    found = []
    for workers in (1, 3):
        monkeypatch.setattr(word_counts, "WORKERS", workers)
        found.append(count_words(batches))
    assert found[0].terms.equals(found[1].terms)
    for one, other in zip(found[0].parts, found[1].parts, strict=True):
        assert all(np.array_equal(*arrays) for arrays in zip(one, other, strict=True))


def documents(tmp_path: Path, fields: tuple[str, ...], reviews: list[tuple[int, str]] | None) -> list[tuple[int, str]]:
    file = tmp_path / "reviews.parquet"
    if reviews is not None:
        product, text = batch(*reviews)
        pq.write_table(pa.table({"product": product, "text": text}), file)
    products = pa.table(
        {
            "title": ["chair", "lamp", None, "rug"],
            "description": pa.array([None, "warm light", None, "of wool"], pa.string()),
        }
    )
    found = texts_of(file if reviews is not None else None, products, ReviewText(documents=fields))
    return [(product, text) for rows, texts in found for product, text in zip(rows.tolist(), texts.to_pylist(), strict=True)]


@pytest.mark.parametrize("rows", [1, 50_000])
def test_a_product_without_reviews_is_described_by_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr(word_counts, "BATCH_ROWS", rows)
    reviews = [(0, "comfortable"), (0, "oak"), (3, "soft")]
    assert documents(tmp_path, ("reviews", "description", "title"), reviews) == [*reviews, (1, "warm light\nlamp")]
    assert documents(tmp_path, ("reviews",), reviews) == reviews
    titles = [(0, "chair"), (1, "lamp"), (3, "rug")]
    assert documents(tmp_path, ("title",), reviews) == titles
    assert documents(tmp_path, ("reviews", "title"), None) == titles


def test_long_texts_are_cut_up_in_smaller_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_counts, "BATCH_BYTES", 1_000)
    file = tmp_path / "reviews.parquet"
    product, text = batch(*((0, f"salt {n} " * 50) for n in range(10)))
    pq.write_table(pa.table({"product": product, "text": text}), file)
    nothing = pa.table({"title": pa.nulls(1, pa.string()), "description": pa.nulls(1, pa.string())})
    batches = list(texts_of(file, nothing, ReviewText()))
    assert [size for rows, _ in batches for size in [len(rows)]] == [2] * 5
    assert pa.concat_arrays([texts for _, texts in batches]).equals(text)
