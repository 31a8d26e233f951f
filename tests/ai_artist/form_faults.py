"""What a page's forms must not show: JSON to edit, and codes in labels and lists."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from django import forms

CODE = re.compile(r"\b[a-z0-9]+(?:_[a-z0-9]+)+\b")
JSON = re.compile(r"^\s*[\[{]")


class Parts(HTMLParser):
    """Texts of the labels, options and text areas of a page, by their tag."""

    WANTED = ("label", "legend", "option", "textarea", "summary")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[tuple[str, str]] = []
        self.open = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open = tag if tag in self.WANTED else self.open

    def handle_endtag(self, tag: str) -> None:
        self.open = "" if tag == self.open else self.open

    def handle_data(self, data: str) -> None:
        if self.open and data.strip():
            self.texts.append((self.open, " ".join(data.split())))


def form_faults(answer: Any) -> Iterator[str]:
    parts = Parts(answer.content.decode())
    for tag, text in parts.texts:
        if tag == "textarea" and JSON.match(text) and is_json(text):
            yield f"a text area holds JSON: {text[:60]}"
        if tag != "textarea" and CODE.search(text):
            yield f"a {tag} says {text[:60]}"
    adminform = (answer.context or {}).get("adminform")
    for name, field in adminform.form.fields.items() if adminform else ():
        if isinstance(field, forms.JSONField):
            yield f"{name} is edited as JSON"


def is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
