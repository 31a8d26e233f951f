"""The watermark: found where it was written, by its key alone, and far below the music."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy import signal

from media_tools.audio.io import Samples, read_audio
from media_tools.errors import MediaInvalid
from media_tools.ffmpeg import run_ffmpeg
from media_tools.watermark import embed
from media_tools.watermark.detect import find_watermarks
from media_tools.watermark.embed import marked_master
from media_tools.watermark.pattern import BLOCK_FRAMES, CELLS, Pattern
from tests.benchmarks.watermark import least_band_db

KEY = b"a key of thirty-two bytes, always"
PAYLOAD = 0xC0FFEE42
SECONDS = 24


def music(rate: int, *, seconds: float = SECONDS, seed: int = 1) -> Samples:
    """Chords with decay over a bed of noise, in stereo."""
    rng = np.random.default_rng(seed)
    count = int(rate * seconds)
    sections = signal.butter(1, 1500 / (rate / 2), output="sos")
    sound = signal.sosfilt(sections, rng.normal(0, 0.03, (2, count)), axis=1)
    time_s = np.arange(count) / rate
    decay = np.exp(-3 * (time_s % 0.5))
    for midi in rng.choice(np.arange(48, 84), 4, replace=False):
        hz = 440 * 2 ** ((midi - 69) / 12)
        sound += signal.sawtooth(2 * np.pi * hz * time_s) * decay * rng.uniform(0.01, 0.03, (2, 1))
    return np.clip(sound.T, -1, 1).astype(np.float32)


def write(path: Path, samples: Samples, rate: int) -> Path:
    soundfile.write(path, samples, rate, subtype="PCM_24")
    return path


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("original") / "a.wav", music(44_100), 44_100)


@pytest.fixture(scope="module")
def marked(original: Path) -> Path:
    target = original.with_name("marked.wav")
    marked_master(original, target, PAYLOAD, KEY)
    return target


def payloads(path: Path, key: bytes = KEY) -> list[int]:
    return [watermark.payload for watermark in find_watermarks(path, key)]


def test_it_is_found_by_its_key_alone(original: Path, marked: Path) -> None:
    assert payloads(marked) == [PAYLOAD]
    assert payloads(marked, b"another") == []
    assert payloads(original) == []


@pytest.mark.parametrize("start_s", [0.0, 3.331, 8.9])
def test_it_survives_a_cut_a_codec_a_rate_and_a_gain(
    marked: Path, tmp_path: Path, start_s: float
) -> None:
    packed = tmp_path / "excerpt.mp3"
    run_ffmpeg(
        [
            *("-i", str(marked), "-ss", str(start_s), "-t", "15", "-af", "volume=-6dB"),
            *("-ar", "48000", "-b:a", "128k", str(packed)),
        ],
        timeout_s=60,
        what="excerpt",
    )

    [watermark] = find_watermarks(packed, KEY)

    assert watermark.payload == PAYLOAD
    assert (watermark.start_s, watermark.end_s) == (0.0, pytest.approx(15.0, abs=0.1))


def test_it_stays_30_db_below_the_music_in_every_critical_band(
    original: Path, marked: Path
) -> None:
    music, rate = read_audio(original)

    assert least_band_db(music, read_audio(marked)[0] - music, rate) >= 30.0


def test_silence_stays_silent(tmp_path: Path) -> None:
    rate = 44_100
    samples = np.concatenate([music(rate, seconds=2), np.zeros((rate, 2), np.float32)])

    marked_master(write(tmp_path / "a.wav", samples, rate), tmp_path / "b.wav", PAYLOAD, KEY)

    assert not read_audio(tmp_path / "b.wav")[0][2 * rate + rate // 10 :].any()
    assert payloads(write(tmp_path / "c.wav", np.zeros((rate * 16, 2), np.float32), rate)) == []


@pytest.mark.parametrize("rate", [11_025, 48_000])
def test_any_rate_carries_it_in_one_channel_too(tmp_path: Path, rate: int) -> None:
    source = write(tmp_path / "a.wav", music(rate)[:, :1], rate)

    marked_master(source, source, PAYLOAD, KEY)

    assert soundfile.info(source).channels == 1
    assert payloads(source) == [PAYLOAD]


@pytest.mark.parametrize("frames", [1, 500, 20_000])
def test_a_short_sound_keeps_its_length(tmp_path: Path, frames: int) -> None:
    source = write(tmp_path / "a.wav", music(44_100, seconds=1)[:frames], 44_100)

    marked_master(source, tmp_path / "b.wav", PAYLOAD, KEY)

    assert soundfile.info(tmp_path / "b.wav").frames == frames
    assert payloads(tmp_path / "b.wav") == []


def test_blocks_leave_no_seam(
    original: Path, marked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embed, "_FRAMES_AT_ONCE", 77)

    marked_master(original, tmp_path / "again.wav", PAYLOAD, KEY)

    # A 24-bit step is 1.2e-7.
    again, whole = read_audio(tmp_path / "again.wav")[0], read_audio(marked)[0]
    assert np.abs(again - whole).max() < 3e-7


def test_songs_in_a_row_are_told_apart(tmp_path: Path) -> None:
    rate, parts = 22_050, []
    for payload in (1, 2):
        source = write(tmp_path / "a.wav", music(rate, seed=payload), rate)
        marked_master(source, source, payload, KEY)
        parts.append(read_audio(source)[0])

    found = find_watermarks(write(tmp_path / "both.wav", np.concatenate(parts), rate), KEY)

    at = {watermark.payload: watermark for watermark in found}
    assert set(at) == {1, 2}
    assert at[1].end_s <= SECONDS + 7.5
    assert at[2].start_s >= SECONDS - 7.5


def test_what_is_not_audio_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "a.wav"
    page.write_text("RIFF no audio at all")

    with pytest.raises(MediaInvalid):
        marked_master(page, tmp_path / "b.wav", PAYLOAD, KEY)

    assert not (tmp_path / "b.wav").exists()


@pytest.mark.parametrize("payload", [0, 1, 0x7FFFFFFF, 0xFFFFFFFF, PAYLOAD])
def test_a_payload_is_read_from_a_noisy_block(payload: int) -> None:
    pattern = Pattern.of(KEY)
    noise = np.random.default_rng(3).normal(0, 3, (BLOCK_FRAMES, CELLS))

    assert pattern.read(pattern.chips(payload) + noise.astype(np.float32)) == payload


def test_a_payload_must_pass_its_check() -> None:
    wanted, other = Pattern.of(KEY), Pattern.of(b"another")

    assert wanted.read(wanted.signs * other.signs) is None


def test_the_pattern_of_a_key_never_changes() -> None:
    # Else every mark written before could not be found any more.
    chips = Pattern.of(KEY).chips(PAYLOAD)

    assert hashlib.sha256((chips > 0).tobytes()).hexdigest() == (
        "280da58faef57a601875e5dc93e26ccdb7df4ae0f3d4112c5e37cec04737622b"
    )
