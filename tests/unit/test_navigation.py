"""What an address says, whoever wrote it."""

from __future__ import annotations

from urllib.parse import urlencode

from hypothesis import given
from hypothesis import strategies as st

from dashboard.navigation import LONGEST_QUERY, Location

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(st.dictionaries(texts, texts, max_size=8))
def test_what_was_written_is_read(query: dict[str, str]) -> None:
    assert Location.parse("/x", "?" + urlencode(query)) == Location("/x", query)


def test_of_an_endless_query_the_beginning_is_read() -> None:
    found = Location.parse("/", "?q=wool&" + "&".join(f"{number}=1" for number in range(200_000))).query
    assert found["q"] == "wool"
    assert len(found) < LONGEST_QUERY / len("1=1&")
