"""What a typed sentence loses when a product is found by its strongest words alone: ``query_terms`` against all words."""

from __future__ import annotations

import io
import re
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from scipy import sparse

from benchmarks.results import Missing, Page
from dashboard.query import top
from lookup.packed import postings_in
from lookup.words import words
from precompute import tfidf
from precompute.errors import BadInput
from precompute.report import Report
from precompute.settings import read_settings
from precompute.shop import Shop
from precompute.signals.reviews import postings
from precompute.sources import read_shop
from precompute.topk import normalised

SHOP = Path(__file__).parent / "shops" / "musical_instruments.toml"
QUERY_TERMS = (32, 64, 128, 256, 1_000_000)
HELD_OUT = 0.1
SHORTEST, LONGEST = 3, 8
"""Words of a sentence that someone might type."""
K = 10
SEED = 0

HOW = f"""The reviews of Musical Instruments; {HELD_OUT:.0%} of them, drawn from a seed, are left out of the products' documents,
and their sentences of {SHORTEST} to {LONGEST} words that count are typed. *The same* is how many of the first {K} products all
words find are also found with so many words. *Similarity* is the cosine, with all words, of the {K} found, as a share of that of
the best {K}. Words kept are those of all products; the last row keeps all, and differs by the weights' one byte alone."""


def measure_typed_queries() -> None:
    """Write ``results/queries.md``."""
    page = Page("queries", "Typed sentences and a product's strongest words", "python -m benchmarks queries")
    with tempfile.TemporaryDirectory(prefix="aisle-queries-") as folder:
        try:
            shop = read_shop(read_settings(SHOP), Path(folder), Report(Console(file=io.StringIO())))
        except BadInput as error:
            raise Missing(f"the reviews are not here: {error}") from None
        typed = _hold_out(shop, Path(folder) / "kept.parquet")
        settings = shop.settings.signals.reviews
        vocabulary, weights = tfidf.documents(shop.reviews, shop.products, settings)
    queries = _weighed(typed, vocabulary)
    exact = (queries @ weights.T).toarray()
    best = [top(row, K) for row in exact]
    rows = []
    for query_terms in QUERY_TERMS:
        stored = _stored(weights, query_terms)
        found = [top(row, K) for row in (queries @ stored.T).toarray()]
        same = np.mean([len(np.intersect1d(few, all_)) / len(all_) for few, all_ in zip(found, best, strict=True)])
        reached, possible = (sum(exact[query, hits].sum() for query, hits in enumerate(lists)) for lists in (found, best))
        shares = (stored.nnz / weights.nnz, same, reached / possible)
        rows.append((f"{query_terms:,}", *(f"{share:.1%}" for share in shares)))
    page.text(HOW)
    page.text(
        f"{len(shop):,} products with {weights.nnz / len(shop):,.0f} words that count each; {queries.shape[0]:,} sentences."
    )
    page.table(("query_terms", "words kept", "the same", "similarity"), rows)
    page.write()


def _hold_out(shop: Shop, kept: Path) -> list[list[str]]:
    """Leave some reviews out of the shop; the words of their sentences come back."""
    reviews = pq.read_table(shop.reviews)
    out = np.random.default_rng(SEED).random(len(reviews)) < HELD_OUT
    pq.write_table(reviews.filter(pa.array(~out)), kept)
    shop.reviews = kept
    texts = reviews.column("text").filter(pa.array(out)).to_pylist()
    return [words(sentence) for text in texts for sentence in re.split(r"[.!?\n]+", text)]


def _weighed(typed: list[list[str]], vocabulary: tfidf.Vocabulary) -> sparse.csr_array:
    """TF-IDF of the sentences with neither too few nor too many words that count, CSR [q, t]."""
    place = {term: column for column, term in enumerate(vocabulary.terms.to_pylist())}
    known = ([place[word] for word in sentence if word in place] for sentence in typed)
    chosen = [columns for columns in known if SHORTEST <= len(columns) <= LONGEST]
    rows = np.repeat(np.arange(len(chosen)), [len(columns) for columns in chosen])
    columns = np.concatenate(chosen)
    counts = sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(chosen), len(place)))
    return normalised(counts.multiply(vocabulary.idf[None, :]).tocsr())


def _stored(weights: sparse.csr_array, query_terms: int) -> sparse.csr_array:
    """The weights as the dashboard reads them back, CSR [n, t]."""
    found = postings_in(postings(weights, query_terms))
    ends = np.cumsum([len(products) for products, _ in found])
    products, values = (np.concatenate(part) for part in zip(*found, strict=True))
    return sparse.csc_array((values, products, np.append(0, ends)), shape=weights.shape).tocsr()
