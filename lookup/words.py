"""How a text is cut into words: the same rule for every review at build time and for a shopper's sentence on a page.

A word is a run of two or more letters, digits or combining marks, in lower case. The rule is one RE2 regular expression, which
Arrow runs over every text that isn't plain ASCII, on the dashboard and in precompute; what it says of ASCII stands here in
Python's own and in `precompute.word_kernel` compiled, and tests hold the three together. It cuts Latin text as scikit-learn's
``TfidfVectorizer(token_pattern=r"[^\\W_]{2,}")`` does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from itertools import pairwise

import pyarrow as pa
import pyarrow.compute as pc

NOT_A_WORD = r"[^\p{L}\p{N}\p{M}]+"
SHORTEST_WORD = 2
PAIR_OF = " "
"""Joins the two words of a pair; no word holds it."""

_NO_ASCII_WORD = re.compile("[^0-9a-z]+")


def words(text: str) -> list[str]:
    """The words of a text, in order, repeated as often as they occur.

    >>> words("It's a NICE, sturdy chair (nice!)")
    ['it', 'nice', 'sturdy', 'chair', 'nice']
    """
    if text.isascii():  # of which the rule says the same in fewer characters: Arrow takes milliseconds to read it, at each call
        parts = _NO_ASCII_WORD.split(text.lower())
    else:
        lower = pc.utf8_lower(pa.scalar(text, pa.string()))
        parts = pc.replace_substring_regex(lower, pattern=NOT_A_WORD, replacement=" ").as_py().split(" ")
    return [word for word in parts if len(word) >= SHORTEST_WORD]


def pairs(words: Iterable[str], stop_words: Set[str]) -> list[str]:
    """The pairs of neighbours among the words of a text, once the stop words between them are gone.

    >>> pairs(["it", "is", "sturdy", "and", "nice"], {"it", "is", "and"})
    ['sturdy nice']
    """
    return [PAIR_OF.join(pair) for pair in pairwise(word for word in words if word not in stop_words)]
