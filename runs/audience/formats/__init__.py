"""One module per format; `ALL` is the order in which a header is tried."""

from __future__ import annotations

from runs.audience.formats import aap, distrokid, spotify, tiktok, youtube
from runs.audience.formats.base import Format, Origin

__all__ = ["ALL", "Format", "Origin"]

ALL: tuple[Format, ...] = (
    *aap.FORMATS,
    *youtube.FORMATS,
    *distrokid.FORMATS,
    *tiktok.FORMATS,
    *spotify.FORMATS,
)
