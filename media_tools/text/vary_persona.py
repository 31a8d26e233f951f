"""Makes an artist's offspring: the same roots, another person."""

from __future__ import annotations

from dataclasses import replace

from media_tools.text.bank.genres import genre_of
from media_tools.text.base import Persona, PersonaBrief
from media_tools.text.dice import Dice
from media_tools.text.invent_persona import invent_persona

MOST_TEMPO_SHIFT = 0.08
SLOWEST_BPM, FASTEST_BPM = 40, 220


def vary_persona(parent: Persona, *, taken_names: frozenset[str], seed: int) -> Persona:
    """Return a persona that keeps the parent's genre, sound and keys and differs in the rest.

    Name, look and voice are new, one theme is exchanged, the tempo moves by up to 8 %.
    taken_names: lower case. The same seed gives the same persona.
    """
    dice = Dice("offspring", seed, parent.name)
    fresh = invent_persona(PersonaBrief(parent.genre, taken_names, seed))
    reach = round((parent.tempo_min_bpm + parent.tempo_max_bpm) / 2 * MOST_TEMPO_SHIFT)
    shift = dice.between(-reach, reach)
    themes = list(parent.themes)
    unused = [theme for theme in genre_of(parent.genre).themes if theme not in themes]
    if unused:
        themes = [*themes[1:], dice.pick(unused)]
    return replace(
        fresh,
        backstory=f"{fresh.backstory} The first songs were answers to those of {parent.name}.",
        themes=tuple(themes),
        style_notes=parent.style_notes,
        tempo_min_bpm=max(SLOWEST_BPM, parent.tempo_min_bpm + shift),
        tempo_max_bpm=min(FASTEST_BPM, parent.tempo_max_bpm + shift),
        keys=parent.keys,
    )
