"""Sings one line of lyrics with one throat: brings timing, pitch and timbre together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from media_tools.music.singing.curve import hz_of, pitch_curve
from media_tools.music.singing.measure import onset_errors_s
from media_tools.music.singing.phrase import Phrase, SungNote
from media_tools.music.singing.timing import TimeMap, landmarks, nominal_centres, time_map
from media_tools.music.singing.vocoder import Timbre, sound, timbre
from media_tools.music.singing.voice import (
    FRAME_S,
    FRAMES_PER_UNIT,
    Floats,
    Prosody,
    Spectra,
    Voice,
)
from media_tools.seeds import stream

RUN_UP_S = 0.4  # time before the first vowel, for its leading consonants
_TAIL_S = 0.1
_REHEARSALS = 3
_ON_TIME_S = 0.01  # nobody hears that a vowel is this early or late

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class Throat:
    """What makes one singer's voice."""

    formant: float = 1.0  # factor on the vocal tract's frequencies; above 1 sounds smaller
    breath: float = 0.0  # nepers of noise added
    octave: int = 0  # from the notes to the pitch the network gets, for very low voices
    vibrato_cents: float = 28.0  # depth to either side
    vibrato_hz: float = 5.5


@dataclass(frozen=True)
class Spoken:
    """What a voice said, and when it should sound."""

    spectra: Spectra
    voiced: Doubles  # per frame
    placed: TimeMap
    notes: Sequence[Sequence[SungNote]]


@dataclass(frozen=True)
class Performance:
    """A line ready to sound, in seconds from the line's own zero."""

    notes: tuple[SungNote, ...]
    starts_s: tuple[float, ...]  # where each syllable's vowel should begin
    times_s: Doubles  # of the frames
    timbre: Timbre
    throat: Throat
    spoken: Spoken

    def by(self, throat: Throat) -> Performance:
        """Return the line as another throat sings it."""
        return _sung(self.spoken, throat)

    def curve(self, notes: Sequence[SungNote] | None = None) -> Doubles:
        """Return the frequency of each frame. notes: of another melody for the same words."""
        throat = self.throat
        pitches = pitch_curve(
            self.notes if notes is None else notes,
            self.times_s,
            vibrato_cents=throat.vibrato_cents,
            vibrato_hz=throat.vibrato_hz,
        )
        return hz_of(pitches)

    def sound(self, f0_hz: Doubles, rng: np.random.Generator) -> Floats:
        """Return the line at 24 kHz; its first sample is the line's zero."""
        return sound(self.timbre, f0_hz, rng)


def perform(
    voice: Voice, phrase: Phrase, notes: Sequence[Sequence[SungNote]], throat: Throat
) -> Performance:
    """Sing a phrase. notes: one group per syllable, the first one starting at RUN_UP_S or later.

    The result is measured: if a vowel is heard off its note, the line is timed again.
    """
    ids = voice.ids(phrase.symbols)
    prosody = voice.prosody(ids)
    told_hz, pitched = _told_pitch(phrase, prosody, notes, throat)
    spectra = voice.spectra(ids, prosody.units, told_hz)
    marks = landmarks(phrase, prosody.units, _power(spectra, pitched))
    placed = time_map(marks, notes)
    sung = _sung(Spoken(spectra, pitched, placed, notes), throat)
    best, heard_s = marks, np.full(len(notes), np.inf)
    for _ in range(_REHEARSALS):
        late_s = onset_errors_s(sung.sound(sung.curve(), stream("rehearsal")), sung.starts_s)
        best = best.with_onsets(np.where(np.abs(late_s) < heard_s, marks.onsets, best.onsets))
        heard_s = np.minimum(heard_s, np.abs(late_s))
        if heard_s.max() <= _ON_TIME_S:
            break
        wrong = heard_s > _ON_TIME_S
        moved = placed.source(np.array(sung.starts_s) + late_s)
        marks = best.with_onsets(np.where(wrong, moved, best.onsets))
        placed = time_map(marks, notes)
        sung = _sung(Spoken(spectra, pitched, placed, notes), throat)
    return _sung(Spoken(spectra, pitched, time_map(best, notes), notes), throat)


def _sung(spoken: Spoken, throat: Throat) -> Performance:
    """Return the spoken line in the time of the map."""
    placed, notes = spoken.placed, spoken.notes
    count = int(np.ceil((placed.end_s + _TAIL_S) / FRAME_S))
    times_s: Doubles = np.arange(count, dtype=np.float64) * FRAME_S
    source = placed.source(times_s)
    voiced = np.interp(source, np.arange(len(spoken.voiced)), spoken.voiced)
    held = placed.is_held(times_s)
    made = timbre(
        spoken.spectra,
        source,
        voiced=np.where(held, 1.0, voiced).astype(np.float32),
        held=held,
        gain=placed.gain(times_s),
        formant=throat.formant,
        breath=throat.breath,
    )
    melody = tuple(note for group in notes for note in group)
    starts_s = tuple(group[0].start_s for group in notes)
    return Performance(melody, starts_s, times_s, made, throat, spoken)


def _told_pitch(
    phrase: Phrase, prosody: Prosody, notes: Sequence[Sequence[SungNote]], throat: Throat
) -> tuple[Floats, Doubles]:
    """Return the network's pitch for each frame of the spoken line, and which frames are voiced.

    Vowels are voiced even where the voice would whisper or creak; the tail is left as spoken.
    """
    frames = np.arange(len(prosody.f0_hz), dtype=float)
    voiced = prosody.voiced.copy()
    centres = nominal_centres(phrase, prosody.units)
    for centre in centres.tolist():
        voiced[max(0, round(centre) - 2) : round(centre) + 3] = True
    pitches = np.interp(frames, centres, [float(group[0].pitch) for group in notes])
    sung_hz = hz_of(pitches + 12.0 * throat.octave)
    count = len(phrase.symbols)
    inside = frames < prosody.units[: count + 1].sum() * FRAMES_PER_UNIT
    told = np.where(inside, np.where(voiced, sung_hz, 0.0), prosody.f0_hz)
    return told.astype(np.float32), voiced.astype(float)


def _power(spectra: Spectra, voiced: Doubles) -> Floats:
    """Return the power of the spoken line, shape (bins, frames)."""
    harmonic = np.exp(2.0 * np.minimum(spectra.log_harmonic, 7.0)) * voiced
    return np.asarray(
        harmonic + np.exp(2.0 * spectra.log_noise) + np.exp(2.0 * spectra.log_free),
        dtype=np.float32,
    )
