"""The near-duplicate check against the catalogue."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from django.conf import settings

from media_tools.audio.encode import Tags, encode_mp3
from media_tools.audio.fingerprint import bit_error, fingerprint
from media_tools.audio.io import read_audio, write_wav24
from media_tools.music.base import MusicRequest
from media_tools.music.local.engine import LocalMusic
from runs.models import FingerprintKey, Run
from runs.steps import duplicates
from tests.factories import RunFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A composed track of 24 s."""
    return compose(tmp_path_factory.mktemp("song"), seed=1)


def compose(folder: Path, *, seed: int) -> Path:
    request = MusicRequest(
        title="Song",
        genre="synthwave",
        prompt="synthwave",
        mood="",
        duration_s=24,
        tempo_bpm=104,
        key="A minor",
        lyrics="",
        lyric_form=(),
        instrumental=True,
        artist_sound="somebody",
        seed=seed,
    )
    engine = LocalMusic(soundfont=settings.SOUNDFONT)
    track = engine.collect(engine.submit(request, idempotency_key="k"), request, folder)
    assert track is not None
    return track.audio


def remembered(path: Path, **fields) -> Run:
    run = RunFactory(title="Known", **fields)
    duplicates.remember(run, fingerprint(path))
    return run


def test_a_copy_is_found_under_another_coding_and_start(song: Path, tmp_path: Path) -> None:
    remembered(song)
    samples, rate = read_audio(song)
    write_wav24(tmp_path / "late.wav", 0.5 * samples[2 * rate :], rate)
    encode_mp3(tmp_path / "late.wav", tmp_path / "copy.mp3", Tags("t", "a"))
    copy = fingerprint(tmp_path / "copy.mp3")

    found = duplicates.alike(RunFactory(), copy)

    assert len(found) == 1
    assert "Known" in found[0][0]
    assert bit_error(copy, found[0][1]) < 0.15


def test_another_song_is_not_worth_comparing(song: Path, tmp_path: Path) -> None:
    remembered(song)

    assert duplicates.alike(RunFactory(), fingerprint(compose(tmp_path, seed=2))) == []


def test_a_replay_is_not_its_own_duplicate(song: Path) -> None:
    original = remembered(song)
    replay = RunFactory(artist=original.artist, seed=original.seed)

    assert duplicates.alike(replay, fingerprint(song)) == []


def test_a_new_take_replaces_the_keys_of_the_old_one(song: Path) -> None:
    run = remembered(song)
    before = FingerprintKey.objects.count()

    duplicates.remember(run, fingerprint(song))

    assert FingerprintKey.objects.count() == before > 0


def test_silence_has_no_lookalikes() -> None:
    silence = np.zeros(1000, "<u4").tobytes()
    duplicates.remember(RunFactory(), silence)

    assert duplicates.alike(RunFactory(), silence) == []
