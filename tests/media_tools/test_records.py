"""Dataclasses come back from JSON as themselves, or say which field does not fit."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

import pytest

from media_tools.records import Unreadable, from_json, to_json


class Mood(StrEnum):
    CALM = "calm"


@dataclass(frozen=True)
class Part:
    kind: Literal["verse", "chorus"]
    start_s: float


@dataclass(frozen=True)
class Song:
    parts: tuple[Part, ...]
    range_s: tuple[float, float]
    mood: Mood
    bars: int
    sung: bool = False
    tempo_bpm: float | None = None
    figures: dict[str, float | None] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    files: tuple[str | Path, ...] = ()


SONG = Song(
    parts=(Part("verse", 0.0), Part("chorus", 8.5)),
    range_s=(0.0, 80.0),
    mood=Mood.CALM,
    bars=32,
    sung=True,
    tempo_bpm=104.0,
    figures={"crest_db": 12.0, "tempo_bpm": None},
    facts={"chords": ["Am", {"at": 1}]},
    files=("clip 1",),
)


def stored(song: Song = SONG, **changes: Any) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(json.dumps(to_json(song)))
    return kept | changes


def test_a_record_comes_back_as_itself() -> None:
    assert from_json(Song, stored()) == SONG


def test_missing_keys_take_defaults_and_unknown_ones_are_ignored() -> None:
    kept = stored(colour="blue")
    del kept["tempo_bpm"], kept["figures"]

    song = from_json(Song, kept)

    assert (song.tempo_bpm, song.figures) == (None, {})


def test_whole_numbers_are_read_as_the_floats_they_stand_for() -> None:
    song = from_json(Song, stored(tempo_bpm=104, range_s=[0, 80]))

    assert isinstance(song.tempo_bpm, float)
    assert all(isinstance(end, float) for end in song.range_s)


@pytest.mark.parametrize(
    ("changes", "field_name"),
    [
        ({"bars": "many"}, "Song.bars"),
        ({"bars": True}, "Song.bars"),
        ({"sung": 1}, "Song.sung"),
        ({"tempo_bpm": "nan"}, "Song.tempo_bpm"),
        ({"mood": "wild"}, "Song.mood"),
        ({"range_s": [0.0]}, "Song.range_s"),
        ({"parts": {"kind": "verse"}}, "Song.parts"),
        ({"parts": [{"kind": "solo", "start_s": 0.0}]}, "Song.parts: Part.kind"),
        ({"parts": [{"kind": "verse"}]}, "start_s"),
        ({"figures": []}, "Song.figures"),
    ],
)
def test_what_does_not_fit_is_named(changes: dict[str, Any], field_name: str) -> None:
    with pytest.raises(Unreadable, match=field_name):
        from_json(Song, stored(**changes))


def test_what_is_no_object_is_no_record() -> None:
    with pytest.raises(Unreadable, match="Song"):
        from_json(Song, [1, 2])


def test_a_type_json_cannot_hold_is_a_fault_of_the_program() -> None:
    @dataclass(frozen=True)
    class Odd:
        value: bytes

    with pytest.raises(TypeError, match="bytes"):
        from_json(Odd, {"value": "x"})
