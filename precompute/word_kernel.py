"""The inner loops of counting words, compiled: texts to numbers of words, neighbours to numbers of pairs, numbers to counts.

They know nothing of Arrow or of products, and need no interpreter lock.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lookup.words import SHORTEST_WORD

SPACE = ord(" ")
FOLDED = np.array(
    [code if code >= 128 else ord(chr(code).lower()) if chr(code).isalnum() else SPACE for code in range(256)], np.uint8
)
"""What each byte of a text becomes: in ASCII a space where it belongs to no word, else lower case. Others stay."""
FEWEST_SLOTS = 1 << 12

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Hashes = NDArray[np.uint64]


@njit(cache=True, nogil=True)
def number_words(characters: Bytes, starts: Ints, stop_letters: Bytes, stop_starts: Ints) -> tuple[Bytes, Ints, Ints, Longs]:
    """Cut texts into words, and number these in order of appearance.

    Parameters
    ----------
    characters, starts
        UTF-8 texts and where each begins, int32 [t + 1], as Arrow lays them out. In texts that hold more than ASCII words are in
        lower case already, with nothing but spaces between them.
    stop_letters, stop_starts
        Words that are left out, laid out likewise, each once. They take the first numbers.

    Returns
    -------
    letters, letter_starts
        The different words, laid out likewise.
    words, word_starts
        int32 [m]: the number of each word of the texts; int64 [t + 1]: where each text's words begin.
    """
    n_stops = len(stop_starts) - 1
    most = (len(characters) + len(starts)) // (SHORTEST_WORD + 1) + 1  # a word and what parts it from the next
    letters = np.empty(len(stop_letters) + len(characters), np.uint8)
    letter_starts = np.zeros(n_stops + most + 1, np.int32)
    hashes = np.empty(n_stops + most, np.uint64)
    for known in range(n_stops):
        begin = stop_starts[known]
        _, letter_starts[known + 1], hashes[known], _ = _fold(stop_letters, begin, stop_starts[known + 1], letters, begin)
    n_known = n_stops
    slots = _slots(hashes[:n_known], FEWEST_SLOTS)
    words = np.empty(most, np.int32)
    n_words = 0
    word_starts = np.zeros(len(starts), np.int64)
    for text in range(len(starts) - 1):
        place, stop = starts[text], starts[text + 1]
        while place < stop:
            place, end, hashed, length = _fold(characters, place, stop, letters, letter_starts[n_known])
            if length < SHORTEST_WORD:
                continue
            letter_starts[n_known + 1], hashes[n_known] = end, hashed
            word = _known_word(n_known, letters, letter_starts, hashes, slots)
            if word == n_known:
                n_known += 1
                if 2 * n_known > len(slots):
                    slots = _slots(hashes[:n_known], 2 * len(slots))
            if word >= n_stops:
                words[n_words] = word
                n_words += 1
        word_starts[text + 1] = n_words
    return letters[: letter_starts[n_known]].copy(), letter_starts[: n_known + 1].copy(), words[:n_words].copy(), word_starts


@njit(cache=True, nogil=True)
def number_pairs(words: Ints, word_starts: Longs) -> tuple[Longs, Ints, Longs]:
    """Number the pairs of neighbouring words, in order of appearance.

    Parameters
    ----------
    words, word_starts
        As `number_words` returns them; no pair goes on from one text to the next.

    Returns
    -------
    keys
        int64: the different pairs; of each the number of its first word times 2^32, plus that of its second.
    pairs, pair_starts
        int32: the number of each pair of the texts; int64 [t + 1]: where each text's pairs begin.
    """
    keys, hashes = np.empty(len(words), np.int64), np.empty(len(words), np.uint64)
    slots = _slots(hashes[:0], FEWEST_SLOTS)
    n_known = 0
    pairs = np.empty(len(words), np.int32)
    n_pairs = 0
    pair_starts = np.zeros(len(word_starts), np.int64)
    for text in range(len(word_starts) - 1):
        for place in range(word_starts[text] + 1, word_starts[text + 1]):
            keys[n_known] = (np.int64(words[place - 1]) << 32) + words[place]
            hashes[n_known] = np.uint64(keys[n_known]) * np.uint64(11400714819323198485)
            slot = _slot(hashes[n_known], len(slots))
            while slots[slot] >= 0 and keys[slots[slot]] != keys[n_known]:
                slot = (slot + 1) % len(slots)
            if slots[slot] < 0:
                slots[slot] = n_known
                n_known += 1
            pairs[n_pairs] = slots[slot]
            n_pairs += 1
            if 2 * n_known > len(slots):
                slots = _slots(hashes[:n_known], 2 * len(slots))
        pair_starts[text + 1] = n_pairs
    return keys[:n_known].copy(), pairs[:n_pairs].copy(), pair_starts


@njit(cache=True, nogil=True)
def count_in_groups(numbers: Ints, starts: Longs, n_numbers: int) -> tuple[Longs, Ints, Ints]:
    """How often each group holds which numbers, in order of appearance.

    Parameters
    ----------
    numbers
        From 0 to `n_numbers` - 1.
    starts
        int64 [g + 1]: where each group begins.

    Returns
    -------
    indptr, number, n
        int64 [g + 1], int32 [e] and int32 [e]: the rows of a CSR matrix, a row for each group.
    """
    indptr = np.zeros(len(starts), np.int64)
    number, n = np.empty(len(numbers), np.int32), np.empty(len(numbers), np.int32)
    entry_of = np.full(n_numbers, -1, np.int64)
    n_entries = 0
    for group in range(len(starts) - 1):
        for place in range(starts[group], starts[group + 1]):
            one = numbers[place]
            if entry_of[one] < indptr[group]:
                entry_of[one] = n_entries
                number[n_entries], n[n_entries] = one, 0
                n_entries += 1
            n[entry_of[one]] += 1
        indptr[group + 1] = n_entries
    return indptr, number[:n_entries].copy(), n[:n_entries].copy()


@njit(cache=True, nogil=True)
def _fold(characters: Bytes, place: int, stop: int, letters: Bytes, end: int) -> tuple[int, int, np.uint64, int]:
    """Copy the next word, folded, to `letters`; where the text goes on, where the copy ends, its hash and its characters."""
    while place < stop and FOLDED[characters[place]] == SPACE:
        place += 1
    hashed, length = np.uint64(14695981039346656037), 0  # FNV-1a
    while place < stop and FOLDED[characters[place]] != SPACE:
        letters[end] = FOLDED[characters[place]]
        hashed = (hashed ^ np.uint64(letters[end])) * np.uint64(1099511628211)
        length += (letters[end] & 0xC0) != 0x80  # a character's further bytes count nothing
        place += 1
        end += 1
    return place, end, hashed, length


@njit(cache=True, nogil=True)
def _known_word(new: int, letters: Bytes, letter_starts: Ints, hashes: Hashes, slots: Ints) -> int:
    """The number of the word that stands last: its own, `new`, which then has its slot, or an earlier one's."""
    slot = _slot(hashes[new], len(slots))
    while slots[slot] >= 0:
        if hashes[slots[slot]] == hashes[new] and _is_same(slots[slot], new, letters, letter_starts):
            return slots[slot]
        slot = (slot + 1) % len(slots)
    slots[slot] = new
    return new


@njit(cache=True, nogil=True)
def _is_same(one: int, other: int, letters: Bytes, letter_starts: Ints) -> bool:
    length = letter_starts[one + 1] - letter_starts[one]
    if length != letter_starts[other + 1] - letter_starts[other]:
        return False
    alike = 0
    while alike < length and letters[letter_starts[one] + alike] == letters[letter_starts[other] + alike]:
        alike += 1
    return alike == length


@njit(cache=True, nogil=True)
def _slots(hashes: Hashes, size: int) -> Ints:
    """A hash table with open addresses for distinct things: a slot holds the number of one, or -1."""
    while size < 2 * len(hashes):
        size *= 2
    slots = np.full(size, -1, np.int32)
    for number in range(len(hashes)):
        slot = _slot(hashes[number], size)
        while slots[slot] >= 0:
            slot = (slot + 1) % size
        slots[slot] = number
    return slots


@njit(cache=True, nogil=True)
def _slot(hashed: np.uint64, size: int) -> np.int64:
    """Where in a table of a power of two slots a hash looks first."""
    return np.int64((hashed ^ (hashed >> np.uint64(32))) & np.uint64(size - 1))
