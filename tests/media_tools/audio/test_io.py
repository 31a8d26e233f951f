from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from media_tools.audio.io import (
    check_has_sound,
    packed,
    read_audio,
    read_native,
    repack,
    sound_digest,
    write_wav24,
)
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


def test_a_wav_comes_back_from_flac_byte_for_byte(tmp_path: Path) -> None:
    wav, again = tmp_path / "a.wav", tmp_path / "b.wav"
    write_wav24(wav, sine(3.0), RATE)

    flac = packed(wav)
    repack(flac, again)

    assert again.read_bytes() == wav.read_bytes()
    assert flac.stat().st_size < wav.stat().st_size
    assert sound_digest(flac) == sound_digest(wav)
    first = flac.read_bytes()
    assert packed(again).read_bytes() == first


@pytest.mark.parametrize("subtype", ["FLOAT", "PCM_32"])
def test_samples_that_do_not_fit_into_24_bits_are_not_packed(tmp_path: Path, subtype: str) -> None:
    soundfile.write(tmp_path / "a.wav", sine(0.1), RATE, subtype=subtype)

    with pytest.raises(MediaInvalid, match=subtype):
        packed(tmp_path / "a.wav")
    assert not (tmp_path / "a.flac").exists()


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


def wav(path: Path, *chunks: tuple[bytes, int | None, bytes]) -> Path:
    """A WAV of chunks (name, told size, body); None tells the true size."""
    body = b"".join(
        name + struct.pack("<I", len(content) if told is None else told) + content
        for name, told, content in chunks
    )
    path.write_bytes(b"RIFF" + struct.pack("<I", (len(body) + 4) & 0xFFFFFFFF) + b"WAVE" + body)
    return path


FORMAT = (b"fmt ", None, struct.pack("<HHIIHH", 1, 1, RATE, 2 * RATE, 2, 16))
SECOND = (sine(1.0)[:, 0] * 32_767).astype("<i2").tobytes()


@pytest.mark.parametrize(
    "told", [0, 0x7FFFF000, 0x7FFFFFDA, 0x7FFFFFFF, 0x80000000, 0xFFFFFF00, 0xFFFFFFFF]
)
def test_wav_of_unknown_size_is_read_whole(told: int, tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", FORMAT, (b"data", told, SECOND))

    assert len(read_native(path)[0]) == RATE


@pytest.mark.parametrize("told", [0, 0x7FFFF000, 0xFFFFFFFF])
def test_aiff_of_unknown_size_is_read_whole(told: int, tmp_path: Path) -> None:
    content = bytearray(write(tmp_path / "a.aiff", sine(1.0), subtype="PCM_16").read_bytes())
    frames_at, samples_at = content.index(b"COMM") + 10, content.index(b"SSND") + 4
    for at in (4, frames_at, samples_at):
        content[at : at + 4] = struct.pack(">I", told)
    (tmp_path / "a.aiff").write_bytes(content)

    assert len(read_audio(tmp_path / "a.aiff")[0]) == RATE


@pytest.mark.parametrize("muxer", ["wav", "w64", "flac", "aiff", "caf", "ogg", "matroska"])
def test_what_was_written_to_a_pipe_is_read_whole(muxer: str, tmp_path: Path) -> None:
    source = write(tmp_path / "source.wav", sine(1.0))
    piped = run_ffmpeg(["-i", str(source), "-f", muxer, "pipe:1"], timeout_s=30, what=muxer)
    (tmp_path / "piped").write_bytes(piped.stdout)

    assert len(read_audio(tmp_path / "piped")[0]) == pytest.approx(RATE, abs=256)


@pytest.mark.parametrize(
    "codec",
    ["pcm_u8", "pcm_s24le", "pcm_f32le", "pcm_f64le", "pcm_alaw", "adpcm_ms", "adpcm_ima_wav"],
)
def test_every_codec_inside_wav_is_read_whole(codec: str, tmp_path: Path) -> None:
    path = encoded(write(tmp_path / "a.wav", sine(3.0)), tmp_path / "b.wav", "-c:a", codec)

    samples, _ = read_audio(path)

    assert len(samples) == pytest.approx(3 * RATE, abs=1024)
    assert np.abs(samples).max() == pytest.approx(np.abs(sine(3.0)).max(), abs=0.02)


@pytest.mark.parametrize("options", [("-q:a", "4"), ("-b:a", "128k")])
def test_mp3_inside_wav_is_read_whole(options: tuple[str, ...], tmp_path: Path) -> None:
    source = write(tmp_path / "a.wav", sine(3.0))
    path = encoded(source, tmp_path / "b.wav", "-c:a", "libmp3lame", *options)

    assert len(read_audio(path)[0]) / RATE == pytest.approx(3.0, abs=0.06)


@pytest.mark.parametrize(
    "chunks",
    [
        [(b"LIST", None, b"INFO"), FORMAT, (b"data", None, SECOND)],
        [FORMAT, (b"LIST", 5, b"INFOx\0"), (b"data", None, SECOND)],
        [(b"JUNK", None, bytes(28)), FORMAT, (b"data", None, SECOND), (b"LIST", None, b"INFO")],
        [FORMAT, (b"data", None, SECOND), (b"LIST", 400, b"INFO")],
        [FORMAT, (b"data", len(SECOND) - 1, SECOND)],
        [(b"JUNK", None, b"")] * 3000 + [FORMAT, (b"data", None, SECOND)],
    ],
    ids=["list first", "odd list", "junk", "cut list behind", "odd data", "many chunks"],
)
def test_wav_with_odd_chunks_is_read_whole(chunks, tmp_path: Path) -> None:
    assert len(read_native(wav(tmp_path / "a.wav", *chunks))[0]) == pytest.approx(RATE, abs=1)


@pytest.mark.parametrize("name", ["a.aiff", "a.w64", "a.rf64"])
def test_a_truncated_container_is_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    soundfile.write(path, sine(2.0), RATE, subtype="PCM_16")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    with pytest.raises(MediaInvalid, match="truncated"):
        read_audio(path)


def test_a_picture_has_no_sound(tmp_path: Path) -> None:
    picture = tmp_path / "picture.mp4"
    source = ["-f", "lavfi", "-i", "testsrc2=s=64x64:d=1"]
    run_ffmpeg([*source, str(picture)], timeout_s=30, what="picture")

    for reads in (read_audio, check_has_sound):
        with pytest.raises(MediaInvalid, match="no sound, only a picture"):
            reads(picture)


def test_sound_of_no_length_is_none(tmp_path: Path) -> None:
    with pytest.raises(MediaInvalid, match="no audio frames"):
        check_has_sound(write(tmp_path / "a.wav", np.zeros((0, 2), np.float32)))


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
