"""Example queries: for some clusters a phrase in which the shop itself describes one of its products.

Reviews are not among the lookup tables, descriptions and titles are: nothing is made up, and what is offered finds something.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set

import pyarrow as pa
from numpy.typing import NDArray

from dashboard.query import search
from lookup import schema
from lookup.reader import Cache
from lookup.words import words

MOST_EXAMPLES = 5
LOOKED_AT = 24
"""Products of a cluster whose texts are read, those that its words describe best."""
LABEL_WORDS = 3
"""A phrase holds one or more of the first words of its cluster; where no text has one, these words are the example."""
FEWEST_WORDS, MOST_WORDS = 3, 8
LONGEST_TEXT = 2_000
"""Characters that are read of a description."""

_END = re.compile(r"[.,;:!?…](?=\s|$)|[()\[\]{}\"“”„«»|•·\r\n\t]|\s[-–—]\s")
"""Where a phrase ends: a comma ends one too, but not the point in a number or an address."""
_PLAIN_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


def example_queries(cache: Cache, clusters: pa.Table, cluster_of: NDArray, common_words: Set[str]) -> list[str]:
    """At most `MOST_EXAMPLES` different queries that find products, from clusters spread over all of them.

    Parameters
    ----------
    cache, clusters
        The lookup tables, and ``clusters.parquet`` of them.
    cluster_of
        int32 [n], the cluster of every product, -1 for none.
    common_words
        The words that count nothing.
    """
    about = [terms for terms in clusters.column("terms").to_pylist() if terms]
    chosen = about[:: max(1, len(about) // MOST_EXAMPLES)][:MOST_EXAMPLES]
    return list(dict.fromkeys(_example(cache, cluster_of, terms, common_words) for terms in chosen))


def _example(cache: Cache, cluster_of: NDArray, terms: Sequence[str], common_words: Set[str]) -> str:
    found = search(cache, cluster_of, " ".join(terms[:LABEL_WORDS]), LOOKED_AT)
    rows = sorted(hit.row for hit in found.cluster_hits)
    texts = cache.table(schema.PRODUCTS).rows(rows, ["description", "title"])
    for column in texts.columns:  # descriptions first: a title may be little more than a brand
        phrase = best_phrase(column.to_pylist(), terms, common_words)
        if phrase is not None:
            return phrase
    return ", ".join(terms[:LABEL_WORDS])


def best_phrase(texts: Iterable[str | None], terms: Sequence[str], common_words: Set[str]) -> str | None:
    """The phrase of some texts that says most of what a cluster is about; None where none names it.

    It holds one or more of the first `LABEL_WORDS` terms: of those that do, the first with most of all terms.

    >>> best_phrase(["A chair in pale oak, 50 x 80 cm. Ready to use."], ["chair", "oak"], {"a", "in", "to"})
    'chair in pale oak'
    """
    naming = [
        (len(said.intersection(terms)), phrase)
        for text in texts
        for phrase in _phrases(text or "", common_words)
        if not (said := set(words(phrase))).isdisjoint(terms[:LABEL_WORDS])
    ]
    return max(naming, key=lambda each: each[0], default=(0, None))[1]


def _phrases(text: str, common_words: Set[str]) -> Iterator[str]:
    """A text's phrases of a few plain words, without the common words around them, in lower case as people type them."""
    for piece in _END.split(text[:LONGEST_TEXT].lower()):
        said = piece.split()
        while said and said[0] in common_words:
            del said[0]
        while said and said[-1] in common_words:
            del said[-1]
        if FEWEST_WORDS <= len(said) <= MOST_WORDS and all(map(_PLAIN_WORD.fullmatch, said)):
            yield " ".join(said)
