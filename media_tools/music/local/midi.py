"""Writes the score as a standard MIDI file, for editing and for the archive."""

from __future__ import annotations

from pathlib import Path

import mido

from media_tools.files import atomic_output
from media_tools.music.local.drums import DRUM_PARTS
from media_tools.music.local.patches import PATCHES
from media_tools.music.local.score import Note, Score
from media_tools.music.local.sound import ArtistSound

TICKS_PER_BEAT = 480
_DRUM_CHANNEL = 9
_VOICE_PROGRAM = 53  # "Voice Oohs" of General MIDI, counted from 0


def write_midi(
    score: Score, sound: ArtistSound, title: str, path: Path, vocals: tuple[Note, ...] = ()
) -> None:
    """Write one track per part, with tempo and section markers on the first, drums on channel 10.

    vocals: the sung melody, on its own track.
    """
    file = mido.MidiFile(ticks_per_beat=TICKS_PER_BEAT)
    file.tracks.append(_conductor(score, title))
    channels = (channel for channel in range(16) if channel != _DRUM_CHANNEL)
    for part, notes in score.parts.items():
        if part in DRUM_PARTS:
            file.tracks.append(_track(part, notes, _DRUM_CHANNEL, program=None))
        else:
            patch = PATCHES[sound.patches[part]]
            moved = tuple(note._replace(pitch=note.pitch + patch.transpose) for note in notes)
            file.tracks.append(_track(part, moved, next(channels), program=patch.program))
    if vocals:
        file.tracks.append(_track("vocals", vocals, next(channels), program=_VOICE_PROGRAM))
    with atomic_output(path) as partial:
        file.save(partial)


def _conductor(score: Score, title: str) -> mido.MidiTrack:
    track = mido.MidiTrack()
    # MIDI text is Latin-1.
    name = title.encode("latin-1", "replace").decode("latin-1")
    track.append(mido.MetaMessage("track_name", name=name))
    track.append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(score.tempo_bpm)))
    track.append(mido.MetaMessage("time_signature", numerator=4, denominator=4))
    last = 0
    for section in score.form:
        tick = round(section.start * TICKS_PER_BEAT)
        track.append(mido.MetaMessage("marker", text=section.kind, time=tick - last))
        last = tick
    return track


def _track(name: str, notes: tuple[Note, ...], channel: int, program: int | None) -> mido.MidiTrack:
    track = mido.MidiTrack()
    track.append(mido.MetaMessage("track_name", name=name))
    if program is not None:
        track.append(mido.Message("program_change", channel=channel, program=program))
    events: list[tuple[int, int, int, int]] = []
    for note in notes:
        start = round(note.start * TICKS_PER_BEAT)
        end = max(start + 1, round((note.start + note.length) * TICKS_PER_BEAT))
        velocity = min(127, max(1, round(note.velocity * 112)))
        events.append((start, 1, note.pitch, velocity))
        events.append((end, 0, note.pitch, 0))
    last = 0
    for tick, on, pitch, velocity in sorted(events):
        kind = "note_on" if on else "note_off"
        message = mido.Message(
            kind, channel=channel, note=pitch, velocity=velocity, time=tick - last
        )
        track.append(message)
        last = tick
    return track
