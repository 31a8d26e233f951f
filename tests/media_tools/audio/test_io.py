from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from media_tools.audio.io import read_audio, read_native, write_wav24
from media_tools.errors import MediaInvalid
from media_tools.ffmpeg import run_ffmpeg
from tests.media_tools.audio.signals import RATE, sine, write


def encoded(source: Path, target: Path, *options: str) -> Path:
    run_ffmpeg(["-i", str(source), *options, str(target)], timeout_s=30, what=source.name)
    return target


def test_wav24_comes_back_as_written(tmp_path: Path) -> None:
    samples = sine(0.5)
    write_wav24(tmp_path / "a.wav", samples, RATE)

    back, rate = read_audio(tmp_path / "a.wav")

    assert rate == RATE
    assert back.dtype == np.float32
    assert np.abs(back - samples).max() < 2**-22


def test_wav24_is_24_bit_and_leaves_nothing_else(tmp_path: Path) -> None:
    write_wav24(tmp_path / "a.wav", sine(0.1), RATE)

    assert soundfile.info(tmp_path / "a.wav").subtype == "PCM_24"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["a.wav"]


def test_wav24_clips_instead_of_wrapping(tmp_path: Path) -> None:
    write_wav24(tmp_path / "a.wav", sine(0.1, amplitude=3), RATE)

    samples, _ = read_audio(tmp_path / "a.wav")

    assert samples.max() > 0.999
    assert np.abs(np.diff(samples[:, 0])).max() < 1


def test_wav24_refuses_nan(tmp_path: Path) -> None:
    samples = sine(0.1)
    samples[5, 0] = np.nan

    with pytest.raises(ValueError, match="NaN"):
        write_wav24(tmp_path / "a.wav", samples, RATE)
    assert not (tmp_path / "a.wav").exists()


def test_mono_is_given_on_both_channels(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", sine(0.2)[:, :1])

    samples, _ = read_audio(path)

    assert samples.shape == (round(0.2 * RATE), 2)
    assert np.array_equal(samples[:, 0], samples[:, 1])


def test_native_read_keeps_mono(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", sine(0.2)[:, :1])

    assert read_native(path)[0].shape[1] == 1


def test_flac_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a.flac", sine(0.2), subtype="PCM_24")

    samples, rate = read_audio(path)

    assert (samples.shape, rate) == ((round(0.2 * RATE), 2), RATE)


@pytest.mark.parametrize("name", ["a.mp3", "a.m4a", "a.ogg", "a.aiff"])
def test_other_formats_are_decoded(tmp_path: Path, name: str) -> None:
    source = write(tmp_path / "a.wav", sine(1.0))
    path = encoded(source, tmp_path / name)

    samples, rate = read_audio(path, workdir=tmp_path)

    assert rate == RATE
    assert len(samples) == pytest.approx(RATE, abs=3000)
    assert np.abs(samples).max() == pytest.approx(0.25, abs=0.03)


def test_decoding_leaves_the_workdir_clean(tmp_path: Path) -> None:
    path = encoded(write(tmp_path / "a.wav", sine(0.5)), tmp_path / "a.mp3")
    work = tmp_path / "decoding"
    work.mkdir()

    read_audio(path, workdir=work)

    assert list(work.iterdir()) == []


def test_more_than_two_channels_are_mixed_down(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", np.repeat(sine(0.3)[:, :1], 6, axis=1))

    assert read_audio(path)[0].shape[1] == 2


def test_a_colon_in_the_name_is_no_protocol(tmp_path: Path) -> None:
    mp3 = encoded(write(tmp_path / "a.wav", sine(0.5)), tmp_path / "a.mp3")
    odd = mp3.rename(tmp_path / "take:1.mp3")

    assert read_audio(odd)[1] == RATE


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html>Not found</html>", "web page"),
        (b'{"error": "quota"}', "JSON"),
        (b"#EXTM3U\nhttp://example.org/a.mp3\n", "playlist"),
        (bytes(range(256)) * 40, "could not be decoded"),
    ],
)
def test_what_is_not_audio_is_named(tmp_path: Path, content: bytes, cause: str) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(content)

    with pytest.raises(MediaInvalid, match=cause) as raised:
        read_audio(path)
    assert raised.value.path == path


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MediaInvalid, match="missing"):
        read_audio(tmp_path / "none.wav")


@pytest.mark.parametrize("name", ["a.wav", "a.flac"])
def test_truncated_file_is_refused(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, sine(2.0), subtype="PCM_16")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    with pytest.raises(MediaInvalid, match="truncated"):
        read_audio(path)


@pytest.mark.parametrize(
    ("name", "options"), [("a.mp3", ()), ("a.m4a", ("-movflags", "faststart"))]
)
def test_truncated_download_is_refused(tmp_path: Path, name: str, options: tuple[str, ...]) -> None:
    path = encoded(write(tmp_path / "a.wav", sine(6.0)), tmp_path / name, *options)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    with pytest.raises(MediaInvalid, match="truncated"):
        read_audio(path)


def test_wav_from_a_pipe_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", sine(0.3), subtype="PCM_16")
    content = bytearray(path.read_bytes())
    content[4:8] = struct.pack("<I", 0xFFFFFFFF)
    path.write_bytes(bytes(content))

    assert len(read_audio(path)[0]) == round(0.3 * RATE)


@pytest.mark.parametrize("name", ["a.wav", "a.mp3"])
def test_too_long_is_refused(tmp_path: Path, name: str) -> None:
    source = write(tmp_path / "b.wav", sine(4.0))
    path = encoded(source, tmp_path / name)

    with pytest.raises(MediaInvalid, match="the limit is 2 s"):
        read_audio(path, max_duration_s=2)


def test_wav_without_frames_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", np.zeros((0, 2), np.float32))

    with pytest.raises(MediaInvalid, match="no audio frames"):
        read_audio(path)


def test_samples_that_are_not_numbers_are_refused(tmp_path: Path) -> None:
    samples = sine(0.1)
    samples[3, 1] = np.inf

    with pytest.raises(MediaInvalid, match="not numbers"):
        read_audio(write(tmp_path / "a.wav", samples))
