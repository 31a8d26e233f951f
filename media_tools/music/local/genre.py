"""What a genre is to the local composer.

Progressions are scale degrees, one word a bar, "1/5" two chords in a bar (marks: theory.chord_of).
Bass, comping, arpeggio and melody patterns are bars of sixteen steps: "-" holds, "." rests. In the
bass a digit is a scale degree above the chord's root (8 the octave), "a" steps towards the next
root, "^" slides up to the octave and "_" back to the root; in comping "x" is a full hit and "o" a
soft one; in arpeggios a digit is a chord tone counted from the lowest; in melodies "x" starts a
note. Layers name the parts of each kind of section; "+" adds a part from the section's first
return on.
"""

from __future__ import annotations

from dataclasses import dataclass, field

POP_MAJOR = ("1 5 6 4", "1 6 4 5", "4 5 3 6", "6 4 1 5", "1 4 6 5")
POP_MINOR = ("1 6 3 7", "1 7 6 7", "6 7 1 1", "1 4 6 5!", "1 3 7 4")


@dataclass(frozen=True)
class Genre:
    """One genre.

    tempo_bpm: usual range. swing: range of the first half of a pair of steps (0.5 is straight);
    swing_step: beats of a step, 0.25 or 0.5. lead_centre: MIDI pitch the hook moves around.
    patches: role -> the patches an artist may have. mix_db: role -> offset to the standard balance.
    duck: 0..1, how far the kick pushes the chords down. lift: chance of a higher key in the last
    chorus. reverb_s: decay time. echo: how much of the delay is heard. tape: wow, flutter and
    dulled highs. sweep: filters open in intros and breaks. loose_s: spread of human timing.
    arp_ring_beats: how long an arpeggio's notes sound on. wet: factor on all reverb. drift: filter
    that breathes all through. air: a wind of noise under the music.
    """

    name: str
    tempo_bpm: tuple[int, int]
    tonics: tuple[str, ...]
    scales: tuple[str, ...]
    minor: tuple[str, ...]
    major: tuple[str, ...]
    forms: tuple[str, ...]
    layers: dict[str, str]
    members: tuple[int, ...]
    patches: dict[str, tuple[str, ...]]
    bass: tuple[str, ...]
    comps: tuple[str, ...]
    arps: tuple[str, ...]
    verse_cells: tuple[str, ...]
    hook_cells: tuple[str, ...]
    fills: tuple[str, ...]
    swing: tuple[float, float] = (0.5, 0.5)
    swing_step: float = 0.25
    lead_centre: int = 72
    mix_db: dict[str, float] = field(default_factory=dict)
    duck: float = 0.3
    lift: float = 0.0
    reverb_s: float = 1.8
    echo: float = 1.0
    tape: bool = False
    sweep: bool = False
    risers: bool = False
    vinyl: bool = False
    strum_s: float = 0.0
    loose_s: float = 0.004
    arp_ring_beats: float = 0.35
    wet: float = 1.0
    drift: bool = False
    air: bool = False

    @property
    def default_keys(self) -> tuple[str, ...]:
        """Keys a roster may give an artist of this genre, such as "A minor"."""
        return tuple(f"{tonic} {scale}" for scale in self.scales for tonic in self.tonics)
