"""Writing a mark into a master."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
from scipy import fft, ndimage

from media_tools.audio.io import Samples, check_is_media
from media_tools.errors import MediaInvalid
from media_tools.files import atomic_output
from media_tools.watermark.frames import (
    BAND_WIDTHS,
    BARK_HZ,
    Floats,
    band_power,
    hop_of,
    spectra_of,
    spread,
    start_of,
    window_of,
)
from media_tools.watermark.pattern import BINS, BINS_OF_CELL, BLOCK_FRAMES, FIRST_BIN, Pattern

# Of the mark in a critical band against the music there, frame by frame. Where raised cells of
# overlapping frames meet they add up, and narrow bands vary more: with these the mark stays 30 dB
# below the music over a track.
_WIDE_FROM_HZ = 1480
_LEVEL = np.where(
    np.array(BARK_HZ) < _WIDE_FROM_HZ, np.float32(10 ** (-32.5 / 20)), np.float32(10 ** (-29 / 20))
)
# A weak bin between strong ones is raised by 3.5 dB or lowered by 6 dB at most.
_MOST_GAIN = np.float32(0.5)
# Before an attack and after a sound has ended the mark keeps to the quieter frame, but for 6 dB.
_OVER_QUIETER_FRAME = np.float32(4)
_FRAMES_AT_ONCE = 250
_FLOOR = np.float32(1e-12)


def marked_master(source: Path, target: Path, payload: int, key: bytes) -> None:
    """Write a 24-bit WAV that sounds like `source` and carries a payload of 32 bits.

    source: WAV or FLAC, and may be the target. It is read in blocks, so memory does not grow with
    its length; the same input gives the same bytes. Raises MediaInvalid.
    """
    check_is_media(source)
    chips = np.repeat(Pattern.of(key).chips(payload), BINS_OF_CELL, axis=1)
    try:
        with (
            soundfile.SoundFile(source) as music,
            atomic_output(target) as partial,
            soundfile.SoundFile(
                partial, "w", music.samplerate, music.channels, subtype="PCM_24", format="WAV"
            ) as marked,
        ):
            for block in _marked_blocks(music, chips):
                marked.write(block)
    except soundfile.SoundFileError as error:
        raise MediaInvalid(source, f"it is not a readable WAV or FLAC file ({error}).") from error


def _marked_blocks(music: soundfile.SoundFile, chips: Floats) -> Iterator[Samples]:
    """The samples with the mark, block by block."""
    rate, length = music.samplerate, music.frames
    frame = 0
    while (start := max(0, start_of(frame, rate))) < length:
        end = min(length, start_of(frame + _FRAMES_AT_ONCE, rate))
        # One frame before reaches into the block. One more at each end is only looked at.
        frames = range(frame - 2, frame + _FRAMES_AT_ONCE + 1)
        first = start_of(frames[0], rate)
        samples = _read(music, first, start_of(frames[-1], rate) + 2 * hop_of(rate))
        mark = _mark(samples, frames, rate, chips)
        yield (samples + mark)[start - first : end - first]
        frame += _FRAMES_AT_ONCE


def _read(music: soundfile.SoundFile, start: int, end: int) -> Samples:
    """Samples from start to end, zero where the file has none."""
    inside = max(0, start), min(music.frames, end)
    music.seek(inside[0])
    samples = music.read(max(0, inside[1] - inside[0]), dtype="float32", always_2d=True)
    return np.pad(samples, ((inside[0] - start, end - inside[0] - len(samples)), (0, 0)))


def _mark(samples: Samples, frames: range, rate: int, chips: Floats) -> Samples:
    """What is to be added to the samples; the first and the last frame only lend their level."""
    first = start_of(frames[0], rate)
    starts = [start_of(frame, rate) - first for frame in frames]
    spectra = spectra_of(samples, starts, rate)
    gains = _gains(spectra.real**2 + spectra.imag**2)
    gains *= chips[np.array(frames) % BLOCK_FRAMES]
    window = window_of(rate)
    whole = np.zeros((len(frames) - 2, samples.shape[1], len(window) // 2 + 1), np.complex64)
    inside = min(BINS, whole.shape[2] - FIRST_BIN)
    whole[:, :, FIRST_BIN : FIRST_BIN + inside] = (spectra * gains[:, None])[1:-1, :, :inside]
    sound = fft.irfft(whole, n=len(window), axis=2) * window
    mark = np.zeros_like(samples)
    for start, frame in zip(starts[1:-1], sound, strict=True):
        mark[start : start + len(window)] += frame.T
    return mark


def _gains(power: Floats) -> Floats:
    """How much each bin may change, of shape (frames, bins), from (frames, channels, bins).

    The same change in all channels survives any mix of them. It is the same amplitude throughout
    a band, so weak bins change most; no channel's band gets more than its level allows.
    """
    both = power.sum(axis=1) + _FLOOR
    mean = band_power(both) / BAND_WIDTHS
    gains = np.sqrt(spread(_LEVEL**2 * mean) / both)
    bands = band_power(power)
    quieter = ndimage.minimum_filter1d(bands, 3, axis=0)
    allowed = np.minimum(bands, _OVER_QUIETER_FRAME * quieter) * _LEVEL**2
    used = band_power(gains[:, None] ** 2 * power) + _FLOOR
    share: Floats = np.sqrt((allowed / used).min(axis=1))
    limited: Floats = np.minimum(gains * spread(share), _MOST_GAIN)
    return limited
