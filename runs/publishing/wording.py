"""Titles, descriptions and tags of items, from a channel's templates."""

from __future__ import annotations

import re
from collections.abc import Mapping

from media_tools.foreign import label
from runs.models import Channel
from runs.releasing.disclosure import credits_of
from runs.releasing.sheet import ReleaseSheet, SheetTrack

NAME = re.compile(r"\{(\w+)\}")
# What a template may name.
NAMES = ("title", "artist", "release", "genre", "year", "label", "disclosure", "credits", "isrc")
DISCLOSURE = "disclosure"


def template_faults(template: str) -> list[str]:
    """Names in a template that mean nothing, in sentences."""
    known = ", ".join(f"{{{name}}}" for name in NAMES)
    return [
        f"{{{name}}} means nothing here; use {known}."
        for name in dict.fromkeys(NAME.findall(template))
        if name not in NAMES
    ]


def filled(template: str, values: Mapping[str, str]) -> str:
    """A template with its names replaced once; lines that stay empty are folded."""
    text = NAME.sub(lambda found: values.get(found[1], found[0]), template)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def values_of(sheet: ReleaseSheet, track: SheetTrack | None) -> dict[str, str]:
    """What the names of a template stand for. track None: the release as a whole."""
    told = track.disclosure if track else sheet.disclosure
    day = sheet.release_date
    title = track.full_title if track and not sheet.is_single else sheet.full_title
    return {
        "title": title,
        "artist": sheet.artist,
        "release": sheet.full_title,
        "genre": sheet.genre,
        "year": str(day.year) if day else "",
        "label": sheet.label,
        "disclosure": told["statement"],
        "credits": credits_of(told).strip(),
        "isrc": track.isrc if track else "",
    }


def title_of(channel: Channel, values: Mapping[str, str]) -> str:
    return label(filled(channel.title_template, values)) or values["title"]


def description_of(channel: Channel, values: Mapping[str, str]) -> str:
    """The filled template; the disclosure is in it whatever the template says."""
    text = filled(channel.description_template, values)
    return text if values[DISCLOSURE] in text else f"{text}\n\n{values[DISCLOSURE]}".strip()


def tags_of(channel: Channel, sheet: ReleaseSheet) -> tuple[str, ...]:
    named = [*channel.tags, sheet.genre, sheet.artist]
    return tuple(dict.fromkeys(tag for tag in map(label, named) if tag))
