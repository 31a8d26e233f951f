"""Real ffmpegs that meet their limits: a clear error, and neither a process nor a file is left."""

from __future__ import annotations

import os
import resource
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from media_tools import ffmpeg
from media_tools.audio.io import read_audio
from media_tools.errors import MediaInvalid, ToolFailed
from media_tools.ffmpeg import piped_ffmpeg, run_ffmpeg
from media_tools.files import atomic_output
from media_tools.video import probe as probing
from media_tools.video.features import features
from media_tools.video.probe import probe, stream_lengths, vet_decode
from media_tools.video.sound import cut_audio

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the limits are Linux's")

ENDLESS = ("-v", "error", "-f", "lavfi", "-i", "testsrc2=s=640x360:r=30")
FAST = ("-c:v", "libx264", "-preset", "ultrafast")


def no_process_is_left(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Six pictures of 4096x2160, the largest that is accepted, by encoder."""
    folder = tmp_path_factory.mktemp("large")

    def make(encoder: str) -> Path:
        path = folder / f"{encoder}.mp4"
        if not path.is_file():
            source = ("-f", "lavfi", "-i", "testsrc2=s=4096x2160:r=24:d=1", "-frames:v", "6")
            codec = ("-c:v", encoder, "-preset", "ultrafast", "-pix_fmt", "yuv420p")
            run_ffmpeg(["-v", "error", *source, *codec, str(path)], timeout_s=60, what=encoder)
        return path

    return make


@pytest.fixture
def limits_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], dict[str, str]]:
    """Put a program in ffmpeg's place that notes the limits it runs under."""
    noted = tmp_path / "limits"
    program = tmp_path / "ffmpeg"
    kinds = {"memory_kib": "v", "cpu_s": "t", "file_blocks": "f", "core_blocks": "c"}
    notes = "".join(f"echo {name} $(ulimit -{kind})\n" for name, kind in kinds.items())
    program.write_text(f"#!/bin/sh\n{{ {notes} }} > {noted}\n")
    program.chmod(0o700)
    monkeypatch.setattr(ffmpeg, "ffmpeg_exe", lambda: str(program))
    return lambda: dict(line.split() for line in noted.read_text().splitlines())


def test_a_file_that_grows_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ffmpeg, "MAX_FILE_BYTES", 2**20)
    output = tmp_path / "clip.mp4"

    with (
        pytest.raises(ToolFailed, match=r"my clip: .* more than 1 MiB into one file"),
        atomic_output(output) as partial,
    ):
        run_ffmpeg([*ENDLESS, *FAST, f"file:{partial}"], timeout_s=60, what="my clip")

    assert list(tmp_path.iterdir()) == []


def test_a_piped_file_that_grows_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ffmpeg, "MAX_FILE_BYTES", 2**20)
    raw = ("-v", "error", "-f", "rawvideo", "-s", "64x64", "-pix_fmt", "gray", "-i", "pipe:0")

    with (
        pytest.raises(ToolFailed, match=r"my clip: .* more than 1 MiB into one file"),
        atomic_output(tmp_path / "clip.avi") as partial,
        piped_ffmpeg(
            [*raw, "-c:v", "rawvideo", f"file:{partial}"], timeout_s=60, what="my clip"
        ) as process,
    ):
        assert process.stdin is not None
        for _ in range(100_000):
            process.stdin.write(bytes(64 * 64))

    assert no_process_is_left(process.pid)
    assert list(tmp_path.iterdir()) == []


def test_too_much_cpu_time_ends_ffmpeg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ffmpeg, "_cpu_limit_s", lambda timeout_s: 1)

    with pytest.raises(ToolFailed, match=r"my clip: .* more than 1 s of CPU time"):
        run_ffmpeg([*ENDLESS, "-f", "null", "-"], timeout_s=60, what="my clip")


def test_too_much_cpu_time_ends_a_piped_ffmpeg(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ffmpeg, "_cpu_limit_s", lambda timeout_s: 1)

    with (
        pytest.raises(ToolFailed, match=r"my clip: .* more than 1 s of CPU time"),
        atomic_output(tmp_path / "clip.mp4") as partial,
        piped_ffmpeg([*ENDLESS, *FAST, f"file:{partial}"], timeout_s=60, what="my clip") as process,
    ):
        pass

    assert no_process_is_left(process.pid)
    assert list(tmp_path.iterdir()) == []


def test_a_killed_ffmpeg_is_not_said_to_have_met_a_limit() -> None:
    with (
        pytest.raises(ToolFailed, match=r"my clip: ffmpeg failed \(-9\)"),
        piped_ffmpeg([*ENDLESS, "-f", "null", "-"], timeout_s=60, what="my clip") as process,
    ):
        process.kill()


def test_a_clip_that_takes_too_much_memory_to_decode_is_refused(
    large: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = large("libx264")
    monkeypatch.setattr(probing, "MEMORY_FOR_STRANGERS_BYTES", 320 * 2**20)

    with pytest.raises(MediaInvalid, match="more than the 320 MiB of memory") as refused:
        vet_decode(clip)

    assert clip.name in str(refused.value)


def test_a_picture_above_the_pixel_limit_is_not_said_to_lack_memory(tmp_path: Path) -> None:
    clip = tmp_path / "wide.mp4"
    source = ("-f", "lavfi", "-i", "color=s=4800x2400:r=5:d=1")
    run_ffmpeg(["-v", "error", *source, *FAST, str(clip)], timeout_s=60, what="wide")

    for read in (probe, vet_decode):
        with pytest.raises(MediaInvalid) as refused:
            read(clip)
        assert "memory" not in str(refused.value)


@pytest.mark.rehearsal
@pytest.mark.parametrize("encoder", ["libx264", "libx265"])
def test_the_largest_picture_is_read_within_the_limit(
    large: Callable[[str], Path], encoder: str
) -> None:
    clip = large(encoder)

    assert probe(clip, limits=probing.Limits(0.1, 120)).width == 4096
    assert stream_lengths(clip).frames == 6
    vet_decode(clip)


@pytest.mark.parametrize(
    ("read", "ends_with"),
    [
        (read_audio, MediaInvalid),
        (lambda path: features(path, 24), MediaInvalid),
        # What stands in for ffmpeg writes nothing.
        (lambda path: cut_audio(path, path.with_name("cut.wav"), 1.0), FileNotFoundError),
    ],
    ids=["read_audio", "features", "cut_audio"],
)
def test_reading_sound_has_a_memory_limit(
    tmp_path: Path,
    limits_seen: Callable[[], dict[str, str]],
    read: Callable[[Path], object],
    ends_with: type[Exception],
) -> None:
    song = tmp_path / "song.m4a"
    song.write_bytes(b"\x00\x00\x00\x18ftypM4A " + bytes(400))

    with pytest.raises(ends_with):
        read(song)

    assert limits_seen()["memory_kib"] == str(2**20)


@pytest.mark.parametrize("read", [probe, vet_decode, stream_lengths])
def test_reading_an_untrusted_file_has_a_memory_limit(
    tmp_path: Path,
    limits_seen: Callable[[], dict[str, str]],
    read: Callable[[Path], object],
) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"\x00\x00\x00\x18ftypisom" + bytes(400))
    try:
        read(clip)
    except MediaInvalid:
        assert read is probe  # no video was described

    assert limits_seen()["memory_kib"] == str(2**20)


def test_every_ffmpeg_has_the_limits_of_time_and_files(
    limits_seen: Callable[[], dict[str, str]],
) -> None:
    run_ffmpeg([], timeout_s=9.5, what="nothing")

    assert limits_seen() == {
        "memory_kib": "unlimited",
        "cpu_s": str(10 * (os.cpu_count() or 1)),
        "file_blocks": str(8 * 2**30 // 512),
        "core_blocks": "0",
    }


def test_a_lower_limit_from_outside_stays(
    limits_seen: Callable[[], dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = {resource.RLIMIT_FSIZE: 5 * 512}
    monkeypatch.setattr(
        resource, "getrlimit", lambda kind: (0, outside.get(kind, resource.RLIM_INFINITY))
    )

    run_ffmpeg([], timeout_s=10, what="nothing")

    assert limits_seen()["file_blocks"] == "5"


def test_without_util_linux_ffmpeg_runs_unguarded(
    limits_seen: Callable[[], dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)

    run_ffmpeg([], timeout_s=10, what="nothing", memory_bytes=2**30)

    assert limits_seen()["memory_kib"] == "unlimited"
