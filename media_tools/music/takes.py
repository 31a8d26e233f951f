"""The songs of one answer: fetched as far as they can be had, the best put forward."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from media_tools.audio.analysis import analyze
from media_tools.audio.figures import AudioAnalysis
from media_tools.audio.gates import audio_findings
from media_tools.errors import PartlyMade, ProviderUnavailable
from media_tools.findings import Severity
from media_tools.music.base import MusicRequest, MusicTrack
from media_tools.music.intake import fetch_songs
from media_tools.provenance import Provenance
from media_tools.providers.downloads import Downloaded

# Providers treat a length as a wish; only a song far off is worse than the other.
_LENGTH_TOLERANCE = 0.25


@dataclass(frozen=True)
class OfferedSong:
    """A song of an answer. fetch: saves its file under the path it is given.

    tempo_bpm, key: None where the provider does not tell.
    """

    fetch: Callable[[Path], Downloaded]
    provenance: Provenance
    facts: Mapping[str, Any]
    tempo_bpm: float | None = None
    key: str | None = None


def fetch_takes(
    offered: Sequence[OfferedSong],
    request: MusicRequest,
    workdir: Path,
    *,
    lost: Sequence[str] = (),
) -> MusicTrack:
    """Fetch the songs of an answer into workdir; returns the best with the others as its takes.

    lost: why further songs of the answer cannot be had. Raises as fetch_songs and best_first do.
    """
    provider = offered[0].provenance.provider
    fetched = fetch_songs(provider, [song.fetch for song in offered], workdir)
    missing = [*fetched.lost, *lost]
    tracks = [
        MusicTrack(
            audio=file.path,
            duration_s=file.duration_s,
            tempo_bpm=offered[index].tempo_bpm,
            key=offered[index].key,
            sections=(),
            provenance=offered[index].provenance,
            facts={
                "take": index + 1,
                **offered[index].facts,
                "gain_db": file.gain_db,
                "lost_takes": missing,
            },
        )
        for index, file in fetched.songs.items()
    ]
    return best_first(tracks, request, late=fetched.late)


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
    first, *others = tracks
    if others:
        heard = [(track, analyze(track.audio, workdir=track.audio.parent)) for track in tracks]
        heard.sort(key=lambda one: _faults(one[1], request))
        first, *others = (replace(track, lufs=sound.integrated_lufs) for track, sound in heard)
    best = replace(first, takes=tuple(others))
    if late:
        raise PartlyMade(late, best)
    return best


def _faults(analysis: AudioAnalysis, request: MusicRequest) -> tuple[int, int, float]:
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
