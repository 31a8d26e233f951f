"""Proposes another profile for a rejected artist, by rules on what the decisions say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from statistics import median

from media_tools.text.bank.genres import Genre, genre_of
from media_tools.text.base import EvolutionBrief, ProposedChange
from media_tools.text.dice import Dice
from media_tools.text.lessons import wishes_of

MOST_CHANGES = 3
# A smaller difference between approved and rejected tempos means nothing.
TEMPO_GAP_BPM = 6
TEMPO_STEP = 0.12
SLOWEST_BPM, FASTEST_BPM = 40, 220

# Reasons of rejection, by the part of the profile that can answer them.
SOUND_REASONS = frozenset({"audio_fault", "too_similar", "weak_hook", "vocal_fault"})
WORD_REASONS = frozenset({"lyric_cliche", "weak_hook", "off_persona", "too_similar"})
LOOK_REASONS = frozenset({"visuals_unfit"})


def evolve(brief: EvolutionBrief) -> tuple[ProposedChange, ...]:
    """Return one to three changes, the best founded first, without those tried in vain."""
    dice = Dice("evolution", brief.seed, brief.persona.name)
    genre = genre_of(brief.persona.genre)
    chosen: dict[str, ProposedChange] = {}
    for change in _candidates(brief, genre, dice):
        tempo = change.field.startswith("tempo_")
        room = len(chosen) < MOST_CHANGES or (tempo and change.field not in chosen)
        if room and change.field not in chosen and _is_new(change, brief):
            chosen[change.field] = change
    return tuple(chosen.values())


def _is_new(change: ProposedChange, brief: EvolutionBrief) -> bool:
    return change.new != change.old and (change.field, change.new) not in brief.tried


def _candidates(brief: EvolutionBrief, genre: Genre, dice: Dice) -> Iterator[ProposedChange]:
    yield from brief.proposals
    yield from _tempo(brief)
    reasons = dict(brief.reasons)
    if counted := _of(reasons, LOOK_REASONS):
        yield from _look(brief, genre, dice, f"{counted} rejections name the visuals.")
    if counted := _of(reasons, SOUND_REASONS):
        yield from _sound(brief, genre, dice, f"{counted} rejections ask for another sound.")
    if counted := _of(reasons, WORD_REASONS):
        yield from _themes(brief, genre, dice, f"{counted} rejections ask for other words.")
    yield from _keys(brief, genre)
    general = f"{brief.rejected} of {brief.rejected + brief.approved} songs were rejected."
    yield from _themes(brief, genre, dice, general)
    yield from _sound(brief, genre, dice, general)
    yield from _look(brief, genre, dice, general)


def _of(reasons: dict[str, int], codes: frozenset[str]) -> int:
    return sum(count for code, count in reasons.items() if code in codes)


def _tempo(brief: EvolutionBrief) -> Iterator[ProposedChange]:
    """Propose tempos nearer to those people approved, or as lessons ask."""
    persona = brief.persona
    low, high = persona.tempo_min_bpm, persona.tempo_max_bpm
    shift, why = 0, ""
    if brief.approved_bpm and brief.rejected_bpm:
        liked, disliked = median(brief.approved_bpm), median(brief.rejected_bpm)
        if abs(liked - disliked) >= TEMPO_GAP_BPM:
            shift = round(liked - (low + high) / 2)
            why = f"Approved songs have {liked:.0f} BPM, rejected ones {disliked:.0f}."
    if not shift:
        shift, why = _wished_shift(brief)
    if not shift:
        return
    low = max(SLOWEST_BPM, low + shift)
    high = min(FASTEST_BPM, high + shift)
    if low <= high:
        yield ProposedChange("tempo_min_bpm", persona.tempo_min_bpm, low, why)
        yield ProposedChange("tempo_max_bpm", persona.tempo_max_bpm, high, why)


def _wished_shift(brief: EvolutionBrief) -> tuple[int, str]:
    """Return by how many BPM the first lesson on tempo moves the range, and its words."""
    low, high = brief.persona.tempo_min_bpm, brief.persona.tempo_max_bpm
    step = round((low + high) / 2 * TEMPO_STEP)
    for lesson in brief.lessons:
        for wish in wishes_of(lesson):
            shift = {
                "slower": -step,
                "calmer": -step,
                "faster": step,
                "livelier": step,
                "tempo_max": min(0, wish.number - high),
                "tempo_min": max(0, wish.number - low),
            }.get(wish.kind, 0)
            if shift:
                return shift, f"Lesson: {lesson}"
    return 0, ""


def _keys(brief: EvolutionBrief, genre: Genre) -> Iterator[ProposedChange]:
    for lesson in brief.lessons:
        kinds = {wish.kind for wish in wishes_of(lesson)}
        mode = (
            "major" if kinds & {"brighter", "major"} else
            "minor" if kinds & {"darker", "minor"} else ""
        )  # fmt: skip
        keys = [key for key in genre.keys if key.endswith(mode)][:3] if mode else []
        if keys:
            yield ProposedChange("keys", list(brief.persona.keys), keys, f"Lesson: {lesson}")


def _themes(brief: EvolutionBrief, genre: Genre, dice: Dice, why: str) -> Iterator[ProposedChange]:
    themes = list(brief.persona.themes)
    for fresh in dice.shuffled([theme for theme in genre.themes if theme not in themes]):
        yield ProposedChange("themes", themes, [*themes[1:], fresh], why)


def _sound(brief: EvolutionBrief, genre: Genre, dice: Dice, why: str) -> Iterator[ProposedChange]:
    notes = brief.persona.style_notes
    # Only the newest addition stays, so that repeated trials do not pile up instruments.
    base = re.sub(r"; now led by [^;]*\.$", "", notes).rstrip(". ")
    for fresh in dice.shuffled([name for name in genre.instruments if name not in notes]):
        led = f"{base}; now led by {fresh}." if base else f"Led by {fresh}."
        yield ProposedChange("style_notes", notes, led, why)


def _look(brief: EvolutionBrief, genre: Genre, dice: Dice, why: str) -> Iterator[ProposedChange]:
    now = brief.persona.visual_style
    for fresh in dice.shuffled([look for look in genre.looks if look != now]):
        yield ProposedChange("visual_style", now, fresh, why)
