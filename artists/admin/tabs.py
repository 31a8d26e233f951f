"""The tabs of an artist's page: what each shows, and which fields its form has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

WHY = (None, {"fields": ("change_reason",)})

PERSONA = (
    "Persona",
    {"fields": ("name", ("genre", "parent"), "backstory", "voice", "themes", "audience")},
)
ADDRESS = ("Address", {"fields": ("slug",), "classes": ("collapse",)})
SOUND = (
    "Sound",
    {
        "fields": (
            "style_notes",
            ("tempo_min_bpm", "tempo_max_bpm"),
            "keys",
            "preferred_music",
            "sings",
        )
    },
)
FINE = (
    "Fine tuning",
    {"fields": (("temperature", "sound_identity"),), "classes": ("collapse",)},
)
LOOK = ("Look", {"fields": ("visual_style",)})
RULES = ("Who judges", {"fields": (("policy", "autopilot"),)})


@dataclass(frozen=True)
class Tab:
    """name: in the address. fieldsets: of its form; empty if it only shows."""

    name: str
    label: str
    fieldsets: tuple[Any, ...] = ()

    @property
    def template(self) -> str:
        return f"panel/artist/{self.name}.html"

    @property
    def fields(self) -> list[str]:
        return [name for _, options in self.fieldsets for name in names_in(options["fields"])]


TABS: dict[str, Tab] = {
    tab.name: tab
    for tab in (
        Tab("overview", "Overview"),
        Tab("persona", "Persona", (PERSONA, ADDRESS, WHY)),
        Tab("songs", "Songs"),
        Tab("sound", "Sound", (SOUND, FINE, WHY)),
        Tab("look", "Look", (LOOK, WHY)),
        Tab("history", "History", (RULES, WHY)),
        Tab("lessons", "Lessons"),
        Tab("versions", "Versions"),
        Tab("audience", "Audience"),
    )
}
# Of a new artist: everything a person decides, on one page.
NEW = (PERSONA, SOUND, LOOK, FINE, RULES, ADDRESS)


def tab_of(request: HttpRequest) -> Tab:
    """Return the tab a request asks for; the overview if there is none of that name."""
    return TABS.get(request.GET.get("tab", ""), TABS["overview"])


def tab_with(field: str) -> str:
    """Return the name of the tab that edits a field of the profile."""
    return next((tab.name for tab in TABS.values() if field in tab.fields), "persona")


def names_in(fields: Sequence[Any]) -> list[str]:
    return [name for row in fields for name in ((row,) if isinstance(row, str) else row)]
