"""JSON in what language models say."""

from __future__ import annotations

import pytest

from media_tools.text.base import CONCEPT_SCHEMA
from media_tools.text.prompts import lyrics, persona, reflection
from media_tools.text.structured import parse_object, problems, wire_schema

SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string", "minLength": 2}, "tempo": {"type": "integer"}},
    "required": ["name", "tempo"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}',
        ' \n{"a": 1}\n',
        '```json\n{"a": 1}\n```',
        '```\n{"a": 1}\n```',
        'Here you are:\n{"a": 1}\nEnjoy {it}!',
        '<think>{"b": 2} hmm</think>\n{"a": 1}',
        '\ufeff{"a": 1}',
    ],
)
def test_object_is_found(text: str) -> None:
    assert parse_object(text) == {"a": 1}


def test_raw_line_ends_in_strings_are_forgiven() -> None:
    assert parse_object('{"a": "one\ntwo"}') == {"a": "one\ntwo"}


@pytest.mark.parametrize(
    "text", ["", "no JSON here", '{"a": ', "[1, 2]", "```json\n```", "{" * 5000]
)
def test_text_without_object_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="JSON"):
        parse_object(text)


def test_fitting_data_has_no_problems() -> None:
    assert problems({"name": "Nova", "tempo": 90}, SCHEMA) == []


def test_problems_name_the_place() -> None:
    found = problems({"name": "N", "tempo": "fast", "extra": 1}, SCHEMA)

    assert any(text.startswith("$.name") for text in found)
    assert any(text.startswith("$.tempo") for text in found)
    assert any("extra" in text for text in found)


def keywords(schema: object) -> set[str]:
    if isinstance(schema, list):
        return set().union(*map(keywords, schema))
    if not isinstance(schema, dict):
        return set()
    inner = [*schema.get("properties", {}).values(), schema.get("items")]
    return set(schema) | set().union(*map(keywords, inner))


@pytest.mark.parametrize(
    "schema", [CONCEPT_SCHEMA, persona.SCHEMA, lyrics.SCHEMA, reflection.SCHEMA]
)
def test_wire_schema_holds_what_strict_modes_take(schema: dict[str, object]) -> None:
    wire = wire_schema(schema)

    allowed = {"type", "properties", "required", "additionalProperties", "items", "enum"}
    assert keywords(wire) <= allowed
    assert wire["required"] == list(wire["properties"]) and not wire["additionalProperties"]
