"""Near words of a vocabulary: distances and offers against brute force, and what is no misspelling."""

from __future__ import annotations

import unicodedata

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard import spelling
from dashboard.spelling import LONG, LONGEST, OFFERED, SHORTEST, TRIED, NearWord, Speller, corrected, edit_distances
from lookup.words import words


def brute_force(word: str, other: str) -> int:
    """The restricted Damerau-Levenshtein distance one pair and one letter at a time."""
    edits = [[max(i, j) if not (i and j) else 0 for j in range(len(other) + 1)] for i in range(len(word) + 1)]
    for i, letter in enumerate(word, start=1):
        for j, other_letter in enumerate(other, start=1):
            ways = [edits[i - 1][j] + 1, edits[i][j - 1] + 1, edits[i - 1][j - 1] + (letter != other_letter)]
            if min(i, j) > 1 and word[i - 2 : i] == other[j - 2 : j][::-1]:
                ways.append(edits[i - 2][j - 2] + 1)
            edits[i][j] = min(ways)
    return edits[-1][-1]


def distances(word: str, others: list[str]) -> list[int]:
    longest = max(map(len, others))
    letters = np.array([[ord(letter) for letter in other.ljust(longest, "#")] for other in others], np.uint32)
    letters = letters.reshape(len(others), longest)
    lengths = np.array([len(other) for other in others], np.int8)
    return edit_distances(np.array([ord(letter) for letter in word], np.uint32), letters.T, lengths).tolist()


@pytest.mark.parametrize(
    ("word", "other", "edits"),
    [
        ("coffe", "coffee", 1),
        ("wooodden", "wooden", 2),
        ("tabel", "table", 1),
        ("chiar", "chair", 1),
        ("lanp", "lamp", 1),
        ("kitten", "sitting", 3),
        ("ca", "abc", 3),  # 2 where a letter may be edited twice
        ("", "oak", 3),
        ("oak", "", 3),
        ("oak", "oak", 0),
    ],
)
def test_distances_by_hand(word: str, other: str, edits: int) -> None:
    assert distances(word, [other]) == [edits] == [brute_force(word, other)]


FEW_LETTERS = st.text("abc", max_size=9)


@settings(deadline=None)
@given(word=FEW_LETTERS, others=st.lists(FEW_LETTERS, min_size=1, max_size=8))
def test_distances_equal_brute_force(word: str, others: list[str]) -> None:
    assert distances(word, others) == [brute_force(word, other) for other in others]


def speller(vocabulary: dict[str, int], common: frozenset[str] = frozenset()) -> Speller:
    terms = sorted(vocabulary)
    return Speller(pa.array(terms, pa.string()), np.array([vocabulary[term] for term in terms], np.int32), common)


def plain(word: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKD", word) if not "\u0300" <= letter <= "\u036f")


def expected(vocabulary: dict[str, int], word: str) -> list[str]:
    letters = plain(word)
    if not SHORTEST <= len(letters) <= LONGEST:
        return []
    most = 2 if len(letters) >= LONG else 1
    edits = {term: brute_force(letters, plain(term)) for term in vocabulary if " " not in term}
    near = sorted((edits[term], -vocabulary[term], term) for term in edits if edits[term] <= most)
    return [term for _, _, term in near[:OFFERED]]


LETTERS = st.text("abcdéя椅", min_size=1, max_size=10)
TERMS = st.dictionaries(LETTERS | st.tuples(LETTERS, LETTERS).map(" ".join), st.integers(1, 9), max_size=25)


@settings(deadline=None)
@given(vocabulary=TERMS, word=LETTERS)
def test_offers_equal_brute_force(vocabulary: dict[str, int], word: str) -> None:
    vocabulary.pop(word, None)
    found = speller(vocabulary).offers([word]).get(word, [])
    assert [near.word for near in found] == expected(vocabulary, word)
    assert [near.documents for near in found] == [vocabulary[near.word] for near in found]


def test_a_large_vocabulary_is_prepared_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    vocabulary = {f"{first}{second}ж{third}": 1 for first in "abc" for second in "defg" for third in "hij"} | {"béa": 3}
    whole = speller(vocabulary).offers(["adжk", "bea"])
    monkeypatch.setattr(spelling, "BLOCK_TERMS", 5)
    assert speller(vocabulary).offers(["adжk", "bea"]) == whole
    assert whole["bea"] == [NearWord("béa", 3)]
    assert [near.word for near in whole["adжk"]] == ["adжh", "adжi", "adжj"]


SHOP = {
    "coffee": 312,
    "coffees": 8,
    "coffer": 40,
    "cover": 90,
    "wooden": 120,
    "comfortable": 77,
    "oak": 50,
    "table": 200,
    "oat": 9,
}


def test_the_nearest_come_first_then_what_more_products_use() -> None:
    offers = speller(SHOP).offers(["coffe", "comfrotabel", "wodden"])
    assert offers["coffe"] == [NearWord("coffee", 312), NearWord("coffer", 40)], "coffees is two edits away"
    assert offers["comfrotabel"] == [NearWord("comfortable", 77)], "two edits in a long word"
    assert offers["wodden"] == [NearWord("wooden", 120)]
    assert speller({"lamp": 3, "lamps": 9, "lump": 3, "limp": 3}).offers(["lamb", "lomp"])["lomp"] == [
        NearWord("lamp", 3),
        NearWord("limp", 3),
        NearWord("lump", 3),
    ]


def test_accents_and_the_width_of_letters_are_no_misspellings() -> None:
    vocabulary = {"café": 5, "cafes": 90, "crème": 7, "brûlée": 7, "table": 3}
    assert speller(vocabulary).offers(["cafe"])["cafe"][0] == NearWord("café", 5), "nearer than cafes"
    offers = speller(vocabulary).offers(["brulee", "cre\u0300me", "ｔａｂｌｅ"])
    assert {word: near[0].word for word, near in offers.items()} == {
        "brulee": "brûlée",
        "cre\u0300me": "crème",
        "ｔａｂｌｅ": "table",
    }


def test_offers_stay_within_a_script() -> None:
    vocabulary = {"стол": 4, "стул": 6, "stol": 9, "一椅子": 2, "한국어": 3, "कुर्सी": 5}
    offers = speller(vocabulary).offers(["стел", "一椅孑", "한국", "कुरसी"])
    assert {word: [near.word for near in found] for word, found in offers.items()} == {
        "стел": ["стул", "стол"],
        "一椅孑": ["一椅子"],
        "कुरसी": ["कुर्सी"],
    }


@pytest.mark.parametrize(
    "word", ["ok", "table2", "tab le", "t" * 10_000, "\u0301\u0301\u0301", "t٣ble", "\ufdfa" * LONGEST, "椅子"]
)
def test_what_is_no_misspelling(word: str) -> None:
    assert speller(SHOP).offers([word]) == {}


def test_common_words_are_not_misspelt() -> None:
    vocabulary = {"thee": 3, "widths": 2}
    assert speller(vocabulary).offers(["the", "width"]).keys() == {"the", "width"}
    assert speller(vocabulary, common=frozenset(["the"])).offers(["the", "width"]).keys() == {"width"}


def test_only_the_first_words_are_tried_and_common_ones_do_not_count_as_tried() -> None:
    unknown = ["the", "x1", *(f"{letter}table" for letter in "abcdefgh")]
    tried = speller(SHOP, common=frozenset(["the"])).offers(unknown)
    assert list(tried) == unknown[2 : 2 + TRIED]


def test_without_a_vocabulary_there_is_nothing_near() -> None:
    assert speller({}).offers(["coffee"]) == {}
    assert speller({"coffee mug": 3}).offers(["coffeemug"]) == {}


@settings(deadline=None, max_examples=40)
@given(text=st.text(max_size=60))
def test_any_text_has_an_answer(text: str) -> None:
    unknown = [word for word in dict.fromkeys(words(text)) if word not in SHOP]
    assert speller(SHOP).offers(unknown).keys() <= set(unknown)


@pytest.mark.parametrize(
    ("text", "right", "meant"),
    [
        ("Coffe, coffe! COFFE", "coffee", "coffee, coffee! coffee"),
        ("a coffe-coffe of coffes", "coffee", "a coffee-coffee of coffes"),
        ("<b>Coffe</b>&amp; ÉTÉ", "café", "<b>café</b>&amp; ÉTÉ"),
        ("İİ ẞ coffe", "coffee", "İİ ẞ coffee"),
        ("nothing of it", "coffee", "nothing of it"),
        ("", "coffee", ""),
    ],
)
def test_a_corrected_text_by_hand(text: str, right: str, meant: str) -> None:
    assert corrected(text, "coffe", right) == meant


@settings(deadline=None, max_examples=40)
@given(text=st.lists(st.sampled_from(["Oak", "OAK", "oak", "oaks", "ок", "é", "-", " ", "<", "\x00", "İ"])).map("".join))
def test_a_corrected_text_has_the_other_word_wherever_the_wrong_one_stood(text: str) -> None:
    assert words(corrected(text, "oak", "elm")) == ["elm" if word == "oak" else word for word in words(text)]
