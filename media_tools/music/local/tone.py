"""The balance of finished records: a target spectrum and width of each genre, and the way there.

A linear filter each for the middle (L + R) and the side (L - R) of the band moves its average
spectrum to the target, so tone and width are set together and the lows end up in the middle.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft
import scipy.signal
from numpy.typing import NDArray

from media_tools.music.local.dsp import SAMPLE_RATE_HZ, Signal

Doubles = NDArray[np.float64]

KNOTS_HZ = (40.0, 80.0, 160.0, 315.0, 630.0, 1250.0, 2500.0, 5000.0, 10_000.0, 16_000.0)
# Centres of third-octave bands, 31.5 Hz to 16 kHz.
CENTRES_HZ: Doubles = 31.25 * 2.0 ** (np.arange(28) / 3.0)
MONO_BELOW_HZ = 120.0

_FRAME = 8192
_TAPS = 4096
_BOOST_DB, _CUT_DB = 8.0, -14.0
_WIDER_DB, _NARROWER_DB = 9.0, -9.0
_SMOOTHING = np.array([1.0, 2.0, 3.0, 2.0, 1.0]) / 9.0
_MONO_DB = -30.0
_EMPTY_DB = -70.0  # a band this far below the loudest has nothing that a filter should lift


@dataclass(frozen=True)
class Tone:
    """What finished records of a genre measure."""

    # Level of a third-octave band at each of KNOTS_HZ; only the differences count.
    spectrum_db: tuple[float, ...]
    side_db: float  # the side against the middle between 300 Hz and 4 kHz
    peak_to_loudness_db: float

    def spectrum_at(self, hz: Doubles) -> Doubles:
        """Return the target level of third-octave bands with these centres."""
        return np.interp(np.log2(hz), np.log2(KNOTS_HZ), self.spectrum_db)


# The middle of sixteen tracks by people and seven of a generative model (60 to 120 Hz -4.5 dB of
# the whole, 400 Hz to 2 kHz -8, 5 to 10 kHz -25, 10 to 16 kHz -28), moved for each genre: club
# music has more below 60 Hz and above 8 kHz, acoustic music and lofi less of both.
TONES: dict[str, Tone] = {
    "synthwave": Tone((-12, -8, -10, -13, -15, -18, -21.5, -26, -29.5, -37), -4.5, 10.5),
    "lofi": Tone((-12, -8, -10, -12.5, -15, -18, -22, -27, -31.5, -41), -5.5, 11.5),
    "ambient": Tone((-13, -9.5, -10.5, -12, -14, -17, -21.5, -26.5, -31, -38), -4.2, 13.0),
    "house": Tone((-9.5, -7, -11, -14, -16, -18.5, -21.5, -25, -28, -34), -5.0, 9.5),
    "techno": Tone((-8, -7, -11, -14.5, -16.5, -18.5, -21.5, -25, -28, -34), -5.5, 9.5),
    "drum_and_bass": Tone((-8.5, -7, -10.5, -13.5, -15.5, -18, -21, -25, -28.5, -34.5), -5.0, 9.0),
    "trap": Tone((-7, -7, -11, -14, -16.5, -19, -22.5, -26.5, -29.5, -35.5), -5.5, 9.0),
    "indie_pop": Tone((-13, -8.5, -10, -12.5, -14.5, -17, -20.5, -25.5, -29.5, -37), -5.0, 10.5),
    "folk": Tone((-16, -10, -10, -12, -14, -17, -21.5, -27, -32, -40), -5.0, 12.5),
    "cinematic": Tone((-12, -9, -10, -12, -14.5, -17.5, -21.5, -27, -31.5, -39), -4.3, 13.0),
    "hyperpop": Tone((-9.5, -7.5, -10.5, -13.5, -15.5, -18, -20.5, -24.5, -27.5, -33.5), -4.0, 8.5),
    "reggaeton": Tone((-8, -7, -10.5, -13.5, -16, -18.5, -21.5, -25.5, -28.5, -34.5), -5.5, 9.0),
    "afrobeats": Tone((-8.5, -7, -10.5, -13.5, -15.5, -18, -21.5, -25.5, -28.5, -34.5), -5.0, 9.5),
    "amapiano": Tone((-8, -6.5, -10.5, -13.5, -16, -18.5, -22, -26, -28.5, -34.5), -5.0, 10.0),
    "rnb": Tone((-8, -7, -10, -13, -15.5, -18.5, -22, -26.5, -30, -36.5), -5.5, 10.0),
    "country": Tone((-14, -9, -10, -12.5, -14.5, -17, -20.5, -25.5, -30, -38), -5.5, 11.0),
    "metal": Tone((-11, -7.5, -9.5, -13, -15.5, -16.5, -18.5, -22.8, -28.5, -36.5), -4.5, 9.0),
    "classical_piano": Tone(
        (-20, -12, -10, -11, -13, -16.5, -21, -27, -33, -42), -6.0, 13.0
    ),
    "phonk": Tone((-7, -6.5, -10, -13, -15.5, -18, -21.5, -25.5, -29, -35.5), -5.5, 8.5),
    "chillhop": Tone((-12, -8, -10, -12.5, -15, -17.5, -21.5, -26.5, -30.5, -39), -5.0, 11.5),
}  # fmt: skip


def bands_db(power: Doubles) -> Doubles:
    """Return the level of each third-octave band of a power spectrum of _FRAME frames."""
    hz = scipy.fft.rfftfreq(_FRAME, 1 / SAMPLE_RATE_HZ)
    total = np.append(0.0, np.cumsum(power))
    # A low band is narrower than a bin, so the edges lie between bins.
    step = SAMPLE_RATE_HZ / _FRAME
    edges = np.append(hz - step / 2, hz[-1] + step / 2)
    low, high = (np.interp(CENTRES_HZ * 2.0**part, edges, total) for part in (-1 / 6, 1 / 6))
    return np.asarray(10.0 * np.log10(high - low + 1e-15))


def middle_and_side(mix: Signal) -> tuple[Signal, Signal]:
    half = np.float32(0.5)
    return (mix[0] + mix[1]) * half, (mix[0] - mix[1]) * half


def power_of(row: Signal) -> Doubles:
    """Return the mean power spectrum of a mono signal, Hann frames of _FRAME."""
    frames = np.lib.stride_tricks.sliding_window_view(row, _FRAME)[:: _FRAME * 3 // 4]
    window = np.hanning(_FRAME).astype(np.float32)
    total = np.zeros(_FRAME // 2 + 1)
    for start in range(0, len(frames), 64):
        spectra = scipy.fft.rfft(frames[start : start + 64] * window, axis=1)
        total += (spectra.real**2 + spectra.imag**2).sum(axis=0, dtype=np.float64)
    return total / max(1, len(frames))


@dataclass(frozen=True)
class Correction:
    """Gains in dB of third-octave bands at CENTRES_HZ."""

    middle_db: Doubles
    side_db: Doubles


def correction_of(
    middle: Doubles, side: Doubles, tone: Tone, *, tilt_db: float, wider_db: float
) -> Correction:
    """Return what brings bands of these levels to the tone.

    tilt_db: an artist's own rise from the lowest to the highest band. wider_db: an artist's own
    width. Both keep artists of one genre apart.
    """
    power = 10.0 ** (middle / 10.0) + 10.0 ** (side / 10.0)
    total_db = 10.0 * np.log10(power)
    wanted_db = tone.spectrum_at(CENTRES_HZ) + tilt_db * np.linspace(-0.5, 0.5, len(CENTRES_HZ))
    gain_db = wanted_db - total_db
    # Centred before the limits, on the bands that hold most of the sound.
    gain_db -= np.average(gain_db, weights=power)
    gain_db = _limited(gain_db, total_db)
    ratio_db = side - middle
    turn_db = np.clip(_ratio_db(tone.side_db + wider_db) - ratio_db, _NARROWER_DB, _WIDER_DB)
    turn_db = np.convolve(np.pad(turn_db, 2, mode="edge"), _SMOOTHING, "valid")
    mono = CENTRES_HZ < MONO_BELOW_HZ
    turn_db[mono] = _MONO_DB
    # The sum of both keeps the level that gain_db gives it.
    before, after = (10.0 ** (db / 10.0) for db in (ratio_db, ratio_db + turn_db))
    middle_db = gain_db + 10.0 * np.log10((1.0 + before) / (1.0 + after))
    return Correction(middle_db, middle_db + turn_db)


def _ratio_db(side_db: float) -> Doubles:
    """Return the wanted side against the middle of each band: narrow lows, a little wider highs."""
    hz = (MONO_BELOW_HZ, 300.0, 4000.0, 8000.0)
    levels = (side_db - 8.0, side_db, side_db, side_db + 1.5)
    return np.interp(np.log2(CENTRES_HZ), np.log2(hz), levels)


def matched(mix: Signal, tone: Tone, *, tilt_db: float = 0.0, wider_db: float = 0.0) -> None:
    """Move a stereo mix to the tone, in place; its level changes a little."""
    if mix.shape[1] < _FRAME or not mix.any():
        return
    middle, side = middle_and_side(mix)
    correction = correction_of(
        bands_db(power_of(middle)),
        bands_db(power_of(side)),
        tone,
        tilt_db=tilt_db,
        wider_db=wider_db,
    )
    middle = _convolved(middle, correction.middle_db)
    side = _convolved(side, correction.side_db)
    np.add(middle, side, out=mix[0])
    np.subtract(middle, side, out=mix[1])


def shaped(row: Signal, spectrum_db: tuple[float, ...]) -> Signal:
    """Return a mono sound with the spectrum of levels at KNOTS_HZ, as far as a filter may go."""
    if len(row) < _FRAME or not row.any():
        return row
    levels_db = bands_db(power_of(row))
    gain_db = np.interp(np.log2(CENTRES_HZ), np.log2(KNOTS_HZ), spectrum_db) - levels_db
    gain_db -= np.average(gain_db, weights=10.0 ** (levels_db / 10.0))
    return _convolved(row, _limited(gain_db, levels_db))


def _limited(gain_db: Doubles, levels_db: Doubles) -> Doubles:
    """Return smooth gains within what a filter may do to bands of these levels."""
    gain_db = np.convolve(np.pad(gain_db, 2, mode="edge"), _SMOOTHING, "valid")
    gain_db = np.clip(gain_db, _CUT_DB, _BOOST_DB)
    return np.where(levels_db < levels_db.max() + _EMPTY_DB, 0.0, gain_db)


def _convolved(row: Signal, gains_db: Doubles) -> Signal:
    """Apply gains by a filter that delays nothing."""
    hz = np.maximum(scipy.fft.rfftfreq(_TAPS, 1 / SAMPLE_RATE_HZ), 1.0)
    response = 10.0 ** (np.interp(np.log2(hz), np.log2(CENTRES_HZ), gains_db) / 20.0)
    taps = np.roll(scipy.fft.irfft(response, _TAPS), _TAPS // 2)[1:] * np.hanning(_TAPS + 1)[1:-1]
    return np.asarray(
        scipy.signal.oaconvolve(row, taps.astype(np.float32), mode="same"), dtype=np.float32
    )
