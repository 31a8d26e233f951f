"""Filters of the panel's templates for texts and shapes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.timesince import timesince

from ai_artist.kit.admin import minutes as as_minutes
from ai_artist.kit.admin import percent as as_percent
from ai_artist.kit.once import key_input

register = template.Library()

WAVE_BARS = 160
WAVE_HALF_HEIGHT = 20

register.simple_tag(key_input, name="form_key")
register.filter("minutes", as_minutes)
register.filter("percent", as_percent)


@register.filter
def took(seconds: float | None) -> str:
    """Return how long something took: "0.4 s", "12 s", "3:05 min"."""
    if seconds is None:
        return ""
    if seconds < 10:
        return f"{seconds:.1f} s"
    return f"{seconds:.0f} s" if seconds < 90 else f"{as_minutes(seconds)} min"


@register.filter
def ago(moment: datetime | None) -> str:
    """Return the time since a moment in its largest unit: "3 hours"."""
    if moment is None:
        return "never"
    seconds = (timezone.now() - moment).total_seconds()
    return "moments" if seconds < 60 else timesince(moment, depth=1)


@register.filter
def words(code: str) -> str:
    """Return a code as words: "audio_fault" as "Audio fault"."""
    return str(code).replace("_", " ").capitalize()


@register.filter
def wave(peaks: Sequence[float]) -> str:
    """Return an SVG path of WAVE_BARS bars, mirrored about y = WAVE_HALF_HEIGHT.

    peaks: values 0..1; each bar shows the highest value of its part, scaled to the loudest.
    """
    if not peaks:
        return ""
    loudest = max(peaks) or 1.0
    path = []
    for bar in range(WAVE_BARS):
        first = bar * len(peaks) // WAVE_BARS
        last = max(first + 1, (bar + 1) * len(peaks) // WAVE_BARS)
        half = max(0.6, WAVE_HALF_HEIGHT * max(peaks[first:last]) / loudest)
        path.append(f"M{bar + 0.5} {WAVE_HALF_HEIGHT - half:.1f}v{2 * half:.1f}")
    return "".join(path)
