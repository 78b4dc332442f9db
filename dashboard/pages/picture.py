"""Picture: an uploaded picture finds products that look alike, and products of other categories that go with it."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component
from dash_bootstrap_components import Select
from numpy.typing import NDArray

from dashboard import wording
from dashboard.components.cards import card_grid, product_card, reason, score_bar
from dashboard.components.messages import empty_state, notice, page_header, untrained_label
from dashboard.components.pictures import picture
from dashboard.navigation import Location, Page, View
from dashboard.picture_query import common_category, encode, matches, similarities
from dashboard.query import top
from dashboard.store import Build, Catalogue, current_build
from lookup import schema
from lookup.packed import vector_size

if TYPE_CHECKING:
    from PIL.Image import Image

PATH = "/picture"
UPLOAD, LIMIT, CHOSEN, SAMPLE = "picture-upload", "picture-limit", "picture-chosen", "picture-sample"
SEEN, FOUND, ASKED, CATEGORY, MATCHES = "picture-seen", "picture-found", "picture-asked", "picture-category", "picture-matches"
ALL_OTHERS = "others"
"""The choice of category that means every category but the picture's own."""
ONE = "one:"
"""Stands before the name of a single category among the choices, so that none can be mistaken for `ALL_OTHERS`."""

MAX_BYTES = 8_000_000
MAX_PIXELS = 12_000_000
PREVIEW_PIXELS = 480
SAMPLES = 6
LOOK_ALIKES = 12
MATCHES_SHOWN = 10
PER_CATEGORY = 3
GUESSED_FROM = 10
"""An uploaded picture is taken to be of the category that most of so many look-alikes have."""


class Refused(Exception):
    """A picture can't be used; the message says why."""


@dataclass(frozen=True)
class Question:
    """What the browser keeps of an uploaded picture, to ask for other categories without sending the picture again."""

    signal: str
    vector: NDArray[np.float32]
    category: str | None

    def to_json(self) -> dict[str, Any]:
        return {"signal": self.signal, "vector": self.vector.round(4).tolist(), "category": self.category}

    @classmethod
    def from_json(cls, build: Build, sent: Any) -> Question | None:
        """What a browser sends back may be anything, or of an older build: then None."""
        match sent:
            case {"signal": str(signal), "vector": list(numbers), "category": category}:
                path = schema.vectors_path(signal)
                fits = path in build.cache and len(numbers) == vector_size(build.cache.table(path).schema)
                if fits and all(isinstance(number, int | float) and abs(number) <= 1 for number in numbers):
                    return cls(signal, np.array(numbers, np.float32), category)
        return None


def layout(location: Location) -> View:  # noqa: ARG001 - an uploaded picture is no part of an address
    build = current_build()
    header = page_header("Picture", wording.PICTURE_LEAD)
    if schema.ENCODER not in build.cache:
        return View("Picture", html.Div([header, empty_state("Pictures can't be compared here", _why_no_encoder(build))]))
    upload = dcc.Upload(
        [html.Strong(wording.DROP_PICTURE), html.Span(wording.UPLOAD_HINT, className="muted")],
        id=UPLOAD,
        accept="image/*",
        className="upload",
        className_active="upload upload-active",
        className_reject="upload upload-reject",
    )
    asked = html.Div(
        [
            html.Div(upload, id=LIMIT, **{"data-bytes": str(MAX_BYTES), "data-refusal": wording.too_large(MAX_BYTES)}),
            _samples(build),
        ],
        className="picture-ask",
    )
    found = html.Div(
        [
            html.Div(id=SEEN, **{"aria-live": "polite"}),
            html.Section([_matches_head(build), html.Div(id=MATCHES)], id=FOUND, className="section", hidden=True),
        ]
    )
    return View("Picture", html.Div([header, asked, dcc.Loading(found, delay_show=300), *_stores()], className="picture-page"))


def callbacks(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("picture", "choose"),
        Output(CHOSEN, "data"),
        Output(SEEN, "children", allow_duplicate=True),
        Output(FOUND, "hidden", allow_duplicate=True),
        Input(UPLOAD, "contents"),
        State(LIMIT, "data-bytes"),
        State(LIMIT, "data-refusal"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(SEEN, "children"),
        Output(ASKED, "data"),
        Output(FOUND, "hidden"),
        Output(CATEGORY, "value"),
        Input(CHOSEN, "data"),
        Input({"type": SAMPLE, "product": ALL}, "n_clicks"),
        prevent_initial_call=True,
    )
    def look(contents: Any, clicks: list[int | None]) -> tuple[Any, Any, Any, Any]:
        if not contents and not any(clicks):
            return (no_update,) * 4
        build = current_build()
        try:
            image = _image(build, contents, ctx.triggered_id)
        except Refused as refusal:
            return notice(str(refusal)), None, True, ALL_OTHERS
        question, seen = answer(build, image)
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


def answer(build: Build, image: Image) -> tuple[Question | None, list[Component]]:
    """What is asked about a picture from now on, and the picture beside its look-alikes."""
    vectors = encode(build.cache, image)
    signal = "visual" if "visual" in vectors else next(iter(vectors), None)
    if signal is None:
        return None, [_seen(image, None), notice(wording.NO_VECTORS)]
    scores = similarities(build.cache, signal, vectors[signal])
    rows = top(scores, LOOK_ALIKES)
    category = _name(build.catalogue, common_category(rows[:GUESSED_FROM], build.catalogue.category))
    alike = html.Section(
        [
            _title(build, "Look-alikes", signal),
            html.P(wording.signal_sentence(signal), className="muted"),
            _cards(build, signal, rows, scores),
        ]
    )
    other = "style" if "style" in vectors else signal
    return Question(other, vectors[other], category), [html.Div([_seen(image, category), alike], className="seen-and-alike")]


def other_categories(build: Build, question: Question, chosen: Any) -> Component:
    """Products of the chosen category, or of all but the picture's own, that go with the picture."""
    catalogue = build.catalogue
    scores = similarities(build.cache, question.signal, question.vector)
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


def _image(build: Build, contents: Any, source: Any) -> Image:
    if not isinstance(source, dict):
        return read_upload(contents)
    from lookup.encoder import decode

    row = build.cache.row_of(str(source.get("product")))
    content = build.cache.thumbnail(row) if row is not None else None
    if content is None:
        raise Refused(wording.SAMPLE_GONE)
    return decode(content)


def _samples(build: Build) -> Component:
    products = [build.catalogue.product(row) for row in samples(build.catalogue)]
    buttons = [
        html.Button(
            picture(build, product),
            id={"type": SAMPLE, "product": product.id},
            className="sample",
            title=wording.shortened(product.title),
        )
        for product in products
    ]
    return html.Div([html.P(wording.TRY_SAMPLES, className="muted"), html.Div(buttons, className="samples")])


def _why_no_encoder(build: Build) -> str:
    """What the build noted when it left the encoder out, else no more than that there is none."""
    noted = (entry.details.get("encoder") for entry in build.manifest.signals.values())
    why = next((str(text) for text in noted if text), None)
    return wording.NO_ENCODER if why is None else f"{wording.NO_ENCODER} {wording.capitalised(why)}."


def _stores() -> list[Component]:
    return [dcc.Store(id=CHOSEN), dcc.Store(id=ASKED)]


def _matches_head(build: Build) -> Component:
    options = [{"label": wording.ALL_OTHER_CATEGORIES, "value": ALL_OTHERS}]
    options += [{"label": name, "value": ONE + name} for name in sorted(build.catalogue.category_names)]
    return html.Div(
        [
            _title(build, "Goes with it", "style"),
            html.Div([html.Label("Category", htmlFor=CATEGORY), Select(options, ALL_OTHERS, id=CATEGORY)], className="field"),
        ],
        className="matches-head",
    )


def _title(build: Build, title: str, signal: str) -> Component:
    entry = build.manifest.signals.get(signal)
    return html.Div([html.H2(title), untrained_label() if entry is not None and entry.untrained else None], className="title-row")


def _seen(image: Image, category: str | None) -> Component:
    """The picture, made small again: what was uploaded is kept nowhere, and nothing of the file but its pixels goes back."""
    small = image.copy()
    small.thumbnail((PREVIEW_PIXELS, PREVIEW_PIXELS))
    file = io.BytesIO()
    small.save(file, "WEBP", quality=85)
    source = "data:image/webp;base64," + base64.b64encode(file.getvalue()).decode()
    caption = [html.Figcaption(wording.taken_for(category))] if category is not None else []
    return html.Figure(
        [html.Img(src=source, alt=wording.YOUR_PICTURE, width=small.width, height=small.height), *caption], className="seen"
    )


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
