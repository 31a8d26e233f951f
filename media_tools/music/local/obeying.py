"""Keeps a brief: which instruments an artist plays, which parts and hits stay out of the score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from media_tools.music.brief import Breach, Brief, Element
from media_tools.music.local.drums import DRUM_PARTS, GM_DRUMS
from media_tools.music.local.genre import Genre
from media_tools.music.local.patches import KITS, PATCHES, SampledKit, SampledPatch, SynthPatch
from media_tools.music.local.score import Effect, Score
from media_tools.music.local.sound import ArtistSound
from media_tools.seeds import stream

# General MIDI programs of each instrument.
_PROGRAMS: dict[Element, tuple[range, ...]] = {
    Element.PIANO: (range(4),),
    Element.ELECTRIC_PIANO: (range(4, 6),),
    Element.BELLS: (range(8, 16), range(98, 99)),
    Element.ORGAN: (range(16, 24),),
    Element.GUITAR: (range(24, 32),),
    Element.STRINGS: (range(40, 52),),
    Element.CHOIR: (range(52, 55),),
    Element.BRASS: (range(56, 64),),
    Element.SAX: (range(64, 68),),
    Element.FLUTE: (range(72, 80),),
}
_MACHINES = (24, 25)  # electronic kits of the SoundFont
_DRUM_PARTS: dict[Element, tuple[str, ...]] = {
    Element.DRUMS: DRUM_PARTS,
    Element.KICK: ("kick",),
    Element.SNARE: ("snare",),
    Element.HATS: ("hats",),
    Element.HAND_PERCUSSION: ("perc",),
}
_TUNED_PARTS: dict[Element, tuple[str, ...]] = {
    Element.BASS: ("bass",),
    Element.PAD: ("pad",),
    Element.ARPEGGIO: ("arp",),
    Element.MELODY: ("lead", "counter"),
}
_HITS: dict[Element, str] = {
    Element.KICK: "K",
    Element.SNARE: "S",
    Element.HATS: "HO",
    Element.CYMBALS: "YD",
    Element.CLAPS: "C",
    Element.HAND_PERCUSSION: "ABP",
}
_EFFECTS: dict[Element, tuple[str, ...]] = {
    Element.RISERS: ("riser", "downlifter", "impact", "reverse", "shimmer"),
    Element.CRACKLE: ("vinyl",),
}
# What plays a role if the genre's own sounds for it are forbidden.
_SPARE: dict[str, tuple[str, ...]] = {
    "kit": ("standard", "room", "analog"),
    "bass": ("upright", "finger_bass", "grand", "nylon", "low_strings", "saw_bass"),
    "chords": ("grand", "nylon", "steel", "rhodes", "strings", "house_organ", "brass", "supersaw"),
    "pad": ("strings", "choir", "felt_piano", "brass", "warm_pad"),
    "arp": ("nylon", "grand", "vibes", "short_strings", "rhodes", "pulse_pluck"),
    "lead": ("grand", "vibes", "sax", "clean_guitar", "strings", "soft_lead"),
    "counter": ("vibes", "felt_piano", "strings", "nylon", "brass", "sax", "soft_lead"),
}
# Where an instrument asked by name plays, if no part of the genre has it among its sounds.
_PLACE: dict[Element, tuple[str, str]] = {
    Element.PIANO: ("chords", "grand"),
    Element.ELECTRIC_PIANO: ("chords", "rhodes"),
    Element.BELLS: ("counter", "bell"),
    Element.ORGAN: ("chords", "house_organ"),
    Element.GUITAR: ("chords", "steel"),
    Element.STRINGS: ("pad", "strings"),
    Element.CHOIR: ("pad", "choir"),
    Element.BRASS: ("counter", "brass"),
    Element.SAX: ("lead", "sax"),
    Element.FLUTE: ("lead", "flute_lead"),
}
_ROLES = ("chords", "arp", "counter", "pad", "lead")


def elements_of(patch: str) -> frozenset[Element]:
    """Return what a patch is called in a brief."""
    known = PATCHES[patch]
    named = {e for e, programs in _PROGRAMS.items() if any(known.program in p for p in programs)}
    if isinstance(known, SynthPatch):
        named.add(Element.SYNTHESIZER)
    return frozenset(named)


def _may_play(patch: str, brief: Brief) -> bool:
    elements = elements_of(patch)
    if brief.only and not elements & set(brief.only):
        return False
    is_electric = not isinstance(PATCHES[patch], SampledPatch)
    return not elements & set(brief.without) and not (brief.acoustic and is_electric)


def _may_drum(kit: str, brief: Brief) -> bool:
    known = KITS[kit]
    is_machine = not isinstance(known, SampledKit) or known.program in _MACHINES
    return not is_machine or not (brief.acoustic or brief.forbids(Element.DRUM_MACHINE))


def sound_for(sound: ArtistSound, genre: Genre, brief: Brief) -> ArtistSound:
    """Return the artist's sound with forbidden patches replaced and asked instruments added.

    A role for which nothing is allowed keeps its patch; `Ban` silences its part.
    """
    patches = dict(sound.patches)
    for role, patch in sound.patches.items():
        may = _may_drum if role == "kit" else _may_play
        if not may(patch, brief):
            allowed = [name for name in genre.patches[role] if may(name, brief)]
            allowed = allowed or [name for name in _SPARE[role] if may(name, brief)]
            if allowed:
                rng = stream("brief", sound.taste, role)
                patches[role] = allowed[int(rng.integers(len(allowed)))]
    _add_asked(patches, genre, brief)
    return replace(sound, patches=patches)


def _add_asked(patches: dict[str, str], genre: Genre, brief: Brief) -> None:
    """Give each asked instrument a part that the genre plays, in place."""
    played = {word.strip("+") for words in genre.layers.values() for word in words.split()}
    free = [role for role in _ROLES if role in played]
    for element in brief.asked:
        holder = next((role for role in free if element in elements_of(patches[role])), None)
        if holder is None:
            own = [
                (role, patch)
                for role in free
                for patch in genre.patches[role]
                if element in elements_of(patch) and _may_play(patch, brief)
            ]
            holder, patch = own[0] if own else _PLACE[element]
            if not free or not _may_play(patch, brief):
                continue
            holder = holder if holder in free else free[0]
            patches[holder] = patch
        free.remove(holder)


@dataclass(frozen=True)
class Ban:
    """What may not be in a score."""

    parts: frozenset[str] = frozenset()
    hits: frozenset[int] = frozenset()  # General MIDI pitches of drums
    effects: frozenset[str] = frozenset()

    def allows(self, part: str, pitch: int) -> bool:
        return part not in self.parts and not (part in DRUM_PARTS and pitch in self.hits)


def ban_of(brief: Brief, sound: ArtistSound) -> Ban:
    """Return what a brief keeps out of the scores of an artist."""
    parts = {
        part
        for element in brief.without
        for part in (*_DRUM_PARTS.get(element, ()), *_TUNED_PARTS.get(element, ()))
    }
    if not _may_drum(sound.patches["kit"], brief):
        parts |= set(DRUM_PARTS)
    parts |= {
        role
        for role, patch in sound.patches.items()
        if role != "kit" and not _may_play(patch, brief)
    }
    return Ban(
        parts=frozenset(parts),
        hits=frozenset(GM_DRUMS[line] for e in brief.without for line in _HITS.get(e, "")),
        effects=frozenset(kind for e in brief.without for kind in _EFFECTS.get(e, ())),
    )


def allowed_effects(effects: Sequence[Effect], ban: Ban) -> tuple[Effect, ...]:
    return tuple(effect for effect in effects if effect.kind not in ban.effects)


def breaches_of(score: Score, sound: ArtistSound, brief: Brief) -> tuple[Breach, ...]:
    """Return what the brief forbids and the finished score plays all the same."""
    ban = ban_of(brief, sound)
    counts = {
        part: sum(not ban.allows(part, note.pitch) for note in notes)
        for part, notes in score.parts.items()
    }
    for kind in ban.effects:
        counts[kind] = sum(effect.kind == kind for effect in score.effects)
    if brief.forbids(Element.KEY_CHANGE):
        counts[Element.KEY_CHANGE.value] = sum(section.key != score.key for section in score.form)
    return tuple(Breach(what, events) for what, events in sorted(counts.items()) if events)


def unheard(score: Score, sound: ArtistSound, brief: Brief) -> tuple[str, ...]:
    """Return the asked instruments that no note of the score is played on."""
    heard = {
        element
        for part, notes in score.parts.items()
        if notes and part not in DRUM_PARTS
        for element in elements_of(sound.patches[part])
    }
    return tuple(element.value for element in brief.asked if element not in heard)
