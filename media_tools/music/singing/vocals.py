"""Sings the vocals of a track: lead, doubles and harmonies, polished together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from media_tools.music.base import Section, TimedWord
from media_tools.music.local import effects
from media_tools.music.local.dsp import SAMPLE_RATE_HZ, Signal, filtered, gain_of
from media_tools.music.local.expression import swung
from media_tools.music.local.genre import VocalStyle
from media_tools.music.local.levels import loudness_db
from media_tools.music.local.score import Note, Score, ScoreSection
from media_tools.music.local.tone import shaped
from media_tools.music.singing import voice as neural
from media_tools.music.singing.answering import calls, hum
from media_tools.music.singing.lyrics import sections_of
from media_tools.music.singing.melody import (
    SetLine,
    VocalNote,
    harmony,
    set_section,
    shift_to,
)
from media_tools.music.singing.performance import RUN_UP_S, Performance, perform
from media_tools.music.singing.phrase import Phrase, SungNote, phrase_of
from media_tools.music.singing.rap import set_rap
from media_tools.music.singing.singer import Singer, partner_of
from media_tools.music.singing.voice import Floats, Reader, Voice
from media_tools.seeds import stream
from media_tools.text.lrc import section_places

LEVEL_DB = -18.0  # loudness of the finished vocals; the mix levels them against the backing
_DOUBLES_DB = -10.0  # only in choruses: beside a lone lead they blur its consonants
_HARMONY_DB = -12.0
_SECOND_DB = -8.0  # of a second singer
_SIDES = ((1.0, 0.1), (0.1, 1.0))
_HARMONY_SIDES = (0.55, 0.75)
# Levels of a finished lead at KNOTS_HZ: clear of mud at 200 to 400 Hz, present at 3 to 5 kHz, airy.
_LEAD_SPECTRUM_DB = (-40.0, -30.0, -16.0, -9.0, -5.0, -6.0, -7.0, -8.5, -13.0, -22.0)
_CALL_DB, _HUM_DB = -7.0, -2.0
_ECHOES_DB = (-9.0, -16.0)  # of a call, on the other side and back
_ECHO_BEATS = 0.75
_CALL_SIDES = ((1.0, 0.3), (0.3, 1.0))
_HUM_SIDES = (0.8, 0.75)
_HUM_HZ = 900.0  # closed lips let nothing above this through
_DRIFT_CENTS = 4.0
_SIBILANTS_HZ = 5200.0
_RELEASE_S = 0.09
_CONSONANTS_HZ, _CONSONANTS_DB = 2500.0, 6.0
_STEP = 256  # frames between gains of the consonants, 6 ms
_BLOCK = 1 << 16
_VELOCITY = 0.8

Doubles = NDArray[np.float64]

_PLAIN = VocalStyle()


@dataclass(frozen=True)
class Vocals:
    """The sung vocals of a track."""

    signal: Signal  # stereo, 44.1 kHz, at LEVEL_DB
    words: tuple[TimedWord, ...]
    notes: tuple[Note, ...]  # of the lead, in beats as heard
    sung_sections: tuple[ScoreSection, ...]
    lines_sung: int  # lines there was time for
    lines: int  # lines in the lyrics


@dataclass(frozen=True)
class Groove:
    """How the grid of a score is played; swing and step are those of the band."""

    score: Score
    swing: float
    step: float

    def seconds(self, beat: float) -> float:
        return self.score.seconds(swung(beat, self.swing, self.step))


def set_lyrics(
    score: Score, lyrics: str, singer: Singer, reader: Reader, *, raps: bool = False
) -> tuple[list[SetLine], int]:
    """Set the lyrics to the score's sections. Returns the lines, and how many the lyrics have.

    raps: verses are spoken in rhythm.
    """
    texts = sections_of(lyrics)
    if not texts:
        return [], 0
    track = [Section(section.kind, section.start, section.end) for section in score.form]
    places = section_places([text.kind for text in texts], track)
    lines: dict[int, list[tuple[int, Phrase]]] = {}
    for text, place in zip(texts, places, strict=True):
        for number, line in enumerate(text.lines):
            if words := reader.words(line):
                phrase = (text.first_line + number, phrase_of(words))
                lines.setdefault(place, []).append(phrase)
    shift = shift_to(score, [score.form[place] for place in sorted(lines)], singer.voice)
    lines_set: list[SetLine] = []
    for place in sorted(lines):
        section = score.form[place]
        rapped = raps and section.kind == "verse"
        spoken = set_rap(score, section, lines[place], singer.voice) if rapped else []
        lines_set += spoken or set_section(score, section, lines[place], singer.voice, shift=shift)
    return lines_set, sum(len(group) for group in lines.values())


def sing(
    score: Score,
    lyrics: str,
    singer: Singer,
    style: VocalStyle = _PLAIN,
    *,
    swing: tuple[float, float],
    seed: int,
    frames: int,
) -> Vocals | None:
    """Sing lyrics to a score. Returns None if the text has nothing that can be sung.

    swing: the band's swing and its step in beats. frames: length of the signal at 44.1 kHz.
    Raises ToolMissing if the voice is not installed.
    """
    reader = neural.load_reader()
    lines, wanted = set_lyrics(score, lyrics, singer, reader, raps=style.raps)
    if not lines:
        return None
    phrases = [phrase_of(reader.words(call)) for call in style.calls]
    del reader
    called = list(calls(score, lines, phrases, singer.voice, stream("calls", seed)))
    voice = neural.load_voice()
    throat = replace(singer.throat, formant=singer.throat.formant * style.formant)
    singer = replace(singer, throat=throat)
    groove = Groove(score, *swing)
    booth = _Booth(frames / SAMPLE_RATE_HZ)
    words: list[TimedWord] = []
    for number, line in enumerate(lines):
        takes = stream("sing", seed, number)
        words += _sing_line(booth, voice, groove, line, singer, takes, duet=style.duet)
    _sing_calls(booth, voice, groove, called, singer)
    if style.hums and (hummed := hum(score, lines, singer.voice)):
        _sing_hum(booth, voice, groove, hummed, singer)
    notes = tuple(
        Note(start, end - start, note.pitch, _VELOCITY)
        for line in lines
        for group in line.notes
        for note in group
        for start, end in [(swung(note.start, *swing), swung(note.end, *swing))]
    )
    sung = {index for index, section in enumerate(score.form) if _is_sung(section, lines)}
    return Vocals(
        signal=booth.mixed(frames),
        words=tuple(words),
        notes=notes,
        sung_sections=tuple(score.form[index] for index in sorted(sung)),
        lines_sung=len(lines),
        lines=wanted,
    )


def _is_sung(section: ScoreSection, lines: Sequence[SetLine]) -> bool:
    return any(section.start <= line.notes[0][0].start < section.end for line in lines)


def perform_line(
    voice: Voice, groove: Groove, line: SetLine, singer: Singer
) -> tuple[Performance, float]:
    """Sing a line by the lead alone. Returns it with the second of the track where its zero is."""
    zero_s = groove.seconds(line.notes[0][0].start) - RUN_UP_S
    notes = [_in_seconds(groove, group, zero_s) for group in line.notes]
    throat = replace(singer.throat, vibrato_cents=0.0) if line.spoken else singer.throat
    return perform(voice, line.phrase, notes, throat), zero_s


def _sing_line(
    booth: _Booth,
    voice: Voice,
    groove: Groove,
    line: SetLine,
    singer: Singer,
    rng: np.random.Generator,
    *,
    duet: bool,
) -> list[TimedWord]:
    """Sing one line with its doubles and harmony into the booth. Returns its words' times.

    duet: somebody else sings the harmony.
    """
    lead, zero_s = perform_line(voice, groove, line, singer)
    curve = lead.curve()
    booth.add_lead(lead.sound(curve * _drift(lead, 0.0, rng), rng), zero_s)
    if line.peak:
        for cents, delay_s, sides in zip(singer.detune_cents, singer.delay_s, _SIDES, strict=True):
            double = lead.sound(curve * _drift(lead, cents, rng), rng)
            booth.add_backing(double, zero_s + delay_s, sides, gain_of(_DOUBLES_DB))
        upper = [
            note
            for group in harmony(groove.score, line, singer.voice)
            for note in _in_seconds(groove, group, zero_s)
        ]
        second, level_db = lead, _HARMONY_DB
        if duet:
            throat, octave = partner_of(singer)
            second, level_db = lead.by(throat), _SECOND_DB
            upper = [note._replace(pitch=note.pitch + octave) for note in upper]
        sound = second.sound(second.curve(upper) * _drift(lead, 3.0, rng), rng)
        booth.add_backing(sound, zero_s + 0.008, _HARMONY_SIDES, gain_of(level_db))
    return _timed_words(groove, line)


def _sing_calls(
    booth: _Booth, voice: Voice, groove: Groove, called: Sequence[SetLine], singer: Singer
) -> None:
    """Sing ad-libs to one side and the other, with echoes; each word is sung once and repeated."""
    takes: dict[Phrase, Floats] = {}
    for number, line in enumerate(called):
        if line.phrase not in takes:
            lead, _ = perform_line(voice, groove, line, singer)
            takes[line.phrase] = lead.sound(lead.curve(), stream("call", number))
        zero_s = groove.seconds(line.start) - RUN_UP_S
        for turn, level_db in enumerate((0.0, *_ECHOES_DB)):
            late_s = groove.score.seconds(turn * _ECHO_BEATS)
            sides = _CALL_SIDES[(number + turn) % 2]
            gain = gain_of(_CALL_DB + level_db)
            booth.add_backing(takes[line.phrase], zero_s + late_s, sides, gain)


def _sing_hum(booth: _Booth, voice: Voice, groove: Groove, line: SetLine, singer: Singer) -> None:
    """Hum a line with closed lips."""
    lead, zero_s = perform_line(voice, groove, line, singer)
    rng = stream("hum")
    # Filters are made for the rate of the band.
    cutoff_hz = _HUM_HZ * SAMPLE_RATE_HZ / neural.SAMPLE_RATE_HZ
    sound = filtered(lead.sound(lead.curve() * _drift(lead, 0.0, rng), rng), "lowpass", cutoff_hz)
    booth.add_backing(sound, zero_s, _HUM_SIDES, gain_of(_HUM_DB))


def _in_seconds(groove: Groove, group: Sequence[VocalNote], zero_s: float) -> list[SungNote]:
    return [
        SungNote(groove.seconds(note.start) - zero_s, groove.seconds(note.end) - zero_s, note.pitch)
        for note in group
    ]


def _drift(lead: Performance, cents: float, rng: np.random.Generator) -> Doubles:
    """Return the factor on a take's pitch: detuned, and wandering slowly as a person does."""
    phases = rng.uniform(0.0, 2.0 * np.pi, 2)
    wander = np.sin(2 * np.pi * 0.7 * lead.times_s + phases[0])
    wander += 0.6 * np.sin(2 * np.pi * 1.9 * lead.times_s + phases[1])
    return np.asarray(2.0 ** ((cents + _DRIFT_CENTS * wander) / 1200.0))


def _timed_words(groove: Groove, line: SetLine) -> list[TimedWord]:
    """Return the time of each word, from its first vowel to the end of its last note."""
    syllables = zip(line.phrase.syllables, line.notes, strict=True)
    words = []
    for number, word_notes in groupby(syllables, key=lambda pair: pair[0].word):
        groups = [group for _, group in word_notes]
        start_s, end_s = groove.seconds(groups[0][0].start), groove.seconds(groups[-1][-1].end)
        text = line.phrase.words[number]
        words.append(TimedWord(round(start_s, 3), round(end_s, 3), text, line.line))
    return words


class _Booth:
    """Collects the takes at the voice's sample rate and polishes them together."""

    def __init__(self, seconds: float) -> None:
        count = int(np.ceil(seconds * neural.SAMPLE_RATE_HZ))
        self.lead = np.zeros((1, count), dtype=np.float32)
        self.backing = np.zeros((2, count), dtype=np.float32)

    def add_lead(self, sound: Floats, start_s: float) -> None:
        _add(self.lead, sound[np.newaxis], start_s)

    def add_backing(
        self, sound: Floats, start_s: float, sides: tuple[float, float], gain: float
    ) -> None:
        _add(self.backing, sound * (np.float32(gain) * np.array([sides], np.float32).T), start_s)

    def mixed(self, frames: int) -> Signal:
        """Return the polished vocals, stereo at 44.1 kHz, at LEVEL_DB. Empties the booth."""
        lead, self.lead = _resampled(self.lead, frames), self.lead[:, :0]
        # Both sides have the lead: together they are 3 dB louder than one.
        level = np.float32(gain_of(LEVEL_DB - 3.01 - loudness_db(lead)))
        lead *= level
        lead = _polished(_consonants_lifted(lead))
        lead[0] = shaped(lead[0], _LEAD_SPECTRUM_DB)
        backing, self.backing = _resampled(self.backing, frames), self.backing[:, :0]
        backing *= level
        backing = _polished(filtered(backing, "highpass", 220.0))
        backing += lead * np.float32(gain_of(LEVEL_DB - 3.01 - loudness_db(lead)))
        backing *= np.float32(gain_of(LEVEL_DB - loudness_db(backing)))
        return backing


def _add(target: Floats, sound: Floats, start_s: float) -> None:
    first = round(start_s * neural.SAMPLE_RATE_HZ)
    if first < 0:
        sound, first = sound[:, -first:], 0
    count = min(sound.shape[1], target.shape[1] - first)
    if count > 0:
        target[:, first : first + count] += sound[:, :count]


def _resampled(signal: Floats, frames: int) -> Signal:
    """Resample 24 to 44.1 kHz, cut or padded to this many frames."""
    result = np.zeros((signal.shape[0], frames), dtype=np.float32)
    for source, target in zip(signal, result, strict=True):
        moved = scipy.signal.resample_poly(source, 147, 80)[:frames]
        target[: len(moved)] = moved
    return result


def _consonants_lifted(signal: Signal) -> Signal:
    """Lift what has more highs than lows: the consonants, which a band covers first."""
    sharp = filtered(signal, "highpass", _CONSONANTS_HZ)
    count = signal.shape[1] // _STEP
    if not count:
        return signal

    def power(part: Signal) -> NDArray[np.float64]:
        steps = part[0, : count * _STEP].reshape(count, _STEP)
        return np.asarray((steps * steps).mean(axis=1, dtype=np.float64))

    share = power(sharp) / (power(signal) + 1e-9)
    gains_db = _CONSONANTS_DB * np.convolve(np.minimum(1.0, 1.5 * share), np.full(3, 1 / 3), "same")
    places = (np.arange(count) + 0.5) * _STEP
    for start in range(0, signal.shape[1], _BLOCK):
        frames = np.arange(start, min(start + _BLOCK, signal.shape[1]))
        gain = 10.0 ** (np.interp(frames, places, gains_db) / 20.0)
        signal[:, frames[0] : frames[-1] + 1] *= gain.astype(np.float32)
    return signal


def _polished(signal: Signal) -> Signal:
    """Remove rumble, tame sibilants, and even out levels; one or two channels."""
    signal = filtered(signal, "highpass", 95.0)
    sharp = filtered(signal, "highpass", _SIBILANTS_HZ)
    signal -= sharp
    signal += _compressed(sharp, threshold_db=LEVEL_DB - 12.0, ratio=4.0, attack_s=0.001)
    del sharp
    return _compressed(signal, threshold_db=LEVEL_DB - 6.0, ratio=3.0, attack_s=0.006)


def _compressed(signal: Signal, *, threshold_db: float, ratio: float, attack_s: float) -> Signal:
    stereo = np.broadcast_to(signal, (2, signal.shape[1]))
    squeezed = effects.compressed(
        stereo, threshold_db=threshold_db, ratio=ratio, attack_s=attack_s, release_s=_RELEASE_S
    )
    return squeezed[: signal.shape[0]]
