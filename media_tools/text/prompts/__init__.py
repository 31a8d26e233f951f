"""What language models are asked, one module a text; the wording stands in the .md files.

Everything that came from people, reviews or trend sources goes into one block of JSON data, with
"<" and ">" escaped so that no text can close the block, and the instructions say that the block is
material only. An answer is accepted only if the schema and the module's own checks accept it, so
the worst an injected sentence can do is to spoil a song. A change of wording raises VERSION.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

VERSION = "2026-11.2"

Text = TypeVar("Text")


@dataclass(frozen=True)
class Complaint:
    """What is wrong with an answer beyond its schema. fatal: `read` cannot put it right."""

    text: str
    fatal: bool = True


@dataclass(frozen=True)
class Task(Generic[Text]):
    """One text wanted of a model.

    purpose: persona, concept, lyrics or reflection. cap_tokens: for the answer, thinking included.
    complaints: about an answer that fits the schema. read: makes the result of such an answer.
    mend: puts right in an answer what needs no second asking, before the schema is looked at.
    follow_up: messages after the first two: an answer that cannot be used, and what is wrong.
    """

    purpose: str
    instructions: str
    data: Mapping[str, Any]
    schema: Mapping[str, Any]
    cap_tokens: int
    seed: int
    complaints: Callable[[dict[str, Any]], list[Complaint]]
    read: Callable[[dict[str, Any]], Text]
    mend: Callable[[dict[str, Any]], dict[str, Any]] = lambda data: data
    follow_up: tuple[dict[str, str], ...] = ()

    @property
    def version(self) -> str:
        return f"{self.purpose}-{VERSION}"

    @property
    def messages(self) -> list[dict[str, str]]:
        """System and user message, which hold the word JSON and the schema, and the follow-up."""
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
    """JSON in which no text can end the block it stands in."""
    text = json.dumps(data, ensure_ascii=False, indent=1)
    return text.replace("<", "\\u003c").replace(">", "\\u003e")


def instructions(name: str) -> str:
    """The wording of one text, with the rules all share."""
    folder = Path(__file__).parent
    shared = (folder / "shared.md").read_text(encoding="utf-8").strip()
    own = (folder / f"{name}.md").read_text(encoding="utf-8").strip()
    return f"{own}\n\n{shared}"


def closed_object(properties: Mapping[str, Any]) -> dict[str, Any]:
    """A schema of an object with exactly these properties."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def words(maximum: int = 600, *, description: str = "") -> dict[str, Any]:
    """A schema of a non-empty text."""
    schema: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": maximum}
    return schema | ({"description": description} if description else {})


def word_list(low: int, high: int, *, maximum: int = 200, description: str = "") -> dict[str, Any]:
    """A schema of a list of non-empty texts."""
    schema: dict[str, Any] = {
        "type": "array",
        "items": words(maximum),
        "minItems": low,
        "maxItems": high,
    }
    return schema | ({"description": description} if description else {})
