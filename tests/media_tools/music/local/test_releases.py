"""A track of every genre, from the request to the mastered file, and five of two genres.

`python -m tests.benchmarks tracks` hears five longer ones of each.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from media_tools.audio.gates import audio_findings
from media_tools.music.local.genre import Genre
from media_tools.music.local.genres import GENRE_BY_NAME, GENRES

from .listening import ARTISTS, distances, hear, least_bit_error, place_of, recognise, requests_of

RELEASED_S = 16.0
COMPARED_S = 8.0


@pytest.mark.parametrize("genre", GENRES, ids=lambda genre: genre.name)
def test_a_track_of_each_genre_can_be_released(genre: Genre, tmp_path: Path) -> None:
    track = hear(requests_of(genre, RELEASED_S)[1], tmp_path)

    assert track.meter.lufs == pytest.approx(-14.0, abs=0.2)
    assert track.meter.true_peak_dbtp <= -1.0
    assert track.analysis.clipped_samples == 0
    lengths_s = (RELEASED_S - 5, RELEASED_S + 10)
    assert audio_findings(track.analysis, wanted_duration_s=lengths_s) == []
    assert track.analysis.tempo_bpm == pytest.approx(track.request.tempo_bpm, rel=0.01)
    assert place_of(track.key, track.partials) == 1


@pytest.mark.parametrize("genre", ["lofi", "house"])
def test_seeds_are_songs_of_their_own_and_artists_can_be_told_apart(
    genre: str, tmp_path: Path
) -> None:
    requests = requests_of(GENRE_BY_NAME[genre], COMPARED_S)
    tracks = [recognise(request, tmp_path) for request in requests]

    assert least_bit_error(tracks) > 0.25
    within, between = distances([track.sound for track in tracks], ARTISTS)
    assert np.mean(within) < 0.9 * np.mean(between)
