from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from media_tools.audio.master import MAX_SHELF_DB, master, shelf_gains
from media_tools.audio.spectrum import Balance
from media_tools.errors import MediaInvalid
from media_tools.files import sha256_of
from tests.media_tools.audio.signals import RATE, ffmpeg_meter, noise, track, write

MIXES = {
    "usual": (track(6), RATE),
    "48 kHz": (track(4, rate=48_000, seed=2), 48_000),
    "96 kHz": (track(3, rate=96_000, seed=3), 96_000),
    "22 kHz": (track(4, rate=22_050, seed=4), 22_050),
    "quiet": (track(4, seed=5, level=0.008), RATE),
    "clipped": (np.clip(track(4, seed=6, level=3.0), -1, 1), RATE),
    "mono": (track(4, seed=7)[:, :1], RATE),
    "one second": (track(1, seed=8), RATE),
    "noise": (noise(3), RATE),
}


@pytest.mark.parametrize("name", MIXES)
def test_result_meets_target_and_ceiling_on_ffmpegs_meter(tmp_path: Path, name: str) -> None:
    samples, rate = MIXES[name]
    path = write(tmp_path / "mix.wav", samples, rate)

    master(path, tmp_path / "master.wav")

    meter = ffmpeg_meter(tmp_path / "master.wav")
    assert meter.lufs == pytest.approx(-14, abs=0.2)
    assert meter.true_peak_dbtp <= -1.0
    info = soundfile.info(tmp_path / "master.wav")
    assert (info.samplerate, info.channels, info.subtype) == (rate, 2, "PCM_24")
    assert info.frames == len(samples)


def test_level_agrees_with_ffmpeg(tmp_path: Path) -> None:
    path = write(tmp_path / "mix.wav", track(5, seed=9))

    level = master(path, tmp_path / "master.wav")

    meter = ffmpeg_meter(tmp_path / "master.wav")
    assert level.integrated_lufs == pytest.approx(meter.lufs, abs=0.1)
    assert level.true_peak_dbtp == pytest.approx(meter.true_peak_dbtp, abs=0.2)


def test_another_target_and_ceiling(tmp_path: Path) -> None:
    path = write(tmp_path / "mix.wav", track(4))

    master(path, tmp_path / "master.wav", target_lufs=-16.0, ceiling_dbtp=-2.0)

    meter = ffmpeg_meter(tmp_path / "master.wav")
    assert meter.lufs == pytest.approx(-16, abs=0.2)
    assert meter.true_peak_dbtp <= -2.0


def test_same_mix_gives_the_same_bytes(tmp_path: Path) -> None:
    path = write(tmp_path / "mix.wav", track(3))
    master(path, tmp_path / "a.wav")
    master(path, tmp_path / "b.wav")

    assert sha256_of(tmp_path / "a.wav") == sha256_of(tmp_path / "b.wav")


def test_too_sparse_a_mix_stays_quieter_under_the_ceiling(tmp_path: Path) -> None:
    samples = noise(4, amplitude=1e-4)
    samples[::RATE] = 0.9
    path = write(tmp_path / "mix.wav", samples)

    level = master(path, tmp_path / "master.wav")

    assert level.true_peak_dbtp <= -1.0
    assert level.integrated_lufs < -14.2


def test_constant_offset_is_removed(tmp_path: Path) -> None:
    path = write(tmp_path / "mix.wav", track(4) + np.float32(0.1))

    master(path, tmp_path / "master.wav")

    samples, _ = soundfile.read(tmp_path / "master.wav")
    assert abs(samples[RATE:].mean()) < 0.005


@pytest.mark.parametrize("amplitude", [0.0, 1e-5])
def test_near_silent_mix_is_refused(tmp_path: Path, amplitude: float) -> None:
    path = write(tmp_path / "mix.wav", noise(2, amplitude=amplitude))

    with pytest.raises(MediaInvalid, match="near-silent"):
        master(path, tmp_path / "master.wav")
    assert not (tmp_path / "master.wav").exists()


def test_too_short_a_mix_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "mix.wav", track(0.5))

    with pytest.raises(MediaInvalid, match="needs 1 s"):
        master(path, tmp_path / "master.wav")


def test_usual_balance_is_left_alone() -> None:
    assert shelf_gains(Balance(0.55, 0.43, 0.02, 0.05, 2000)) == (0, 0)


def test_dull_and_boomy_mix_is_corrected_within_limits() -> None:
    low_db, high_db = shelf_gains(Balance(0.95, 0.05, 1e-6, 1e-5, 300))

    assert -MAX_SHELF_DB <= low_db < 0
    assert high_db == MAX_SHELF_DB
