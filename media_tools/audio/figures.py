"""Results of measuring a track: plain values, stored with the run.

Kept apart from the code that computes them, so that reading them loads no signal processing.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class AudioAnalysis:
    """Measurements of one file; every field is a plain JSON value."""

    duration_s: float
    sample_rate: int
    channels: int  # as in the file
    integrated_lufs: float  # -70 for silence; mono counts as played on both speakers
    loudness_range_lu: float
    true_peak_dbtp: float
    sample_peak_dbfs: float
    crest_db: float  # sample peak over RMS
    stereo_correlation: float  # -1 to 1; 1 for mono, 0 if a channel is silent
    clipped_samples: int  # samples in runs of 3 or more at full scale
    # (start_s, end_s) of parts inside the track longer than 2 s under -60 dBFS.
    silences: tuple[tuple[float, float], ...]
    leading_silence_s: float
    trailing_silence_s: float
    tempo_bpm: float | None  # None without a steady pulse
    spectral_centroid_hz: float
    # Shares of the power below 200 Hz, between, above 4 kHz, and (brightness) above 1500 Hz.
    low_share: float
    mid_share: float
    high_share: float
    brightness: float
    clipped_from_s: float | None = None  # where the first is; None without, and in old runs

    def as_json(self) -> dict[str, Any]:
        values = asdict(self)
        values["silences"] = [list(silence) for silence in self.silences]
        return values
