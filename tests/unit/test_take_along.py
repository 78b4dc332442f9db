"""The page Take along: its links lead to files, and its examples are what the API answers."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from dashboard import export
from dashboard.app import create_app
from dashboard.navigation import Location
from dashboard.pages import take_along
from tests.drawn import hrefs, of_class, of_type, text_of
from tests.planted_cache import SIGNALS, write_planted_cache


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_examples_are_what_the_api_answers(planted: Path, language: str) -> None:
    server = create_app(planted).server
    with server.test_request_context("/", base_url="https://shop.example", headers={"Accept-Language": language}):
        examples = of_class(take_along.layout(Location()).body, "example")
    assert len(examples) == 2
    for example in examples:
        asked, answer = (text_of(pre.children) for pre in of_type(example, "Pre"))
        [path] = hrefs(example)
        assert asked == f"curl 'https://shop.example{path}'"
        assert server.test_client().get(path).get_json() == json.loads(answer)


def test_every_signal_comes_in_every_format(planted: Path) -> None:
    server = create_app(planted).server
    with server.test_request_context():
        links = [link for link in hrefs(take_along.layout(Location()).body) if link.startswith("/export/")]
    wanted = [export.href(export.RECOMMENDATIONS, suffix, signal) for signal in (None, *SIGNALS) for suffix in export.FORMATS]
    wanted += [export.href(name, suffix) for name in export.MEASURED for suffix in export.FORMATS]
    assert sorted(links) == sorted(wanted)
    rules = server.url_map.bind("")
    assert {rules.match(urlsplit(link).path)[0] for link in links} == {"export"}


def test_a_shop_without_signals_has_nothing_to_take_along(tmp_path: Path) -> None:
    write_planted_cache(tmp_path, n=30, without=SIGNALS)
    with create_app(tmp_path).server.test_request_context():
        body = take_along.layout(Location()).body
    assert "feeds no signal" in text_of(body)
    assert len(of_class(body, "example")) == 1, "products can still be asked for"
