"""Every genre, five tracks of two artists each, from the request to the mastered file."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import soundfile

from media_tools.audio.analysis import analyze
from media_tools.audio.figures import AudioAnalysis
from media_tools.audio.fingerprint import bit_error, fingerprint_of
from media_tools.audio.gates import audio_findings
from media_tools.audio.master import master
from media_tools.music.base import MusicRequest, MusicTrack
from media_tools.music.local.dsp import SAMPLE_RATE_HZ, Signal
from media_tools.music.local.engine import LocalMusic
from media_tools.music.local.genre import Genre
from media_tools.music.local.genres import GENRES
from media_tools.music.local.theory import Key, parse_key
from tests.media_tools.audio.signals import Meter, ffmpeg_meter

from .conftest import SOUNDFONT, MakeRequest
from .listening import Doubles, chroma, distances, place_of, sound_of_track

SECONDS = 32.0
ARTISTS = ("Neon Fox", "Neon Fox", "Neon Fox", "Paper Moth", "Paper Moth")


@dataclass(frozen=True)
class Heard:
    """One finished track. partials: by pitch class, sections in a lifted key moved back."""

    request: MusicRequest
    meter: Meter
    analysis: AudioAnalysis
    key: Key
    partials: Doubles
    fingerprint: bytes
    sound: Doubles


@pytest.mark.parametrize("genre", GENRES, ids=lambda genre: genre.name)
def test_tracks_of_a_genre_can_be_released(
    genre: Genre, request_for: MakeRequest, tmp_path: Path
) -> None:
    tracks = []
    for seed, artist in enumerate(ARTISTS, 1):
        low, high = genre.tempo_bpm
        request = request_for(
            genre.name,
            duration_s=SECONDS,
            tempo_bpm=low + (high - low) * seed // len(ARTISTS),
            key=None,
            lyric_form=(),
            artist_sound=artist,
            seed=seed,
        )
        tracks.append(heard(request, tmp_path))

    for track in tracks:
        levels_are_those_of_streaming(track)
        music_is_what_was_composed(track)
    seeds_are_songs_of_their_own(tracks)
    artists_can_be_told_apart(tracks)


def levels_are_those_of_streaming(track: Heard) -> None:
    assert track.meter.lufs == pytest.approx(-14.0, abs=0.2)
    assert track.meter.true_peak_dbtp <= -1.0
    assert track.analysis.clipped_samples == 0
    assert audio_findings(track.analysis, wanted_duration_s=(SECONDS - 10, SECONDS + 10)) == []


def music_is_what_was_composed(track: Heard) -> None:
    assert track.analysis.tempo_bpm == pytest.approx(track.request.tempo_bpm, rel=0.01)
    assert place_of(track.key, track.partials) == 1


def seeds_are_songs_of_their_own(tracks: list[Heard]) -> None:
    pairs = combinations(tracks, 2)
    assert min(bit_error(one.fingerprint, other.fingerprint) for one, other in pairs) > 0.25


def artists_can_be_told_apart(tracks: list[Heard]) -> None:
    within, between = distances([track.sound for track in tracks], ARTISTS)
    assert np.mean(within) < 0.9 * np.mean(between)


def heard(request: MusicRequest, folder: Path) -> Heard:
    music = LocalMusic(SOUNDFONT)
    track = music.collect("local-1", request, folder)
    finished = folder / "master.wav"
    master(track.audio, finished)
    samples, _ = soundfile.read(finished, dtype="float32")
    return Heard(
        request,
        ffmpeg_meter(finished),
        analyze(finished, request.tempo_bpm),
        parse_key(track.key),
        heard_partials(track),
        fingerprint_of(samples, SAMPLE_RATE_HZ),
        sound_of_track(samples.T, request.tempo_bpm),
    )


def heard_partials(track: MusicTrack) -> Doubles:
    """The partials of the mix without the drums."""
    tuned = sum_of(track, without=("drums", "fx"))
    partials = np.zeros(12)
    for plan, section in zip(track.facts["form"], track.sections, strict=True):
        first, last = (int(time * SAMPLE_RATE_HZ) for time in (section.start_s, section.end_s))
        lift = parse_key(plan["key"]).tonic - parse_key(track.key).tonic
        partials += np.roll(chroma(tuned[first:last]), -lift)
    return partials


def sum_of(track: MusicTrack, *, without: tuple[str, ...]) -> Signal:
    stems = [path for name, path in track.stems.items() if name not in without]
    total = sum(soundfile.read(path, dtype="float32")[0] for path in stems)
    return np.asarray(total, dtype=np.float32).mean(axis=1)
