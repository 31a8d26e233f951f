"""Which of several songs of one answer is put forward."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from media_tools.audio.analysis import analyze
from media_tools.audio.gates import audio_findings
from media_tools.errors import PartlyMade, ProviderUnavailable
from media_tools.findings import Severity
from media_tools.music.base import MusicRequest, MusicTrack

# Providers treat a length as a wish; only a song far off is worse than the other.
_LENGTH_TOLERANCE = 0.25


def best_first(
    tracks: Sequence[MusicTrack],
    request: MusicRequest,
    *,
    late: ProviderUnavailable | None = None,
) -> MusicTrack:
    """The track that the quality gates like best, with the others as its takes.

    Fewest failures, then fewest warnings, then closest to the length asked for, then the
    provider's order. Levels do not count: mastering sets them. late: why further songs of the
    answer cannot be had at the moment. Raises MediaInvalid, and PartlyMade if some are late.
    """
    order = list(range(len(tracks)))
    if len(tracks) > 1:
        order.sort(key=lambda index: _faults(tracks[index], request))
    first, *others = (tracks[index] for index in order)
    best = replace(first, takes=tuple(others))
    if late:
        raise PartlyMade(late, best)
    return best


def _faults(track: MusicTrack, request: MusicRequest) -> tuple[int, int, float]:
    analysis = analyze(track.audio, workdir=track.audio.parent)
    wanted_s = (
        request.duration_s * (1 - _LENGTH_TOLERANCE),
        request.duration_s * (1 + _LENGTH_TOLERANCE),
    )
    findings = audio_findings(
        analysis,
        wanted_duration_s=wanted_s,
        target_lufs=analysis.integrated_lufs,
        ceiling_dbtp=analysis.true_peak_dbtp,
    )
    failed = sum(finding.severity is Severity.FAIL for finding in findings)
    return failed, len(findings) - failed, abs(analysis.duration_s - request.duration_s)
