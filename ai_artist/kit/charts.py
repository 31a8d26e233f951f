"""Builds Chart.js data and options as JSON for unfold's chart components."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

GOOD_COLOUR, BAD_COLOUR = "#16a34a", "#dc2626"
# Distinguishable for most eyes, on light and dark backgrounds.
COLOURS = (
    "#7c3aed",
    "#0891b2",
    "#d97706",
    "#db2777",
    "#65a30d",
    "#64748b",
    "#2563eb",
    "#dc2626",
)
GREY = "#8b909a"  # readable on light and dark backgrounds
NO_LINE = {"display": False}


def bars() -> str:
    """Return options for stacked bars of counts."""
    return json.dumps(_options(_axis(stacked=True), _counts(stacked=True)))


def money_bars() -> str:
    """Return options for stacked bars of money, with a legend."""
    dollars = _counts(stacked=True) | {"ticks": {"color": GREY, "maxTicksLimit": 5}}
    return json.dumps(_options(_axis(stacked=True), dollars, legend=True))


def bars_with_rate() -> str:
    """Return options for stacked bars with a line in percent on its own axis, to the right."""
    rate = _percent(position="right", grid=NO_LINE)
    return json.dumps(_options(_axis(stacked=True), _counts(stacked=True), rate=rate))


def lines() -> str:
    """Return options for lines of counts, with a legend."""
    return json.dumps(_options(_axis(), _counts(), legend=True))


def percent_lines(*, across: str = "", upwards: str = "") -> str:
    """Return options for lines in percent, with a legend. across, upwards: titles of the axes."""
    return json.dumps(_options(_axis(title=across), _percent(title=upwards), legend=True))


def _options(
    x: dict[str, Any], y: dict[str, Any], *, legend: bool = False, **more_axes: dict[str, Any]
) -> dict[str, Any]:
    labels = {"color": GREY, "boxWidth": 24, "boxHeight": 1}
    return {
        "animation": False,
        "maintainAspectRatio": False,
        "interaction": {"mode": "index", "intersect": False},
        "plugins": {"legend": {"display": legend, "position": "bottom", "labels": labels}},
        "scales": {"x": x, "y": y, **more_axes},
    }


def _axis(*, title: str = "", **more: Any) -> dict[str, Any]:
    """Return the axis of time, or of another order."""
    ticks = {"color": GREY, "maxTicksLimit": 7, "maxRotation": 0}
    named = {"display": bool(title), "text": title, "color": GREY}
    return {"title": named, "grid": NO_LINE, "border": NO_LINE, "ticks": ticks, **more}


def _counts(**more: Any) -> dict[str, Any]:
    ticks = {"color": GREY, "precision": 0, "maxTicksLimit": 5}
    return {"beginAtZero": True, "border": NO_LINE, "ticks": ticks, **more}


def _percent(*, title: str = "", **more: Any) -> dict[str, Any]:
    ticks = {"color": GREY, "stepSize": 25}
    return _axis(title=title) | {"min": 0, "max": 100, "grid": {}, "ticks": ticks, **more}


def day_label(day: date) -> str:
    """Return a day such as "Mar 2"."""
    return f"{day:%b} {day.day}"


def in_percent(shares: Sequence[float | None]) -> list[float | None]:
    """Return shares of 1 in percent, as a line shows them; None stays None."""
    return [None if share is None else round(100 * share, 1) for share in shares]


def decision_bars(approved: Sequence[int], rejected: Sequence[int]) -> list[dict[str, Any]]:
    """Return the two stacked series of decisions."""
    return [
        {
            "label": label,
            "data": list(values),
            "backgroundColor": colour,
            "borderRadius": 3,
            "maxBarThickness": 14,
            "stack": "decisions",
            "order": 2,
        }
        for label, values, colour in (
            ("Approved", approved, GOOD_COLOUR),
            ("Rejected", rejected, BAD_COLOUR),
        )
    ]


def bars_of(series: Sequence[tuple[str, Sequence[float]]]) -> list[dict[str, Any]]:
    """Return stacked bars for each (label, values); colours repeat if there are too few."""
    return [
        {
            "label": label,
            "data": list(values),
            "backgroundColor": COLOURS[place % len(COLOURS)],
            "maxBarThickness": 14,
            "stack": "all",
        }
        for place, (label, values) in enumerate(series)
    ]


def line(label: str, values: Sequence[float | None], colour: str, **more: Any) -> dict[str, Any]:
    """Return a line; None leaves a gap."""
    known = sum(value is not None for value in values)
    return {
        "type": "line",
        "label": label,
        "data": list(values),
        "borderColor": colour,
        "backgroundColor": colour,
        "borderWidth": 2,
        # A line of one point would be invisible without a dot.
        "pointRadius": 3 if known == 1 else 0,
        "pointHitRadius": 8,
        "tension": 0.25,
        "order": 1,
        **more,
    }


def lines_of(
    series: Sequence[tuple[str, Sequence[float | None]]], **more: Any
) -> list[dict[str, Any]]:
    """Return a line for each (label, values); colours repeat if there are too few."""
    return [
        line(label, values, COLOURS[place % len(COLOURS)], **more)
        for place, (label, values) in enumerate(series)
    ]


def data(labels: Sequence[object], datasets: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps({"labels": list(labels), "datasets": list(datasets)})
