"""What language models are asked, one module per text; the wording is in the .md files.

Everything from people, reviews or trend sources goes into one block of JSON data. "<" and ">" are
escaped, so that no text can close the block, and the instructions say that the block is only
material. An answer is accepted only if the schema and the module's own checks accept it, so the
worst an injected sentence can do is to spoil a song.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

Text = TypeVar("Text")


@dataclass(frozen=True)
class Complaint:
    """A fault of an answer beyond its schema. fatal: `read` cannot correct it."""

    text: str
    fatal: bool = True


@dataclass(frozen=True)
class Task(Generic[Text]):
    """One text that a model is asked for."""

    purpose: str  # persona, concept, lyrics or reflection
    instructions: str
    data: Mapping[str, Any]
    schema: Mapping[str, Any]
    cap_tokens: int  # for the answer, including thinking
    seed: int
    # Returns the faults of an answer that fits the schema.
    complaints: Callable[[dict[str, Any]], list[Complaint]]
    # Makes the result of an accepted answer.
    read: Callable[[dict[str, Any]], Text]
    # Corrects, before the schema is checked, what needs no second request.
    mend: Callable[[dict[str, Any]], dict[str, Any]] = lambda data: data
    # Messages after the first two: an answer that cannot be used, and what is wrong with it.
    follow_up: tuple[dict[str, str], ...] = ()

    @property
    def messages(self) -> list[dict[str, str]]:
        """Return system and user message, with the word JSON and the schema, then the follow-up."""
        schema = json.dumps(self.schema, ensure_ascii=False, separators=(",", ":"))
        return [
            {"role": "system", "content": self.instructions},
            {
                "role": "user",
                "content": (
                    f"<data>\n{as_data(self.data)}\n</data>\n\n"
                    f"Answer with one JSON object and nothing else. JSON schema:\n{schema}"
                ),
            },
            *self.follow_up,
        ]


def as_data(data: Mapping[str, Any]) -> str:
    """Return JSON in which no text can end its block."""
    text = json.dumps(data, ensure_ascii=False, indent=1)
    return text.replace("<", "\\u003c").replace(">", "\\u003e")


def instructions(name: str) -> str:
    """Return the wording of one text, with the rules that all share."""
    folder = Path(__file__).parent
    shared = (folder / "shared.md").read_text(encoding="utf-8").strip()
    own = (folder / f"{name}.md").read_text(encoding="utf-8").strip()
    return f"{own}\n\n{shared}"


def closed_object(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema of an object with exactly these properties."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def words(maximum: int = 600, *, description: str = "") -> dict[str, Any]:
    """Return a schema of a non-empty text."""
    schema: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": maximum}
    return schema | ({"description": description} if description else {})


def word_list(low: int, high: int, *, maximum: int) -> dict[str, Any]:
    """Return a schema of a list of non-empty texts."""
    return {
        "type": "array",
        "items": words(maximum),
        "minItems": low,
        "maxItems": high,
    }
