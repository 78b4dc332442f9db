"""How a text is cut into words: the same rule for every review at build time and for a shopper's sentence on a page.

A word is a run of two or more letters, digits or combining marks, in lower case. The rule is one RE2 regular expression, which
Arrow runs over a query on the dashboard and, in precompute, over every text that isn't plain ASCII; it cuts Latin text
as scikit-learn's ``TfidfVectorizer(token_pattern=r"[^\\W_]{2,}")`` does.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

NOT_A_WORD = r"[^\p{L}\p{N}\p{M}]+"
SHORTEST_WORD = 2


def words(text: str) -> list[str]:
    """The words of a text, in order, repeated as often as they occur.

    >>> words("It's a NICE, sturdy chair (nice!)")
    ['it', 'nice', 'sturdy', 'chair', 'nice']
    """
    lower = pc.utf8_lower(pa.scalar(text, pa.string()))
    parts = pc.replace_substring_regex(lower, pattern=NOT_A_WORD, replacement=" ").as_py().split(" ")
    return [word for word in parts if len(word) >= SHORTEST_WORD]
