"""How a text is cut into words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lookup.words import words

DASH = " \N{EM DASH} "
"""It separates words, and isn't ASCII."""


@given(st.text(st.characters(max_codepoint=127)))
def test_plain_ascii_is_cut_as_any_other_text_is(text: str) -> None:
    assert words(text) == words(text + DASH)


def test_words_of_other_scripts_and_marks() -> None:
    assert words("Стол, 椅子 & cafe\N{COMBINING ACUTE ACCENT}s: x Ⅷ २४ naïve_way") == [
        "стол",
        "椅子",
        "cafe\N{COMBINING ACUTE ACCENT}s",
        "२४",
        "naïve",
        "way",
    ]
