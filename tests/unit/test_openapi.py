"""The OpenAPI document is valid, and true of what the API answers, whatever it is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypedDict

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import positive_data_acceptance

from dashboard import openapi
from dashboard.app import create_app
from dashboard.ids import to_segment
from tests.planted_cache import ODD_IDS, SIGNALS, K, write_planted_cache

PRODUCT = "/api/products/{product_id}"
RECOMMENDATIONS = f"{PRODUCT}/recommendations"
PATHS = [PRODUCT, RECOMMENDATIONS, "/thumbnails/{build}/{product_id}.webp", "/healthz", "/readyz"]
EXPORT = "/export/{name}.{suffix}"
"""Sent piece by piece, to readers that hang up when they have it; tests/unit/test_export.py reads it."""
PLAIN = {"Accept-Encoding": "identity"}
"""Schemathesis says that it reads compressed answers, and then does not where no network is between."""


@pytest.fixture(scope="module")
def description(planted: Path) -> BaseSchema:
    return schemathesis.openapi.from_wsgi("/api/openapi.json", create_app(planted).server)


GIVEN = settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
"""The same questions in every run, so that a failure is always one of this program."""


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_is_as_described(description: BaseSchema, path: str) -> None:
    @GIVEN
    @given(case=description[path]["GET"].as_strategy())
    def check(case: schemathesis.Case) -> None:
        # A made-up product or category is refused, which the type of a text can't say.
        case.call_and_validate(headers=PLAIN, excluded_checks=[positive_data_acceptance])

    check()


@pytest.mark.parametrize("mode", GenerationMode)
def test_right_and_wrong_parameters_are_answered_as_described(description: BaseSchema, mode: GenerationMode) -> None:
    @GIVEN
    @given(case=description[RECOMMENDATIONS]["GET"].as_strategy(generation_mode=mode))
    def check(case: schemathesis.Case) -> None:
        case.path_parameters = {"product_id": "item-001"}
        case.call_and_validate(headers=PLAIN, excluded_checks=[positive_data_acceptance])

    check()


def test_every_path_is_described(description: BaseSchema) -> None:
    assert {operation.ok().path for operation in description.get_all_operations()} == {*PATHS, EXPORT}


@pytest.mark.parametrize("product_id", [*ODD_IDS, "item-003", "item-005"])
def test_what_is_known_is_as_described(description: BaseSchema, product_id: str) -> None:
    segment = {"product_id": to_segment(product_id)}
    answer = description[PRODUCT]["GET"].Case(path_parameters=segment).call_and_validate(headers=PLAIN)
    assert answer.status_code == 200
    for signal in SIGNALS:
        case = description[RECOMMENDATIONS]["GET"].Case(path_parameters=segment, query={"signal": signal, "k": K})
        assert case.call_and_validate(headers=PLAIN).status_code == 200


def test_the_limits_are_those_of_the_build(tmp_path: Path) -> None:
    write_planted_cache(tmp_path, without=("blend", "style"))
    document = create_app(tmp_path).server.test_client().get("/api/openapi.json").get_json()
    parameters = {one["name"]: one["schema"] for one in document["paths"][RECOMMENDATIONS]["get"]["parameters"]}
    assert parameters["signal"]["enum"] == ["bought_together", "similar_company", "visual", "reviews"]
    assert parameters["signal"]["default"] == "bought_together"
    assert (parameters["k"]["minimum"], parameters["k"]["maximum"]) == (1, K)


def test_a_shop_without_signals_is_described_too(tmp_path: Path) -> None:
    write_planted_cache(tmp_path, without=SIGNALS)
    schemathesis.openapi.from_wsgi("/api/openapi.json", create_app(tmp_path).server).validate()


def test_a_type_becomes_its_json_schema() -> None:
    assert openapi.schema_of(Answer) == {
        "type": "object",
        "description": "An answer.",
        "properties": {
            "name": {"type": "string"},
            "size": {"type": ["number", "null"], "description": "In metres."},
            "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Part"}},
        },
        "required": ["name", "size", "parts"],
        "additionalProperties": False,
    }


class PartAnswer(TypedDict):
    """A part."""

    number: int


class Answer(TypedDict):
    """An answer."""

    name: str
    size: Annotated[float | None, "In metres."]
    parts: list[PartAnswer]
