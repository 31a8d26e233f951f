"""JSON answers of language models: found in the text, checked against our own schema."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator

MAX_PROBLEMS = 6

# What every provider's grammar understands; the rest is checked here after the answer.
_WIRE_KEYWORDS = ("type", "enum", "description")
_FENCE = re.compile(r"\A```[\w-]*\s*\n(?P<inside>.*?)\n?```\Z", re.S)
_THOUGHTS = re.compile(r"\A\s*<think(?:ing)?>.*?</think(?:ing)?>", re.S)


def parse_object(text: str) -> dict[str, Any]:
    """The JSON object in an answer: alone, in a code fence, or with words around it.

    Raises ValueError if there is none.
    """
    text = _THOUGHTS.sub("", text).strip().removeprefix("\ufeff")
    if fenced := _FENCE.match(text):
        text = fenced["inside"].strip()
    start = text.find("{")
    if start < 0:
        raise ValueError("the answer holds no JSON object")
    try:
        found, _ = json.JSONDecoder(strict=False).raw_decode(text, start)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the answer is no valid JSON ({error})") from None
    if not isinstance(found, dict):
        raise ValueError("the answer is no JSON object")
    return found


def problems(data: Any, schema: Mapping[str, Any]) -> list[str]:
    """What of an answer breaks the schema, each in one sentence, at most MAX_PROBLEMS."""
    errors = sorted(Draft202012Validator(schema).iter_errors(data), key=lambda e: e.json_path)
    return [f"{error.json_path}: {error.message[:200]}" for error in errors[:MAX_PROBLEMS]]


def wire_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a schema that strict modes accept: types, enums, closed objects, all required."""
    kept: dict[str, Any] = {name: schema[name] for name in _WIRE_KEYWORDS if name in schema}
    if "properties" in schema:
        kept["properties"] = {n: wire_schema(part) for n, part in schema["properties"].items()}
        kept["required"] = list(schema["properties"])
        kept["additionalProperties"] = False
    if "items" in schema:
        kept["items"] = wire_schema(schema["items"])
    return kept
