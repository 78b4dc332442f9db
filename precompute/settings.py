"""``shop.toml``: which files a shop has, how their columns are named, and how each signal is built.

Aisle's words stand on the left of each line, the shop's column names on the right. Unknown keys are errors.
"""

from __future__ import annotations

import codecs
import difflib
import reprlib
import stat
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, get_args

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from precompute.architectures import ARCHITECTURES, VGG16
from precompute.errors import BadInput

NEIGHBOUR_TABLES = ("visual", "style", "reviews", "bought_together", "similar_company")
"""What a blend can be made of: the tables of neighbours that the other signals build."""
LEAST_MEMORY = 64_000_000
"""Bytes: with less the engine fails on small shops too."""
LARGEST_FILE = 16_000_000
"""Bytes of a ``shop.toml``: what is larger is another file, named by mistake."""
_BYTES = {
    unit: base**power
    for power, letter in enumerate("KMGT", start=1)
    for unit, base in ((f"{letter}B", 1000), (f"{letter}iB", 1024))
}


def _possible_path(path: str | Path) -> str | Path:
    if "\0" in str(path):
        raise ValueError("holds a NUL character, which no path can")
    return path


Share = Annotated[float, Field(gt=0, lt=1)]
Seed = Annotated[int, Field(ge=0, le=2**32 - 1)]
"""What every generator of random numbers takes."""
Count = Annotated[int, Field(ge=1, le=2**31 - 1)]
"""Of products, orders or clusters: what the lookup tables can number."""
FilePath = Annotated[Path, AfterValidator(_possible_path)]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Shop(Section):
    """``[shop]``"""

    name: str
    currency: str = Field(
        "", pattern=r"^([A-Z]{3})?$", examples=["EUR"], description="ISO 4217 code; empty where the prices have none"
    )


class File(Section):
    """What every section that names a file has in common."""

    path: FilePath = Field(description=".csv .tsv .jsonl .json .parquet, plain, .gz or .zip; relative to shop.toml")
    encoding: str | None = Field(None, description="when it can't be found: utf-8, windows-1252, ...")
    delimiter: str | None = Field(None, min_length=1, max_length=1, description="when it can't be found")

    columns: ClassVar[tuple[str, ...]] = ()
    """The keys whose value is one of the file's column names."""

    @property
    def optional(self) -> frozenset[str]:
        """The keys whose column the file may lack."""
        return frozenset()

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, encoding: str | None) -> str | None:
        if encoding is None:
            return None
        try:
            # Encoding a text also turns away codecs that are none of text, such as base64.
            "".encode(encoding)
            return codecs.lookup(encoding).name
        except (LookupError, UnicodeError):
            raise ValueError(f'"{encoding}" is no encoding that Python knows; common ones are utf-8 and windows-1252') from None

    @field_validator("delimiter")
    @classmethod
    def _possible_delimiter(cls, delimiter: str | None) -> str | None:
        if delimiter is not None and delimiter in '\r\n"':
            raise ValueError("a line end or a quote can't delimit fields")
        return delimiter


class Products(File):
    """``[products]``"""

    columns: ClassVar = ("id", "title", "category", "price", "description", "url", "image", "image_url")

    id: str
    title: str | None = None
    category: str | None = None
    price: str | None = None
    description: str | None = None
    url: str | None = None
    image: str | None = Field(None, description="a file under [images].folder; without it <id>.<any picture ending>")
    image_url: str | None = None


class Images(Section):
    """``[images]``"""

    folder: FilePath


AMAZON_REVIEWS = {
    "product": "asin",
    "text": "reviewText",
    "title": "summary",
    "rating": "overall",
    "time": "unixReviewTime",
    "reviewer": "reviewerID",
}


class Reviews(File):
    """``[reviews]``"""

    columns: ClassVar = ("product", "text", "title", "rating", "time", "reviewer")

    format: Literal["amazon"] | None = Field(None, description="a preset of the columns below")
    product: str
    text: str
    title: str | None = None
    rating: str | None = None
    time: str | None = None
    reviewer: str | None = None
    unknown_products: Literal["add", "reject"] = "add"

    @property
    def optional(self) -> frozenset[str]:
        """What a preset names and nobody wrote, but for what a review can't do without."""
        preset = AMAZON_REVIEWS if self.format == "amazon" else {}
        return frozenset(key for key, name in preset.items() if getattr(self, key) == name) - {"product", "text"}

    @model_validator(mode="before")
    @classmethod
    def _preset(cls, section: Any) -> Any:
        if isinstance(section, dict) and section.get("format") == "amazon":
            return AMAZON_REVIEWS | section
        return section


class Orders(File):
    """``[orders]``"""

    columns: ClassVar = ("order", "product", "title", "quantity", "time", "customer")

    layout: Literal["lines", "baskets"] = Field("lines", description="one product a row, or one order a line")
    order: str | None = None
    product: str | None = None
    title: str | None = Field(None, description="names the product where the product list doesn't")
    quantity: str | None = None
    time: str | None = None
    customer: str | None = None
    cancelled: str | None = Field(None, description="a regular expression; orders whose id matches are left out")
    ignore_products: tuple[str, ...] = Field((), description="product ids that are no products, e.g. postage")
    unknown_products: Literal["add", "reject"] = "add"

    @field_validator("cancelled")
    @classmethod
    def _valid_expression(cls, cancelled: str | None) -> str | None:
        # Arrow's expressions (RE2) take time in proportion to the text; with Python's own, a short one could run for ever.
        try:
            pc.match_substring_regex(pa.array([""]), cancelled or "")
        except pa.ArrowInvalid as error:
            why = str(error).removeprefix("Invalid regular expression: ")
            raise ValueError(f'"{cancelled}" is no regular expression: {why}') from None
        return cancelled

    @model_validator(mode="after")
    def _columns_of_lines(self) -> Orders:
        if self.layout == "lines" and not (self.order and self.product):
            raise ValueError('layout "lines" needs the keys order and product')
        return self


class Signal(Section):
    """What every signal has in common."""

    enabled: bool = True
    k: int = Field(20, ge=1, le=200, description="neighbours per product")


class Network(Signal):
    """What the two picture signals have in common."""

    network: str = Field(VGG16.name, description="of keras.applications")
    weights: Annotated[str, AfterValidator(_possible_path)] = Field(
        "imagenet", description='"imagenet", "untrained", or the path of a weights file'
    )
    seed: Seed = Field(0, description="of untrained weights")
    dimensions: int = Field(128, ge=2, le=1024, description="of the vectors after PCA")

    @field_validator("network")
    @classmethod
    def _known_network(cls, network: str) -> str:
        if network not in ARCHITECTURES:
            raise ValueError(f'unknown network "{network}"; {_hint(network, tuple(ARCHITECTURES))}')
        return network


class Visual(Network):
    """``[signals.visual]``"""

    layer: str | None = Field(None, description="a layer of the network; VGG's fc2 where the weights have it, else the last one")
    recall: float = Field(0.98, gt=0, le=1, description="of the ten nearest, the share a quicker search must find; 1: all")


class Style(Network):
    """``[signals.style]``"""

    layers: tuple[str, ...] = Field(VGG16.style_layers, min_length=1)
    metric: Literal["cosine", "l2"] = "cosine"
    per_category: int = Field(4, ge=1, le=50, description="at most so many neighbours from each other category")
    projection: Annotated[str, AfterValidator(_possible_path)] | None = Field(
        None, description="a file that `finetune projection` wrote; without it, style alone counts"
    )

    @model_validator(mode="before")
    @classmethod
    def _layers_of_the_network(cls, section: Any) -> Any:
        architecture = ARCHITECTURES.get(str(section.get("network"))) if isinstance(section, dict) else None
        return {"layers": architecture.style_layers} | section if architecture else section

    @field_validator("layers")
    @classmethod
    def _each_once(cls, layers: tuple[str, ...]) -> tuple[str, ...]:
        if repeated := [layer for layer in dict.fromkeys(layers) if layers.count(layer) > 1]:
            raise ValueError(f'names "{repeated[0]}" more than once')
        return layers


class ReviewText(Signal):
    """``[signals.reviews]``"""

    clusters: Literal["categories", "auto"] | Count = "categories"
    documents: tuple[Literal["reviews", "description", "title"], ...] = ("reviews", "description", "title")
    min_documents: Count = Field(2, description="a word counts from so many products on")
    max_share: float = Field(0.5, gt=0, le=1, description="a word that a larger share of products uses says nothing")
    stop_words: Literal["english", "none"] | tuple[str, ...] = Field("english", description="words that say nothing")
    ngrams: Literal[1, 2] = Field(1, description="1: words; 2: pairs of neighbouring words as well")
    max_terms: Count = Field(200_000, description="of words and pairs, those that most products use")
    sublinear_tf: bool = Field(False, description="a word used n times counts 1 + ln n")
    query_terms: Count = Field(64, description="a typed sentence finds a product by so many of its strongest words")
    seed: Seed = 0


class Basket(Signal):
    """``[signals.basket]``"""

    score: Literal["smoothed", "count", "support", "confidence", "cosine", "jaccard", "lift"] = Field(
        "smoothed", description="what ranks bought_together"
    )
    prior_orders: float = Field(10.0, ge=0, description="of the smoothed score: so many average orders are mixed in")
    min_orders: Count = Field(2, description="a pair counts from so many common orders on")
    min_score: float = Field(0.0, ge=0, description="the least score in bought_together")
    min_company: float = Field(0.0, ge=0, description="the least cosine in similar_company")
    largest_order: Count = Field(1000, description="orders of more products take no part")


class Blend(Signal):
    """``[signals.blend]``"""

    weights: dict[str, Annotated[float, Field(ge=0)]] | None = Field(
        None, description="a weight per table; without it they are chosen on held-out orders, or equal without orders"
    )

    @field_validator("weights")
    @classmethod
    def _of_known_tables(cls, weights: dict[str, float] | None) -> dict[str, float] | None:
        for name in weights or {}:
            if name not in NEIGHBOUR_TABLES:
                raise ValueError(f'unknown table "{name}"; {_hint(name, NEIGHBOUR_TABLES)}')
        if weights is not None and not any(weights.values()):
            raise ValueError("at least one weight above 0 is needed")
        return weights


Precision = Literal["float32", "float16", "int8"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)


class Encoder(Section):
    """``[signals.encoder]``"""

    precision: Precision = Field("int8", description="of the network that uploaded pictures meet; the catalogue's is float32")


class Signals(Section):
    """``[signals]``"""

    visual: Visual = Visual()
    style: Style = Style()
    reviews: ReviewText = ReviewText()
    basket: Basket = Basket()
    blend: Blend = Blend()
    encoder: Encoder = Encoder()


class Evaluate(Section):
    """``[evaluate]``"""

    pairs: tuple[tuple[str, str], ...] = Field((), description="hit rate from products of one category to those of another")
    split: Literal["time", "random"] | None = Field(None, description="without it: time where orders have times, else random")
    validation: Share = Field(0.1, description="of the orders, to choose the blend's weights on")
    test: Share = Field(0.2, description="of the orders, to report on; never used to choose anything")
    k: tuple[Count, ...] = Field((5, 10, 20), min_length=1)
    seed: Seed = 0

    @model_validator(mode="after")
    def _some_to_learn_from(self) -> Evaluate:
        if self.validation + self.test >= 1:
            raise ValueError(
                f'"validation" and "test" must add up to less than 1, not {self.validation + self.test:g}: '
                "the other orders are what is learned from"
            )
        return self


class Engine(Section):
    """``[engine]``"""

    kind: Literal["duckdb", "spark"] = "duckdb"
    memory: str = Field(
        "4GB",
        pattern=r"^\d+(\.\d+)? ?[KMGT]i?B$",
        examples=["4GB"],
        description="what the engine may use before it spills to disk",
    )

    @field_validator("memory")
    @classmethod
    def _enough(cls, memory: str) -> str:
        amount = memory.rstrip("KMGTiB ")
        if float(amount) * _BYTES[memory.removeprefix(amount).strip()] < LEAST_MEMORY:
            raise ValueError(f'"{memory}" is too little to work in; at least {LEAST_MEMORY / 1e6:.0f}MB is needed')
        return memory


class Settings(Section):
    """A whole ``shop.toml``."""

    shop: Shop
    products: Products | None = None
    images: Images | None = None
    reviews: Reviews | None = None
    orders: Orders | None = None
    signals: Signals = Signals()
    evaluate: Evaluate = Evaluate()
    engine: Engine = Engine()

    @model_validator(mode="after")
    def _some_input(self) -> Settings:
        if not (self.products or self.images or self.reviews or self.orders):
            raise ValueError("names no input: at least one of [products], [images], [reviews], [orders] is needed")
        return self


def read_settings(path: Path) -> Settings:
    """Read ``shop.toml``, with its paths made absolute; raises `BadInput` naming the key and the nearest right one."""
    try:
        _require_regular(path)
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise BadInput(f"{path}: not found") from None
    except UnicodeDecodeError as error:
        raise BadInput(f"{path}: is not UTF-8 text (byte {error.start})") from None
    except ValueError as error:  # TOMLDecodeError is one; a number of too many digits is a plain one
        raise BadInput(f"{path}: is not valid TOML: {error}") from None
    except RecursionError:
        raise BadInput(f"{path}: is not valid TOML that can be read: its lists or tables are nested too deeply") from None
    try:
        settings = Settings.model_validate(content)
    except ValidationError as error:
        raise BadInput(f"{path}: " + "; ".join(_explain(error.errors()))) from None
    return _with_absolute_paths(settings, path.resolve().parent)


def _require_regular(path: Path) -> None:
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise BadInput(f"{path}: is a folder; name the shop.toml inside it")
    if not stat.S_ISREG(status.st_mode):
        raise BadInput(f"{path}: is a pipe, a socket or a device, which may never end; name a regular file")
    if status.st_size > LARGEST_FILE:
        raise BadInput(
            f"{path}: has {status.st_size:,} bytes, too many for settings (at most {LARGEST_FILE:,}); name the shop.toml"
        )


_EXPECTED = {
    "bool": "true or false",
    "dict": "a table of names and values",
    "finite_number": "a finite number",
    "float": "a number",
    "greater_than": "a number above {gt}",
    "greater_than_equal": "a number of at least {ge}",
    "int": "a whole number",
    "less_than": "a number below {lt}",
    "less_than_equal": "a number of at most {le}",
    "literal": "{expected}",
    "missing": "one more value",
    "model": "a section with keys of its own",
    "path": "a text",
    "string": "a text",
    "string_pattern": "a text like {example}",
    "string_too_long": "a text of at most {max_length} character(s)",
    "string_too_short": "a text of at least {min_length} character(s)",
    "too_long": "a list of at most {max_length} value(s)",
    "too_short": "a list of at least {min_length} value(s)",
    "tuple": "a list",
}
"""What would have been right, by the beginning of pydantic's name for the error. `example` is the field's own."""


def _explain(errors: Sequence[Any]) -> Iterator[str]:
    """One sentence for each key that is wrong; a key of several types brings an error for each of them."""
    by_place: dict[tuple[str, str | None], list[Any]] = {}
    for error in errors:
        sections, key = _place(error["loc"])
        by_place.setdefault((".".join(sections), key), []).append(error)
    for (section, key), group in by_place.items():
        yield f"[{section}] {_sentence(section, key, group)}" if section else _sentence(section, key, group)


def _place(location: Sequence[str | int]) -> tuple[list[str], str | None]:
    """The sections that lead to a key, and the key; what lies deeper (items of a list, types of a union) is cut off."""
    sections: list[str] = []
    for part in map(str, location):
        if _model([*sections, part]) is None:
            return sections, part
        sections.append(part)
    return sections, None


def _model(sections: Sequence[str]) -> type[Section] | None:
    """The model of a section, found by walking from the whole file; None where there is no such section."""
    model: type[Section] = Settings
    for part in sections:
        field = model.model_fields.get(part)
        candidates = [field.annotation, *get_args(field.annotation)] if field else []
        inner = next((one for one in candidates if isinstance(one, type) and issubclass(one, Section)), None)
        if inner is None:
            return None
        model = inner
    return model


def _sentence(section: str, key: str | None, errors: Sequence[Any]) -> str:
    first = errors[0]
    if first["type"] == "extra_forbidden":
        return _unknown(section, key or "", first["input"])
    if first["type"] == "missing" and key is None:
        return "the section is missing"
    if first["type"] == "missing" and first["loc"][-1] == key:
        return f'the key "{key}" is missing'
    if first["type"] == "value_error":
        return f'"{key}": {first["ctx"]["error"]}' if key else str(first["ctx"]["error"])
    model = _model(section.split(".")) if section else Settings
    examples = (model and key and model.model_fields[key].examples) or [""]
    expected = [_expected(error, examples[0]) for error in errors]
    choices = ", ".join(expected[:-1]).replace(" or ", ", ") + " or " + expected[-1] if len(expected) > 1 else expected[0]
    subject = f'"{key}": ' if key else ""
    return f"{subject}expected {choices}, not {_shown(first['input'])}"


def _shown(value: Any) -> str:
    try:
        return reprlib.repr(value)
    except ValueError:  # Python writes no whole number of more than some thousand digits
        return "a number of thousands of digits"


def _expected(error: Any, example: Any) -> str:
    kind = max((kind for kind in _EXPECTED if error["type"].startswith(kind)), key=len, default=None)
    values = {
        name: value.replace("'", '"') if isinstance(value, str) else f"{value:.10g}"
        for name, value in error.get("ctx", {}).items()
    }
    return _EXPECTED[kind].format(**values, example=f'"{example}"') if kind else error["msg"]


def _unknown(section: str, key: str, value: Any) -> str:
    model = _model(section.split(".") if section else [])
    known = list(model.model_fields) if model else []
    return f'unknown {"section" if isinstance(value, dict) else "key"} "{key}"; {_hint(key, known)}'


def _hint(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f'did you mean "{near[0]}"?' if near else f"known: {', '.join(known)}"


def _with_absolute_paths(settings: Settings, base: Path) -> Settings:
    updates: dict[str, Any] = {}
    for name in ("products", "reviews", "orders"):
        section = getattr(settings, name)
        if section is not None:
            updates[name] = section.model_copy(update={"path": base / section.path})
    if settings.images is not None:
        updates["images"] = settings.images.model_copy(update={"folder": base / settings.images.folder})
    networks = {
        name: section.model_copy(update={"weights": str(base / section.weights)})
        for name in ("visual", "style")
        if (section := getattr(settings.signals, name)).weights not in ("imagenet", "untrained")
    }
    style = networks.get("style", settings.signals.style)
    if style.projection is not None:
        networks["style"] = style.model_copy(update={"projection": str(base / style.projection)})
    return settings.model_copy(update=updates | {"signals": settings.signals.model_copy(update=networks)})
