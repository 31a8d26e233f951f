"""Lays a spoken tag over the start of a track, which steps back while it is heard."""

from __future__ import annotations

from math import gcd
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.signal import resample_poly

from media_tools.audio.io import Samples, read_audio, write_wav24
from media_tools.errors import MediaInvalid

START_S = 0.4
UNDER_PEAK_DB = 12.0
DUCK_DB = 6.0
FADE_S = 0.25


def mix_tag(mix: Path, tag: Path, output: Path, *, start_s: float = START_S) -> None:
    """Write `output` (24-bit WAV, length and rate of the mix): the tag from start_s on.

    The tag's peak lies UNDER_PEAK_DB under the mix's, the mix goes down by DUCK_DB under it, with
    fades of FADE_S before and after; together they never pass the mix's own peak. start_s is at
    least FADE_S. Raises MediaInvalid if either cannot be read, is silent, or the tag with its
    fades does not fit.
    """
    samples, rate = read_audio(mix, workdir=output.parent)
    spoken, tag_rate = read_audio(tag, workdir=output.parent)
    if tag_rate != rate:
        divisor = gcd(rate, tag_rate)
        spoken = resample_poly(spoken, rate // divisor, tag_rate // divisor, axis=0)
    peak, tag_peak = float(np.abs(samples).max()), float(np.abs(spoken).max())
    for path, loudest in ((mix, peak), (tag, tag_peak)):
        if loudest == 0.0:
            raise MediaInvalid(path, "it is silent.")
    first = round(max(start_s, FADE_S) * rate)
    last = first + len(spoken)
    fade = round(FADE_S * rate)
    if last + fade > len(samples):
        raise MediaInvalid(
            tag, f"{len(spoken) / rate:.1f} s do not fit into {len(samples) / rate:.1f} s of music."
        )
    gain = peak / tag_peak * 10 ** (-UNDER_PEAK_DB / 20)
    window = slice(first - fade, last + fade)
    samples[window] *= _ducking(fade, len(spoken))[:, None]
    samples[first:last] += spoken * np.float32(gain)
    write_wav24(output, samples, rate)


def _ducking(fade: int, held: int) -> Samples:
    """Gain of the mix: down over `fade` frames, held, and up again; straight in dB."""
    down: npt.NDArray[np.float64] = np.linspace(0.0, -DUCK_DB, fade)
    depth_db = np.concatenate([down, np.full(held, -DUCK_DB), down[::-1]])
    return np.asarray(10 ** (depth_db / 20), dtype=np.float32)
