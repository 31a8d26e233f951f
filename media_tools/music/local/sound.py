"""The lasting sound of an artist: what stays the same from track to track."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from media_tools.music.local.genre import Genre
from media_tools.seeds import stream

T = TypeVar("T")
_TASTE = (0.6, 0.25, 0.1, 0.05)  # how often an artist takes its first, second ... favourite
_ECHO_BEATS = (0.5, 0.75, 1.0)
# How far an artist's mix may differ from the genre's; hook, bass and kick carry the track.
_BALANCE_DB = {
    "kick": 1.0,
    "snare": 2.0,
    "hats": 2.5,
    "perc": 2.5,
    "bass": 1.5,
    "chords": 2.0,
    "pad": 2.5,
    "arp": 2.5,
    "lead": 1.0,
    "counter": 2.0,
}


@dataclass(frozen=True)
class ArtistSound:
    """Drawn once from the artist's identity and the genre."""

    genre: str
    patches: dict[str, str]  # role -> patch name; the drum kit is "kit"
    brightness: float  # added to the synthesizer's filter levels
    detune: float  # factor, as are attack, drum_tune and reverb
    attack: float
    drum_tune: float
    reverb: float
    swing: float
    register: int  # semitones added to the hook's centre
    balance_db: dict[str, float]  # part -> offset to the genre's balance
    tilt_db: float  # rise of its spectrum from the lowest to the highest band
    width: float  # above 1 wider than the genre
    echo_beats: float  # time of the delay
    taste: str  # seed text that orders the favourites

    def favourite(self, what: str, options: tuple[T, ...], rng: np.random.Generator) -> T:
        """Draw one of the options by rng, with the artist's lasting preference for some."""
        order = stream("taste", self.taste, what).permutation(len(options))
        weights = np.array(_TASTE[: len(options)])
        pick = int(rng.choice(len(weights), p=weights / weights.sum()))
        return options[int(order[pick])]

    def as_json(self) -> dict[str, object]:
        return {
            "patches": dict(self.patches),
            "brightness": round(self.brightness, 3),
            "detune": round(self.detune, 3),
            "drum_tune": round(self.drum_tune, 3),
            "swing": round(self.swing, 3),
            "register": self.register,
            "balance_db": {part: round(value, 1) for part, value in self.balance_db.items()},
            "tilt_db": round(self.tilt_db, 2),
            "width": round(self.width, 3),
            "echo_beats": self.echo_beats,
        }


def sound_of(artist_sound: str, genre: Genre) -> ArtistSound:
    """Return the sound of an artist in a genre; the same text always gives the same sound."""
    rng = stream("artist-sound", artist_sound, genre.name)
    patches = {
        role: options[int(rng.integers(len(options)))] for role, options in genre.patches.items()
    }
    for role, beside in (("counter", "lead"), ("arp", "chords")):
        # Two voices with the same sound would blur into each other.
        spare = [name for name in genre.patches[role] if name != patches[beside]]
        if patches[role] == patches[beside] and spare:
            patches[role] = spare[int(rng.integers(len(spare)))]
    low, high = genre.swing
    return ArtistSound(
        genre=genre.name,
        patches=patches,
        brightness=float(rng.uniform(-0.6, 0.6)),
        detune=float(rng.uniform(0.7, 1.35)),
        attack=float(rng.uniform(0.8, 1.3)),
        drum_tune=float(rng.uniform(0.92, 1.1)),
        reverb=float(rng.uniform(0.85, 1.2)),
        swing=float(rng.uniform(low, high)),
        register=int(rng.integers(-2, 3)),
        balance_db={part: float(rng.uniform(-reach, reach)) for part, reach in _BALANCE_DB.items()},
        tilt_db=float(rng.uniform(-2.5, 2.5)),
        width=float(rng.uniform(0.7, 1.3)),
        echo_beats=float(rng.choice(_ECHO_BEATS)),
        taste=f"{artist_sound}/{genre.name}",
    )
