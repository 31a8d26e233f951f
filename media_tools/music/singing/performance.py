"""One line of lyrics sung by one throat: timing, pitch and timbre brought together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from media_tools.music.singing.bands import band_levels_db
from media_tools.music.singing.curve import hz_of, pitch_curve
from media_tools.music.singing.phrase import Phrase, SungNote
from media_tools.music.singing.timing import TimeMap, heard_edges, spoken_edges, time_map
from media_tools.music.singing.vocoder import Timbre, sound, timbre
from media_tools.music.singing.voice import FRAME_S, Floats, Prosody, Spectra, Voice

RUN_UP_S = 0.4  # time before the first vowel, for the consonants that lead to it
_TAIL_S = 0.1
_CLEAR_BINS = 250  # loudness of a vowel is judged below 5 kHz
_DIPHTHONGS = frozenset("AIOQWY")

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class Throat:
    """What makes one singer's voice.

    formant: factor on the vocal tract's frequencies (above 1 smaller and brighter). breath:
    nepers of noise added. octave: octaves between the notes and the pitch the network is told,
    for a throat far from its own. vibrato_cents: depth to either side.
    """

    formant: float = 1.0
    breath: float = 0.0
    octave: int = 0
    vibrato_cents: float = 28.0
    vibrato_hz: float = 5.5


@dataclass(frozen=True)
class Performance:
    """A line ready to sound. times_s: of its frames, from the line's own zero; notes likewise."""

    notes: tuple[SungNote, ...]
    times_s: Doubles
    timbre: Timbre
    throat: Throat

    def curve(self, *, semitones: float = 0.0, notes: Sequence[SungNote] | None = None) -> Doubles:
        """Frequency of each frame; other notes sing another melody with the same words."""
        throat = self.throat
        pitches = pitch_curve(
            self.notes if notes is None else notes,
            self.times_s,
            vibrato_cents=throat.vibrato_cents,
            vibrato_hz=throat.vibrato_hz,
        )
        return hz_of(pitches + semitones)

    def sound(self, f0_hz: Doubles, rng: np.random.Generator) -> Floats:
        """The line at 24 kHz; its first sample is the line's zero."""
        return sound(self.timbre, f0_hz, rng)


def perform(
    voice: Voice, phrase: Phrase, notes: Sequence[Sequence[SungNote]], throat: Throat
) -> Performance:
    """Sing a phrase. notes: one group a syllable, the first one starting at RUN_UP_S or later."""
    ids = voice.ids(phrase.symbols)
    prosody = voice.prosody(ids)
    count = len(phrase.symbols)
    melody = tuple(note for group in notes for note in group)
    edges = spoken_edges(prosody.units, count)
    told_hz, pitched = _told_pitch(phrase, prosody, time_map(phrase, edges, notes), melody, throat)
    spectra = voice.spectra(ids, prosody.units, told_hz)
    power = _power(spectra, pitched)
    edges = heard_edges(phrase, edges, band_levels_db(power))
    placed = time_map(phrase, edges, notes)
    times_s = np.arange(int(np.ceil((placed.end_s + _TAIL_S) / FRAME_S))) * FRAME_S
    holds = _loudest_frames(phrase, placed, power)
    source, held = placed.source(times_s, holds)
    voiced = np.interp(source, np.arange(len(pitched)), pitched).astype(np.float32)
    made = timbre(
        spectra,
        source,
        voiced=voiced,
        held=held & (voiced > 0.5),
        gain=placed.gain(times_s),
        formant=throat.formant,
        breath=throat.breath,
    )
    return Performance(melody, times_s, made, throat)


def _told_pitch(
    phrase: Phrase,
    prosody: Prosody,
    placed: TimeMap,
    melody: tuple[SungNote, ...],
    throat: Throat,
) -> tuple[Floats, Doubles]:
    """The pitch the network is given, frame by frame of the spoken line, and where it is voiced.

    Vowels are voiced even where the voice would whisper or creak; the tail is left as spoken.
    """
    spoken = np.arange(len(prosody.f0_hz))
    voiced = prosody.voiced.copy()
    vowels = {syllable.vowel for syllable in phrase.syllables}
    for span in placed.spans:
        if span.symbol in vowels:
            voiced[round(span.first) : round(span.last) + 1] = True
    curve = pitch_curve(melody, placed.target(spoken.astype(float)), vibrato_cents=0.0)
    sung_hz = hz_of(curve + 12.0 * throat.octave)
    inside = spoken < placed.spans[-1].last
    told = np.where(inside, np.where(voiced, sung_hz, 0.0), prosody.f0_hz)
    return told.astype(np.float32), voiced.astype(float)


def _power(spectra: Spectra, voiced: Doubles) -> Floats:
    """Power of the spoken line, shape (bins, frames)."""
    harmonic = np.exp(2.0 * np.minimum(spectra.log_harmonic, 7.0)) * voiced
    return np.asarray(
        harmonic + np.exp(2.0 * spectra.log_noise) + np.exp(2.0 * spectra.log_free),
        dtype=np.float32,
    )


def _loudest_frames(phrase: Phrase, placed: TimeMap, power: Floats) -> dict[int, float]:
    """For each held vowel the frame to stay on: its loudest, in the first part of a diphthong."""
    loudness = power[:_CLEAR_BINS].sum(axis=0)
    holds: dict[int, float] = {}
    for span in placed.spans:
        if not span.held:
            continue
        first, last = round(span.first), round(span.last)
        if phrase.symbols[span.symbol] in _DIPHTHONGS:
            last = first + max(1, (last - first) * 3 // 5)
        last = min(max(last, first + 1), len(loudness))
        holds[span.symbol] = float(first + int(np.argmax(loudness[first:last])))
    return holds
