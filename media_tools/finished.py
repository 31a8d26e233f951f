"""Facts of finished files by which distributors and shops judge them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import soundfile

from media_tools.errors import MediaInvalid
from media_tools.images.reading import open_picture

# Bits of what libsndfile calls whole-number samples; floating point has none.
_BITS = {"PCM_16": 16, "PCM_24": 24, "PCM_32": 32}


@dataclass(frozen=True)
class SoundFacts:
    """A file of sound as its header tells it. bits: 0 for samples that are no whole numbers."""

    container: str
    bits: int
    rate_hz: int
    channels: int
    duration_s: float
    bytes: int


@dataclass(frozen=True)
class PictureFacts:
    """A picture as its header tells it. format: JPEG, PNG ...; mode: RGB, CMYK ..."""

    format: str
    mode: str
    width: int
    height: int
    bytes: int


def sound_facts(path: Path) -> SoundFacts:
    """Read the header of a file of sound. Raises MediaInvalid."""
    try:
        info = soundfile.info(str(path))
    except (OSError, soundfile.SoundFileError) as error:
        raise MediaInvalid(path, f"it cannot be read as sound ({error})") from error
    return SoundFacts(
        container=info.format,
        bits=_BITS.get(info.subtype, 0),
        rate_hz=info.samplerate,
        channels=info.channels,
        duration_s=info.duration,
        bytes=path.stat().st_size,
    )


def picture_facts(path: Path) -> PictureFacts:
    """Read the header of a picture. Raises MediaInvalid."""
    with open_picture(path) as picture:
        return PictureFacts(
            format=picture.format or "",
            mode=picture.mode,
            width=picture.width,
            height=picture.height,
            bytes=path.stat().st_size,
        )
