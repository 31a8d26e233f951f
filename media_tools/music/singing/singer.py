"""Chooses an artist's singer: one voice made into many, always the same for an artist."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from media_tools.music.singing.melody import Range
from media_tools.music.singing.performance import Throat
from media_tools.seeds import stream


class Register(NamedTuple):
    """A kind of voice."""

    name: str
    voice: Range
    formant: float  # middle of the factors on the vocal tract
    octave: int  # as Throat.octave
    weight: int  # how many of a hundred artists have it


REGISTERS = (
    Register("soprano", Range(60, 76), 1.05, 0, 18),
    Register("mezzo", Range(57, 72), 1.0, 0, 34),
    Register("alto", Range(53, 68), 0.95, 0, 26),
    Register("tenor", Range(48, 63), 0.86, 1, 14),
    Register("baritone", Range(47, 61), 0.84, 1, 8),
)


@dataclass(frozen=True)
class Singer:
    """The voice of one artist."""

    register: str  # name in REGISTERS
    voice: Range
    throat: Throat
    detune_cents: tuple[float, float]  # of the doubles, left and right
    delay_s: tuple[float, float]  # of the doubles, left and right

    def as_json(self) -> dict[str, object]:
        return {
            "register": self.register,
            "range": [self.voice.low, self.voice.high],
            "formant": round(self.throat.formant, 3),
            "breath": round(self.throat.breath, 3),
            "vibrato_cents": round(self.throat.vibrato_cents, 1),
        }


def partner_of(singer: Singer) -> tuple[Throat, int]:
    """Return the throat of the singer's partner in duets, and the semitones to its notes.

    A low voice joins a high one an octave below, and the other way round.
    """
    is_high = singer.throat.octave == 0
    factor, move = (0.84, -12) if is_high else (1.18, 0)
    throat = replace(
        singer.throat,
        formant=singer.throat.formant * factor,
        vibrato_cents=0.8 * singer.throat.vibrato_cents,
    )
    return throat, move


def singer_of(artist_sound: str) -> Singer:
    """Return the singer of an artist; the same text always gives the same voice."""
    rng = stream("singer", artist_sound)
    weights = [register.weight for register in REGISTERS]
    pick = int(rng.choice(len(REGISTERS), p=[weight / sum(weights) for weight in weights]))
    register = REGISTERS[pick]
    throat = Throat(
        formant=register.formant * float(rng.uniform(0.96, 1.04)),
        breath=float(rng.uniform(-0.4, 0.8)),
        octave=register.octave,
        vibrato_cents=float(rng.uniform(16.0, 38.0)),
        vibrato_hz=float(rng.uniform(5.1, 5.9)),
    )
    detune = (-float(rng.uniform(6.0, 11.0)), float(rng.uniform(6.0, 11.0)))
    delay = (float(rng.uniform(0.012, 0.018)), float(rng.uniform(0.02, 0.027)))
    return Singer(register.name, register.voice, throat, detune, delay)
