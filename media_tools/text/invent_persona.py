"""Invents an artist for a genre."""

from __future__ import annotations

from itertools import count

from media_tools.text.artist_names import real_artists
from media_tools.text.bank.genres import Genre, genre_of
from media_tools.text.bank.themes import THEMES
from media_tools.text.bank.words import NAMES, PEOPLE
from media_tools.text.base import Persona, PersonaBrief
from media_tools.text.checks import explicit_words
from media_tools.text.dice import Dice

_NAME_TRIES = 400
_TEMPO_SHARE = 0.45  # the share of the genre's range that one artist uses
_MIN_TEMPO_WIDTH_BPM = 6


def _full_name(dice: Dice) -> str:
    """Return given and family name, one of some 150,000."""
    family = dice.pick(NAMES.family_starts) + dice.pick(NAMES.family_ends)
    return f"{dice.pick(NAMES.given)} {family}"


def _collective(dice: Dice) -> str:
    """Return a name such as "Paper Meridian", one of some 3,400."""
    return f"{dice.pick(NAMES.collective_words)} {dice.pick(NAMES.collective_nouns)}"


def _mononym(dice: Dice) -> str:
    """Return a name such as "Velune" or "Koraix", one of some 60,000."""
    start = dice.pick(NAMES.syllable_starts) + dice.pick(NAMES.syllable_vowels)
    return start + dice.pick(NAMES.syllable_middles) + dice.pick(NAMES.syllable_ends)


def _candidate(genre: Genre, dice: Dice) -> str:
    personal = 0.65 if genre.name in ("folk", "indie_pop", "cinematic", "ambient") else 0.35
    draw = dice.fraction()
    if draw < personal:
        return _full_name(dice)
    return _collective(dice) if draw < personal + 0.3 else _mononym(dice)


def _taken(name: str, taken: frozenset[str]) -> bool:
    folded = name.lower()
    return folded in taken or bool(real_artists(name) or explicit_words(name))


def invent_name(genre: Genre, taken: frozenset[str], dice: Dice) -> str:
    """Return a stage name not in `taken` (lower case) and not a known artist's."""
    for _ in range(_NAME_TRIES):
        name = _candidate(genre, dice)
        if not _taken(name, taken):
            return name
    # Too many names are taken for chance: number a family name until one is free.
    base = _full_name(dice)
    return next(f"{base} {n}" for n in count(2) if not _taken(f"{base} {n}", taken))


def _backstory(name: str, genre: Genre, themes: tuple[str, ...], dice: Dice) -> str:
    return " ".join(
        (
            f"{name} is a virtual {genre.label} artist whose story begins with "
            f"{dice.pick(genre.beginnings)}.",
            f"The first songs were made {dice.pick(PEOPLE.first_rooms)} and played to "
            f"{dice.pick(PEOPLE.first_listeners)}.",
            f"They keep coming back to {themes[0]} and {themes[1]}, under one rule: "
            f"{dice.pick(PEOPLE.rules)}.",
            dice.pick(PEOPLE.aims),
        )
    )


def invent_persona(brief: PersonaBrief) -> Persona:
    """Invent an artist: name, story, sound and look, all fitting the genre."""
    dice = Dice("persona", brief.seed, brief.genre)
    genre = genre_of(brief.genre)
    name = invent_name(genre, brief.taken_names, dice)
    themes = dice.sample(genre.themes, dice.between(3, 4))
    if dice.chance(0.4):
        themes.append(dice.pick([theme for theme in THEMES if theme not in themes]))
    low, high = genre.tempo
    width = max(_MIN_TEMPO_WIDTH_BPM, round((high - low) * _TEMPO_SHARE))
    tempo_min = dice.between(low, high - width)
    styles = dice.sample(genre.styles, 2)
    instruments = dice.sample(genre.instruments, 3)
    mood = dice.pick(genre.moods)
    return Persona(
        name=name,
        genre=genre.name,
        backstory=_backstory(name, genre, tuple(themes), dice),
        voice=dice.pick(genre.voices),
        themes=tuple(themes),
        audience=dice.pick(genre.audiences),
        style_notes=(
            f"{styles[0]} with a leaning to {styles[1]}; {', '.join(instruments)}; {mood} at heart."
        ),
        visual_style=dice.pick(genre.looks),
        tempo_min_bpm=tempo_min,
        tempo_max_bpm=tempo_min + width,
        keys=tuple(dice.sample(genre.keys, dice.between(3, 4))),
    )
