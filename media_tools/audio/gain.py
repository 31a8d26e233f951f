"""ReplayGain 2.0: how much louder or softer a player makes tracks, told in their tags."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

REFERENCE_LUFS = -18.0


@dataclass(frozen=True)
class Gain:
    """One gain for all tracks that belong together. peak: the highest sample, 1.0 is full scale."""

    db: float
    peak: float

    def tags(self) -> dict[str, str]:
        """Names and values as players read them."""
        return {
            "REPLAYGAIN_ALBUM_GAIN": f"{self.db:+.2f} dB",
            "REPLAYGAIN_ALBUM_PEAK": f"{self.peak:.6f}",
        }


def gain_of(tracks: Sequence[tuple[float, float]], peak_dbtp: float) -> Gain:
    """The gain of an album from each track's loudness (LUFS) and length (s)."""
    length_s = sum(duration_s for _, duration_s in tracks) or 1.0
    power = sum(duration_s * 10 ** (lufs / 10) for lufs, duration_s in tracks) / length_s
    loudness = 10 * math.log10(power) if power > 0 else REFERENCE_LUFS
    return Gain(round(REFERENCE_LUFS - loudness, 2), 10 ** (peak_dbtp / 20))
