"""Finds the JSON in answers of language models, repairs it, checks it against our schema."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import chain
from typing import Any

import json_repair
from jsonschema import Draft202012Validator

from media_tools import foreign

MAX_PROBLEMS = 6
MAX_ANSWER_CHARACTERS = 500_000
# Repairing is slow, and no text here comes near it.
MAX_REPAIRED_CHARACTERS = 60_000
# Places at which an object may begin: words before it may hold braces too.
MAX_STARTS = 1000
MAX_REPAIRED_STARTS = 4
# Objects looked at, from the last on: a model drafts a few times at most.
MAX_OBJECTS = 20

# What every provider's grammar understands; the rest is checked here after the answer.
_WIRE_KEYWORDS = ("type", "enum", "description")
# What ends a model's thoughts, or begins its answer, where a server leaves them in the text.
_ANSWER_FOLLOWS = re.compile(
    r"</(?:think|thinking|thought|reasoning)>|\[/THINK\]"
    r"|<\|channel\|>\s*final\b(?:[^<]|<\|constrain\|>){0,100}<\|message\|>",
    re.I,
)
_STRAIGHT_QUOTES = str.maketrans(dict.fromkeys("“”„‟", '"'))

Data = dict[str, Any]
Mend = Callable[[Data], Data]


def read_object(
    text: str, schema: Mapping[str, Any], *, mend: Mend = lambda data: data, repair: bool = True
) -> tuple[Data, list[str]]:
    """Find the JSON object in an answer. Returns it and what is wrong with it by the schema.

    Skips words, thoughts and code fences; of several objects it takes the last that fits. Texts are
    clean and trimmed, whole numbers are ints. mend: corrects what the task knows itself, before the
    check. repair: also mend broken JSON and wrong types (not if the answer was cut off, because its
    end is missing).
    Raises ValueError if there is no object that shares a name with the schema.
    """
    text = _answer_in(text)
    names = schema["properties"].keys()

    def likely(values: Iterable[Any]) -> list[Data]:
        """Return the last objects that share a name with the schema, the very last first."""
        alike = (mend(_tidy(data)) for data in _objects_of(values) if data.keys() & names)
        return list(deque(alike, MAX_OBJECTS))[::-1]

    valid = likely(_valid(text))
    for data in valid:
        if not problems(data, schema):
            return data, []
    mended = (data for value in _repaired(text) for data in likely([value])) if repair else ()
    nearest: Data | None = None
    for data in chain(valid, mended):
        guided = _guided(data, schema) if repair else data
        if not problems(guided, schema):
            return guided, []
        nearest = nearest or data
    if nearest is None:
        raise ValueError("the answer holds no JSON object of the kind asked for")
    return nearest, problems(nearest, schema)


def problems(data: Any, schema: Mapping[str, Any]) -> list[str]:
    """List what breaks the schema, one sentence each, at most MAX_PROBLEMS."""
    errors = sorted(Draft202012Validator(schema).iter_errors(data), key=lambda e: e.json_path)
    return [f"{error.json_path}: {error.message[:200]}" for error in errors[:MAX_PROBLEMS]]


def wire_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Reduce a schema to what strict modes accept: types, enums, closed objects, all required."""
    kept: dict[str, Any] = {name: schema[name] for name in _WIRE_KEYWORDS if name in schema}
    if "properties" in schema:
        kept["properties"] = {n: wire_schema(part) for n, part in schema["properties"].items()}
        kept["required"] = list(schema["properties"])
        kept["additionalProperties"] = False
    if "items" in schema:
        kept["items"] = wire_schema(schema["items"])
    return kept


def _answer_in(text: str) -> str:
    """Return the text after the thoughts, if it can hold an object."""
    if len(text) > MAX_ANSWER_CHARACTERS:
        raise ValueError(f"the answer is longer than {MAX_ANSWER_CHARACTERS} characters")
    if text.lstrip().startswith('"'):
        with suppress(ValueError):
            text = str(json.loads(text))  # JSON that was written as JSON once more
    marks = list(_ANSWER_FOLLOWS.finditer(text))
    answer = text[marks[-1].end() :] if marks else ""
    return answer if "{" in answer else text


def _valid(text: str) -> Iterator[Any]:
    """Yield the complete JSON objects in a text, in order."""
    # Only the end is wanted of it: as floats, numbers of any length are read.
    decoder = json.JSONDecoder(strict=False, parse_int=float)
    end = 0
    for _ in range(MAX_STARTS):
        start = text.find("{", end)
        if start < 0:
            return
        try:
            _, end = decoder.raw_decode(text, start)
            yield foreign.read_json(text[start:end])
        except ValueError:
            end = start + 1
        except RecursionError:
            return


def _repaired(text: str) -> Iterator[Any]:
    """Repair broken JSON: yields a value for each place where it may begin."""
    if text.count("{") + text.count("[") > MAX_STARTS:
        return  # no answer of ours, and the repair takes long over it
    straight = text.translate(_STRAIGHT_QUOTES)
    for version in dict.fromkeys((text, straight)):
        starts = [match.start() for match in re.finditer("{", version)][:MAX_REPAIRED_STARTS]
        for start in starts:
            broken = version[start : start + MAX_REPAIRED_CHARACTERS]
            try:
                yield foreign.clean_json(json_repair.loads(broken, skip_json_loads=True))
            except (ValueError, RecursionError):
                return  # nested too deeply, and the next places lie inside


def _guided(data: Data, schema: Mapping[str, Any]) -> Data:
    """Correct types as the schema asks ("0.8" becomes a number), if that helps."""
    try:
        guided = _tidy(foreign.clean_json(json_repair.loads(json.dumps(data), schema=schema)))
    except ValueError:
        return data
    return guided if isinstance(guided, dict) else data


def _objects_of(values: Iterable[Any]) -> Iterator[Data]:
    """Yield every object in a list of JSON values, at any depth, outer ones first."""
    for value in values:
        if isinstance(value, dict):
            yield value
            yield from _objects_of(value.values())
        elif isinstance(value, list):
            yield from _objects_of(value)


def _tidy(value: Any) -> Any:
    """Trim texts, and turn whole floats into ints."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, dict):
        return {name: _tidy(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_tidy(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
