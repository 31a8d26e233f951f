from dataclasses import replace
from pathlib import Path

import mido

from media_tools.music.local.genres import SYNTHWAVE
from media_tools.music.local.midi import write_midi
from media_tools.music.local.score import Note, Score
from media_tools.music.local.sound import sound_of

SOUND = sound_of("Neon Fox", SYNTHWAVE)


def written(score: Score, folder: Path) -> mido.MidiFile:
    parts: dict[str, tuple[Note, ...]] = {
        "kick": (Note(0.0, 0.5, 36, 0.9),),
        "lead": (Note(1.0, 2.0, 69, 0.8),),
    }
    path = folder / "score.mid"
    write_midi(replace(score, parts=parts), SOUND, "Nachtfahrt – Ü", path)
    return mido.MidiFile(path)


def test_notes_tempo_and_markers_are_written(score: Score, tmp_path: Path) -> None:
    file = written(score, tmp_path)
    messages = [message for track in file.tracks for message in track]
    assert [m.text for m in messages if m.type == "marker"] == ["chorus"]
    assert [m.tempo for m in messages if m.type == "set_tempo"] == [500_000]
    lead = next(track for track in file.tracks if track.name == "lead")
    on, off = (m for m in lead if m.type in ("note_on", "note_off"))
    assert (on.note, on.time, off.time) == (69, 480, 960)


def test_drums_are_on_channel_ten(score: Score, tmp_path: Path) -> None:
    file = written(score, tmp_path)
    kick = next(track for track in file.tracks if track.name == "kick")
    assert {m.channel for m in kick if not m.is_meta} == {9}
