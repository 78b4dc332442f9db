"""Picture: what the network sees in a picture, the products that look like it, and those of other categories that go with it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from dash import ClientsideFunction, Dash, Input, Output, dcc, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate
from dash_bootstrap_components import Select
from numpy.typing import NDArray

from dashboard import ids, wording
from dashboard.components.cards import card_grid, product_card, reason, score_bar
from dashboard.components.feature_maps import embedded, feature_maps
from dashboard.components.messages import empty_state, notice, page_header, untrained_label
from dashboard.components.pictures import picture
from dashboard.navigation import Location, Page, View, href, readable
from dashboard.picture_query import Seen, common_category, encode, matches, similarities
from dashboard.query import top
from dashboard.store import Build, Catalogue, Product, current_build
from lookup import schema
from lookup.packed import vector_size

if TYPE_CHECKING:
    from PIL.Image import Image

PATH = "/picture"
UPLOAD, PRODUCT, CHOSEN = "picture-upload", "picture-product", "picture-chosen"
SEEN, FOUND, ASKED, CATEGORY, MATCHES = "picture-seen", "picture-found", "picture-asked", "picture-category", "picture-matches"
ALL_OTHERS = "others"
"""The choice of category that means every category but the picture's own."""
ONE = "one:"
"""Stands before the name of a single category among the choices, so that none can be mistaken for `ALL_OTHERS`."""

TAKEN = ("image/jpeg", "image/png", "image/webp")
"""Phones turn what they keep otherwise into one of these when they are asked for them by name."""
MAX_BYTES = 8_000_000
MAX_PIXELS = 12_000_000
PREVIEW_PIXELS = 480
SAMPLES = 6
LOOK_ALIKES = 10
MATCHES_SHOWN = 10
PER_CATEGORY = 3
GUESSED_FROM = 10
"""An uploaded picture is taken to be of the category that most of so many look-alikes have."""
BLOCKS = 5
"""Of VGG16, which an encoder may be cut from."""


class Refused(Exception):
    """A picture can't be used; the message says why."""


@dataclass(frozen=True)
class Question:
    """What the browser keeps of a picture, to ask for other categories without sending the picture again.

    `product` is the id of the product whose picture it is; None for an upload.
    """

    signal: str
    vector: NDArray[np.float32]
    category: str | None
    product: str | None = None

    def to_json(self) -> dict[str, Any]:
        vector = self.vector.round(4).tolist()
        return {"signal": self.signal, "vector": vector, "category": self.category, "product": self.product}

    @classmethod
    def from_json(cls, build: Build, sent: Any) -> Question | None:
        """What a browser sends back may be anything, or of an older build: then None."""
        match sent:
            case {"signal": str(signal), "vector": list(numbers), "category": category, "product": product}:
                path = schema.vectors_path(signal)
                fits = path in build.cache and len(numbers) == vector_size(build.cache.table(path).schema)
                if fits and all(isinstance(number, int | float) and abs(number) <= 1 for number in numbers):
                    return cls(signal, np.array(numbers, np.float32), category, readable(product) if product else None)
        return None


@dataclass(frozen=True)
class Subject:
    """A picture to look at; `product` is the one that it is the picture of, None for an upload."""

    image: Image
    product: Product | None = None


def layout(location: Location) -> View:
    build = current_build()
    title = wording.PAGES[PATH]
    header = page_header(title, wording.PICTURE_LEAD)
    if not build.cache.has_encoder:
        return View(title, html.Div([header, empty_state(wording.NO_PICTURES_COMPARED, _why_no_encoder(build))]))
    upload = dcc.Upload(
        [html.Strong(wording.DROP_PICTURE), html.Span(wording.UPLOAD_HINT, className="muted")],
        id=UPLOAD,
        accept=",".join(TAKEN),
        max_size=MAX_BYTES,
        className="upload",
        className_active="upload upload-active",
        className_reject="upload upload-reject",
    )
    refusals = {"data-taken": ",".join(TAKEN), "data-bytes": str(MAX_BYTES)}
    refusals |= {"data-other-format": wording.OTHER_FORMAT, "data-too-large": wording.too_large(MAX_BYTES)}
    asked = html.Div([html.Div(upload, className="upload-place", **refusals), _samples(build)], className="picture-ask")
    product = location.query.get("product")
    waiting = html.Div(className="seen-waiting", **{"aria-hidden": "true"}) if product else None
    found = html.Div(
        [
            html.Div(waiting, id=SEEN, **{"aria-live": "polite"}),
            html.Section([_matches_head(build), html.Div(id=MATCHES)], id=FOUND, className="section", hidden=True),
        ]
    )
    stores = [dcc.Store(id=PRODUCT, data=product), dcc.Store(id=CHOSEN), dcc.Store(id=ASKED)]
    return View(title, html.Div([header, asked, dcc.Loading(found, delay_show=300), *stores], className="picture-page"))


def address_of(product_id: str) -> str:
    """Where a product's picture is looked at."""
    return href(PATH, {"product": product_id})


def network_link(build: Build, product: Product) -> Component | None:
    """A link from elsewhere to what the network sees in a product's picture; None where it can see none."""
    if not product.has_picture or not build.cache.has_encoder:
        return None
    return html.A(wording.SHOW_NETWORK, href=f"{address_of(product.id)}#{SEEN}", className="button button-quiet")


def callbacks(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("picture", "choose"),
        Output(CHOSEN, "data"),
        Output(ids.ADDRESS, "data", allow_duplicate=True),
        Input(UPLOAD, "contents"),
        Input(PRODUCT, "data"),
        prevent_initial_call="initial_duplicate",
    )

    @app.callback(
        Output(SEEN, "children"),
        Output(ASKED, "data"),
        Output(FOUND, "hidden"),
        Output(CATEGORY, "value"),
        Input(CHOSEN, "data"),
        prevent_initial_call=True,
    )
    def look(chosen: Any) -> tuple[Any, Any, Any, Any]:
        if chosen is None:  # a file that was refused in the browser
            raise PreventUpdate
        build = current_build()
        try:
            subject = _subject(build, chosen)
        except Refused as refusal:
            return notice(str(refusal)), None, True, ALL_OTHERS
        question, seen = answer(build, subject)
        return seen, question.to_json() if question else None, question is None, ALL_OTHERS

    @app.callback(Output(MATCHES, "children"), Input(ASKED, "data"), Input(CATEGORY, "value"), prevent_initial_call=True)
    def match(asked: Any, category: Any) -> Any:
        build = current_build()
        question = Question.from_json(build, asked)
        return other_categories(build, question, category) if question is not None else None


def read_upload(contents: Any) -> Image:
    """The picture in a data URL, decoded; raises `Refused`."""
    from lookup.encoder import TOO_MANY_PIXELS, UnreadablePicture, decode  # Pillow: only a dashboard with an encoder needs it

    _, _, encoded = contents.partition(";base64,") if isinstance(contents, str) else ("", "", "")
    if len(encoded) > MAX_BYTES * 4 / 3 + 4:
        raise Refused(wording.too_large(MAX_BYTES))
    try:
        content = base64.b64decode(encoded, validate=True)
    except ValueError:
        raise Refused(wording.NOT_READABLE) from None
    try:
        return decode(content, MAX_PIXELS, small=True)
    except UnreadablePicture as error:
        said = wording.too_many_pixels(MAX_PIXELS) if error.reason == TOO_MANY_PIXELS else wording.refused(error.reason)
        raise Refused(said) from None


def answer(build: Build, subject: Subject) -> tuple[Question | None, list[Component]]:
    """What is asked about a picture from now on; and the picture, what the network sees in it, and its look-alikes."""
    seen = encode(build.cache, subject.image)
    signal = "visual" if "visual" in seen.vectors else next(iter(seen.vectors), None)
    if signal is None:
        return None, [_picture_and_maps(build, subject, seen, None), notice(wording.NO_VECTORS)]
    scores = similarities(build.cache, signal, seen.vectors[signal])
    if subject.product is not None:
        scores[subject.product.row] = 0  # nobody asks whether it looks like itself
    rows = top(scores, LOOK_ALIKES)
    guessed = _name(build.catalogue, common_category(rows[:GUESSED_FROM], build.catalogue.category))
    alike = html.Section(
        [
            _title(build, wording.LOOK_ALIKES, signal),
            html.P(wording.signal_sentence(signal), className="muted"),
            _cards(build, signal, rows, scores),
        ],
        className="section",
    )
    other = "style" if "style" in seen.vectors else signal
    own = subject.product
    question = Question(other, seen.vectors[other], (own and own.category) or guessed, own and own.id)
    return question, [_picture_and_maps(build, subject, seen, guessed), alike]


def other_categories(build: Build, question: Question, chosen: Any) -> Component:
    """Products of the chosen category, or of all but the picture's own, that go with the picture."""
    catalogue = build.catalogue
    scores = similarities(build.cache, question.signal, question.vector)
    own = build.cache.row_of(question.product) if question.product is not None else None
    if own is not None:
        scores[own] = 0
    rows = matches(
        scores,
        catalogue.category,
        MATCHES_SHOWN,
        only=_number(catalogue, chosen.removeprefix(ONE)) if isinstance(chosen, str) and chosen.startswith(ONE) else None,
        without=_number(catalogue, question.category),
        per_category=PER_CATEGORY,
    )
    return _cards(build, question.signal, rows, scores) if len(rows) else html.P(wording.NO_MATCHES, className="muted")


def samples(catalogue: Catalogue) -> list[int]:
    """The rows of some popular products with pictures, each of another category as far as there are enough."""
    popular = catalogue.order("popular")
    pictured = popular[catalogue.has_picture[popular]]
    _, first = np.unique(catalogue.category[pictured], return_index=True)
    return pictured[np.sort(first)][:SAMPLES].tolist()


def _subject(build: Build, chosen: Any) -> Subject:
    """What the browser chose: the content of a file, or a product; raises `Refused`."""
    if not isinstance(chosen, dict):
        return Subject(read_upload(chosen))
    from lookup.encoder import decode

    row = build.cache.row_of(readable(chosen.get("product")))
    content = build.cache.thumbnail(row) if row is not None else None
    if row is None or content is None:
        raise Refused(wording.PICTURE_GONE)
    return Subject(decode(content), build.catalogue.product(row))


def _samples(build: Build) -> Component:
    products = [build.catalogue.product(row) for row in samples(build.catalogue)]
    links = [
        html.A(picture(build, product), href=address_of(product.id), className="sample", title=wording.shortened(product.title))
        for product in products
    ]
    return html.Div([html.P(wording.TRY_SAMPLES, className="muted"), html.Div(links, className="samples")])


def _why_no_encoder(build: Build) -> str:
    """What the build noted when it left the encoder out, else no more than that there is none."""
    noted = (entry.details.get("encoder") for entry in build.manifest.signals.values())
    why = next((str(text) for text in noted if text), None)
    return wording.NO_ENCODER if why is None else f"{wording.NO_ENCODER} {wording.capitalised(why)}."


def _matches_head(build: Build) -> Component:
    options = [{"label": wording.ALL_OTHER_CATEGORIES, "value": ALL_OTHERS}]
    options += [{"label": name, "value": ONE + name} for name in sorted(build.catalogue.category_names)]
    field = html.Div(
        [html.Label(wording.CATEGORY, htmlFor=CATEGORY), Select(options, ALL_OTHERS, id=CATEGORY)], className="field"
    )
    return html.Div([_title(build, wording.GOES_WITH_IT, "style"), field], className="matches-head")


def _title(build: Build, title: str, signal: str) -> Component:
    entry = build.manifest.signals.get(signal)
    return html.Div([html.H2(title), untrained_label() if entry is not None and entry.untrained else None], className="title-row")


def _asked(build: Build) -> str | None:
    """Which form of the network the picture was shown to; None where an older build noted nothing."""
    chosen = build.manifest.settings.get("signals", {}).get("encoder", {}).get("precision")
    noted = (entry.details.get("encoder_precision") for entry in build.manifest.signals.values())
    deployed = next(filter(None, noted), chosen)
    return wording.NETWORKS_ASKED.get("float32" if build.cache.has_full_encoder else deployed)


def _untrained(build: Build) -> Component | None:
    return untrained_label() if build.cache.encoder.untrained else None


def _picture_and_maps(build: Build, subject: Subject, seen: Seen, guessed: str | None) -> Component:
    """The picture beside what the network sees in it; an encoder that shows nothing leaves the picture alone."""
    caption = _caption(subject, seen.side, guessed)
    asked = _asked(build)
    if not seen.maps:
        return html.Div(_figure(subject, [*caption, asked] if asked else caption), className="seen-and-maps")
    left_out = wording.blocks_needed(len(seen.maps), BLOCKS) if len(seen.maps) < BLOCKS else None
    untrained = wording.UNTRAINED_HINT if build.cache.encoder.untrained else None
    lead = html.P(" ".join(filter(None, [wording.NETWORK_SEES_LEAD, left_out, asked, untrained])), className="muted")
    maps = html.Section(
        [html.Div([html.H2(wording.NETWORK_SEES), _untrained(build)], className="title-row"), lead, feature_maps(seen.maps)]
    )
    return html.Div([_figure(subject, caption), maps], className="seen-and-maps")


def _caption(subject: Subject, side: int, guessed: str | None) -> list[Component | str]:
    """The lines below the picture: what it was taken for, or whose it is and how it was read."""
    product = subject.product
    if product is None:
        return [wording.taken_for(guessed)] if guessed is not None else []
    link = html.A(wording.shortened(product.title), href=ids.item_href(product.id))
    return [link, wording.read_from(*subject.image.size, side)]


def _figure(subject: Subject, caption: list[Component | str]) -> Component:
    """The picture, made small again: what was uploaded is kept nowhere, and nothing of the file but its pixels goes back."""
    small = subject.image.copy()
    small.thumbnail((PREVIEW_PIXELS, PREVIEW_PIXELS))
    alt = wording.YOUR_PICTURE if subject.product is None else wording.shortened(subject.product.title)
    lines = [html.Div(line) for line in caption]
    return html.Figure([embedded(small, alt), html.Figcaption(lines) if lines else None], className="seen")


def _cards(build: Build, signal: str, rows: NDArray[np.intp], scores: NDArray[np.float32]) -> Component:
    return card_grid([_card(build, signal, row, float(scores[row])) for row in rows.tolist()])


def _card(build: Build, signal: str, row: int, score: float) -> Component:
    why: Sequence[Component] = [score_bar(signal, score, 1.0), reason(wording.alike(signal, score))]
    return product_card(build, build.catalogue.product(row), why=why)


def _number(catalogue: Catalogue, name: Any) -> int | None:
    return catalogue.category_names.index(name) if name in catalogue.category_names else None


def _name(catalogue: Catalogue, number: int | None) -> str | None:
    return catalogue.category_names[number] if number is not None else None


PAGE = Page(PATH, layout, callbacks)
