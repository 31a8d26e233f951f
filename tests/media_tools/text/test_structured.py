"""JSON in what language models say."""

from __future__ import annotations

import json

import pytest

from media_tools.text.base import CONCEPT_SCHEMA
from media_tools.text.prompts import lyrics, persona, reflection
from media_tools.text.structured import problems, read_object, wire_schema

SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string", "minLength": 2}, "tempo": {"type": "integer"}},
    "required": ["name", "tempo"],
    "additionalProperties": False,
}


ANY = {"type": "object", "properties": {"a": {}}, "required": ["a"]}
NOTES = {"text": "It fits.", "alignment": 0.5, "strengths": ["warm"], "problems": [],
         "proposed_changes": [], "lessons": ["Keep it short"]}  # fmt: skip
WRITTEN = json.dumps(NOTES)
DRAFT = json.dumps(NOTES | {"text": "A draft."})


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
        '{"a": 1.0}',
    ],
)
def test_object_is_found(text: str) -> None:
    assert read_object(text, ANY) == ({"a": 1}, [])


@pytest.mark.parametrize(
    "text",
    [
        f"Okay, {{a concept}}. Draft: {DRAFT}. Good.\n</think>\n\n{WRITTEN}",
        f"<thinking>\n{DRAFT}\n</thinking>{WRITTEN}",
        f"[THINK]{DRAFT}[/THINK]{WRITTEN}",
        f"<|channel|>analysis<|message|>We need {DRAFT}.<|end|><|start|>assistant"
        f"<|channel|>final <|constrain|>json<|message|>{WRITTEN}<|return|>",
        f"Draft: {DRAFT}\nFinal: {WRITTEN}",
        f"For the {{concept}} you asked:\n```json\n{WRITTEN}\n```\nEnjoy {{this}}!",
        f"{WRITTEN}</think>",
        f"[{WRITTEN}]",
        json.dumps({"reflection": NOTES}),
        json.dumps({"answers": [{"draft": 1}, NOTES]}),
        "\x00\ufeff" + WRITTEN.replace("It fits.", "It\x00 fits."),
        WRITTEN.replace("It fits.", "It fits.\\u0000\\ud83d"),
        WRITTEN.replace("It fits.", " It fits. \\n"),
        json.dumps({"note": "{" * 300}) + WRITTEN,
    ],
)
def test_last_object_that_fits_is_taken(text: str) -> None:
    assert read_object(text, reflection.SCHEMA) == (NOTES, [])


@pytest.mark.parametrize(
    "text",
    [
        WRITTEN[:-1] + ",}",
        WRITTEN.replace("{", "{ // my answer\n", 1),
        WRITTEN.replace('"', "'"),
        WRITTEN.replace('"', "”"),
        WRITTEN.replace("]", ",]"),
        WRITTEN.replace(", ", " "),
        WRITTEN[:-1],
        WRITTEN.replace('"lessons"', "lessons"),
        json.dumps(WRITTEN),
        f"Sure, {{concept}}:\n```json\n{WRITTEN[:-1]},}}\n```\nEnjoy!",
        f"{DRAFT[:-1]},}} and better: {WRITTEN[:-1]},}}",
        json.dumps(NOTES | {"alignment": "0.5"}),
        json.dumps(NOTES | {"strengths": "warm"}),
        json.dumps(NOTES | {"remark": "extra"}),
    ],
)
def test_broken_json_and_wrong_types_are_mended(text: str) -> None:
    assert read_object(text, reflection.SCHEMA) == (NOTES, [])


def test_quotes_inside_a_text_survive_the_repair() -> None:
    data, wrong = read_object(WRITTEN.replace("It fits.", 'It "fits" well.'), reflection.SCHEMA)

    assert (data["text"], wrong) == ('It "fits" well.', [])


def test_what_was_cut_off_is_not_completed() -> None:
    with pytest.raises(ValueError, match="JSON"):
        read_object(WRITTEN[:-3], reflection.SCHEMA, repair=False)


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999", "9" * 400, "9" * 5000])
def test_odd_number_is_a_problem_and_no_exception(number: str) -> None:
    _, wrong = read_object(WRITTEN.replace("0.5", number), reflection.SCHEMA)

    assert [text.split(":")[0] for text in wrong] == ["$.alignment"]


def test_raw_line_ends_in_strings_are_forgiven() -> None:
    assert read_object('{"a": "one\ntwo"}', ANY)[0] == {"a": "one\ntwo"}


@pytest.mark.parametrize(
    "text",
    ["", "no JSON here", '{"b": ', "[1, 2]", "```json\n```", "{" * 5000, '{"a":' * 5000,
     "[" * 100_000, "{" + '"' * 60_000, "{}" * 50_000, '{"a": 1}' + " " * 500_000],
)  # fmt: skip
def test_text_without_object_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="answer"):
        read_object(text, ANY)


def test_nearest_object_is_told_with_its_problems() -> None:
    data, wrong = read_object('{"x": 1} {"name": "N"} bye', SCHEMA)

    assert data == {"name": "N"} and any("tempo" in text for text in wrong)


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
