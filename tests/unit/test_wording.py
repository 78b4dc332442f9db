"""Every word stands in one place, every language has all of them, and each visitor gets their own."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from dashboard import wording
from dashboard.wording import de, en
from dashboard.wording.common import Metric
from dashboard.wording.formats import NARROW_SPACE, SPACE, Numbers

ROOT = Path(__file__).resolve().parents[2]
DASHBOARD = ROOT / "dashboard"
SHOWN = [
    *DASHBOARD.glob("pages/*.py"),
    *DASHBOARD.glob("components/*.py"),
    *(DASHBOARD / f"{name}.py" for name in ("figures", "limits", "recommendations", "store")),
]
"""The modules that draw what readers see."""
NO_WORDS_IN = {"className", "class_name", "className_active", "className_reject", "rel", "type", "accept", "href", "config"}
"""Properties of components whose texts nobody reads."""
TECHNICAL = {"Retry-After", "page ", "route ", "has ", "curl '"}
"""Looks like words, but goes to a program."""
SAMPLES = {"str": "chairs", "int": 3, "float": 0.25, "bool": True, "datetime": datetime(2026, 11, 21, 18, 5)}
SAMPLE_LISTS = {"str": ["visual", "style"], "tuple[str, str]": [("Best", "38 %"), ("Chance", "4 %")]}
SAMPLE_KEYS = {"baseline": "popularity", "baselines": ["popularity", "chance"], "signal": "visual", "noun": "product"}
"""Arguments that are keys of a language's own tables."""


def reads_like_words(text: str) -> bool:
    """Whether a literal looks like a sentence, a part of one, or a name on the screen: markup and class names do not."""
    said = re.sub(r"<[^>]*>|[%$]?{[^}]*}", "", text)
    names = all(re.fullmatch(r"[a-z\d_-]*", word) for word in said.split()) and re.search(r"[-_]", said)
    has_letters = re.search(r"[^\W\d_]", said)
    return bool(has_letters and not names and ((said[0].isupper() and not said.isupper()) or re.search(r"\s", said)))


def texts_of(tree: ast.AST) -> Iterator[ast.Constant]:
    """The string literals of a module, without docstrings, annotations, errors for operators and what nobody reads."""
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.Expr(value=ast.Constant()) | ast.Raise() | ast.Assert() | ast.Import() | ast.ImportFrom():
                continue
            case ast.Call(func=ast.Attribute(value=ast.Name(id="log"))) | ast.Call(func=ast.Name(id="TypeVar" | "cast")):
                continue
            case ast.keyword(arg=name) if name in NO_WORDS_IN:
                continue
            case ast.arg() | ast.AnnAssign(value=None):
                continue
            case ast.Constant(value=str()):
                yield node
        yield from texts_of(node)


@pytest.mark.parametrize("path", SHOWN, ids=lambda path: path.stem)
def test_readers_see_no_word_that_stands_outside_wording(path: Path) -> None:
    found = [(text.lineno, text.value) for text in texts_of(ast.parse(path.read_text())) if reads_like_words(text.value)]
    assert [f"{path.name}:{line}: {text!r}" for line, text in found if text not in TECHNICAL] == []


def test_the_search_for_words_finds_them() -> None:
    planted = (
        'def f(n):\n    """A docstring."""\n    return html.P(["Try again", f"{n} of {n}", "chip"], className="two classes")\n'
    )
    assert [text.value for text in texts_of(ast.parse(planted)) if reads_like_words(text.value)] == ["Try again", " of "]


@pytest.mark.parametrize("path", sorted((ROOT / "assets").glob("*.js")), ids=lambda path: path.stem)
def test_scripts_bring_no_words_of_their_own(path: Path) -> None:
    code = re.sub(r"/\*.*?\*/|(?<![:\"'`])//[^\n]*", "", path.read_text(), flags=re.DOTALL)
    code = re.sub(r"(?:new Error|console\.\w+)\([^\n]*", "", code)
    literals = [match[2] for match in re.finditer(r"([\"'`])((?:\\.|(?!\1).)*)\1", code)]
    sentences = [text for text in literals if re.search(r"\b[A-Za-z]{2,},? [a-z]{2,}\b", text)]
    sentences = [text for text in sentences if not re.search(r"[\[.#>]\w", text)]  # selectors
    assigned = re.findall(r"(?:textContent|title|alt|ariaLabel|placeholder) = ([\"`])([^\"`]*[a-z]{2}[^\"`]*)\1;", code)
    named = re.findall(r"\"aria-label\", ([\"'`][^\n]*)", code)
    assert [text for text in sentences if reads_like_words(text) and text != "use strict"] == []
    assert assigned + named == []


@pytest.mark.parametrize("path", sorted(DASHBOARD.rglob("*.py")), ids=lambda path: path.stem)
def test_no_module_keeps_the_words_of_one_visitor_for_all(path: Path) -> None:
    """What is looked up while a module is loaded, and what a cache keeps, is in the first visitor's language for ever."""
    if path.parent.name == "wording":
        return
    tree = ast.parse(path.read_text())
    assert [f"{path.name}:{node.lineno}: wording.{node.attr}" for node in looked_up_at_import(tree)] == []
    lasting = [*tree.body, *(one for part in tree.body if isinstance(part, ast.ClassDef) for one in part.body)]
    cached = [
        one for one in lasting if isinstance(one, ast.FunctionDef) and "cache" in " ".join(map(ast.unparse, one.decorator_list))
    ]
    assert [one.name for one in cached for part in ast.walk(one) if is_word(part)] == []


def looked_up_at_import(node: ast.AST) -> Iterator[ast.Attribute]:
    """Words outside the bodies of functions; default values stand outside, annotations are never looked up."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            for default in [*child.args.defaults, *filter(None, child.args.kw_defaults)]:
                yield from (part for part in ast.walk(default) if is_word(part))  # type: ignore[misc]
        elif isinstance(child, ast.AnnAssign):
            yield from looked_up_at_import(child.value) if child.value is not None else ()
        else:
            if is_word(child):
                yield child  # type: ignore[misc]
            yield from looked_up_at_import(child)


def is_word(node: ast.AST) -> bool:
    """Whether code looks a word up; what all languages share is no word."""
    return isinstance(node, ast.Attribute) and ast.unparse(node.value) == "wording" and node.attr not in vars(wording)


def test_the_search_for_words_at_import_finds_them() -> None:
    planted = "A = wording.NONE\ndef f(x=wording.TRY): return wording.ALSO\ng = lambda: wording.ALSO\nM = wording.Metric\n"
    assert [node.attr for node in looked_up_at_import(ast.parse(planted))] == ["NONE", "TRY"]


# Languages

OTHERS = [language for tag, language in wording.LANGUAGES.items() if tag != "en"]


@cache
def words_of(language: ModuleType) -> dict[str, Any]:
    """What a language defines itself, by name; not what it imports."""
    statements = ast.parse(inspect.getsource(language)).body
    targets = [part for one in statements if isinstance(one, ast.Assign | ast.AnnAssign) for part in ast.walk(one)]
    names = [part.id for part in targets if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)]
    names += [one.name for one in statements if isinstance(one, ast.FunctionDef)]
    return {name: vars(language)[name] for name in names if not name.startswith("_")}


@pytest.mark.parametrize("language", OTHERS, ids=lambda language: language.NAME)
def test_every_language_has_exactly_the_words_of_english(language: ModuleType) -> None:
    assert words_of(language).keys() == words_of(en).keys()


@pytest.mark.parametrize("language", OTHERS, ids=lambda language: language.NAME)
def test_every_language_says_the_same_kinds_of_things(language: ModuleType) -> None:
    for name, english in words_of(en).items():
        assert_alike(name, english, words_of(language)[name])


def assert_alike(name: str, one: Any, other: Any) -> None:
    """Same types, keys, signatures, and the same placeholders."""
    assert type(one) is type(other), name
    if callable(one):
        assert str(inspect.signature(one)) == str(inspect.signature(other)), name
    elif isinstance(one, dict):
        assert list(one) == list(other), name
        for key in one:
            assert_alike(f"{name}[{key}]", one[key], other[key])
    elif isinstance(one, tuple):
        assert len(one) == len(other), name
    elif isinstance(one, Metric):
        facts = [field.name for field in fields(Metric) if field.name not in ("numbers", "name", "sentence")]
        assert [getattr(one, fact) for fact in facts] == [getattr(other, fact) for fact in facts], name
        assert other.numbers is not one.numbers, name
    elif isinstance(one, str):
        assert re.findall(r"{\w+}", one) == re.findall(r"{\w+}", other), name
        assert (one[:1].isspace(), one[-1:].isspace()) == (other[:1].isspace(), other[-1:].isspace()), name


@pytest.mark.parametrize("language", wording.LANGUAGES.values(), ids=lambda language: language.NAME)
def test_every_function_of_a_language_speaks(language: ModuleType) -> None:
    for name, function in words_of(language).items():
        if callable(function):
            arguments = {key: sample(key, one.annotation) for key, one in inspect.signature(function).parameters.items()}
            assert function(**arguments) is not None, name


def sample(name: str, annotation: str) -> Any:
    if name in SAMPLE_KEYS:
        return SAMPLE_KEYS[name]
    if name == "name" and annotation == "str":
        return "reviews"
    of = re.fullmatch(r"Sequence\[(.*)\]", annotation)
    return SAMPLE_LISTS[of[1]] if of else SAMPLES[annotation.removesuffix(" | None")]


def test_german_is_german() -> None:
    same = {name for name, value in words_of(en).items() if isinstance(value, str) and value == words_of(de)[name]}
    assert same <= {"SIGNAL", "CLUSTER", "FEEDBACK_COMMAND"}


# Whose language

SERVER = Flask("asked")


def asked(header: str | None, cookie: str | None = None, path: str = "/") -> str:
    headers = {name: value for name, value in (("Accept-Language", header), ("Cookie", cookie)) if value is not None}
    with SERVER.test_request_context(path, headers=headers):
        return wording.language()


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("fr-FR,fr;q=0.9,de;q=0.5,en;q=0.3", "de"),
        ("fr", "en"),
        ("de;q=0", "en"),
        ("*", "en"),
    ],
)
def test_a_browser_names_its_languages(header: str | None, language: str) -> None:
    assert asked(header) == language


def test_a_choice_is_remembered_and_what_is_no_language_is_none() -> None:
    assert asked("en", "language=de") == "de"
    assert asked("de", "language=en") == "en"
    assert asked("de", "language=xx") == "de"
    assert asked("de", "language=") == "de"


def test_programs_read_english() -> None:
    assert asked("de", "language=de", "/api/products/1/recommendations") == "en"
    assert asked("de", "language=de", "/api") == "de", "no answer of the API"


@given(st.text(st.characters(min_codepoint=32, max_codepoint=255)), st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_whatever_a_client_sends_there_is_a_language(header: str, cookie: str) -> None:
    assert asked(header, f"language={cookie}") in wording.LANGUAGES


def test_words_are_looked_up_for_each_visitor() -> None:
    with SERVER.test_request_context(headers={"Accept-Language": "de"}):
        assert wording.number(1234.5, 1) == "1.234,5"
        assert wording.FAILED == de.FAILED
    assert wording.number(1234.5, 1) == f"1{NARROW_SPACE}234.5"
    with pytest.raises(AttributeError):
        _ = wording.NO_SUCH_WORD


# Numbers

POINTED = Numbers(decimal=",", thousands=".", before_percent=" ", currency_first=False)


@given(st.floats(-1e12, 1e12), st.integers(0, 4))
def test_a_number_is_the_same_in_every_language(value: float, places: int) -> None:
    text = POINTED.number(value, places)
    assert float(text.replace(".", "").replace(",", ".")) == round(value, places)
    assert all(len(group) == 3 for group in text.partition(",")[0].split(".")[1:])


@pytest.mark.parametrize(
    ("value", "currency", "english", "german"),
    [
        (1234.5, "EUR", f"€1{NARROW_SPACE}234.50", f"1.234,50{SPACE}€"),
        (12.5, "CHF", f"CHF{SPACE}12.50", f"12,50{SPACE}CHF"),
        (12.5, "", "12.50", "12,50"),
        (1980, "JPY", f"¥1{NARROW_SPACE}980", f"1.980{SPACE}¥"),
    ],
)
def test_a_price_stands_as_people_write_it(value: float, currency: str, english: str, german: str) -> None:
    assert (en.price(value, currency), de.price(value, currency)) == (english, german)


def test_shares_sizes_and_times() -> None:
    assert (de.share(0.355), de.percent(-0.1)) == (f"35,5{NARROW_SPACE}%", f"0{NARROW_SPACE}%")
    assert (de.size(999_499), de.size(3_240_000)) == (f"999{NARROW_SPACE}kB", f"3,2{NARROW_SPACE}MB")
    assert (de.digits(0.03125), en.digits(12345.0, 6)) == ("0,0312", "12345")
    assert de.moment(datetime(2026, 11, 5, 8, 30)) == "5.11.2026 um 08:30 Uhr (UTC)"
    assert (de.NUMBERS.separators, en.NUMBERS.separators) == (",.", f".{NARROW_SPACE}")


def test_german_nouns_stay_capital_inside_a_sentence() -> None:
    assert de.agreed(["similar_company", "visual"]) == "in gleicher Gesellschaft + sieht ähnlich aus"
