"""Filters of the panel's templates: the renderers of values, and shapes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.template import RequestContext

from ai_artist.kit import values
from ai_artist.kit.admin import Way
from ai_artist.kit.once import key_input

register = template.Library()

WAVE_BARS = 160
WAVE_HALF_HEIGHT = 20

register.simple_tag(key_input, name="form_key")
for renderer in (
    values.ago,
    values.browser,
    values.day,
    values.fact,
    values.facts,
    values.genre,
    values.minutes,
    values.moment,
    values.moment_s,
    values.money,
    values.number,
    values.percent,
    values.person,
    values.short,
    values.since,
    values.size,
    values.took,
    values.words,
    values.counted,
):
    register.filter(renderer.__name__, renderer)


@register.simple_tag(takes_context=True)
def way_on(context: RequestContext, page: Any) -> Way | None:
    """Return where the first row of an empty list comes from, if the visitor may go there."""
    way: Way | None = getattr(page, "empty_way", None)
    if way is None or not way.permission:
        return way
    # The theme's lists have only the request from the context around them.
    user = context.request.user
    return way if user.has_perm(way.permission) else None


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
