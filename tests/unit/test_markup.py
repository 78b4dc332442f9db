"""What no callback touches goes out as HTML: the same words, links and looks, and nothing that runs."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import dash_bootstrap_components as dbc
import pytest
from dash import dcc, html
from dash.development.base_component import Component
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from dashboard.app import create_app
from dashboard.first_look import given_properties, to_html
from dashboard.markup import Markup, in_html
from tests.planted_cache import write_planted_cache

texts = st.text(max_size=12)


class Read(HTMLParser):
    """The elements, with their attributes, and the text that a browser would read."""

    VOID = ("input", "img")

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@given(texts, texts, texts)
def test_whatever_a_text_says_it_stays_a_text(title: str, address: str, said: str) -> None:
    link = html.A([html.Span(said), said], href=address, title=title, **{"aria-label": title, "data-id": said})
    read = Read(to_html(link))
    attributes = {"href": address, "title": title, "aria-label": title, "data-id": said}
    newlines = str.maketrans({"\r": "\n"})
    assert [tag for tag, _ in read.elements] == ["a", "span"]
    assert {name: (value or "").translate(newlines) for name, value in read.elements[0][1].items()} == {
        name: value.translate(newlines) for name, value in attributes.items()
    }
    assert read.text.translate(newlines) == (said + said).translate(newlines)


@pytest.mark.parametrize(
    ("component", "expected"),
    [
        (html.P(["a < b & ", 3, None, True, 0.5]), "<p>a &lt; b &amp; 30.5</p>"),
        (html.Img(alt='"', src="/x", width=3), '<img alt="&quot;" src="/x" width="3">'),
        (html.Img(**{"data-src": "/x"}, alt="x"), '<img alt="x" src="/x" loading="lazy">'),
        (html.Label("x", htmlFor="y", className="z"), '<label for="y" class="z">x</label>'),
        (html.Details(html.Summary("x"), open=True), "<details open><summary>x</summary></details>"),
        (html.Div(hidden=False, tabIndex="0", **{"aria-hidden": False}), '<div tabindex="0" aria-hidden="false"></div>'),
        (html.Button("x", id={"type": "sample"}, n_clicks=3), "<button>x</button>"),
        (dcc.Store(id="x", data="secret"), ""),
        (dcc.Loading(html.P("x"), className="y"), '<div class="y"><p>x</p></div>'),
        (
            dbc.Select([{"label": "A", "value": 1}, {"label": "B", "value": 2}], 2, id="s"),
            '<select id="s" class="form-select"><option>A</option><option selected>B</option></select>',
        ),
        (
            dbc.Input(type="search", value='"x"', maxlength=9, class_name="y"),
            '<input class="form-control y" type="search" value="&quot;x&quot;" maxlength="9">',
        ),
        (dbc.Textarea(value="<x>", rows=2), '<textarea class="form-control" rows="2">&lt;x&gt;</textarea>'),
    ],
)
def test_a_component_becomes_what_a_browser_makes_of_it(component: Component, expected: str) -> None:
    found, wanted = Read(to_html(component)), Read(expected)
    assert (found.elements, found.text) == (wanted.elements, wanted.text)


@pytest.mark.parametrize(
    "part",
    [
        html.A("x", href="/", **{"aria-label": "a", "data-id": "b"}),
        html.Div([html.P("x"), None], id="a", hidden=False, tabIndex="0"),
        html.Span(),
        dcc.Store(id="s", data={"a": [1]}),
        dbc.Select(id="c", options=[{"value": "a", "label": "A"}], value=None),
        Markup(tag="p", attributes={"className": "a"}, html="x"),
    ],
)
def test_a_component_has_the_properties_that_dash_would_send(part: Component) -> None:
    assert given_properties(part) == part.to_plotly_json()["props"]


def test_without_ids_none_is_left() -> None:
    assert "id=" not in to_html(html.Div([html.P("x", id="a"), dbc.Input(id="b")], id="c"), ids=False)


def test_what_somebody_does_something_with_sleeps_where_nothing_would_come_of_it() -> None:
    page = [html.A("x", href="/x"), html.Button("y"), dbc.Input(id="z"), dbc.Checklist([{"label": "A", "value": 1}], [1])]
    asleep = Read(to_html(page, asleep=True)).elements
    awake = Read(to_html(page)).elements
    assert [tag for tag, attributes in asleep if "inert" in attributes] == ["button", "input", "div"]
    assert not any("inert" in attributes for _, attributes in awake)
    assert [tag for tag, _ in asleep] == [tag for tag, _ in awake] == ["a", "button", "input", "div", "div", "input", "label"]


def components(part: Any) -> Iterator[Component]:
    if isinstance(part, list | tuple):
        for one in part:
            yield from components(one)
    elif isinstance(part, Component):
        yield part
        yield from components(getattr(part, "children", None))


def test_what_a_callback_may_touch_stays_a_component_and_the_rest_is_one_each() -> None:
    page = html.Div(
        [
            html.Ul([html.Li(html.A("x", href="/x")), html.Li("y")], className="two"),
            html.Section([html.H2("head"), html.Div(id="filled")], className="around"),
            dcc.Loading(html.Figure(html.Img(src="/p"))),
            html.Img(src="/alone"),
            "text",
        ]
    )
    sent = in_html(page)
    kinds = [type(one).__name__ for one in components(sent)]
    assert kinds == ["Div", "Markup", "Section", "Markup", "Div", "Loading", "Markup", "Img"]
    first = sent.children[0]
    assert (first.tag, first.attributes) == ("ul", {"className": "two"})
    assert first.html == '<li><a href="/x">x</a></li><li>y</li>'
    assert sent.children[-1] == "text"


@pytest.mark.parametrize("answer", [None, 3, "text", {"a": 1}, (None, {"b": [1]}, True)])
def test_what_is_no_component_is_answered_as_it_is(answer: Any) -> None:
    assert in_html(answer) == answer


def test_several_answers_are_gone_over_one_by_one() -> None:
    cards, data = in_html(([html.P("x")], {"a": 1}))
    assert isinstance(cards[0], Markup)
    assert data == {"a": 1}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    cache = tmp_path_factory.mktemp("cache")
    write_planted_cache(cache)
    return create_app(cache).server.test_client()


@pytest.mark.parametrize(
    ("path", "title", "said"),
    [
        ("/", "Catalogue", "/item/item-"),
        ("/item/item-001", "", "item-001"),
        ("/item/nothing", "Not found", "nothing"),
        ("/no/such/page", "Not found", "/no/such/page"),
        ("/about", "About this data", "shop.toml"),
    ],
)
def test_the_first_answer_shows_the_page_that_was_asked_for(client: FlaskClient, path: str, title: str, said: str) -> None:
    page = client.get(path).text
    assert title in page.partition("<title>")[2].partition("</title>")[0]
    look = page.partition('<div id="first-look">')[2]
    assert said in look
    assert 'class="site-header"' in look
    assert 'id="react-entry-point" hidden' in page


def test_a_typed_query_counts_once_so_the_first_answer_does_not_ask_it(client: FlaskClient) -> None:
    assert "first-look" not in client.get("/describe?q=sturdy").text
    assert "first-look" in client.get("/describe").text


def test_a_text_in_a_page_is_no_place_to_fill(client: FlaskClient) -> None:
    page = client.get("/no/%7B%25config%25%7D").text
    assert page.count('id="_dash-config"') == 1


def test_dash_starts_after_its_scripts_which_nothing_waits_for(client: FlaskClient) -> None:
    scripts = [line for line in client.get("/").text.splitlines() if "<script" in line]
    waited_for = [line for line in scripts if "src=" in line and "defer" not in line]
    assert len(waited_for) == 1
    assert "theme.js" in waited_for[0]
    assert 'type="module"' in scripts[-1]
    assert not any("polyfill" in line for line in scripts)
