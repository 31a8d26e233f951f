"""Effects on whole stereo signals, vectorised: reverb, delay, chorus, dynamics, tape, sweeps."""

from __future__ import annotations

import functools

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from media_tools.music.local.dsp import SAMPLE_RATE_HZ, Signal, filtered, frames_of
from media_tools.seeds import stream

_BLOCK = 1 << 16
_CONTROL = 64  # frames per step of the compressor's gain


@functools.lru_cache(maxsize=4)
def _room(decay_s: float) -> Signal:
    """Return the impulse response of a hall, shape (2, frames): noise whose highs decay faster."""
    count = frames_of(decay_s)
    noise = stream("reverb").standard_normal((2, count)).astype(np.float32)
    time = np.arange(count, dtype=np.float32) / np.float32(SAMPLE_RATE_HZ)
    rate = np.float32(6.9 / decay_s)  # 60 dB of amplitude over decay_s
    low = filtered(noise, "lowpass", 2500.0, order=1)
    response = (noise - low) * np.exp(-2.2 * rate * time) + low * np.exp(-rate * time)
    response *= np.minimum(1.0, time / 0.012)
    response = filtered(np.asarray(response, dtype=np.float32), "highpass", 180.0)
    energy = np.sqrt(np.sum(response.astype(np.float64) ** 2, axis=1, keepdims=True))
    return np.asarray(response / energy, dtype=np.float32)


def reverb(signal: Signal, decay_s: float, predelay_s: float = 0.02) -> Signal:
    """Return the wet signal of a hall: overlap-add convolution in single precision."""
    response = _room(round(decay_s, 2))
    count, taps = signal.shape[1], response.shape[1]
    size = scipy.fft.next_fast_len(4 * taps, real=True)
    hop = size - taps + 1
    shift = frames_of(predelay_s)
    wet = np.zeros_like(signal)
    for channel in range(2):
        transform = scipy.fft.rfft(response[channel], size)
        for start in range(0, count, hop):
            block = signal[channel, start : start + hop]
            if not block.any():
                continue
            spectrum = scipy.fft.rfft(block, size)
            spectrum *= transform
            sound = scipy.fft.irfft(spectrum, size)
            first = start + shift
            room = min(len(block) + taps - 1, count - first)
            if room > 0:
                wet[channel, first : first + room] += sound[:room]
    return wet


def echoes(signal: Signal, delay_s: float, feedback: float, repeats: int = 5) -> Signal:
    """Return the wet signal of a ping-pong delay; one low-pass makes each repeat duller."""
    dull = filtered(signal, "lowpass", 3800.0, order=1)
    wet = np.zeros_like(signal)
    step = frames_of(delay_s)
    for number in range(1, repeats + 1):
        offset = number * step
        if offset >= signal.shape[1]:
            break
        gain = np.float32(feedback ** (number - 1))
        source = dull if number % 2 else dull[::-1]
        wet[:, offset:] += gain * source[:, : signal.shape[1] - offset]
    return wet


def _modulated(row: Signal, offset: NDArray[np.float64], start: int) -> Signal:
    """Return a row's samples from `start`, read `offset` frames earlier, interpolated linearly."""
    place = np.arange(start, start + len(offset)) - offset
    np.clip(place, 0.0, len(row) - 2.0, out=place)
    index = place.astype(np.int64)
    part = (place - index).astype(np.float32)
    here = row[index]
    return np.asarray(here + part * (row[index + 1] - here), dtype=np.float32)


def chorus(signal: Signal, wet: float, rate_hz: float = 0.55) -> Signal:
    """Add a second, slowly detuned copy on each side."""
    result = signal * np.float32(1.0 - 0.5 * wet)
    for channel in range(2):
        for start in range(0, signal.shape[1], _BLOCK):
            end = min(start + _BLOCK, signal.shape[1])
            time = np.arange(start, end) / SAMPLE_RATE_HZ
            lfo = np.sin(2 * np.pi * (rate_hz * time + 0.25 * channel))
            offset = SAMPLE_RATE_HZ * (0.012 + 0.003 * lfo)
            voice = _modulated(signal[channel], offset, start)
            result[channel, start:end] += np.float32(wet) * voice
    return result


def amplified(signal: Signal, gain: float) -> Signal:
    """Play a guitar through an overdriven amplifier and its cabinet, at about full scale.

    The whole part at once, so that the tones of a chord disturb each other.
    """
    level = np.float32(gain / (np.percentile(np.abs(signal[:, ::16]), 99.5) + 1e-6))
    # A cabinet has nothing below the strings, a rise in the presence range, and falls steeply.
    driven = filtered(signal, "highpass", 160.0, order=1) * level
    driven = np.tanh(driven + np.float32(0.2))
    driven = filtered(driven, "bandpass", 85.0, 4200.0)
    driven += np.float32(0.5) * filtered(driven, "bandpass", 1800.0, 3400.0, order=1)
    return driven


def with_room(drums: Signal, level: float) -> Signal:
    """Return drums with the sound of distant microphones, squeezed as on records."""
    room = reverb(drums, 0.6, predelay_s=0.008)
    room = compressed(room, threshold_db=-30.0, ratio=4.0, attack_s=0.004, release_s=0.12)
    return np.asarray(drums + room * np.float32(level), dtype=np.float32)


def doubled(row: Signal) -> Signal:
    """Return the side of a doubled mono part: two copies that drift some cents apart, subtracted.

    Added to the left and subtracted from the right, they vanish in mono and no side comes first.
    """
    side = np.empty_like(row)
    for start in range(0, len(row), _BLOCK):
        end = min(start + _BLOCK, len(row))
        time = np.arange(start, end) / SAMPLE_RATE_HZ
        near = SAMPLE_RATE_HZ * (0.011 + 0.0024 * np.sin(2 * np.pi * 0.31 * time))
        far = SAMPLE_RATE_HZ * (0.017 + 0.0029 * np.sin(2 * np.pi * 0.23 * time + 2.0))
        side[start:end] = _modulated(row, near, start) - _modulated(row, far, start)
    return side


def tape(signal: Signal) -> Signal:
    """Add wow and flutter and a little saturation, and dull the highs."""
    result = np.empty_like(signal)
    for start in range(0, signal.shape[1], _BLOCK):
        end = min(start + _BLOCK, signal.shape[1])
        time = np.arange(start, end) / SAMPLE_RATE_HZ
        drift = 0.0011 * np.sin(2 * np.pi * 0.55 * time) + 0.0001 * np.sin(2 * np.pi * 6.3 * time)
        offset = SAMPLE_RATE_HZ * (0.0015 + drift)
        for channel in range(2):
            result[channel, start:end] = _modulated(signal[channel], offset, start)
    return filtered(saturated(result, 0.7), "lowpass", 9000.0, order=1)


def saturated(signal: Signal, drive: float) -> Signal:
    """Clip softly, leaving small signals unchanged; drive 0 does nothing."""
    if drive <= 0.0:
        return signal
    return np.asarray(np.tanh(signal * np.float32(drive)) / np.float32(drive), dtype=np.float32)


def clipped(signal: Signal, ceiling: float) -> None:
    """Round off what is near a ceiling, in place; below two thirds of it nothing changes."""
    knee = np.float32(ceiling * 0.66)
    room = np.float32(ceiling) - knee
    for start in range(0, signal.shape[1], _BLOCK):
        block = signal[:, start : start + _BLOCK]
        level = np.abs(block)
        over = level > knee
        block[over] = np.copysign(knee + room * np.tanh((level[over] - knee) / room), block[over])


def compressed(
    signal: Signal,
    *,
    threshold_db: float,
    ratio: float,
    attack_s: float = 0.02,
    release_s: float = 0.2,
) -> Signal:
    """Compress peaks, feed-forward, both channels alike; gain steps of 64 frames, interpolated."""
    count = signal.shape[1]
    steps = -(-count // _CONTROL)
    peaks = np.zeros(steps * _CONTROL, dtype=np.float32)
    np.maximum(np.abs(signal[0]), np.abs(signal[1]), out=peaks[:count])
    level_db = 20.0 * np.log10(peaks.reshape(steps, _CONTROL).max(axis=1) + 1e-6)
    wanted = np.maximum(0.0, level_db - threshold_db) * (1.0 - 1.0 / ratio)
    rise = float(np.exp(-_CONTROL / SAMPLE_RATE_HZ / attack_s))
    fall = float(np.exp(-_CONTROL / SAMPLE_RATE_HZ / release_s))
    reduction = np.empty(steps)
    state = 0.0
    for index, target in enumerate(wanted.tolist()):
        keep = rise if target > state else fall
        state = keep * state + (1.0 - keep) * target
        reduction[index] = state
    result = np.empty_like(signal)
    centres = np.arange(steps) * _CONTROL + _CONTROL / 2
    for start in range(0, count, _BLOCK):
        end = min(start + _BLOCK, count)
        curve = np.interp(np.arange(start, end), centres, reduction)
        result[:, start:end] = signal[:, start:end] * (10.0 ** (-curve / 20.0)).astype(np.float32)
    return result


def duck_curve(kicks_s: list[float], frames: int, *, recover_s: float = 0.26) -> Signal:
    """Return 1 at rest, 0 at each kick, and back within recover_s; shape (frames,)."""
    curve = np.ones(frames, dtype=np.float32)
    shape = (np.linspace(0.0, 1.0, frames_of(recover_s)) ** 0.8).astype(np.float32)
    for kick_s in kicks_s:
        start = frames_of(kick_s)
        part = curve[start : start + len(shape)]
        np.minimum(part, shape[: len(part)], out=part)
    return curve


def swept(signal: Signal, start: int, end: int, from_hz: float, to_hz: float) -> None:
    """Glide a low-pass between two frequencies over frames start..end, in place.

    Seven fixed filters are crossfaded; half a second before the start lets them settle.
    """
    start, end = max(0, start), min(end, signal.shape[1])
    if end - start < 2:
        return
    lead_in = min(start, SAMPLE_RATE_HZ // 2)
    source = signal[:, start - lead_in : end].copy()
    cutoffs = np.geomspace(from_hz, to_hz, 7)
    place = np.linspace(0.0, len(cutoffs) - 1.0, end - start, dtype=np.float32)
    result = np.zeros((2, end - start), dtype=np.float32)
    for number, cutoff in enumerate(cutoffs):
        first = max(0, int((number - 1) / 6 * (end - start)))
        last = min(end - start, int((number + 1) / 6 * (end - start)) + 1)
        warm = min(first + lead_in, SAMPLE_RATE_HZ // 4)
        piece = source[:, first + lead_in - warm : last + lead_in]
        weight = np.maximum(0.0, 1.0 - np.abs(place[first:last] - number))
        result[:, first:last] += filtered(piece, "lowpass", cutoff)[:, warm:] * weight
    signal[:, start:end] = result
