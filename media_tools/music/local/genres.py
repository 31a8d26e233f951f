"""What the local composer knows of each genre, as data.

Progressions are scale degrees, one word a bar, "1/5" two chords in a bar (marks: theory.chord_of).
Bass, comping, arpeggio and melody patterns are bars of sixteen steps: "-" holds, "." rests. In the
bass a digit is a scale degree above the chord's root (8 the octave) and "a" steps towards the next
root; in comping "x" is a full hit and "o" a soft one; in arpeggios a digit is a chord tone counted
from the lowest; in melodies "x" starts a note.
Layers name the parts of each kind of section; "+" adds a part from the section's first return on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from media_tools.music.local.theory import NINTH, SEVENTH, TRIAD

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
    arp_ring_beats: how long an arpeggio's notes sound on.
    """

    name: str
    title: str
    keywords: tuple[str, ...]
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

    @property
    def default_keys(self) -> tuple[str, ...]:
        """Keys a roster may give an artist of this genre, such as "A minor"."""
        return tuple(f"{tonic} {scale}" for scale in self.scales for tonic in self.tonics)


SYNTHWAVE = Genre(
    name="synthwave",
    title="Synthwave",
    keywords=("synthwave", "retrowave", "outrun", "80s", "eighties", "synth pop", "synthpop"),
    tempo_bpm=(88, 116),
    tonics=("A", "E", "D", "F#"),
    scales=("minor", "dorian"),
    minor=("1 6 3 7", "1 4 6 7", "6 7 1 1", "1 7 6 7", "4 6 1 7", "6 4 1 5", "1 3 7 4"),
    major=POP_MAJOR,
    forms=(
        "intro verse chorus verse chorus bridge chorus outro",
        "intro verse prechorus chorus break chorus outro",
        "intro chorus verse chorus break verse chorus outro",
    ),
    layers={
        "intro": "pad arp hats",
        "verse": "drums bass pad arp lead +chords",
        "prechorus": "drums bass pad chords arp lead",
        "chorus": "drums bass pad chords arp lead counter",
        "bridge": "kick hats bass pad chords counter",
        "break": "pad arp counter",
        "outro": "drums bass pad arp",
    },
    members=TRIAD,
    patches={
        "kit": ("eighties", "analog"),
        "bass": ("saw_bass", "square_bass", "pick_bass"),
        "chords": ("poly_brass", "supersaw", "synth_strings"),
        "pad": ("warm_pad", "glass_pad", "synth_strings"),
        "arp": ("pulse_pluck", "saw_pluck", "glass_pluck"),
        "lead": ("saw_lead", "square_lead", "super_lead"),
        "counter": ("bell", "soft_lead", "glass_pluck"),
    },
    bass=(
        "1.1.1.1.1.1.1.1.",
        "1.1.8.1.1.8.1.8.",
        "1.111.111.111.11",
        "1-1.1-8.1-1.1-5.",
        "1.1.1.1.1.1.8.a.",
    ),
    comps=("x---------------", "x-----x-----x---", "x--x--x---------", "..x-..x-..x-..x-"),
    arps=(
        "0.1.2.3.2.1.2.3.",
        "0123012301230123",
        "0.2.1.3.0.2.4.3.",
        "01.201.201.20123",
    ),
    verse_cells=("x--x--x-........", "x---x-x-x-------", "..x-x-x-x---....", "x-----x-x---x---"),
    hook_cells=("x--x--x---x-x---", "x-----x-x--x--x-", "x---x---x--x--x-", "x-x-x---x-x-x---"),
    fills=("toms", "snare", "drop"),
    duck=0.45,
    lift=0.3,
    reverb_s=2.2,
    sweep=True,
    risers=True,
)

LOFI = Genre(
    name="lofi",
    title="Lo-fi hip hop",
    keywords=("lofi", "lo fi", "chillhop", "study", "jazz hop", "boom bap", "hip hop", "jazz"),
    tempo_bpm=(70, 90),
    tonics=("D", "C", "F", "G", "A"),
    scales=("dorian", "major", "minor"),
    minor=("1 4 1 4", "1 7 4 1", "4 5 1 1", "1 3 4 7", "4 7 3 1", "1 4/5 1 7"),
    major=("2 5 1 6", "4 3 2 1", "1 3 4 4~", "4 5 3 6", "1 6 2 5", "2 5 3/6 2/5"),
    forms=(
        "intro verse chorus verse break chorus outro",
        "intro chorus verse chorus bridge chorus outro",
        "intro verse chorus bridge verse chorus outro",
    ),
    layers={
        "intro": "chords vinyl hats",
        "verse": "drums bass chords vinyl lead",
        "prechorus": "drums bass chords vinyl lead",
        "chorus": "drums bass chords pad vinyl lead +counter",
        "bridge": "bass chords vinyl counter hats",
        "break": "chords bass vinyl counter",
        "outro": "drums bass chords vinyl",
    },
    members=NINTH,
    patches={
        "kit": ("dusty", "room"),
        "bass": ("upright", "finger_bass", "sub_bass"),
        "chords": ("rhodes", "ep2", "felt_piano"),
        "pad": ("glass_pad", "choir", "warm_pad"),
        "arp": ("vibes", "glass_pluck"),
        "lead": ("vibes", "clean_guitar", "nylon", "sax"),
        "counter": ("rhodes", "clean_guitar", "felt_piano"),
    },
    bass=(
        "1-----1-5---....",
        "1-----.15---..a-",
        "1---..1-..5-1-..",
        "1-----....1-3-a-",
        "1--1--5-----..1-",
    ),
    comps=(
        "x---------o-----",
        "x-----..o-----..",
        "..x-----..o-----",
        "x--o----....o---",
        "x-----o---..x-o-",
    ),
    arps=("0..2..1..3..2...", "..2...3...1...2."),
    verse_cells=("..x-x--x----....", "x--x-x------....", "....x-x-x--x----", "......x--x-x----"),
    hook_cells=("x--x--x-----x-x-", "x-x--x------x---", "..x-x-x-x--x----", "x-----x--x--x---"),
    fills=("snare", "drop", "none"),
    swing=(0.56, 0.62),
    lead_centre=71,
    mix_db={"hats": -0.5, "bass": -0.5},
    duck=0.3,
    reverb_s=1.3,
    echo=0.6,
    tape=True,
    vinyl=True,
    strum_s=0.012,
    loose_s=0.008,
)

AMBIENT = Genre(
    name="ambient",
    title="Ambient",
    keywords=("ambient", "drone", "meditation", "sleep", "new age", "soundscape", "calm", "chill"),
    tempo_bpm=(60, 80),
    tonics=("C", "D", "E", "G", "A"),
    scales=("lydian", "major", "dorian"),
    minor=("1 4 1 7", "1 7 3 4", "1 3 7 4", "1 5 4 7", "1 4 7 1"),
    major=("1 2 1 2", "1 5 6 2", "1 3 6 2", "6 2 1 5", "1 6 3 5", "1 3 5 2"),
    forms=(
        "intro verse chorus break chorus outro",
        "intro verse bridge chorus verse outro",
        "intro chorus verse chorus outro",
    ),
    layers={
        "intro": "pad",
        "verse": "pad bass arp lead +perc",
        "prechorus": "pad bass arp lead perc",
        "chorus": "pad bass chords lead counter drums",
        "bridge": "pad chords counter",
        "break": "pad counter",
        "outro": "pad lead",
    },
    members=(0, 2, 4, 8),
    patches={
        "kit": ("soft",),
        "bass": ("sub_bass", "sine_bass"),
        "chords": ("strings", "choir", "synth_strings"),
        "pad": ("warm_pad", "glass_pad", "dark_pad"),
        "arp": ("glass_pluck", "bell", "vibes"),
        "lead": ("bell", "soft_lead", "felt_piano"),
        "counter": ("choir", "soft_lead", "vibes"),
    },
    bass=("1---------------", "1-------....5---", "1-------8-------", "1-----------5---"),
    comps=("x---------------", "..x-------------", "x-------o-------"),
    arps=("0...2...1...3...", "..0...2...3...1.", "0..1..2..3..2...", "....3...2...0..."),
    verse_cells=("x-------........", "....x-----------", "x-----x---------", "........x---x---"),
    hook_cells=("x-------x-------", "x-----x-----x---", "x---------x-x---", "x---x-----------"),
    fills=("none",),
    lead_centre=74,
    mix_db={"pad": 4.5, "lead": -0.5, "bass": -1.0, "kick": -4.0, "perc": 0.0, "arp": 1.0},
    duck=0.0,
    reverb_s=4.0,
    echo=1.6,
    sweep=True,
    loose_s=0.012,
    arp_ring_beats=1.5,
)

HOUSE = Genre(
    name="house",
    title="House",
    keywords=("house", "deep house", "disco", "dance", "edm", "garage", "club"),
    tempo_bpm=(118, 128),
    tonics=("A", "C", "F", "G", "D"),
    scales=("minor", "dorian"),
    minor=("1 1 6 7", "1 4 7 3", "6 7 1 1", "1 7 4 4", "6 5 1 1", "4 1 6 7"),
    major=("4 5 3 6", "1 6 4 5", "2 5 1 6", "6 4 1 5", "4 1 5 6"),
    forms=(
        "intro verse prechorus drop break verse drop outro",
        "intro verse break drop verse break drop outro",
        "intro verse chorus break drop outro",
    ),
    layers={
        "intro": "kick hats perc +bass",
        "verse": "drums bass chords lead",
        "prechorus": "drums chords pad lead arp",
        "chorus": "drums bass chords pad lead counter",
        "drop": "drums bass chords pad lead arp counter",
        "bridge": "hats perc chords pad counter",
        "break": "pad chords lead",
        "outro": "kick hats perc bass chords",
    },
    members=SEVENTH,
    patches={
        "kit": ("analog", "club"),
        "bass": ("sub_bass", "square_bass", "organ_bass"),
        "chords": ("house_organ", "house_piano", "stab", "ep2"),
        "pad": ("synth_strings", "warm_pad", "glass_pad"),
        "arp": ("saw_pluck", "glass_pluck", "pulse_pluck"),
        "lead": ("soft_lead", "square_lead", "house_organ", "glass_pluck"),
        "counter": ("bell", "vibes", "saw_pluck"),
    },
    bass=(
        "..1...1...1...1.",
        "..1-..1-..1-..8-",
        "1..1..1...1.8.1.",
        "..11..18..11..1a",
        "1-.1..1-..1..5..",
    ),
    comps=(
        "x..x..x...x..x..",
        "..x-..x-..x-..x-",
        "x-.x-...x-.x-...",
        "..x..x....x..x..",
        "x--x--x---------",
    ),
    arps=("0.2.1.3.0.2.1.3.", "0..1..2.0..1..2.", "3210321032103210"),
    verse_cells=("..x.x-x-........", "x..x..x-........", "....x-x-x-x-....", "x-x-....x-x-...."),
    hook_cells=("x..x..x-x..x..x-", "x-x-..x-..x-x---", "..x-x-x-..x-x-x-", "x--x--x-..x-x---"),
    fills=("snare", "drop", "claps"),
    swing=(0.5, 0.56),
    mix_db={"kick": 0.0, "hats": 1.5, "pad": -1.0},
    duck=0.6,
    reverb_s=1.6,
    sweep=True,
    risers=True,
    loose_s=0.002,
)

TECHNO = Genre(
    name="techno",
    title="Techno",
    keywords=("techno", "industrial", "minimal", "acid", "trance", "rave", "electro"),
    tempo_bpm=(126, 138),
    tonics=("F", "G", "A", "C", "D"),
    scales=("minor", "phrygian"),
    minor=("1 1 1 7", "1 1 6 1", "1 1 2 1", "1 1 7 1", "1 1 3 4", "1 6 1 7", "1 1 4 1"),
    major=("1 1 4 1", "1 1 6 5", "1 1 2 1", "1 6 1 4"),
    forms=(
        "intro verse break drop verse drop outro",
        "intro verse drop break drop outro",
        "intro verse prechorus drop break verse drop outro",
    ),
    layers={
        "intro": "kick hats",
        "verse": "drums bass arp lead",
        "prechorus": "hats perc bass arp pad lead",
        "chorus": "drums bass arp chords lead pad",
        "drop": "drums bass arp chords lead pad counter",
        "bridge": "kick arp pad counter",
        "break": "pad arp lead",
        "outro": "kick hats perc bass",
    },
    members=TRIAD,
    patches={
        "kit": ("club", "analog"),
        "bass": ("acid", "dark_bass", "sine_bass"),
        "chords": ("stab", "dark_stab"),
        "pad": ("dark_pad", "glass_pad"),
        "arp": ("acid_pluck", "pulse_pluck", "saw_pluck"),
        "lead": ("dark_lead", "square_lead", "acid_pluck"),
        "counter": ("bell", "glass_pluck"),
    },
    bass=(
        "..1...1...1...1.",
        ".111.111.111.111",
        "..11..11..11..81",
        "1.11.1181.11.181",
        "..1.1...1.1...1.",
    ),
    comps=("..x...........x.", "x..x..x.........", "....x.......x...", "......x....x...."),
    arps=(
        "0120120120120121",
        "00.100.200.100.3",
        "0.1.0.2.0.1.0.3.",
        "0.0100200.010030",
    ),
    verse_cells=("x...x.....x.....", "x..x............", "......x...x.....", "x.....x........."),
    hook_cells=("x..x..x.x..x..x.", "x.x...x.x.x...x.", "x..x..x...x.x...", "x-x...x-....x-x-"),
    fills=("roll", "drop", "snare"),
    lead_centre=67,
    mix_db={"kick": 0.5, "hats": 1.0, "bass": 0.0, "lead": -1.0, "pad": -1.0, "arp": 3.5},
    duck=0.6,
    reverb_s=2.6,
    echo=1.3,
    sweep=True,
    risers=True,
    loose_s=0.0,
)

DRUM_AND_BASS = Genre(
    name="drum_and_bass",
    title="Drum and bass",
    keywords=(
        "drum and bass",
        "drum & bass",
        "drum n bass",
        "dnb",
        "jungle",
        "liquid",
        "breakbeat",
    ),
    tempo_bpm=(168, 176),
    tonics=("F", "G", "A", "D", "E"),
    scales=("minor", "dorian"),
    minor=("1 1 6 6", "1 7 6 6", "6 6 7 1", "1 3 4 6", "4 4 1 1", "6 7 1 5", "1 1 4 7"),
    major=("1 1 6 4", "4 4 1 5", "6 4 1 5", "1 3 4 4"),
    forms=(
        "intro verse drop break verse drop outro",
        "intro break drop verse bridge drop outro",
        "intro verse prechorus drop break drop outro",
    ),
    layers={
        "intro": "pad arp hats",
        "verse": "drums bass pad lead",
        "prechorus": "hats perc pad chords lead",
        "chorus": "drums bass pad chords lead counter",
        "drop": "drums bass pad chords lead arp counter",
        "bridge": "kick bass pad chords counter",
        "break": "pad chords lead",
        "outro": "drums bass pad",
    },
    members=SEVENTH,
    patches={
        "kit": ("breaks",),
        "bass": ("reese", "sub_bass", "dark_bass"),
        "chords": ("rhodes", "ep2", "stab"),
        "pad": ("warm_pad", "synth_strings", "glass_pad", "choir"),
        "arp": ("glass_pluck", "pulse_pluck", "bell"),
        "lead": ("soft_lead", "super_lead", "vibes", "grand"),
        "counter": ("glass_pluck", "bell", "saw_pluck"),
    },
    bass=(
        "1---------1-----",
        "1-----1-....1-1-",
        "1---....1--1--a-",
        "1-------5---8---",
        "1--1--1---..1-8-",
    ),
    comps=("x---------------", "x-----x---------", "..x---..x---....", "x--x------x-----"),
    arps=("0.1.2.3.0.1.2.3.", "0..2..1.3..2..1.", "..0.2...1.3...2."),
    verse_cells=("x-------x---....", "x---x-----------", "....x---x---x---", "x-------........"),
    hook_cells=("x---x-x---x-x---", "x-----x---x-----", "x---x---x-x-x---", "x-x---x-----x---"),
    fills=("break", "snare", "drop"),
    lead_centre=71,
    mix_db={"snare": 1.5, "bass": 0.5, "pad": -0.5},
    duck=0.35,
    reverb_s=1.8,
    sweep=True,
    risers=True,
    loose_s=0.002,
)

TRAP = Genre(
    name="trap",
    title="Trap",
    keywords=("trap", "drill", "rap", "phonk", "r&b", "rnb", "cloud"),
    tempo_bpm=(130, 150),
    tonics=("F", "C#", "A", "G", "D"),
    scales=("minor", "phrygian"),
    minor=("1 1 6 6", "1 6 4 5!", "6 7 1 1", "1 4 6 7", "1 1 4 6", "1 1 2 2", "1 3 6 7"),
    major=("1 6 4 5", "6 6 4 5", "1 1 4 4~", "6 4 1 5"),
    forms=(
        "intro chorus verse chorus bridge chorus outro",
        "intro verse chorus verse chorus outro",
        "intro verse prechorus chorus break chorus outro",
    ),
    layers={
        "intro": "chords pad",
        "verse": "drums bass chords lead",
        "prechorus": "hats perc chords pad lead",
        "chorus": "drums bass chords pad lead counter",
        "bridge": "chords pad counter kick",
        "break": "chords counter",
        "outro": "chords pad bass kick",
    },
    members=TRIAD,
    patches={
        "kit": ("eight_o_eight", "tr808"),
        "bass": ("boom_bass", "long_boom"),
        "chords": ("bell", "felt_piano", "dark_keys", "nylon"),
        "pad": ("choir", "dark_pad", "strings"),
        "arp": ("bell", "glass_pluck", "pulse_pluck"),
        "lead": ("soft_lead", "flute_lead", "glass_pluck", "square_lead"),
        "counter": ("bell", "brass", "glass_pluck"),
    },
    bass=(
        "1-----------1---",
        "1-----1---......",
        "1--------1----a-",
        "1-----..1-..8---",
        "1-------..1-1-..",
    ),
    comps=("x---------------", "x---x---x---x---", "x-----x-----x---", "x-..x-..x-x-...."),
    arps=("0.2.1.2.0.2.1.2.", "0..1..2...0..1..", "2.1.0...2.1.0..."),
    verse_cells=("x---x-x-........", "..x-x---x-......", "x-x-x---........", "....x--x--x-...."),
    hook_cells=("x--x--x-----x-x-", "x---x-x-x-------", "x--x--x-x--x--x-", "x-x-x---..x-x---"),
    fills=("roll", "drop", "snare"),
    lead_centre=72,
    mix_db={"bass": 1.0, "hats": 1.5},
    duck=0.2,
    reverb_s=2.0,
    risers=True,
    loose_s=0.003,
)

INDIE_POP = Genre(
    name="indie_pop",
    title="Indie pop",
    keywords=("indie", "pop", "rock", "alternative", "dream pop", "shoegaze", "soul", "funk"),
    tempo_bpm=(96, 126),
    tonics=("C", "D", "G", "A", "E"),
    scales=("major", "mixolydian"),
    minor=POP_MINOR,
    major=("1 5 6 4", "1 4 6 5", "6 4 1 5", "1 3 4 5", "4 1 5 6", "2 4 1 5", "1 4 4~ 1"),
    forms=(
        "intro verse chorus verse chorus bridge chorus outro",
        "intro verse prechorus chorus verse prechorus chorus outro",
        "intro chorus verse chorus bridge chorus outro",
    ),
    layers={
        "intro": "chords arp hats",
        "verse": "drums bass chords lead +arp",
        "prechorus": "drums bass chords pad lead",
        "chorus": "drums bass chords arp pad lead counter",
        "bridge": "kick hats bass pad arp counter",
        "break": "chords counter",
        "outro": "drums bass chords arp",
    },
    members=TRIAD,
    patches={
        "kit": ("standard", "room"),
        "bass": ("finger_bass", "pick_bass"),
        "chords": ("clean_guitar", "grand", "steel"),
        "pad": ("warm_pad", "synth_strings", "strings"),
        "arp": ("clean_guitar", "glass_pluck", "pulse_pluck"),
        "lead": ("square_lead", "soft_lead", "vibes", "super_lead"),
        "counter": ("glass_pluck", "vibes", "brass"),
    },
    bass=(
        "1.1.1.1.1.1.1.1.",
        "1---1-1-5---5-a-",
        "1--1--1-..1-5-8-",
        "1-----1-1-----a-",
        "1-8.1-8.1-8.1-8.",
    ),
    comps=(
        "x-.ox-.ox-.ox-.o",
        "x---x-x-..x-x-x-",
        "x-----x---x-----",
        "x-x-o-x-x-x-o-x-",
    ),
    arps=("0.2.1.2.3.2.1.2.", "0.1.2.3.2.1.0.1.", "..3.2.1...3.2.1."),
    verse_cells=("x-x-x--x--x-....", "..x-x-x-x---....", "x--x--x-x---....", "x---x-x---x-x---"),
    hook_cells=("x---x-x---x-x---", "x-x-x---x-x-x---", "x--x--x-x---x---", "..x-x-x-x-x-x---"),
    fills=("toms", "snare", "drop"),
    swing=(0.5, 0.53),
    lead_centre=73,
    mix_db={"pad": -1.5, "chords": 0.5},
    duck=0.15,
    lift=0.4,
    reverb_s=1.5,
    strum_s=0.016,
    loose_s=0.006,
)

FOLK = Genre(
    name="folk",
    title="Folk",
    keywords=(
        "folk",
        "acoustic",
        "singer songwriter",
        "country",
        "americana",
        "bluegrass",
        "celtic",
    ),
    tempo_bpm=(82, 118),
    tonics=("G", "D", "C", "A", "E"),
    scales=("major", "mixolydian", "dorian"),
    minor=("1 7 1 5", "1 3 7 4", "1 7 4 1", "1 4 1 5", "1 7 3 4", "1 3 7 1"),
    major=("1 4 1 5", "1 5 6 4", "6 4 1 1", "1 2 4 1", "1 1 4 1 1 6 5 1", "1 4 1 4"),
    forms=(
        "intro verse chorus verse chorus bridge chorus outro",
        "intro verse verse chorus verse chorus outro",
        "intro verse chorus break verse chorus outro",
    ),
    layers={
        "intro": "arp chords",
        "verse": "arp bass lead perc +chords",
        "prechorus": "arp bass chords lead drums",
        "chorus": "arp bass chords lead drums counter +pad",
        "bridge": "chords bass pad counter perc",
        "break": "arp counter",
        "outro": "arp bass chords perc",
    },
    members=TRIAD,
    patches={
        "kit": ("standard", "room"),
        "bass": ("upright", "finger_bass"),
        "chords": ("steel", "nylon"),
        "pad": ("strings", "choir"),
        "arp": ("nylon", "steel"),
        "lead": ("flute_lead", "vibes", "grand", "sax"),
        "counter": ("nylon", "grand", "strings"),
    },
    bass=(
        "1-------5-------",
        "1-----1-5-----a-",
        "1---3---5---3---",
        "1-------5---a---",
    ),
    comps=(
        "x---o-x-..x-o-x-",
        "x---x-x-x---x-x-",
        "..o-x-o-..o-x-o-",
        "x-----x-x-x-o-x-",
    ),
    arps=(
        "0.2.1.3.0.2.1.3.",
        "0.1.2.3.2.1.2.1.",
        "0...2.1.3...2.1.",
        "0.3.1.2.0.3.1.2.",
    ),
    verse_cells=("x---x-x-x---....", "x-x-x---x-x-....", "..x-x-x-x---....", "x-----x-x-x-x---"),
    hook_cells=("x---x---x-x-x---", "x-----x-x---x---", "x-x-x---x---x---", "x---x-x-x-x-x---"),
    fills=("snare", "none", "toms"),
    swing=(0.5, 0.58),
    swing_step=0.5,
    lead_centre=72,
    mix_db={"arp": 4.0, "chords": 0.5, "kick": -3.0, "snare": -3.0, "perc": 1.0, "pad": -1.0},
    duck=0.0,
    lift=0.15,
    reverb_s=1.4,
    echo=0.3,
    strum_s=0.02,
    loose_s=0.009,
    arp_ring_beats=2.0,
)

CINEMATIC = Genre(
    name="cinematic",
    title="Cinematic",
    keywords=(
        "cinematic",
        "orchestral",
        "epic",
        "soundtrack",
        "score",
        "trailer",
        "classical",
        "film",
    ),
    tempo_bpm=(72, 104),
    tonics=("D", "C", "A", "E", "G"),
    scales=("minor", "dorian"),
    minor=("1 6 3 7", "1 6 4 5!", "1 3 6 7", "4 6 1 5!", "6 7 1 1", "1 1 6 6", "1 7 6 5!"),
    major=("1 5 6 4", "1 3 4 1", "6 4 1 5", "1 4~ 1 5", "4 1 5 6"),
    forms=(
        "intro verse prechorus chorus break chorus outro",
        "intro verse chorus bridge chorus outro",
        "intro verse prechorus chorus bridge chorus outro",
    ),
    layers={
        "intro": "pad arp",
        "verse": "pad bass arp lead +perc",
        "prechorus": "pad bass arp chords lead perc",
        "chorus": "pad bass arp chords lead counter drums",
        "bridge": "pad chords counter",
        "break": "arp counter pad",
        "outro": "pad bass lead",
    },
    members=TRIAD,
    patches={
        "kit": ("taiko",),
        "bass": ("low_strings", "sine_bass"),
        "chords": ("brass", "strings"),
        "pad": ("strings", "choir", "dark_pad"),
        "arp": ("short_strings", "grand", "felt_piano"),
        "lead": ("grand", "strings", "brass"),
        "counter": ("choir", "bell", "strings"),
    },
    bass=("1---------------", "1-------1-------", "1-----1-1-----1-", "1---1---1---1---"),
    comps=("x---------------", "x-------x-------", "x-----x-x-------", "x-----------x---"),
    arps=(
        "0.0.1.0.2.0.1.0.",
        "0.1.2.1.0.1.2.1.",
        "001.001.001.0120",
        "0.2.1.2.3.2.1.2.",
    ),
    verse_cells=("x-------x---x---", "x-----x-x-------", "x---x---x-------", "x-----------x-x-"),
    hook_cells=("x-----x-x-------", "x---x---x---x---", "x-------x---x---", "x--x--x-x-------"),
    fills=("toms", "roll", "drop"),
    lead_centre=72,
    mix_db={"perc": 2.0, "kick": 0.0, "hats": -5.0, "pad": 2.5, "arp": 2.0, "snare": -1.0},
    duck=0.0,
    lift=0.35,
    reverb_s=3.0,
    echo=0.3,
    risers=True,
    loose_s=0.007,
)

GENRES: tuple[Genre, ...] = (
    SYNTHWAVE,
    LOFI,
    AMBIENT,
    HOUSE,
    TECHNO,
    DRUM_AND_BASS,
    TRAP,
    INDIE_POP,
    FOLK,
    CINEMATIC,
)
GENRE_BY_NAME: dict[str, Genre] = {genre.name: genre for genre in GENRES}


def genre_for(text: str, hint: str = "") -> str:
    """The name of the genre nearest to a free text.

    An exact name or title wins; else the longest keyword found as whole words in the text, then in
    the hint (a prompt); else "indie_pop", the most general arrangement.
    """
    words = f" {_plain(text)} "
    for genre in GENRES:
        if words.strip() in (_plain(genre.name), _plain(genre.title)):
            return genre.name
    found = [
        (len(keyword), genre.name)
        for genre in GENRES
        for keyword in genre.keywords
        if f" {keyword} " in words
    ]
    # The longest keyword is the most specific; among equals the first genre listed.
    if found:
        return max(found, key=lambda hit: hit[0])[1]
    return genre_for(hint) if hint else INDIE_POP.name


def _plain(text: str) -> str:
    """Lower-case words of letters, digits and "&", single spaces between."""
    return re.sub(r"[^a-z0-9&]+", " ", text.lower()).strip()
