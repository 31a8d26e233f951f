"""Audio fingerprints for finding near-duplicates in a catalogue.

After Haitsma and Kalker, "A Highly Robust Audio Fingerprinting System" (ISMIR 2002): each frame
gives 32 bits, the signs of energy differences between neighbouring bands and frames. They survive
lossy coding, equalising, gain and trimming, but not changes of tempo and pitch.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import fft, signal

from media_tools.audio.io import Samples, read_audio

Frames = npt.NDArray[np.uint32]

DUPLICATE_BELOW = 0.15  # share of differing bits; unrelated tracks differ in about 0.5

RATE_HZ = 5_512  # of the mono signal that is split into bands
FRAME = 2048  # 0.37 s
STEP = 64
FRAMES_PER_SECOND = RATE_HZ / STEP  # 86.125 words a second
_BANDS = 33
_LOW_HZ, _HIGH_HZ = 300.0, 2_000.0
_FRAMES_AT_ONCE = 1024

SKETCH_SIZE = 128

_MIN_OVERLAP_S = 3.0  # fewer frames could agree by chance
_COARSE_FRAMES = 16  # the offset is first searched on every sixteenth frame
_FINALISTS = 8


def fingerprint(path: Path, *, workdir: Path | None = None) -> bytes:
    """Return a file's fingerprint: little-endian uint32 words, FRAMES_PER_SECOND per second.

    Empty for a file shorter than two frames (0.38 s).
    Raises MediaInvalid, ToolMissing.
    """
    samples, rate = read_audio(path, workdir=workdir)
    return fingerprint_of(samples, rate)


def fingerprint_of(samples: Samples, rate: int) -> bytes:
    """Return the fingerprint of (n, channels) samples."""
    mono = samples.mean(axis=1, dtype=np.float32)
    common = int(np.gcd(RATE_HZ, rate))
    down = signal.resample_poly(mono, RATE_HZ // common, rate // common).astype(np.float32)
    if len(down) < FRAME + STEP:
        return b""
    windows = np.lib.stride_tricks.sliding_window_view(down, FRAME)[::STEP]
    taper = np.hanning(FRAME).astype(np.float32)
    frequencies = fft.rfftfreq(FRAME, 1 / RATE_HZ)
    edges = np.searchsorted(frequencies, np.geomspace(_LOW_HZ, _HIGH_HZ, _BANDS + 1))
    energy = np.empty((len(windows), _BANDS), np.float32)
    for start in range(0, len(windows), _FRAMES_AT_ONCE):
        spectra = fft.rfft(windows[start : start + _FRAMES_AT_ONCE] * taper, axis=1)
        power = spectra.real**2 + spectra.imag**2
        bands = np.add.reduceat(power[:, : edges[-1]], edges[:-1], axis=1)
        energy[start : start + len(bands)] = bands
    bits = np.diff(np.diff(energy, axis=1), axis=0) > 0
    return np.packbits(bits, axis=1, bitorder="little").tobytes()


def subfingerprints(packed: bytes) -> Frames:
    """Return the words of a fingerprint, one per frame: the keys of an inverted index.

    Two versions of a recording share some words exactly, at the same distance from each other.
    Looking those up gives candidates for bit_error.
    """
    return np.frombuffer(packed, dtype="<u4").astype(np.uint32)


def sketch(packed: bytes, size: int = SKETCH_SIZE) -> tuple[int, ...]:
    """Return the `size` smallest hashes (31 bits) of a fingerprint's distinct words.

    A bottom-k sketch (Broder, "On the resemblance and containment of documents", 1997): two
    versions of a recording share a tenth or more of their words exactly, hence several of these
    keys, wherever they start; unrelated tracks share almost none. Silence gives few keys.
    """
    words = np.unique(subfingerprints(packed)).astype(np.uint64)
    # Words of long notes repeat and are close to each other: hashing spreads them evenly.
    mixed = words * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    return tuple(int(key) for key in np.sort(mixed >> np.uint64(33))[:size])


def bit_error(a: bytes, b: bytes, *, max_offset_s: float = 10.0) -> float:
    """Return the share of differing bits (0 to 1) at the best alignment within max_offset_s.

    Returns 1.0 if the two overlap in less than 3 s.
    """
    first, second = subfingerprints(a), subfingerprints(b)
    reach = round(max_offset_s * FRAMES_PER_SECOND)
    offsets = np.array(
        [offset for offset in range(-reach, reach + 1) if _overlap(first, second, offset)]
    )
    if not offsets.size:
        return 1.0
    coarse = [_error_at(first, second, int(offset), _COARSE_FRAMES) for offset in offsets]
    # The bits change slowly, so the best offset of all is near one of the best coarse ones.
    finalists = offsets[np.argsort(coarse, kind="stable")[:_FINALISTS]]
    return min(_error_at(first, second, int(offset), 1) for offset in finalists)


def _overlap(first: Frames, second: Frames, offset: int) -> bool:
    shared = min(len(first) - max(0, offset), len(second) - max(0, -offset))
    return shared >= _MIN_OVERLAP_S * FRAMES_PER_SECOND


def _error_at(first: Frames, second: Frames, offset: int, every: int) -> float:
    """Return the share of differing bits with frame `offset` of first against frame 0 of second."""
    left, right = first[max(0, offset) :], second[max(0, -offset) :]
    length = min(len(left), len(right))
    differing = np.bitwise_count(left[:length:every] ^ right[:length:every])
    return float(differing.mean()) / 32
