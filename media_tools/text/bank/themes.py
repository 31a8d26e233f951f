"""All themes the offline writer knows, in a fixed order."""

from __future__ import annotations

from typing import Any

from media_tools.assets import read_folder
from media_tools.text.bank.model import Ending, Theme, event, hook

# The lists of a theme's endings and their kinds.
_CLOSING = {"tails": "T", "nouns": "N", "verbs": "V", "predicates": "A"}


def _theme(table: dict[str, Any]) -> Theme:
    closing = {kind: table.pop(name) for name, kind in _CLOSING.items()}
    lists = {name: tuple(value) for name, value in table.items() if isinstance(value, list)}
    lists |= {
        "endings": tuple(Ending(kind, text) for kind, texts in closing.items() for text in texts),
        "events": tuple(map(event, table["events"])),
        "hooks": tuple(map(hook, table["hooks"])),
    }
    return Theme(**{**table, **lists})


THEMES: dict[str, Theme] = {
    theme.name: theme for theme in map(_theme, read_folder("words", "themes"))
}
