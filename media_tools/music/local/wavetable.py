"""The synthesizer: band-limited wavetables at eight levels of brightness, FM, and drums.

A table holds one cycle with only the harmonics below 18 kHz, so nothing aliases. The filter
envelope moves between neighbouring brightness levels instead of filtering sample by sample.
"""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from media_tools.music.local.dsp import SAMPLE_RATE_HZ, Signal, filtered, frames_of, pitch_hz
from media_tools.music.local.patches import DrumVoice, SynthKit, SynthPatch
from media_tools.music.local.sound import ArtistSound
from media_tools.seeds import stream

_TABLE = 2048
_LEVELS = 8
_CUTOFFS_HZ = np.geomspace(180.0, 16_000.0, _LEVELS)
_TOP_HZ = 18_000.0
_VIBRATO_HZ = 5.4


@functools.lru_cache(maxsize=192)
def tables(wave: str, pitch: int, resonance: float) -> Signal:
    """Return cycles of a wave at a pitch, shape (8, 2049): rows from dark to bright.

    Each row ends with its first sample again, for interpolation. The low-pass falls by 24 dB per
    octave and has a bump of `resonance` at the cutoff.
    """
    fundamental = pitch_hz(pitch)
    count = max(1, min(_TABLE // 2, int(_TOP_HZ / fundamental)))
    n = np.arange(1, count + 1)
    amplitudes = _harmonics(wave, n)
    spectrum = np.zeros((_LEVELS, _TABLE // 2 + 1), dtype=np.complex128)
    for level, cutoff_hz in enumerate(_CUTOFFS_HZ):
        relative = n * fundamental / cutoff_hz
        response = 1.0 / np.sqrt(1.0 + relative**8)
        response += resonance * np.exp(-(((relative - 1.0) / 0.18) ** 2))
        # The fundamental always stays: a bass must not vanish under its own filter.
        response[0] = max(response[0], 0.6)
        spectrum[level, 1 : count + 1] = -0.5j * _TABLE * amplitudes * response
    cycles = np.fft.irfft(spectrum, _TABLE, axis=1)
    return np.asarray(np.concatenate([cycles, cycles[:, :1]], axis=1), dtype=np.float32)


def _harmonics(wave: str, n: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the amplitudes of the harmonics n of a wave."""
    if wave == "saw":
        return np.asarray(0.6 / n)
    if wave == "square":
        return np.where(n % 2 == 1, 0.9 / n, 0.0)
    if wave == "pulse":
        return np.asarray(0.9 * np.abs(np.sin(np.pi * n * 0.27)) / n)
    if wave == "triangle":
        return np.where(n % 2 == 1, 1.0 / n**2, 0.0)
    partials = {
        "sine": {1: 1.0},
        "soft": {1: 1.0, 2: 0.22, 3: 0.1, 4: 0.03},
        "organ": {1: 0.8, 2: 0.6, 3: 0.35, 4: 0.25, 6: 0.15, 8: 0.12},
        "reed": {1: 0.9, 2: 0.35, 3: 0.16, 4: 0.06, 5: 0.03},
        # Two square waves a fifth apart, as the circuit has them, an octave above the pitch.
        "cowbell": {2: 0.7, 3: 0.7, 6: 0.24, 9: 0.24, 10: 0.14, 14: 0.1, 15: 0.14, 21: 0.1},
    }[wave]
    return np.array([partials.get(int(k), 0.0) for k in n])


class SynthInstrument:
    """Plays a patch with an artist's sound."""

    one_shot = False
    velocity_steps = 4

    def __init__(self, patch: SynthPatch, sound: ArtistSound) -> None:
        moving = patch.wave not in ("fm", "sine", "soft")
        self.patch = replace(
            patch,
            bright=patch.bright + (sound.brightness if moving else 0.0),
            detune=tuple(cents * sound.detune for cents in patch.detune),
            attack_s=patch.attack_s * sound.attack,
        )

    def release_s(self, pitch: int) -> float:
        return self.patch.release_s

    def tone(self, pitch: int, velocity: float, seconds: float, glide: int = 0) -> Signal:
        """Return the note held for `seconds` with a timbre for velocity 0..1; about full scale."""
        patch, count = self.patch, frames_of(seconds)
        pitch += patch.transpose
        time = np.arange(count, dtype=np.float32) / np.float32(SAMPLE_RATE_HZ)
        if patch.wave == "fm":
            mono = _fm(patch, pitch, velocity, time)
            sound = np.stack([mono, mono])
        else:
            sound = self._oscillators(pitch, velocity, time, glide)
        sound *= _envelope(patch, time)
        if patch.drive:
            amount, bias = np.float32(1.0 + patch.drive), np.float32(patch.bias)
            # Its steady part is subtracted, so that silence stays silent.
            sound = (np.tanh(sound * amount + bias) - np.tanh(bias)) / np.tanh(amount)
        return sound.astype(np.float32, copy=False)

    def _oscillators(self, pitch: int, velocity: float, time: Signal, glide: int) -> Signal:
        patch = self.patch
        table = tables(patch.wave, pitch, patch.resonance)
        level = np.float32(patch.bright + 1.2 * (velocity - 0.7))
        bright = level + patch.bright_env * np.exp(-time / np.float32(patch.bright_decay_s))
        sweep = _pitch_sweep(patch, time, glide)
        count = len(patch.detune)
        places = np.linspace(-patch.width, patch.width, count) if count > 1 else np.zeros(1)
        sound = np.zeros((2, len(time)), dtype=np.float32)
        for number, (cents, place) in enumerate(zip(patch.detune, places, strict=True)):
            hz = pitch_hz(pitch + cents / 100.0)
            phase = _phase(hz, sweep, len(time), 0.37 * number)
            voice = _lookup(table, phase, bright)
            sound[0] += voice * np.float32(np.cos((1.0 + place) * np.pi / 4))
            sound[1] += voice * np.float32(np.sin((1.0 + place) * np.pi / 4))
        sound *= np.float32(1.4 / np.sqrt(count))
        if patch.sub:
            sine = np.sin(2 * np.pi * _phase(pitch_hz(pitch) / 2, sweep, len(time), 0.0))
            # An octave below a low bass is inaudible, so there the sub doubles the root.
            if pitch < 45:
                sine = np.sin(2 * np.pi * _phase(pitch_hz(pitch), sweep, len(time), 0.0))
            sound += (patch.sub * sine).astype(np.float32)
        return sound


def _pitch_sweep(patch: SynthPatch, time: Signal, glide: int) -> NDArray[np.float64] | None:
    """Return the frequency's factor over time: a slide into the note, or vibrato and a fall."""
    if glide:
        return np.asarray(2.0 ** (glide / 12.0 * np.exp(-time / patch.glide_s)), dtype=np.float64)
    sweep: NDArray[np.float64] | None = None
    if patch.vibrato_cents:
        depth = patch.vibrato_cents * np.clip((time - 0.25) * 3.0, 0.0, 1.0)
        cents = depth * np.sin(2 * np.pi * _VIBRATO_HZ * time)
        sweep = np.asarray(2.0 ** (cents / 1200.0), dtype=np.float64)
    if patch.drop_semitones:
        fall = patch.drop_semitones * np.exp(-time / patch.drop_s)
        fallen = np.asarray(2.0 ** (fall / 12.0), dtype=np.float64)
        sweep = fallen if sweep is None else sweep * fallen
    return sweep


def _phase(
    hz: float, sweep: NDArray[np.float64] | None, count: int, start: float
) -> NDArray[np.float64]:
    """Return the phase in cycles, 0..1."""
    step = hz / SAMPLE_RATE_HZ
    turns = np.arange(count, dtype=np.float64) if sweep is None else np.cumsum(sweep)
    turns *= step
    turns += start
    turns -= np.floor(turns)
    return turns


def _lookup(table: Signal, phase: NDArray[np.float64], bright: Signal) -> Signal:
    """Return samples of a table by phase and brightness level, interpolated linearly in both."""
    place = (phase * _TABLE).astype(np.float32)
    index = place.astype(np.int32)
    part = place - index
    np.minimum(index, _TABLE - 1, out=index)
    level = np.clip(bright, 0.0, _LEVELS - 1.001)
    row = level.astype(np.int32)
    blend = level - row
    flat = table.reshape(-1)
    index += row * (_TABLE + 1)
    dark = flat[index]
    dark += part * (flat[index + 1] - dark)
    index += _TABLE + 1
    light = flat[index]
    light += part * (flat[index + 1] - light)
    light -= dark
    light *= blend
    dark += light
    return dark.astype(np.float32, copy=False)


def _fm(patch: SynthPatch, pitch: int, velocity: float, time: Signal) -> Signal:
    """Play two-operator FM; the index fades, so that the attack is bright and the tail pure."""
    angle = 2 * np.pi * pitch_hz(pitch) * time.astype(np.float64)
    # The index falls with pitch, because high sidebands would alias.
    index = patch.fm_index * min(1.0, 1800.0 / pitch_hz(pitch)) * (0.5 + 0.7 * velocity)
    modulator = index * np.exp(-time / patch.fm_decay_s) * np.sin(patch.fm_ratio * angle)
    return np.asarray(np.sin(angle + modulator), dtype=np.float32)


def _envelope(patch: SynthPatch, time: Signal) -> Signal:
    """Return attack, decay and sustain; the release belongs to the note, not to the tone."""
    attack = np.float32(max(patch.attack_s, 0.002))
    after = np.maximum(time - attack, 0.0)
    level = patch.sustain + (1.0 - patch.sustain) * np.exp(-after / np.float32(patch.decay_s))
    return np.asarray(np.minimum(time / attack, 1.0) * level, dtype=np.float32)


class SynthDrums:
    """Plays a synthesized kit."""

    one_shot = True
    velocity_steps = 5

    def __init__(self, kit: SynthKit, sound: ArtistSound) -> None:
        self.kit, self.tune = kit, sound.drum_tune

    def release_s(self, pitch: int) -> float:
        return 0.05

    def tone(self, pitch: int, velocity: float, seconds: float, glide: int = 0) -> Signal:
        """Return the whole hit, whatever `seconds` says."""
        voice = self.kit.voices[pitch]
        length_s = 0.03 + voice.noise_hold_s
        length_s += 7.0 * max(voice.tone_decay_s * (voice.tone > 0), voice.noise_decay_s)
        time = np.arange(frames_of(min(length_s, 5.0))) / SAMPLE_RATE_HZ
        rng = stream("drum", pitch, round(velocity * 100))
        noise = rng.standard_normal(len(time)).astype(np.float32)
        mono = self._body(voice, time) + self._noise(voice, velocity, time, noise)
        if voice.click:
            click = filtered(noise, "highpass", 3000.0) * np.exp(-time / 0.003)
            mono = mono + voice.click * click
        if voice.drive:
            mono = np.tanh(mono * (1.0 + voice.drive)) / np.tanh(1.0 + voice.drive)
        mono = mono * np.minimum(1.0, (time[-1] - time) / 0.01)
        left, right = np.cos((1 + voice.pan) * np.pi / 4), np.sin((1 + voice.pan) * np.pi / 4)
        return np.stack([mono * left * 1.4, mono * right * 1.4]).astype(np.float32)

    def _body(self, voice: DrumVoice, time: NDArray[np.float64]) -> NDArray[np.float64]:
        fall = voice.drop_hz * voice.drop_s * (1.0 - np.exp(-time / voice.drop_s))
        cycles = self.tune * (voice.tone_hz * time + fall)
        return np.asarray(
            voice.tone * np.sin(2 * np.pi * cycles) * np.exp(-time / voice.tone_decay_s)
        )

    def _noise(
        self, voice: DrumVoice, velocity: float, time: NDArray[np.float64], noise: Signal
    ) -> NDArray[np.float64]:
        if not voice.noise and not voice.metal:
            return np.zeros(len(time))
        top_hz = voice.noise_high_hz * (0.7 + 0.3 * velocity)
        band = filtered(noise, "bandpass", voice.noise_low_hz, top_hz)
        sound = voice.noise * band / max(1e-9, float(np.std(band))) * 0.4
        if voice.metal:
            # Square waves in the ratios of an analog cymbal circuit.
            ratios = (263.0, 400.0, 421.0, 474.0, 587.0, 845.0)
            metal = sum(np.sign(np.sin(2 * np.pi * 2.3 * self.tune * hz * time)) for hz in ratios)
            low_hz = min(voice.noise_low_hz, 7000.0)
            sound = sound + voice.metal * 0.3 * filtered(
                np.asarray(metal, dtype=np.float32), "highpass", low_hz
            )
        fading = np.maximum(0.0, time - voice.noise_hold_s) / voice.noise_decay_s
        shape = np.exp(-fading) * np.minimum(1.0, time / voice.noise_attack_s)
        if voice.bursts > 1:
            # Hands a few milliseconds apart; the last one has the tail.
            gap = 0.011
            turn = np.minimum(np.floor(time / gap), voice.bursts - 1)
            since = time - turn * gap
            early = turn < voice.bursts - 1
            shape = np.where(early, np.exp(-since / 0.004), np.exp(-since / voice.noise_decay_s))
        return np.asarray(sound * shape)
