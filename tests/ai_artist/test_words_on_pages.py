"""Every page says things in words: no raw JSON, no code, no id, no number with its whole tail."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from django.test import Client
from django.urls import reverse

from tests.addresses import addresses
from tests.ai_artist.form_faults import form_faults

# What a page must not show, by its name.
RAW = {
    "JSON": re.compile(r"""[{\[(]\s*["']\w|\{\}|\[\]|^None$|: None\b"""),
    "a code": re.compile(r"\b[a-z]+(?:_[a-z0-9]+)+\b"),
    "an id": re.compile(
        r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\b[0-9a-f]{32,}\b"
    ),
    "a long number": re.compile(r"\b\d+\.\d{4,}\b"),
    # Nothing stands between it and the next one, or it divides sentences.
    "a separator of nothing": re.compile(r"·\s*·|[.:;,]\s*·"),
}
# Commands, addresses and hashes to copy stand in these on purpose.
EXACT = {"code", "kbd", "script", "style", "textarea", "template", "option", "del", "ins"}
EMPTY = {"input", "img", "br", "hr", "link", "meta", "source", "track", "wbr", "area", "col"}


class Words(HTMLParser):
    """The text that a page shows, without what is exact on purpose."""

    def __init__(self) -> None:
        super().__init__()
        self.exact: list[bool] = []
        self.pieces: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in EMPTY:
            # An icon is named by a code that its font draws.
            icon = "material-symbols-outlined" in (dict(attrs).get("class") or "")
            self.exact.append(icon or tag in EXACT or any(self.exact[-1:]))

    def handle_endtag(self, tag: str) -> None:
        if tag not in EMPTY and self.exact:
            self.exact.pop()

    def handle_data(self, data: str) -> None:
        if not any(self.exact[-1:]) and data.strip():
            self.pieces.append(" ".join(data.split()))


def words_of(html: str) -> list[str]:
    parser = Words()
    parser.feed(html)
    return parser.pieces


def pages() -> list[str]:
    """The address of each page; the theme's own pages of history and deletion are all alike."""
    return [
        address.url
        for address in addresses()
        if not address.name.startswith("admin:axes_")  # names its rows with all digits of a second
        and (
            not address.name.endswith(("_history", "_delete"))
            or address.name.startswith("admin:artists_artist_")
        )
    ]


def test_pages_speak_in_words(boss: Client, everything: None) -> None:
    found, seen = [], 0
    for url in (reverse("admin:index"), *pages()):
        answer = boss.get(url)
        if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
            continue
        seen += 1
        found += [
            f"{url}: {name}: {piece[:120]}"
            for piece in words_of(answer.content.decode())
            for name, raw in RAW.items()
            if raw.search(piece)
        ]
        found += [f"{url}: {fault}" for fault in form_faults(answer)]

    assert seen > 60
    assert not found, "\n".join(found)
