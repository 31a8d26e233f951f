"""What measuring and mastering tell of a track: plain values, kept with the run.

They stand apart from what finds them, so that who only reads them loads no signal processing.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class AudioAnalysis:
    """Measurements of one file; every field is a plain JSON value.

    channels: as in the file. integrated_lufs: -70 for silence; mono counts as played on both
    speakers. crest_db: sample peak over RMS. stereo_correlation: -1 to 1, 1 for mono, 0 when a
    channel is silent. clipped_samples: samples in runs of 3 or more at full scale. silences:
    stretches inside the track longer than 2 s under -60 dBFS, as (start_s, end_s). tempo_bpm:
    None without a steady pulse. low_share (< 200 Hz), mid_share, high_share (> 4 kHz): of the
    power. brightness: share of the power above 1500 Hz.
    """

    duration_s: float
    sample_rate: int
    channels: int
    integrated_lufs: float
    loudness_range_lu: float
    true_peak_dbtp: float
    sample_peak_dbfs: float
    crest_db: float
    stereo_correlation: float
    clipped_samples: int
    silences: tuple[tuple[float, float], ...]
    leading_silence_s: float
    trailing_silence_s: float
    tempo_bpm: float | None
    spectral_centroid_hz: float
    low_share: float
    mid_share: float
    high_share: float
    brightness: float

    def as_json(self) -> dict[str, Any]:
        values = asdict(self)
        values["silences"] = [list(silence) for silence in self.silences]
        return values


@dataclass(frozen=True)
class Stage:
    """One stage of mastering and its figures, named with their units."""

    name: str
    figures: dict[str, float]


@dataclass(frozen=True)
class MasterReport:
    """What mastering did; loudness and peak are measured on the result.

    gain_db: fixed gain after the compressor. limiter_reduction_db: the deepest reduction.
    """

    integrated_lufs: float
    true_peak_dbtp: float
    gain_db: float
    limiter_reduction_db: float
    input_lufs: float
    input_true_peak_dbtp: float
    sample_rate: int
    duration_s: float
    stages: tuple[Stage, ...]
