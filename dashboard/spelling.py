"""Near words of the vocabulary for a word that nobody uses, in numpy and Arrow alone: no Python object per term.

Words are compared letter by letter without their accents, so that "creme" finds "crème". A term is looked at closely only where
its length and its set of letters, which are compared for all terms at once, allow it to be near.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from lookup.words import PAIR_OF, words

SHORTEST, LONGEST = 3, 32
"""Letters of a word that may be a misspelling: every word is near to a shorter one, and a longer one is no word."""
LONG = 8
"""A word of so many letters may be `MOST_EDITS` edits away, a shorter one a single edit."""
MOST_EDITS = 2
OFFERED = 3
TRIED = 5
"""Words of a sentence, at a few milliseconds each; a text in which more of them are misspelt means something else."""
BLOCK_TERMS = 16_384
"""So many terms are prepared at a time, which takes little memory beyond what is kept."""
BITS = np.uint32(1) << np.arange(32, dtype=np.uint32)
ACCENTS = r"[\x{300}-\x{36F}]+"


@dataclass(frozen=True)
class NearWord:
    """A word of the vocabulary, and how many products use it."""

    word: str
    documents: int


class Speller:
    """The vocabulary as a spelling is compared with it: some 5 MB for 200,000 terms.

    Parameters
    ----------
    terms
        The vocabulary, distinct, sorted. Of terms of several words none is offered.
    documents
        int32 [t], how many products use each.
    common
        Words that are known but too common to count: no misspellings.
    """

    def __init__(self, terms: pa.StringArray, documents: NDArray[np.int32], common: frozenset[str] = frozenset()) -> None:
        blocks = [_compared(terms.slice(start, BLOCK_TERMS)) for start in range(0, len(terms) or 1, BLOCK_TERMS)]
        compared, lengths, letters, sets = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
        self._terms = terms
        self._common = common
        self._row = np.flatnonzero(compared).astype(np.int32)
        self._documents = documents[compared]
        self._lengths = lengths
        self._starts = np.cumsum(lengths, dtype=np.int32) - lengths
        self._letters = letters
        self._sets = sets

    def offers(self, unknown: Sequence[str]) -> dict[str, list[NearWord]]:
        """What words that aren't part of the vocabulary may be misspellings of, for the first `TRIED` that may be some.

        Up to `OFFERED` words for each that has any: the nearest first, of equally near ones those that more products use.
        """
        misspelt = ((word, letters) for word in unknown if (letters := self._letters_to_compare(word)) is not None)
        return {word: near for word, letters in islice(misspelt, TRIED) if (near := self._near(letters))}

    def _letters_to_compare(self, word: str) -> NDArray[np.unsignedinteger] | None:
        """Those of a word that may be misspelt. One with a digit is not: another number is another thing."""
        if len(word) > LONGEST or word in self._common or any(letter == PAIR_OF or letter.isdecimal() for letter in word):
            return None
        letters = _letters(_folded(pa.array([word])))
        return letters if SHORTEST <= len(letters) <= LONGEST else None

    def _near(self, sought: NDArray[np.unsignedinteger]) -> list[NearWord]:
        most = MOST_EDITS if len(sought) >= LONG else 1
        places = self._similar(sought, most)
        edits = edit_distances(sought, self._letters_of(places), self._lengths[places])
        places, edits = places[edits <= most], edits[edits <= most]
        best = places[np.lexsort((-self._documents[places], edits))[:OFFERED]]
        return [NearWord(self._terms[int(self._row[place])].as_py(), int(self._documents[place])) for place in best]

    def _similar(self, sought: NDArray[np.unsignedinteger], most: int) -> NDArray[np.intp]:
        """The places of the terms of about the same length and letters: an edit changes either by one at most."""
        letters = np.bitwise_or.reduce(_bits(sought))
        similar = np.abs(self._lengths - len(sought)) <= most
        similar &= np.bitwise_count(self._sets & ~letters) <= most
        similar &= np.bitwise_count(letters & ~self._sets) <= most
        return np.flatnonzero(similar)

    def _letters_of(self, places: NDArray[np.intp]) -> NDArray[np.unsignedinteger]:
        """[longest, m]: the letters of some terms, a term a column; behind its own letters stand those of the next."""
        longest = int(self._lengths[places].max(initial=0))
        return self._letters.take(self._starts[places] + np.arange(longest)[:, None], mode="clip")


def edit_distances(
    word: NDArray[np.unsignedinteger], others: NDArray[np.unsignedinteger], lengths: NDArray[np.int8]
) -> NDArray[np.int8]:
    """int8 [m]: how many edits lead from a word to each of others, by the textbook's recurrence for all of them at once.

    An edit adds a letter, leaves one out, exchanges one, or swaps two neighbours; no letter is edited twice (the
    Damerau-Levenshtein distance in its restricted form, optimal string alignment).

    Parameters
    ----------
    word
        [l], its letters as code points, l <= 126.
    others
        [longest, m], a column each, as far as `lengths`; what stands below counts for nothing.
    lengths
        [m], longest <= 126.
    """
    longest, m = others.shape
    added = np.arange(longest + 1, dtype=np.int8)[:, None]
    before = last = np.repeat(added, m, axis=1)
    for place, letter in enumerate(word):
        same = others == letter
        edits = last + np.int8(1)  # the letter left out
        np.minimum(edits[1:], last[:-1] + ~same, out=edits[1:])  # kept or exchanged
        if place:
            swapped = same[:-1] & (others[1:] == word[place - 1])
            np.minimum(edits[2:], before[:-2] + np.int8(1), out=edits[2:], where=swapped)
        before, last = last, np.minimum.accumulate(edits - added, axis=0) + added  # letters added
    return last[lengths, np.arange(m)]


def corrected(text: str, wrong: str, right: str) -> str:
    """A text with another word wherever one of its `words` stands; all else stays what it is, capitals included."""
    lower = pc.utf8_lower(pa.scalar(text, pa.string())).as_py()  # letter for letter, so places in it are places in the text
    parts, end = [], 0
    for word in words(text):
        start = lower.index(word, end)
        parts += [text[end:start], right if word == wrong else text[start : start + len(word)]]
        end = start + len(word)
    return "".join([*parts, text[end:]])


def _compared(
    terms: pa.StringArray,
) -> tuple[NDArray[np.bool_], NDArray[np.int8], NDArray[np.unsignedinteger], NDArray[np.uint32]]:
    """Which of some terms a word is compared with, and of those the lengths, the letters one behind the other, and their sets."""
    folded = _folded(terms)
    lengths = pc.utf8_length(folded).to_numpy()
    compared = ~pc.match_substring(terms, PAIR_OF).to_numpy(zero_copy_only=False)
    compared &= (lengths >= SHORTEST - 1) & (lengths <= LONGEST + MOST_EDITS)
    letters = _letters(folded.filter(pa.array(compared)))
    lengths = lengths[compared]
    sets = np.bitwise_or.reduceat(_bits(letters), np.cumsum(lengths) - lengths) if len(lengths) else np.zeros(0, np.uint32)
    return compared, lengths.astype(np.int8), letters, sets


def _folded(texts: pa.StringArray) -> pa.StringArray:
    """Without accents, and full-width letters, ligatures and the like as plain ones."""
    return pc.replace_substring_regex(pc.utf8_normalize(texts, "NFKD"), pattern=ACCENTS, replacement="")


def _letters(texts: pa.StringArray) -> NDArray[np.unsignedinteger]:
    """The code points of texts, one text behind the other, in the smallest type that holds them."""
    joined = pc.binary_join(pa.ListArray.from_arrays(pa.array([0, len(texts)], pa.int32()), texts), "")[0].as_py()
    letters = np.frombuffer(joined.encode("utf-32-le"), np.uint32)
    return letters.astype(np.min_scalar_type(letters.max(initial=0)))


def _bits(letters: NDArray[np.unsignedinteger]) -> NDArray[np.uint32]:
    """A bit of 32 for each letter: alphabets stand in Unicode one letter behind the other, so few of one share a bit."""
    return BITS[letters & 31]
