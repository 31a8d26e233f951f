"""Cuts and teasers on the beat, on sounds whose beats are known."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from media_tools.music.base import Section
from media_tools.video.beats import beat_times, cut_frames, hook, on_beats
from media_tools.video.features import AudioFeatures, features
from media_tools.video.plan import Caption

FPS = 24
BEAT_S = 0.5
SECTIONS = (
    Section("verse", 0.0, 16.0),
    Section("chorus", 16.0, 30.0),
    Section("chorus", 30.0, 46.0),
)


@pytest.fixture(scope="module")
def beats(tmp_path_factory: pytest.TempPathFactory) -> AudioFeatures:
    """46 s: a kick every half second over a tone that is loudest from 30 s on."""
    rate, seconds = 22_050, 46
    time = np.arange(seconds * rate) / rate
    sound = np.sin(2 * np.pi * 660 * time) * np.where(time < 30, 0.02, 0.25)
    length = int(0.2 * rate)
    kick = 0.6 * np.sin(2 * np.pi * 55 * time[:length]) * np.exp(-time[:length] * 18)
    for start in range(0, len(sound) - length, int(BEAT_S * rate)):
        sound[start : start + length] += kick
    path = tmp_path_factory.mktemp("beats") / "beats.wav"
    soundfile.write(path, sound, rate)
    return features(Path(path), FPS)


def from_beat_s(at_s: float) -> float:
    return abs(at_s / BEAT_S - round(at_s / BEAT_S)) * BEAT_S


def test_cuts_fall_on_beats(beats: AudioFeatures) -> None:
    cuts = cut_frames(beats)

    assert len(cuts) > 5
    assert all(from_beat_s(cut / FPS) <= 1.5 / FPS for cut in cuts)


def test_every_section_begins_with_a_cut(beats: AudioFeatures) -> None:
    cuts = cut_frames(beats, SECTIONS)

    assert {16 * FPS, 30 * FPS} <= set(cuts)


def test_no_picture_is_too_short_or_too_long(beats: AudioFeatures) -> None:
    bounds = [0, *cut_frames(beats, SECTIONS), beats.frames]

    lengths_s = [(end - start) / FPS for start, end in pairwise(bounds)]

    assert min(lengths_s) >= 1.5 and max(lengths_s) <= 12.0


def test_loud_parts_are_cut_faster(beats: AudioFeatures) -> None:
    bounds = [0, *cut_frames(beats, SECTIONS), beats.frames]
    lengths = {start: end - start for start, end in pairwise(bounds)}

    loud = [length for start, length in lengths.items() if start >= 30 * FPS]
    calm = [length for start, length in lengths.items() if start < 30 * FPS]

    assert np.mean(loud) < np.mean(calm)


def test_the_hook_is_the_loudest_chorus(beats: AudioFeatures) -> None:
    window = hook(beats, 15.0, SECTIONS)

    assert window is not None
    assert window.start_s == pytest.approx(30.0, abs=1.5 / FPS)
    assert 14.2 <= window.length_s <= 15.0


def test_a_chorus_near_the_end_is_shown_whole(beats: AudioFeatures) -> None:
    window = hook(beats, 15.0, (*SECTIONS, Section("chorus", 40.0, 46.0)))

    assert window is not None and window.end_s <= beats.duration_s


def test_without_marks_the_loudest_stretch_is_taken(beats: AudioFeatures) -> None:
    window = hook(beats, 10.0)

    assert window is not None
    assert window.start_s >= 29.0 and window.end_s <= beats.duration_s


@pytest.mark.parametrize("sections", [(), SECTIONS])
def test_a_teaser_begins_and_ends_just_before_a_beat(beats: AudioFeatures, sections) -> None:
    window = hook(beats, 10.0, sections)

    assert window is not None
    for at_s in (window.start_s, window.end_s):
        assert from_beat_s(at_s + 1 / FPS) <= 1.5 / FPS


def test_a_song_that_is_hardly_longer_has_no_teaser(beats: AudioFeatures) -> None:
    assert hook(beats, 45.0, SECTIONS) is None


def test_silence_is_cut_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "silence.wav"
    soundfile.write(path, np.zeros((22_050 * 30, 1)), 22_050)
    quiet = features(path, FPS)

    assert cut_frames(quiet) and hook(quiet, 10.0) is not None


def test_beats_are_found_where_the_kicks_are(beats: AudioFeatures) -> None:
    found = np.asarray(beat_times(beats, 60 / BEAT_S))

    off_beat = np.abs(found / BEAT_S - np.round(found / BEAT_S)) * BEAT_S
    assert off_beat.max() < 0.03


def test_lines_without_times_of_words_move_to_beats() -> None:
    grid = [number * BEAT_S for number in range(40)]
    sung = Caption(3.1, 5.0, "as it is", (3.1, 3.4, 3.7))

    moved = on_beats([Caption(1.31, 3.0, "to the beat"), sung], grid)

    assert (moved[0].start_s, moved[0].word_starts_s) == (1.5, (1.5, 1.75, 2.0))
    assert moved[1] == sung
