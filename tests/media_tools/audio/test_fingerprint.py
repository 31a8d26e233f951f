from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from media_tools.audio.fingerprint import (
    DUPLICATE_BELOW,
    FRAMES_PER_SECOND,
    bit_error,
    fingerprint,
    fingerprint_of,
    subfingerprints,
)
from media_tools.audio.io import Samples
from media_tools.ffmpeg import run_ffmpeg
from tests.media_tools.audio.signals import RATE, noise, track, write

SONG = track(12, seed=1)
PRINT = fingerprint_of(SONG, RATE)


def test_words_come_at_the_stated_rate() -> None:
    words = subfingerprints(PRINT)

    assert words.dtype == np.uint32
    assert len(words) == pytest.approx((12 - 0.37) * FRAMES_PER_SECOND, abs=3)


@pytest.mark.parametrize(
    "options",
    [
        ("-b:a", "128k", "copy.mp3"),
        ("-af", "bass=g=4,treble=g=-4,volume=-9dB", "copy.wav"),
        ("-ss", "2.3", "copy.wav"),
        ("-ar", "48000", "copy.flac"),
    ],
)
def test_copies_are_recognised(tmp_path: Path, options: tuple[str, ...]) -> None:
    song = write(tmp_path / "song.wav", SONG)
    copy = tmp_path / options[-1]
    arguments = ["-i", str(song), *options[:-1], str(copy)]
    run_ffmpeg(arguments, timeout_s=30, what=song.name)

    assert bit_error(fingerprint(song), fingerprint(copy)) < DUPLICATE_BELOW


@pytest.mark.parametrize("other", [track(12, seed=2), track(12, seed=3, bpm=95), noise(12)])
def test_other_music_is_told_apart(other: Samples) -> None:
    assert bit_error(PRINT, fingerprint_of(other, RATE)) > 2 * DUPLICATE_BELOW


def test_comparing_is_symmetric() -> None:
    other = fingerprint_of(SONG[3 * RATE :], RATE)

    assert bit_error(PRINT, other) == pytest.approx(bit_error(other, PRINT), abs=1e-12)


def test_a_shift_beyond_the_reach_is_not_found() -> None:
    other = fingerprint_of(SONG[4 * RATE :], RATE)

    assert bit_error(PRINT, other, max_offset_s=1.0) > DUPLICATE_BELOW
    assert bit_error(PRINT, other, max_offset_s=5.0) < DUPLICATE_BELOW


def test_copies_share_words_for_an_index() -> None:
    copy = fingerprint_of(SONG * np.float32(0.5), RATE)

    assert len(np.intersect1d(subfingerprints(PRINT), subfingerprints(copy))) > 100


def test_too_short_to_compare_is_different() -> None:
    short = fingerprint_of(SONG[: 2 * RATE], RATE)

    assert bit_error(PRINT, short) == 1
    assert fingerprint_of(SONG[:1000], RATE) == b""
