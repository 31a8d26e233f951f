"""Defines a genre for the local composer.

Progressions are scale degrees, one word per bar, "1/5" two chords in a bar (marks:
theory.chord_of). Bass, comping, arpeggio and melody patterns are bars of sixteen steps: "-" holds,
"." rests. In the bass a digit is a scale degree above the chord's root (8 the octave), "a" steps
towards the next root and "b" two, "^" slides up to the octave, "_" back to the root and "/" to the
next root; in comping "x" is a full hit, "o" a soft one, "u" the upper strings, "l" the lowest one
and "r" a chord rolled upwards; in arpeggios a digit is a chord tone counted from the lowest; in
melodies "x" starts a note. Layers name the parts of each kind of section; "+" adds a part from the
section's first return on.
"""

from __future__ import annotations

from dataclasses import dataclass, field

POP_MAJOR = ("1 5 6 4", "1 6 4 5", "4 5 3 6", "6 4 1 5", "1 4 6 5")
POP_MINOR = ("1 6 3 7", "1 7 6 7", "6 7 1 1", "1 4 6 5!", "1 3 7 4")


@dataclass(frozen=True)
class VocalStyle:
    """How a genre is sung."""

    raps: bool = False  # verses are spoken in rhythm
    calls: tuple[str, ...] = ()  # ad-libs that answer between lines
    hums: bool = False  # a section without words is hummed
    duet: bool = False  # a second voice has the harmony of the choruses
    formant: float = 1.0  # factor on the singer's vocal tract; above 1 sounds smaller


@dataclass(frozen=True)
class Genre:
    """The tempo, harmony, patterns and sounds of one genre."""

    name: str
    tempo_bpm: tuple[int, int]  # usual range
    tonics: tuple[str, ...]
    scales: tuple[str, ...]
    minor: tuple[str, ...]
    major: tuple[str, ...]
    forms: tuple[str, ...]
    layers: dict[str, str]
    members: tuple[int, ...]
    patches: dict[str, tuple[str, ...]]  # role -> the patches an artist may have
    bass: tuple[str, ...]
    comps: tuple[str, ...]
    arps: tuple[str, ...]
    verse_cells: tuple[str, ...]
    hook_cells: tuple[str, ...]
    fills: tuple[str, ...]
    # range of the first half of a pair of steps; 0.5 is straight
    swing: tuple[float, float] = (0.5, 0.5)
    swing_step: float = 0.25  # beats of a step, 0.25 or 0.5
    lead_centre: int = 72  # MIDI pitch the hook moves around
    mix_db: dict[str, float] = field(default_factory=dict)  # role -> offset to the standard balance
    duck: float = 0.3  # 0..1, how far the kick pushes the chords down
    lift: float = 0.0  # chance of a higher key in the last chorus
    reverb_s: float = 1.8  # decay time
    echo: float = 1.0  # how much of the delay is heard
    tape: bool = False  # wow, flutter and dulled highs
    sweep: bool = False  # filters open in intros and breaks
    risers: bool = False
    vinyl: bool = False
    strum_s: float = 0.0
    loose_s: float = 0.004  # spread of human timing
    arp_ring_beats: float = 0.35  # how long an arpeggio's notes sound on
    floor_db: float = -27.0  # hiss of the room they play in, against the mix
    wet: float = 1.0  # factor on all reverb
    doubling: float = 1.0  # factor on how much parts are doubled at the sides
    drum_room: float = 0.0  # level of the room the drums stand in; 0 is a dry kit
    drift: bool = False  # a filter and the pad move slowly through the whole track
    air: bool = False  # a wind of noise under the music
    variety: float = 0.5  # chance that a bar of a part differs from its idea
    evened: float = 0.5  # share of a moment's deviation from the track's timbre that is taken back
    hairpins_db: float = 0.0  # how far parts grow and fade within a phrase
    colours: tuple[tuple[int, ...], ...] = ()  # chords beyond `members`, from a second phrase on
    mode_colour: float = 0.0  # chance of another mode in the bridge
    accents: str = "9264738294638265"  # force of the sixteen steps in melodic parts, 0 to 9
    feel_ms: dict[str, float] = field(default_factory=dict)  # how far a part is behind the beat
    leads: dict[str, tuple[str, ...]] = field(default_factory=dict)  # part -> as variation.LEADS
    endings: tuple[str, ...] = ("held", "stop", "recall", "amen")  # as in endings.KINDS
    chops: bool = False  # breaks are cut and put together anew
    rolls: bool = False  # hats roll
    vocal: VocalStyle = VocalStyle()

    @property
    def loops(self) -> bool:
        """Whether a section returns nearly as it was."""
        return self.variety < 0.5

    @property
    def default_keys(self) -> tuple[str, ...]:
        """Keys a roster may assign to an artist of this genre, such as "A minor"."""
        return tuple(f"{tonic} {scale}" for scale in self.scales for tonic in self.tonics)
