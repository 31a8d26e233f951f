from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from media_tools.errors import MediaInvalid
from media_tools.ffmpeg import run_ffmpeg
from media_tools.seeds import stream
from media_tools.video.probe import FOOTAGE_LIMITS, probe, stream_lengths, vet_decode
from tests.media_tools.video.conftest import X264


def test_a_clip_is_described(clip: Path) -> None:
    info = probe(clip)

    assert (info.width, info.height, info.fps, info.rotation) == (270, 480, 15.0, 0)
    assert (info.video_codec, info.audio_codec, info.has_audio) == ("h264", "aac", True)
    assert info.duration_s == pytest.approx(2.0, abs=0.05)
    assert info.pixel_format == "yuv420p"


def test_the_color_matrix_is_read(flat_clip: Path) -> None:
    assert probe(flat_clip).color_matrix == "bt709"


def test_rotation_swaps_the_sides(clip: Path, tmp_path: Path) -> None:
    turned = tmp_path / "turned.mp4"
    run_ffmpeg(
        ["-v", "error", "-display_rotation", "90", "-i", str(clip), "-c", "copy", str(turned)],
        timeout_s=30,
        what="rotation",
    )

    info = probe(turned)

    assert (info.width, info.height, info.rotation) == (480, 270, 90)


def test_packets_give_exact_lengths(clip: Path) -> None:
    lengths = stream_lengths(clip)

    assert lengths.frames == 30
    assert lengths.video_s == pytest.approx(2.0, abs=0.001)
    assert lengths.audio_s == pytest.approx(2.0, abs=0.03)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MediaInvalid, match="no such file"):
        probe(tmp_path / "none.mp4")


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html>404</html>", "web page"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "playlist"),
        (b"#EXTM3U\n#EXTINF:1,\nhttp://localhost/a.ts\n", "playlist"),
        (b"\x00\x01\x02\x03 not a video at all", "not an MP4"),
        (b"\x00\x00\x00\x18ftypisom" + b"\x00" * 400, "cannot be read|no video"),
    ],
)
def test_other_content_named_mp4_is_refused(tmp_path: Path, content: bytes, cause: str) -> None:
    path = tmp_path / "video.mp4"
    path.write_bytes(content)

    with pytest.raises(MediaInvalid, match=cause):
        probe(path)


def test_a_playlist_behind_a_false_magic_is_not_followed(tmp_path: Path, clip: Path) -> None:
    path = tmp_path / "video.mp4"
    path.write_bytes(b"#   ftyp\nffconcat version 1.0\nfile '" + str(clip).encode() + b"'\n")

    with pytest.raises(MediaInvalid):
        probe(path)


def test_sound_alone_is_refused(make_clip: Callable[..., Path]) -> None:
    path = make_clip(None, "sine=f=330:d=2", "-c:a", "aac")

    with pytest.raises(MediaInvalid, match="sound but no picture"):
        probe(path)


def test_sound_with_a_cover_is_no_video(clip: Path, tmp_path: Path) -> None:
    cover, song = tmp_path / "cover.png", tmp_path / "song.m4a"
    Image.new("RGB", (100, 100)).save(cover)
    options = ["-map", "0:a", "-map", "1", "-c", "copy", "-disposition:v", "attached_pic"]
    files = ["-v", "error", "-i", str(clip), "-i", str(cover)]
    run_ffmpeg([*files, *options, "-f", "mp4", str(song)], timeout_s=30, what="song")

    with pytest.raises(MediaInvalid, match="sound but no picture"):
        probe(song)


@pytest.mark.parametrize(
    ("picture", "cause"),
    [
        ("color=s=64x64:r=15:d=2", "smaller"),
        ("color=s=4200x240:r=15:d=1", "larger"),
        ("color=s=4000x3000:r=15:d=1", "no known size|no video|larger|cannot be read"),
        ("color=s=270x480:r=1000:d=1", "1000 frames"),
        ("color=s=270x480:r=1:d=3", "1 frames"),
        ("color=s=270x480:r=15:d=0.4", "s long"),
        ("color=s=270x480:r=5:d=130", "s long"),
    ],
)
def test_footage_beyond_a_limit_is_refused(
    make_clip: Callable[..., Path], picture: str, cause: str
) -> None:
    path = make_clip(picture, None, *X264)

    with pytest.raises(MediaInvalid, match=cause):
        probe(path, limits=FOOTAGE_LIMITS)


def test_a_codec_that_is_not_accepted_is_refused(make_clip: Callable[..., Path]) -> None:
    path = make_clip("testsrc2=s=270x480:r=15:d=1", None, "-c:v", "mpeg4")

    with pytest.raises(MediaInvalid, match="codec mpeg4"):
        probe(path)


def test_a_whole_clip_passes_the_vetting(clip: Path) -> None:
    vet_decode(clip)


def test_a_truncated_clip_fails_the_vetting(tmp_path: Path, make_clip: Callable[..., Path]) -> None:
    source = make_clip(
        "testsrc2=s=270x480:r=15:d=2", None, *X264, "-movflags", "+faststart"
    ).read_bytes()
    path = tmp_path / "cut.mp4"
    path.write_bytes(source[: len(source) * 2 // 3])

    with pytest.raises(MediaInvalid, match="does not decode"):
        vet_decode(path)


def test_a_damaged_clip_fails_the_vetting(tmp_path: Path, clip: Path) -> None:
    content = bytearray(clip.read_bytes())
    middle = len(content) // 3
    content[middle : middle + 4000] = stream("damage").bytes(4000)
    path = tmp_path / "rot.mp4"
    path.write_bytes(content)

    with pytest.raises(MediaInvalid, match="does not decode"):
        vet_decode(path)
