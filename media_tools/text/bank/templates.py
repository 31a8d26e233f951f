"""Lines with gaps, in six roles; `assets/words/templates.toml` explains the notation."""

from __future__ import annotations

from dataclasses import dataclass

from media_tools.assets import read_toml

ROLES = ("scene", "address", "turn", "hook", "list", "close")


@dataclass(frozen=True)
class Template:
    """One line with gaps. tense: past, now or any; ending: the kind of its last gap."""

    role: str
    tense: str
    text: str

    @property
    def ending(self) -> str:
        return self.text.rstrip("}")[-1]


def _read(role: str, lines: list[str]) -> tuple[Template, ...]:
    rows = (line.partition(" ") for line in lines)
    return tuple(Template(role=role, tense=tense, text=text) for tense, _, text in rows)


_LINES = read_toml("words", "templates")
TEMPLATES: dict[str, tuple[Template, ...]] = {role: _read(role, _LINES[role]) for role in ROLES}
TREND_TEMPLATES = _read("trend", _LINES["trend"])
