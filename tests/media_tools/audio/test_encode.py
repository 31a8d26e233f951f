from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from media_tools.audio.encode import Tags, encode_aac, encode_flac, encode_mp3
from media_tools.audio.io import read_audio
from media_tools.errors import MediaInvalid
from media_tools.ffmpeg import run_ffmpeg
from tests.media_tools.audio.signals import RATE, track, write

TAGS = Tags(
    title="Neon — Ночь",
    artist="Ünit",
    album="Rivers",
    genre="Synthwave",
    year=2026,
    bpm=104.2,
    key="A minor",
    lyrics="First line\nзвезда",
    comment="Made by algorithm",
    isrc="QZABC2600001",
    source_type="http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia",
)
ENCODERS = [(encode_mp3, "a.mp3"), (encode_flac, "a.flac"), (encode_aac, "a.m4a")]


@pytest.fixture
def song(tmp_path: Path) -> Path:
    return write(tmp_path / "song.wav", track(2), subtype="PCM_24")


@pytest.fixture
def cover(tmp_path: Path) -> Path:
    Image.new("RGB", (64, 64), (200, 30, 90)).save(tmp_path / "cover.jpg")
    return tmp_path / "cover.jpg"


def facts(path: Path) -> str:
    arguments = ["-i", str(path), "-map", "0:a", "-t", "0.1", "-f", "null", "-"]
    return run_ffmpeg(arguments, timeout_s=20, what=path.name).log


@pytest.mark.parametrize(("encode", "name"), ENCODERS)
def test_tags_and_cover_are_read_back(
    tmp_path: Path, song: Path, cover: Path, encode: Callable[..., None], name: str
) -> None:
    encode(song, tmp_path / name, TAGS, cover)

    log = facts(tmp_path / name)
    for value in (TAGS.title, TAGS.artist, TAGS.album, TAGS.genre, "2026", "звезда", TAGS.comment):
        assert value in log
    assert TAGS.source_type in log
    assert "mjpeg" in log
    assert "attached pic" in log


@pytest.mark.parametrize(("encode", "name"), ENCODERS)
def test_same_input_gives_the_same_bytes(
    tmp_path: Path, song: Path, encode: Callable[..., None], name: str
) -> None:
    encode(song, tmp_path / name, TAGS)
    first = (tmp_path / name).read_bytes()
    encode(song, tmp_path / name, TAGS)

    assert (tmp_path / name).read_bytes() == first


@pytest.mark.parametrize(("encode", "name"), ENCODERS)
def test_sound_survives(tmp_path: Path, song: Path, encode: Callable[..., None], name: str) -> None:
    encode(song, tmp_path / name, Tags("a", "b"))

    samples, rate = read_audio(tmp_path / name)
    assert rate == RATE
    assert len(samples) / rate == pytest.approx(2, abs=0.06)


def test_mp3_is_320_kbit_with_lyrics_and_key_in_their_frames(
    tmp_path: Path, song: Path, cover: Path
) -> None:
    encode_mp3(song, tmp_path / "a.mp3", TAGS, cover)

    content = (tmp_path / "a.mp3").read_bytes()
    assert content.startswith(b"ID3\x04\x00")
    lyrics = content[content.index(b"USLT") + 10 :]
    assert lyrics.startswith(b"\x03eng\x00" + TAGS.lyrics.encode())
    assert b"TKEY" in content
    assert "320 kb/s" in facts(tmp_path / "a.mp3")


def test_mp3_tag_size_leads_to_the_first_frame(tmp_path: Path, song: Path, cover: Path) -> None:
    encode_mp3(song, tmp_path / "a.mp3", TAGS, cover)

    content = (tmp_path / "a.mp3").read_bytes()
    size = 0
    for byte in content[6:10]:
        assert byte < 0x80
        size = size << 7 | byte
    assert content[10 + size] == 0xFF
    assert content[10 + size + 1] & 0xE0 == 0xE0


def test_flac_is_24_bit_with_isrc(tmp_path: Path, song: Path) -> None:
    encode_flac(song, tmp_path / "a.flac", TAGS)

    log = facts(tmp_path / "a.flac")
    assert "s32 (24 bit)" in log
    assert TAGS.isrc in log
    assert "INITIALKEY      : Am" in log


def test_png_cover_is_accepted(tmp_path: Path, song: Path) -> None:
    Image.new("RGB", (64, 64)).save(tmp_path / "cover.png")

    encode_flac(song, tmp_path / "a.flac", TAGS, tmp_path / "cover.png")

    assert "png" in facts(tmp_path / "a.flac")


@pytest.mark.parametrize(("encode", "name"), ENCODERS)
def test_cover_that_is_no_picture_is_refused(
    tmp_path: Path, song: Path, encode: Callable[..., None], name: str
) -> None:
    (tmp_path / "cover.jpg").write_bytes(b"<html>")

    with pytest.raises(MediaInvalid, match="not a picture that can be read"):
        encode(song, tmp_path / name, TAGS, tmp_path / "cover.jpg")
    assert not (tmp_path / name).exists()


def test_high_rate_is_resampled_for_mp3(tmp_path: Path) -> None:
    song = write(tmp_path / "song.wav", track(1, rate=96_000), 96_000)

    encode_mp3(song, tmp_path / "a.mp3", TAGS)

    assert read_audio(tmp_path / "a.mp3")[1] == 48_000


def test_missing_song_is_named(tmp_path: Path) -> None:
    with pytest.raises(MediaInvalid, match="missing"):
        encode_mp3(tmp_path / "none.wav", tmp_path / "a.mp3", TAGS)


def test_nothing_partial_is_left(tmp_path: Path, song: Path) -> None:
    encode_mp3(song, tmp_path / "a.mp3", TAGS)

    files = sorted(path.name for path in tmp_path.iterdir() if path.is_file())
    assert files == ["a.mp3", "song.wav"]
