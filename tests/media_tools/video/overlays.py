"""Text on a video in one call, for tests that change one value at a time."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

from media_tools.ffmpeg import Watch
from media_tools.video.overlay import OverlayOptions, TextOverlay, add_text_overlay
from media_tools.video.probe import VideoInfo


def overlaid(source: Path, output: Path, text: str, **values: Any) -> VideoInfo:
    """Sort the values by the object they belong to, and call add_text_overlay."""
    of_text, options, watch = (
        {field.name: values.pop(field.name) for field in fields(kind) if field.name in values}
        for kind in (TextOverlay, OverlayOptions, Watch)
    )
    assert not values, f"nothing takes {sorted(values)}"
    return add_text_overlay(
        source,
        output,
        TextOverlay(text, **of_text),
        options=OverlayOptions(**options),
        watch=Watch(**watch),
    )
