"""All themes the offline writer knows, in a fixed order."""

from __future__ import annotations

from typing import Any

from media_tools.assets import read_folder
from media_tools.text.bank.model import Theme


def _theme(table: dict[str, Any]) -> Theme:
    lists = {name: tuple(value) for name, value in table.items() if isinstance(value, list)}
    return Theme(**{**table, **lists})


THEMES: dict[str, Theme] = {
    theme.name: theme for theme in map(_theme, read_folder("words", "themes"))
}
