"""Cells of CSV files that no spreadsheet takes for formulas."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.csv_text import defused, undefused

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


@pytest.mark.parametrize("first", DANGEROUS)
def test_what_may_be_a_formula_gets_an_apostrophe(first: str) -> None:
    assert defused(f'{first}HYPERLINK("http://evil.example")') == f'\'{first}HYPERLINK("http://evil.example")'


@pytest.mark.parametrize("text", ["", "oak", "1=1", "a-b", "'tis", "'", " =1", "\n=1"])
def test_other_texts_stay(text: str) -> None:
    assert defused(text) == text == undefused(text)


@given(st.text(alphabet="'=+-@\t\rab \n", max_size=6) | st.text())
def test_any_text_comes_back_and_no_cell_begins_a_formula(text: str) -> None:
    cell = defused(text)
    assert undefused(cell) == text
    assert not cell.startswith(DANGEROUS)
