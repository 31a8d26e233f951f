"""The last bar of a track: how the music ends."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from media_tools.music.local.drums import GM_DRUMS
from media_tools.music.local.melody import Hook
from media_tools.music.local.score import BEATS_PER_BAR, Note, Score
from media_tools.music.local.theory import Chord, nearest_pitch, voicing

# held: one long chord. stop: three short hits. rolled: the chord string by string, slowly. amen:
# from the fourth step's chord home. recall: the hook's first notes over the last chord. climb:
# single tones up to the highest.
KINDS = ("held", "stop", "rolled", "amen", "recall", "climb")
_BASS_CENTRE = 38
_LOW, _HIGH = 50, 76

Hits = Iterator[tuple[str, Note]]


def last_tokens(kind: str) -> list[str]:
    """Return the chords of the last bar, as progression tokens."""
    return ["4", "1"] if kind == "amen" else ["1"]


def ending_notes(kind: str, score: Score, hook: Hook, layers: Collection[str]) -> Hits:
    """Yield the notes of the last bar. layers: the parts of the last section."""
    start = score.beats - BEATS_PER_BAR
    comping = "chords" if "chords" in layers else "pad"
    if kind == "stop":
        for beat in (0.0, 1.5, 3.0):
            yield from _chord(score, start + beat, 0.5, ("pad", comping), force=0.6 + 0.1 * beat)
            yield from _hit(start + beat, layers, force=0.6 + 0.1 * beat)
        return
    if kind == "amen":
        yield from _chord(score, start, 2.0, ("pad", comping))
        yield from _chord(score, start + 2.0, 2.0, ("pad", comping))
        yield from _hit(start + 2.0, layers, force=0.7)
        return
    if kind == "rolled":
        yield from _single(score.chord_at(start), start, "chords", step=0.5, voices=5)
        yield from _chord(score, start, 4.0, ("pad",), force=0.55)
        return
    if kind == "climb":
        yield from _single(score.chord_at(start), start, "arp", step=0.75, voices=4)
        yield from _chord(score, start, 4.0, ("pad",), force=0.5)
        return
    if kind == "recall":
        yield from _recalled(score, start, hook)
        yield from _chord(score, start, 4.0, ("pad",), force=0.6)
        return
    yield from _chord(score, start, 4.0, ("pad", comping))
    yield from _hit(start, layers, force=0.8)


def _chord(
    score: Score, start: float, length: float, parts: Collection[str], force: float = 0.75
) -> Hits:
    """The chord at a beat in some parts, and its root in the bass."""
    chord = score.chord_at(start)
    for part in dict.fromkeys(parts):
        for voice, pitch in enumerate(voicing(chord, None, _LOW, _HIGH)):
            delay = 0.03 * voice
            yield part, Note(start + delay, length - delay, pitch, force * (1 - 0.04 * voice))
    root = nearest_pitch(chord.root_pc, _BASS_CENTRE)
    yield "bass", Note(start, length * 0.95, root, force)


def _hit(start: float, layers: Collection[str], force: float) -> Hits:
    if "kick" in layers:
        yield "kick", Note(start, 1.0, GM_DRUMS["K"], force)
        yield "hats", Note(start, 1.0, GM_DRUMS["Y"], force * 0.6)


def _single(chord: Chord, start: float, part: str, *, step: float, voices: int) -> Hits:
    """The tones of the chord one after another, each held to the end."""
    pitches = [*voicing(chord, None, _LOW, _HIGH)]
    ladder = [pitch + 12 * octave for octave in range(2) for pitch in pitches][:voices]
    for number, pitch in enumerate(ladder):
        place = number * step
        yield part, Note(start + place, BEATS_PER_BAR - place, pitch, 0.7 - 0.06 * number)


def _recalled(score: Score, start: float, hook: Hook) -> Hits:
    """The first notes of the hook, and a tone of the chord to hold."""
    chord = score.chord_at(start)
    for note in [note for note in hook.motifs["A"] if note.start < 2.0][:4]:
        pitch = chord.pitch(chord.degree + 7 + note.height)
        yield "lead", Note(start + note.start, min(note.length, 2.0 - note.start), pitch, 0.55)
    yield "lead", Note(start + 2.0, 2.0, chord.pitch(chord.degree + 9), 0.6)
