"""Lines with gaps by their job in a section (`assets/words/templates.toml` has the notation)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from media_tools.assets import read_toml

ROLES = (
    "scene", "detail", "deed", "relative", "because", "until", "question", "answer", "doubt",
    "reply", "claim", "turn", "consequence", "plea", "close",
)  # fmt: skip

_GAP = re.compile(r"\{(\w+)(?:\.(\w+))?(?::(\w+))?\}")


@dataclass(frozen=True)
class Gap:
    """A gap of a template. form: of the verb; kind: of the noun."""

    name: str
    form: str
    kind: str


@dataclass(frozen=True)
class Template:
    """One line with gaps. tense: past, now or any. about: you, other or any."""

    role: str
    tense: str
    about: str
    text: str

    @cached_property
    def parts(self) -> tuple[str | Gap, ...]:
        """The text cut at its gaps."""
        parts: list[str | Gap] = []
        end = 0
        for match in _GAP.finditer(self.text):
            if match.start() > end:
                parts.append(self.text[end : match.start()])
            parts.append(Gap(match[1], match[2] or "", match[3] or ""))
            end = match.end()
        if end < len(self.text):
            parts.append(self.text[end:])
        return tuple(parts)

    @cached_property
    def kinds(self) -> frozenset[str]:
        """Return the kinds of nouns its gaps name."""
        return frozenset(part.kind for part in self.parts if isinstance(part, Gap) and part.kind)

    @property
    def names_a_thing(self) -> bool:
        """Whether a relative clause can follow."""
        return self.text.endswith("{thing}")


def read_template(role: str, line: str) -> Template:
    """Parse a line such as "now @you tell me {ev}"."""
    tense, _, text = line.partition(" ")
    about = "any"
    if text.startswith("@"):
        marker, _, text = text.partition(" ")
        about = marker[1:]
    return Template(role, tense, about, text)


def read_templates(table: Mapping[str, Iterable[str]]) -> dict[str, tuple[Template, ...]]:
    """Parse the lines of each role."""
    return {
        role: tuple(read_template(role, line) for line in lines) for role, lines in table.items()
    }


_ALL = read_templates(read_toml("words", "templates"))
TEMPLATES = {role: _ALL[role] for role in ROLES}
TREND_TEMPLATES = _ALL["trend"]
