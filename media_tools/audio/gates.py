"""Checks the measurements of a track: which stop it, and which the reviewer should know."""

from __future__ import annotations

from collections.abc import Iterable

from media_tools.audio.figures import AudioAnalysis
from media_tools.audio.fingerprint import DUPLICATE_BELOW, bit_error
from media_tools.audio.loudness import SILENCE_LUFS
from media_tools.findings import Finding, Severity

LOUDNESS_TOLERANCE_LU = 1.0
_PEAK_TOLERANCE_DB = 0.05  # figures are compared as they are shown, to one decimal
_DURATION_TOLERANCE_S = 1.0
_LONG_LEAD_S = 2.0
_LONG_TAIL_S = 4.0
_CANCELS_BELOW = -0.2  # half the signal is lost on one loudspeaker
_WIDE_BELOW = 0.1
_MONO_ABOVE = 0.999


def audio_findings(
    analysis: AudioAnalysis,
    *,
    wanted_duration_s: tuple[float, float] = (60.0, 120.0),
    target_lufs: float = -14.0,
    ceiling_dbtp: float = -1.0,
) -> list[Finding]:
    """Return findings on a mastered track, failures first; empty for a clean track."""
    if analysis.integrated_lufs <= SILENCE_LUFS:
        return [_fail("audio_silent", "The track is silent; render it again.")]
    findings = [
        *_level(analysis, target_lufs, ceiling_dbtp),
        *_length(analysis, wanted_duration_s),
        *_silence(analysis),
        *_stereo(analysis),
    ]
    return sorted(findings, key=lambda finding: finding.severity is not Severity.FAIL)


def duplicate_findings(fingerprint: bytes, catalogue: Iterable[tuple[str, bytes]]) -> list[Finding]:
    """Return a failure for each (name, fingerprint) that this track nearly repeats."""
    findings = []
    for name, known in catalogue:
        error = bit_error(fingerprint, known)
        if error < DUPLICATE_BELOW:
            message = (
                f"The track nearly repeats {name}: {error:.1%} of the fingerprint differs, under "
                f"{DUPLICATE_BELOW:.0%} counts as the same; use another seed."
            )
            findings.append(_fail("audio_duplicate", message))
    return findings


def _level(analysis: AudioAnalysis, target_lufs: float, ceiling_dbtp: float) -> Iterable[Finding]:
    if abs(analysis.integrated_lufs - target_lufs) > LOUDNESS_TOLERANCE_LU:
        yield _fail(
            "audio_loudness",
            f"Loudness is {analysis.integrated_lufs:.1f} LUFS; {target_lufs:.0f} "
            f"± {LOUDNESS_TOLERANCE_LU:.0f} LU is wanted. Master it again.",
        )
    if analysis.true_peak_dbtp > ceiling_dbtp + _PEAK_TOLERANCE_DB:
        yield _fail(
            "audio_true_peak",
            f"True peak is {analysis.true_peak_dbtp:.1f} dBTP; {ceiling_dbtp:.1f} is allowed. "
            "Master it again.",
        )
    if analysis.clipped_samples:
        yield _fail(
            "audio_clipping",
            f"{analysis.clipped_samples} samples are clipped; lower the mix before mastering.",
            start_s=analysis.clipped_from_s,
        )


def _length(analysis: AudioAnalysis, wanted_duration_s: tuple[float, float]) -> Iterable[Finding]:
    shortest_s, longest_s = wanted_duration_s
    too_short = analysis.duration_s < shortest_s - _DURATION_TOLERANCE_S
    if too_short or analysis.duration_s > longest_s + _DURATION_TOLERANCE_S:
        yield _fail(
            "audio_duration",
            f"The track lasts {analysis.duration_s:.1f} s; {shortest_s:.0f} to {longest_s:.0f} s "
            "were asked for.",
        )


def _silence(analysis: AudioAnalysis) -> Iterable[Finding]:
    for start_s, end_s in analysis.silences:
        yield _fail(
            "audio_silence",
            f"{end_s - start_s:.1f} s of silence from {start_s:.1f} s on.",
            start_s=start_s,
            end_s=end_s,
        )
    if analysis.leading_silence_s > _LONG_LEAD_S:
        yield _warn(
            "audio_late_start",
            f"The music starts after {analysis.leading_silence_s:.1f} s of silence.",
            start_s=0.0,
            end_s=analysis.leading_silence_s,
        )
    if analysis.trailing_silence_s > _LONG_TAIL_S:
        yield _warn(
            "audio_long_tail",
            f"The track ends in {analysis.trailing_silence_s:.1f} s of silence.",
            start_s=analysis.duration_s - analysis.trailing_silence_s,
            end_s=analysis.duration_s,
        )


def _stereo(analysis: AudioAnalysis) -> Iterable[Finding]:
    correlation = analysis.stereo_correlation
    if correlation < _CANCELS_BELOW:
        yield _fail(
            "audio_phase",
            f"Stereo correlation is {correlation:.2f}: the track cancels itself on one "
            "loudspeaker.",
        )
    elif correlation < _WIDE_BELOW:
        yield _warn(
            "audio_very_wide",
            f"Stereo correlation is {correlation:.2f}: thin on one loudspeaker.",
        )
    elif correlation > _MONO_ABOVE:
        yield _warn("audio_mono", "The track is mono.")


def _fail(
    code: str, message: str, *, start_s: float | None = None, end_s: float | None = None
) -> Finding:
    return Finding(code, Severity.FAIL, message, start_s, end_s)


def _warn(
    code: str, message: str, *, start_s: float | None = None, end_s: float | None = None
) -> Finding:
    return Finding(code, Severity.WARN, message, start_s, end_s, retryable=False)
