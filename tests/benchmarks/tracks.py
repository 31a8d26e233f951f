"""Can every genre be released, and are its songs and artists different from each other?"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from ai_artist.benchmarks.measuring import Result
from media_tools.music.local.genre import Genre
from media_tools.music.local.genres import GENRES
from tests.media_tools.music.local.listening import (
    ARTISTS,
    Heard,
    distances,
    hear,
    least_bit_error,
    place_of,
    requests_of,
)

DURATION_S = 32.0


def tracks() -> Result:
    """Five mastered tracks of each genre, by two artists."""
    genres = [heard(genre) for genre in GENRES]
    everything = [track for genre in genres for track in genre]
    tempo_errors = [
        abs(track.analysis.tempo_bpm / track.request.tempo_bpm - 1) for track in everything
    ]
    keys = [place_of(track.key, track.partials) == 1 for track in everything]
    return Result(
        "tracks",
        {
            "genres": len(genres),
            "tracks": len(everything),
            "lufs_lowest": min(track.meter.lufs for track in everything),
            "lufs_highest": max(track.meter.lufs for track in everything),
            "true_peak_dbtp_highest": max(track.meter.true_peak_dbtp for track in everything),
            "clipped_samples": sum(track.analysis.clipped_samples for track in everything),
            "tempo_error_percent_largest": 100 * max(tempo_errors),
            "key_heard_percent": 100 * float(np.mean(keys)),
            "fingerprint_bit_error_least": min(map(least_bit_error, genres)),
            "distance_within_artist_per_between_largest": max(map(sameness, genres)),
        },
    )


def heard(genre: Genre) -> list[Heard]:
    with tempfile.TemporaryDirectory() as folder:
        return [hear(request, Path(folder)) for request in requests_of(genre, DURATION_S)]


def sameness(tracks: list[Heard]) -> float:
    """Mean distance of tracks of one artist, per that of tracks of two."""
    within, between = distances([track.sound for track in tracks], ARTISTS)
    return float(np.mean(within) / np.mean(between))
