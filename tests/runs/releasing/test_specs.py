"""The distributors' table: what a bundle's sound and cover are, and what they should be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from media_tools.errors import MediaInvalid
from media_tools.ffmpeg import run_ffmpeg
from media_tools.finished import PictureFacts, SoundFacts, picture_facts, sound_facts
from media_tools.records import to_json
from runs.models import Run, Step
from runs.outputs import MasterOutput, MusicOutput, Output
from runs.releasing.delivery import DeliveredPicture, DeliveredSound
from runs.releasing.specs import Check, cover_checks, mastering_checks, sound_checks
from tests.factories import NOON, RunFactory, StepFactory
from tests.outputs import analysis

GOOD_SOUND = SoundFacts("WAV", 24, 44_100, 2, 183.0, 48_000_000)
GOOD_COVER = PictureFacts("JPEG", "RGB", 3000, 3000, 900_000)


def failing(checks: list[Check]) -> list[str]:
    return [check.found for check in checks if check.ok is False]


def sounds(facts: SoundFacts) -> list[Check]:
    return list(sound_checks("Sound", DeliveredSound("audio/master.wav", "ab", facts)))


def covers(facts: PictureFacts) -> list[Check]:
    return list(cover_checks(DeliveredPicture("cover/cover.jpg", "cd", facts)))


def run_with(*outputs: Output) -> Run:
    run: Run = RunFactory()
    for position, output in enumerate(outputs):
        StepFactory(
            run=run,
            name=output.step,
            position=position,
            status=Step.Status.DONE,
            finished_at=NOON,
            output=to_json(output),
        )
    return run


def mastered(**figures: object) -> list[Check]:
    run = run_with(MusicOutput(provider="local"), MasterOutput(analysis=analysis(**figures)))
    return list(mastering_checks("Sound", run))


def test_a_good_master_and_cover_fit_every_row() -> None:
    assert [check.ok for check in sounds(GOOD_SOUND)] == [True] * 4
    assert [check.ok for check in covers(GOOD_COVER)] == [True] * 3 + [None] * 2


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"channels": 1}, "WAV, 1 channel"),
        ({"container": "FLAC"}, "FLAC, 2 channels"),
        ({"bits": 0}, "floating point"),
        ({"bits": 32}, "32 bit"),
        ({"rate_hz": 22_050}, "22.05 kHz; not every distributor takes it"),
        ({"rate_hz": 192_000}, "192 kHz; not every distributor takes it"),
        ({"duration_s": 29.0}, "29 s"),
    ],
)
def test_a_master_that_does_not_fit_is_named(changes: dict[str, object], found: str) -> None:
    assert failing(sounds(replace(GOOD_SOUND, **changes))) == [found]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"width": 2999}, "2999 × 3000"),
        ({"format": "PNG"}, "PNG, RGB"),
        ({"mode": "CMYK"}, "JPEG, CMYK"),
        ({"bytes": 10_000_000}, "10.0 MB"),
    ],
)
def test_a_cover_that_does_not_fit_is_named(changes: dict[str, object], found: str) -> None:
    assert failing(covers(replace(GOOD_COVER, **changes))) == [found]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("figures", "found"),
    [
        ({}, []),
        ({"true_peak_dbtp": -0.4}, ["-0.4 dBTP"]),
        ({"integrated_lufs": -9.0}, ["-9.0 LUFS"]),
        ({"leading_silence_s": 1.5}, ["1.5 s and 0.0 s"]),
        ({"trailing_silence_s": 4.0}, ["0.0 s and 4.0 s"]),
    ],
)
def test_figures_of_the_mastering(figures: dict[str, float], found: list[str]) -> None:
    assert failing(mastered(**figures)) == found


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("music", "found", "ok"),
    [
        (MusicOutput(provider="local"), "composed here", True),
        (MusicOutput(provider="import", facts={"file": "x.MP3"}), "imported as mp3", False),
        (MusicOutput(provider="import", facts={"file": "x.flac"}), "imported as flac", True),
        (MusicOutput(provider="suno"), "as suno delivered it", None),
    ],
)
def test_what_a_master_was_made_from(music: MusicOutput, found: str, ok: bool | None) -> None:
    first = next(mastering_checks("Sound", run_with(music)))

    assert (first.found, first.ok) == (found, ok)


def test_facts_are_read_from_real_files(tmp_path: Path) -> None:
    sound, picture = tmp_path / "a.wav", tmp_path / "a.jpg"
    tone = ["-f", "lavfi", "-i", "sine=440:d=1:r=44100", "-ac", "2", "-c:a", "pcm_s24le"]
    run_ffmpeg([*tone, str(sound)], timeout_s=30, what="sound")
    still = ["-f", "lavfi", "-i", "testsrc2=s=320x300:d=1", "-frames:v", "1"]
    run_ffmpeg([*still, str(picture)], timeout_s=30, what="picture")

    heard, seen = sound_facts(sound), picture_facts(picture)

    assert (heard.bits, heard.rate_hz, heard.channels, heard.duration_s) == (24, 44_100, 2, 1.0)
    assert heard.container in ("WAV", "WAVEX")
    assert (seen.format, seen.mode, seen.width, seen.height) == ("JPEG", "RGB", 320, 300)
    assert (heard.bytes, seen.bytes) == (sound.stat().st_size, picture.stat().st_size)


@pytest.mark.parametrize("read", [sound_facts, picture_facts])
def test_a_broken_file_is_named(tmp_path: Path, read) -> None:
    broken = tmp_path / "broken.bin"
    broken.write_bytes(b"neither")

    with pytest.raises(MediaInvalid, match=r"broken\.bin: (it cannot be read|not a picture)"):
        read(broken)
