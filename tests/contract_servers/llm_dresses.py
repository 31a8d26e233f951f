"""How language models dress a good answer: what each does to the object or to its JSON.

A model named after a dress answers well in it; `LlmServer` looks the name up here.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

Dress = Callable[[dict[str, Any]], str]

NIGHT = " \U0001f303"


def _text(change: Callable[[str], str]) -> Dress:
    return lambda answer: change(json.dumps(answer))


def _data(change: Callable[[dict[str, Any]], None], *, ascii_only: bool = True) -> Dress:
    def dress(answer: dict[str, Any]) -> str:
        changed = copy.deepcopy(answer)
        change(changed)
        return json.dumps(changed, ensure_ascii=ascii_only)

    return dress


def _titled(answer: dict[str, Any], more: str) -> None:
    if "title" in answer:
        answer["title"] += more


def _headings(answer: dict[str, Any]) -> None:
    for section in answer.get("sections", ()):
        section["lines"] = [f"[{section['kind'].title()}]", *section["lines"]]


def _directions(answer: dict[str, Any]) -> None:
    for number, section in enumerate(answer.get("sections", ()), start=1):
        first, *rest = section["lines"]
        section["lines"] = [f"**Verse {number}:**", f"- {first} (x2)", *rest, "(Guitar solo)"]


def _first_line(answer: dict[str, Any], odd: str) -> None:
    if "sections" in answer:
        answer["sections"][0]["lines"][0] += odd


def _alignment(answer: dict[str, Any], value: Any) -> None:
    if "alignment" in answer:
        answer["alignment"] = value


def _floats(answer: dict[str, Any]) -> None:
    for name, value in answer.items():
        if isinstance(value, int) and not isinstance(value, bool):
            answer[name] = float(value)


def _padded(answer: dict[str, Any]) -> None:
    for name, value in answer.items():
        if isinstance(value, str):
            answer[name] = f" {value}\n"


_DRAFT = '{"title": "x", "text": "y", "sections": []}'

# Those that are read as they stand: one call a text.
DRESSES: dict[str, Dress] = {
    "think-close-only": _text(
        lambda t: f"The user wants {{a concept}}. Draft: {_DRAFT}. Good.\n</think>\n\n{t}"
    ),
    "think-close-plain": _text(lambda t: f"Okay, let me write it.\n</think>\n\n{t}"),
    "think-ok": _text(lambda t: f"<think>\nDraft {{x}}\n</think>\n{t}"),
    "think-magistral": _text(lambda t: f"[THINK]Draft {_DRAFT}[/THINK]{t}"),
    "preamble-brace": _text(
        lambda t: f"Sure! For the {{concept}} you asked:\n\n```json\n{t}\n```\nHope this helps!"
    ),
    "fence-text": _text(lambda t: f"Here you go:\n```json\n{t}\n```\nEnjoy {{this}}!"),
    "drafts": _text(lambda t: f"First: {_DRAFT}\nNow the whole: {t}\nNot {{}}."),
    "gptoss": _text(
        lambda t: (
            "<|channel|>analysis<|message|>We need {json}.<|end|><|start|>assistant"
            f"<|channel|>final<|message|>{t}"
        )
    ),
    "gptoss-constrained": _text(
        lambda t: f"<|channel|>final <|constrain|>json<|message|>{t}<|return|>"
    ),
    "bom": _text(lambda t: f"\ufeff{t}"),
    "smart": _text(lambda t: t.replace('"', "”")),
    "smart-pairs": _text(lambda t: t.replace(': "', ": “").replace('"', "”")),
    "trailing": _text(lambda t: f"{t[:-1]},}}"),
    "comments": _text(lambda t: t.replace("{", "{ // my answer\n", 1)),
    "unclosed": _text(lambda t: t[:-1]),
    "array": _text(lambda t: f"[{t}]"),
    "wrapped": _text(lambda t: f'{{"result": {t}}}'),
    "in-a-string": _text(json.dumps),
    "surrogate": _data(lambda a: (_titled(a, "\ud83c"), _first_line(a, " \ud83d"))[0]),
    "nul": _data(lambda a: (_titled(a, "\x00"), _first_line(a, "\x00"))[0]),
    "nan": _data(lambda a: _alignment(a, float("nan"))),
    "percent": _data(lambda a: _alignment(a, 85)),
    "huge-number": _data(lambda a: _alignment(a, 10**400)),
    "emoji-title": _data(lambda a: _titled(a, NIGHT), ascii_only=False),
    "headings": _data(_headings),
    "directions": _data(_directions),
    "whole-floats": _data(_floats),
    "padded": _data(_padded),
}
