"""Reads and writes audio files: float32 samples, one row per frame, full scale at 1.0."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
import numpy.typing as npt
import soundfile

from media_tools.errors import MediaInvalid, ToolFailed
from media_tools.ffmpeg import (
    MEMORY_FOR_STRANGERS_BYTES,
    SAFE_INPUT,
    FfmpegResult,
    run_ffmpeg,
)
from media_tools.files import atomic_output

Samples = npt.NDArray[np.float32]

MAX_DURATION_S = 900.0
MIN_RATE = 8_000
MAX_RATE = 192_000

# Containers of sound and video only. A playlist (hls, concat, sdp) names other files, and an
# outside file must not make ffmpeg open those.
_FORMATS = "wav,w64,flac,mp3,aac,mov,ogg,matroska,aiff,caf,asf,avi,mpegts,ac3,eac3"
_SNIFF_BYTES = 512
# Codecs libsndfile decodes as well as ffmpeg; MP3 or ADPCM inside WAV are not among them.
_SOUNDFILE_CODECS = frozenset(
    {"PCM_U8", "PCM_S8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW"}
)
_PACKED = frozenset({"PCM_S8", "PCM_16", "PCM_24"})
_REPACKED_FRAMES = 2**16
# Of 0 to 1, which stands for FLAC's levels 0 to 8: 5 and more take longer to save 0.3 %.
FLAC_LEVEL = 0.5
_MOST_CHUNKS = 1000
_SLACK_BYTES = 16  # some writers count a header or a padding byte too many
# Software that writes to a pipe cannot know the size, and writes 0, 0x7FFFF000, 0xFFFFFFFF ...
# there. No sound within MAX_DURATION_S and MAX_RATE is that large.
_UNKNOWN_SIZES_FROM = 0x7FFF_0000


@dataclass(frozen=True)
class _Layout:
    """How a sound container is divided into chunks of a name, a size and a body."""

    samples: bytes  # how the name of the chunk with the samples begins
    first: int  # where the first chunk begins
    order: Literal["little", "big"] = "little"
    name_bytes: int = 4
    size_bytes: int = 4
    counted_header_bytes: int = 0  # header bytes that the size includes
    alignment: int = 2

    @property
    def header_bytes(self) -> int:
        return self.name_bytes + self.size_bytes


_LAYOUTS = {
    b"RIFF": _Layout(b"data", first=12),
    b"RF64": _Layout(b"data", first=12),
    b"RIFX": _Layout(b"data", first=12, order="big"),
    b"FORM": _Layout(b"SSND", first=12, order="big"),  # AIFF
    b"riff": _Layout(  # Sony Wave64
        b"data", first=40, name_bytes=16, size_bytes=8, counted_header_bytes=24, alignment=8
    ),
}


def read_audio(
    path: Path, max_duration_s: float = MAX_DURATION_S, *, workdir: Path | None = None
) -> tuple[Samples, int]:
    """Read samples of shape (n, 2) and the sample rate in Hz.

    Mono is copied to both channels. PCM in WAV, AIFF and FLAC is read directly; all else by ffmpeg
    to a temporary file in workdir (None: the system's temporary folder).
    Raises MediaInvalid (missing, empty, not audio, truncated, too long), ToolMissing.
    """
    samples, rate = read_native(path, max_duration_s, workdir=workdir)
    if samples.shape[1] == 1:
        samples = np.repeat(samples, 2, axis=1)
    return samples, rate


def read_native(
    path: Path, max_duration_s: float = MAX_DURATION_S, *, workdir: Path | None = None
) -> tuple[Samples, int]:
    """Do the same as read_audio, but keep mono as (n, 1). More channels are mixed to two."""
    head = check_is_media(path)
    if _soundfile_reads(path, head):
        _tells_its_length(path, head)
        return _read_soundfile(path, path, max_duration_s)
    with tempfile.TemporaryDirectory(prefix="decode-", dir=workdir) as folder:
        decoded = Path(folder) / "decoded.wav"
        result = _decode(path, decoded, max_duration_s)
        samples, rate = _read_soundfile(decoded, path, max_duration_s)
    _check_declared_duration(path, result.log, samples.shape[0] / rate, max_duration_s)
    return samples, rate


def write_wav24(path: Path, samples: Samples, rate: int) -> None:
    """Write (n, channels) samples as 24-bit PCM WAV, whole or not at all; peaks over 1.0 clip.

    Raises ValueError if the samples contain NaN or infinity.
    """
    if not np.isfinite(samples).all():
        raise ValueError(f"{path.name}: the samples hold NaN or infinity; nothing was written.")
    with atomic_output(path) as partial:
        soundfile.write(partial, samples, rate, format="WAV", subtype="PCM_24")


def repack(source: Path, target: Path) -> None:
    """Write the samples of a PCM WAV or FLAC file as 24-bit WAV or FLAC, by the target's name.

    No sample is changed, so any number of ways back and forth give the same bytes. `target` is
    written whole or not at all. Raises MediaInvalid.
    """
    with _opened(source) as sound:
        if sound.subtype not in _PACKED:
            raise MediaInvalid(source, f"its samples ({sound.subtype}) do not fit into 24 bits.")
        with (
            atomic_output(target) as partial,
            soundfile.SoundFile(
                partial,
                "w",
                sound.samplerate,
                sound.channels,
                subtype="PCM_24",
                format=target.suffix[1:].upper(),
                compression_level=FLAC_LEVEL if target.suffix == ".flac" else None,
            ) as written,
        ):
            for block in sound.blocks(_REPACKED_FRAMES, dtype="int32"):
                written.write(block)


def packed(wav: Path) -> Path:
    """Write a WAV as FLAC beside it, three quarters as large. Returns it. Raises MediaInvalid."""
    flac = wav.with_suffix(".flac")
    repack(wav, flac)
    return flac


def sound_digest(path: Path) -> str:
    """Return a SHA-256 of a file's samples: the same for WAV and FLAC. Raises MediaInvalid."""
    digest = hashlib.sha256()
    with _opened(path) as sound:
        for block in sound.blocks(_REPACKED_FRAMES, dtype="int32"):
            digest.update(block)
    return digest.hexdigest()


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[soundfile.SoundFile]:
    try:
        with soundfile.SoundFile(path) as sound:
            yield sound
    except soundfile.SoundFileError as error:
        raise MediaInvalid(path, f"the audio is damaged or truncated ({error}).") from error


def ffmpeg_input(path: Path) -> list[str]:
    """Return arguments that open `path`, and nothing else, as an input of ffmpeg."""
    # "file:" keeps a name such as "take:1.wav" or "-x.wav" from being read as a protocol or option.
    return [*SAFE_INPUT, "-format_whitelist", _FORMATS, "-i", f"file:{path}"]


def check_is_media(path: Path) -> bytes:
    """Return the first bytes of a file that may be audio.

    Raises MediaInvalid if it is missing, empty, or clearly a web page or an error reply.
    """
    try:
        with path.open("rb") as source:
            head = source.read(_SNIFF_BYTES)
    except FileNotFoundError:
        raise MediaInvalid(path, "the file is missing.") from None
    except OSError as error:
        raise MediaInvalid(path, f"the file cannot be read ({error.strerror}).") from error
    if not head:
        raise MediaInvalid(path, "the file is empty.")
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<!doctype", b"<html", b"<?xml", b"<head", b"<body", b"<!--")):
        raise MediaInvalid(
            path, "this is a web page (HTML), not audio; the download link may have expired."
        )
    if text.startswith((b"{", b"[")):
        raise MediaInvalid(path, "this is JSON text, not audio; look for an error message in it.")
    if text.startswith((b"#extm3u", b"ffconcat")):
        raise MediaInvalid(path, "this is a playlist, not audio; fetch the track it names.")
    return head


def _soundfile_reads(path: Path, head: bytes) -> bool:
    if head[:4] not in (*_LAYOUTS, b"fLaC"):
        return False
    try:
        info = soundfile.info(path)
    except soundfile.SoundFileError:
        return False  # ffmpeg may be able to read it
    # libsndfile believes a size of 0 bytes, and does not count the frames of FLAC from a pipe.
    is_counted = 0 < info.frames < 2**62
    return info.channels <= 2 and info.subtype in _SOUNDFILE_CODECS and is_counted


def _tells_its_length(path: Path, head: bytes) -> bool:
    """Return False for a container of chunks that does not say how long its samples are.

    Raises MediaInvalid if it promises more than the file has, because libsndfile would silently
    read less. The size of the whole file is not checked: writers count it in several ways, and
    chunks after the samples may be missing.
    """
    layout = _LAYOUTS.get(head[:4])
    if layout is None:
        return True
    size = path.stat().st_size
    with path.open("rb") as source:
        end = _promised_end(source, layout)
    if end > size + _SLACK_BYTES:
        raise MediaInvalid(path, f"the file is truncated: {size} of {end} bytes; fetch it again.")
    return end > 0


def _promised_end(source: BinaryIO, layout: _Layout) -> int:
    """Return where a file says its samples end; 0 if it does not say."""
    at, long_bytes = layout.first, 0
    for _ in range(_MOST_CHUNKS):
        source.seek(at)
        header = source.read(layout.header_bytes)
        body_bytes = int.from_bytes(header[layout.name_bytes :], layout.order)
        body_bytes -= layout.counted_header_bytes
        if header[:4] == b"ds64":
            long_bytes = int.from_bytes(source.read(16)[8:], "little")
        if header[:4] == layout.samples:
            told = long_bytes if body_bytes == 0xFFFFFFFF else body_bytes
            return at + layout.header_bytes + told if 0 < told < _UNKNOWN_SIZES_FROM else 0
        if body_bytes < 0 or len(header) < layout.header_bytes:
            break
        at += layout.header_bytes + body_bytes + -body_bytes % layout.alignment
    return 0


def _read_soundfile(source: Path, named: Path, max_duration_s: float) -> tuple[Samples, int]:
    """Read `source`; errors name `named`, the file the caller passed."""
    try:
        with soundfile.SoundFile(source) as sound:
            rate, frames = int(sound.samplerate), int(sound.frames)
            if not MIN_RATE <= rate <= MAX_RATE:
                raise MediaInvalid(
                    named, f"its sample rate is {rate} Hz; {MIN_RATE} to {MAX_RATE} Hz is allowed."
                )
            if frames > max_duration_s * rate:
                raise MediaInvalid(named, _too_long(frames / rate, max_duration_s))
            samples: Samples = sound.read(dtype="float32", always_2d=True)
    except soundfile.SoundFileError as error:
        raise MediaInvalid(named, f"the audio is damaged or truncated ({error}).") from error
    if not samples.shape[0]:
        raise MediaInvalid(named, "it holds no audio frames.")
    if samples.shape[0] < frames:
        raise MediaInvalid(
            named, f"the file is truncated: {samples.shape[0]} of {frames} frames; fetch it again."
        )
    if not np.isfinite(samples).all():
        raise MediaInvalid(named, "it holds samples that are not numbers; render it again.")
    return samples, rate


def _decode(path: Path, target: Path, max_duration_s: float) -> FfmpegResult:
    arguments = [
        *ffmpeg_input(path),
        *("-map", "0:a:0", "-vn", "-sn", "-dn", "-map_metadata", "-1"),
        *("-t", f"{max_duration_s + 1:g}"),
        *("-af", "aformat=channel_layouts=mono|stereo", "-c:a", "pcm_f32le"),
        *("-f", "wav", "-rf64", "auto", "-y", f"file:{target}"),
    ]
    try:
        return run_ffmpeg(
            arguments,
            timeout_s=60 + max_duration_s,
            what=os.fspath(path.name),
            memory_bytes=MEMORY_FOR_STRANGERS_BYTES,
        )
    except ToolFailed as error:
        raise undecodable(path, error) from error


def undecodable(path: Path, error: ToolFailed) -> MediaInvalid:
    """Return the error for a file whose sound ffmpeg did not find or decode."""
    with contextlib.suppress(ToolFailed):
        streams = run_ffmpeg(
            ffmpeg_input(path),
            timeout_s=30.0,
            what=path.name,
            ok_codes=(0, 1),  # 1 is normal: there is no output file
            memory_bytes=MEMORY_FOR_STRANGERS_BYTES,
        ).log
        if "Stream #0:" in streams and not re.search(r"^ *Stream #0:\S+ Audio:", streams, re.M):
            return MediaInvalid(path, "it has no sound, only a picture.")
    return MediaInvalid(path, f"it could not be decoded as audio ({error}).")


@contextlib.contextmanager
def complete_sound(path: Path) -> Iterator[Path]:
    """Yield the file, or a temporary WAV of its samples if it does not say its length.

    ffmpeg refuses some of those files, and takes the end of others for damage.
    Raises MediaInvalid.
    """
    if _tells_its_length(path, check_is_media(path)):
        yield path
        return
    samples, rate = read_native(path)
    with tempfile.TemporaryDirectory(prefix="sound-") as folder:
        complete = Path(folder) / "complete.wav"
        write_wav24(complete, samples, rate)
        yield complete


def check_has_sound(path: Path) -> None:
    """Decode the beginning of a file's sound. Raises MediaInvalid if there is none."""
    check_is_media(path)
    try:
        result = run_ffmpeg(
            [
                *("-v", "error", *ffmpeg_input(path), "-map", "0:a:0", "-frames:a", "1"),
                *("-f", "framecrc", "-"),
            ],
            timeout_s=60.0,
            what=path.name,
            memory_bytes=MEMORY_FOR_STRANGERS_BYTES,
        )
    except ToolFailed as error:
        raise undecodable(path, error) from error
    if not re.search(rb"^\d", result.stdout, flags=re.MULTILINE):
        raise MediaInvalid(path, "it holds no audio frames.")


def _check_declared_duration(path: Path, log: str, decoded_s: float, max_duration_s: float) -> None:
    """Raise MediaInvalid if less was decoded than the container promised: the file was cut off."""
    declared = re.search(r"Duration: (\d+):(\d+):(\d+\.\d+)", log)
    if declared is None or "Estimating duration from bitrate" in log:
        return
    hours, minutes, seconds = declared.groups()
    declared_s = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    if declared_s > max_duration_s:
        raise MediaInvalid(path, _too_long(declared_s, max_duration_s))
    if decoded_s < declared_s - max(1.0, 0.02 * declared_s):
        raise MediaInvalid(
            path,
            f"the file is truncated: {decoded_s:.1f} s of {declared_s:.1f} s; fetch it again.",
        )


def _too_long(duration_s: float, max_duration_s: float) -> str:
    return f"it is {duration_s:.0f} s long; the limit is {max_duration_s:.0f} s."
