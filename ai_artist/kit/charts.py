"""Chart.js data and options, as JSON for unfold's chart components."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

GOOD_COLOUR, BAD_COLOUR = "#16a34a", "#dc2626"
LINE_COLOURS = ("#7c3aed", "#0891b2", "#d97706", "#db2777")
TICKS = "#8b909a"  # readable on light and on dark

BARS: dict[str, Any] = {
    "animation": False,
    "maintainAspectRatio": False,
    "plugins": {"legend": {"display": False}},
    "scales": {
        "x": {
            "stacked": True,
            "grid": {"display": False},
            "border": {"display": False},
            "ticks": {"color": TICKS, "maxTicksLimit": 7, "maxRotation": 0},
        },
        "y": {
            "stacked": True,
            "beginAtZero": True,
            "border": {"display": False},
            "ticks": {"color": TICKS, "precision": 0, "maxTicksLimit": 5},
        },
    },
}


def bars() -> str:
    """Options of stacked bars of counts."""
    return json.dumps(BARS)


def bars_with_rate() -> str:
    """Options of stacked bars with a line of percent on an axis of its own, to the right."""
    options = copy.deepcopy(BARS)
    options["scales"]["rate"] = {
        "position": "right",
        "min": 0,
        "max": 100,
        "grid": {"display": False},
        "border": {"display": False},
        "ticks": {"color": TICKS, "maxTicksLimit": 5},
    }
    return json.dumps(options)


def lines() -> str:
    """Options of lines with a legend."""
    options = copy.deepcopy(BARS)
    for axis in options["scales"].values():
        axis["stacked"] = False
    options["plugins"]["legend"] = {
        "display": True,
        "position": "bottom",
        "labels": {"color": TICKS, "boxWidth": 12, "boxHeight": 2},
    }
    return json.dumps(options)


def day_label(day: date) -> str:
    """Such as "Mar 2"."""
    return f"{day:%b} {day.day}"


def decision_bars(approved: Sequence[int], rejected: Sequence[int]) -> list[dict[str, Any]]:
    """The two stacked series of decisions."""
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


def line(label: str, values: Sequence[float | None], colour: str, **more: Any) -> dict[str, Any]:
    """A line; None leaves a gap that is drawn over."""
    return {
        "type": "line",
        "label": label,
        "data": list(values),
        "borderColor": colour,
        "backgroundColor": colour,
        "borderWidth": 2,
        "pointRadius": 0,
        "pointHitRadius": 8,
        "spanGaps": True,
        "tension": 0.25,
        "order": 1,
        **more,
    }


def data(labels: Sequence[str], datasets: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps({"labels": list(labels), "datasets": list(datasets)})
