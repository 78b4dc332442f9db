"""Describe it: a sentence in a shopper's words finds its cluster and the products that people describe alike."""

from __future__ import annotations

from collections.abc import Sequence

from dash import Dash, Input, Output, html
from dash.development.base_component import Component
from dash_bootstrap_components import Textarea

from dashboard import ids, wording
from dashboard.components.cards import card_grid, product_card, reason, score_bar
from dashboard.components.messages import empty_state, notice, page_header
from dashboard.navigation import Location, Page, View, address, href, is_shareable, readable
from dashboard.query import MAX_CHARACTERS, Hit, QueryResult, TextQuery, search
from dashboard.spelling import NearWord, corrected
from dashboard.store import Build, current_build
from lookup import schema

PATH = "/describe"
TEXT, RESULTS = "describe-text", "describe-results"
SHOWN = 10
TYPING_PAUSE_MS = 300
SIGNAL = "reviews"


def layout(location: Location) -> View:
    build = current_build()
    header = page_header(wording.PAGES[PATH], wording.DESCRIBE_LEAD)
    if schema.TERMS not in build.cache or build.clusters is None:
        why = [wording.NO_WORDS, html.A(wording.WHY_NOT, href="/about"), "."]
        return View(wording.PAGES[PATH], html.Div([header, empty_state(wording.NO_WORDS_TITLE, why)]))
    text = location.query.get("q", "")[:MAX_CHARACTERS]
    box = Textarea(
        id=TEXT,
        value=text,
        debounce=TYPING_PAUSE_MS,
        rows=2,
        maxLength=MAX_CHARACTERS,
        placeholder=wording.DESCRIBE_PLACEHOLDER,
        class_name="describe-text",
    )
    body = [
        html.Label(wording.YOUR_WORDS, htmlFor=TEXT, className="field-label"),
        box,
        _examples(build),
        html.Div(results(build, text), id=RESULTS, **{"aria-live": "polite"}),
    ]
    return View(wording.PAGES[PATH], html.Div([header, *body], className="describe"))


def callbacks(app: Dash) -> None:
    @app.callback(Output(RESULTS, "children"), Output(ids.ADDRESS, "data"), Input(TEXT, "value"), prevent_initial_call=True)
    def describe(text: object) -> tuple[list[Component], dict[str, str]]:
        said = readable(text) if isinstance(text, str) else ""
        asked = {"q": said[:MAX_CHARACTERS]}
        return results(current_build(), said), address(PATH, asked if is_shareable(href(PATH, asked)) else {})


def results(build: Build, text: str) -> list[Component]:
    """What a text finds, and why; nothing for a blank text."""
    if not text.strip():
        return []
    result = search(build.cache, build.catalogue.cluster, text, SHOWN)
    notices = [notice(wording.SHORTENED)] if result.query.shortened else []
    notices += _offers(build, result.query)
    if result.cluster is None:
        return [*notices, empty_state(wording.NO_KNOWN_WORD_TITLE, wording.NO_KNOWN_WORD)]
    understood = html.Div([_words(result.query), _cluster(build, result.cluster)], className="understood")
    return [*notices, understood, *_products(build, result)]


def _examples(build: Build) -> Component:
    links = [html.A(text, href=href(PATH, {"q": text}), className="chip") for text in build.example_queries]
    chips = html.Ul([html.Li(link) for link in links], className="chips", role="list", **{"aria-label": wording.EXAMPLES})
    return html.Div([html.Span(wording.TRY, className="choice-label"), chips], className="choice")


def _offers(build: Build, query: TextQuery) -> list[Component]:
    """For words that nobody uses, those that were perhaps meant: each a link to the sentence with it, unless that is too long."""
    offers = build.speller.offers(query.unknown) if is_shareable(href(PATH, {"q": query.text})) else {}
    return [html.Div([_offer(query.text, word, near) for word, near in offers.items()], className="offers")] if offers else []


def _offer(text: str, word: str, near: Sequence[NearWord]) -> Component:
    separators = [", "] * (len(near) - 2) + [wording.OR] * (len(near) > 1) + ["?"]
    said: list[Component | str] = [wording.did_you_mean(word)]
    for other, separator in zip(near, separators, strict=True):
        link = html.A(other.word, href=href(PATH, {"q": corrected(text, word, other.word)}))
        said += [link, html.Span(wording.used_by(other.documents), className="muted"), separator]
    return html.P(said)


def _words(query: TextQuery) -> Component:
    """The words that count, each with its share: the squares of weights of length one add up to one."""
    shares = (query.weights**2).round(4).tolist()
    counted = [html.Li(_weight(term, share)) for term, share in zip(query.terms, shares, strict=True)]
    ignored = [html.P([wording.NOT_COUNTED, *_struck(query.unknown)], className="not-counted")] if query.unknown else []
    return html.Section(
        [html.H2(wording.WORDS_THAT_COUNT), html.Ul(counted, className="weights", role="list"), *ignored], className="panel"
    )


def _weight(term: str, share: float) -> list[Component]:
    bar = html.Meter(value=str(share), min="0", max="1", **{"aria-hidden": "true"})
    return [html.Mark(term), html.Span(bar, className="score"), html.Span(wording.percent(share), className="weight-number")]


def _struck(words: Sequence[str]) -> list[Component | str]:
    return [part for word in words for part in (html.S(word), " ")]


def _cluster(build: Build, number: int) -> Component:
    cluster = build.cluster(number)
    link = html.A(build.cluster_title(number), href=href("/clusters", {"cluster": number}), className="cluster-link")
    return html.Section(
        [
            html.H2(wording.CLOSEST_CLUSTER),
            html.P(link),
            html.P(wording.count(cluster["size"], "product"), className="muted small"),
            html.P(wording.listed(cluster["terms"]), className="muted"),
        ],
        className="panel",
    )


def _products(build: Build, result: QueryResult) -> list[Component]:
    best = {hit.row for hit in result.hits}
    more = [hit for hit in result.cluster_hits if hit.row not in best]
    found = html.P(wording.matches_of(result.matches, len(result.hits)), className="muted")
    sections = [
        html.Section([html.H2(wording.BEST_MATCHES), found, _cards(build, result.hits, result.cluster)], className="section")
    ]
    if more:
        sections.append(html.Section([html.H2(wording.MORE_FROM_CLUSTER), _cards(build, more, None)], className="section"))
    return sections


def _cards(build: Build, hits: Sequence[Hit], cluster: int | None) -> Component:
    return card_grid([_card(build, hit, cluster) for hit in hits])


def _card(build: Build, hit: Hit, cluster: int | None) -> Component:
    product = build.catalogue.product(hit.row)
    why = [score_bar(SIGNAL, hit.score, 1.0), reason(wording.shares_words(hit.score, hit.terms))]
    if cluster is not None and product.cluster == cluster:
        why.append(html.Span(wording.IN_CLOSEST_CLUSTER, className="label in-cluster"))
    return product_card(build, product, why=why)


PAGE = Page(PATH, layout, callbacks)
