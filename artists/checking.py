"""Checks of an artist's profile fields, used wherever a profile is written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from media_tools import music
from media_tools.foreign import clean_text, finite, whole
from media_tools.text.base import KEY_PATTERN
from media_tools.text.checks import undrawable

TEMPO_LIMITS_BPM = (40, 220)
TEMPERATURE_LIMITS = (0, 2)
MOST_ITEMS = 20
LONGEST_ITEM = 120
LONGEST_TEXT = 4000
# Sound and look are put into prompts uncut, beside other text; the limit of a concept's prompt is
# 2,000 characters.
LONGEST_PROMPT = 1000


def check_name(name: str) -> None:
    """Raise ValidationError for a name that covers and videos could not show."""
    if why := undrawable(name):
        raise ValidationError(why, code="undrawable")


def check_keys(keys: Any) -> None:
    """Raise ValidationError naming all texts that are not musical keys."""
    check_items(keys)
    if wrong := [key for key in keys if not re.fullmatch(KEY_PATTERN, key)]:
        raise ValidationError(
            f"{_quoted(wrong)}: no such key. A key is a note from A to G, with # or b where "
            "needed, and major, minor, dorian, lydian, mixolydian or phrygian, such as “A minor” "
            "or “F# dorian”."
        )


def check_items(items: Any) -> None:
    """Raise ValidationError unless this is a short list of short texts, each on one line."""
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise ValidationError("It must be a list of texts.")
    if len(items) > MOST_ITEMS:
        raise ValidationError(f"These are {len(items)}; at most {MOST_ITEMS} are allowed.")
    if wrong := [item for item in items if not item.strip() or len(item) > LONGEST_ITEM]:
        raise ValidationError(
            f"{_quoted(item[:30] for item in wrong)}: each must have 1 to {LONGEST_ITEM} "
            "characters."
        )
    for item in items:
        check_line(item)


def check_line(text: str) -> None:
    """Raise ValidationError for line breaks and characters that are not text."""
    if "\n" in text or "\t" in text or clean_text(text) != text:
        raise ValidationError("It must be plain text on one line.")


def check_music(name: str) -> None:
    if name not in music.PROVIDERS:
        raise ValidationError(
            f"{_quoted([name])}: no such music provider. Choose one of "
            f"{', '.join(music.PROVIDERS)}, or leave it empty for the roster's."
        )


def check_tempo(bpm: Any) -> None:
    low, high = TEMPO_LIMITS_BPM
    if whole(bpm, low=low, high=high) is None:
        raise ValidationError(f"It must be a whole number of BPM from {low} to {high}.")


def check_temperature(value: Any) -> None:
    low, high = TEMPERATURE_LIMITS
    if finite(value, low=low, high=high) is None:
        raise ValidationError(f"It must be a number from {low} to {high}.")


def in_words(faults: Mapping[str, Sequence[str]]) -> str:
    """Return all faults of a profile in one line, each after the name of its field."""
    return " ".join(
        " ".join(sentences)
        if field == NON_FIELD_ERRORS
        else f"{field.replace('_', ' ').capitalize()}: {' '.join(sentences)}"
        for field, sentences in faults.items()
    )


def _quoted(texts: Iterable[str]) -> str:
    return ", ".join(f"“{text}”" for text in texts)
