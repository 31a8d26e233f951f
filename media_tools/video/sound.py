"""Cuts parts out of a song's sound file, exact to a sample and without a lossy step."""

from __future__ import annotations

from pathlib import Path

from media_tools.audio.io import complete_sound, ffmpeg_input, undecodable
from media_tools.errors import ToolFailed
from media_tools.ffmpeg import MEMORY_FOR_STRANGERS_BYTES, run_ffmpeg
from media_tools.files import atomic_output


def cut_audio(
    audio: Path,
    output: Path,
    seconds: float,
    *,
    start_s: float = 0.0,
    fade_in_s: float = 0.0,
    fade_out_s: float = 0.0,
) -> Path:
    """Save `seconds` of a sound file from start_s as 24-bit WAV; fades are inside that length.

    Raises MediaInvalid, ValueError.
    """
    if seconds <= 0:
        raise ValueError(f"{seconds:g} seconds of sound: give a length above 0")
    fades = []
    if fade_in_s > 0:
        fades.append(f"afade=t=in:d={fade_in_s:.4f}")
    if fade_out_s > 0:
        fades.append(f"afade=t=out:st={seconds - fade_out_s:.4f}:d={fade_out_s:.4f}")
    filters = ["-af", ",".join(fades)] if fades else []
    try:
        with complete_sound(audio) as source, atomic_output(output) as partial:
            run_ffmpeg(
                [
                    *("-v", "error", "-ss", f"{start_s:.4f}", *ffmpeg_input(source)),
                    *("-map", "0:a:0", "-t", f"{seconds:.4f}", *filters),
                    *("-c:a", "pcm_s24le", "-f", "wav", f"file:{partial}"),
                ],
                timeout_s=120.0,
                what=f"cut of {audio.name}",
                memory_bytes=MEMORY_FOR_STRANGERS_BYTES,
            )
    except ToolFailed as error:
        raise undecodable(audio, error) from error
    return output
