"""Plans a release for an artist: title, theme, hook, music and look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Self

from media_tools.text.bank.genres import (
    BRIGHT_MOODS,
    CALM_MOODS,
    DARK_MOODS,
    LIVELY_MOODS,
    Genre,
    genre_of,
)
from media_tools.text.bank.model import Hook, Theme
from media_tools.text.bank.songbooks import songbooks_of
from media_tools.text.bank.themes import THEMES
from media_tools.text.bank.voices import Voice, voice_of
from media_tools.text.bank.words import HOOKS, TREND_HOOKS
from media_tools.text.base import Concept, ConceptBrief, Persona
from media_tools.text.checks import cliches
from media_tools.text.colours import vary
from media_tools.text.dice import Dice
from media_tools.text.filling import title_case, with_articles
from media_tools.text.lessons import Wish, is_major, opposed_kinds, uses_word, wishes_of
from media_tools.text.phonemes import clean_words, syllables
from media_tools.text.shingles import title_key
from media_tools.text.story import Plan, draw_plan, tell
from media_tools.text.trends import spoken_trend

_PLAN_TRIES = 25
_THIRD = 3  # "slower" keeps the lower third of the remaining range
_MAX_TITLE_CHARS = 80
_HOOK_SYLLABLES = (5, 11)
_HUE_SHIFT = 0.03  # of the colour circle: a shade, not another colour
_LIFT = 0.25

_LEFT_OUT = "varied"  # the form decides how often the refrain comes, so this cannot be promised
_PROMPT_WORDS = {
    "brighter": "bright and open",
    "darker": "dark and heavy",
    "calmer": "calm, soft drums",
    "livelier": "lively, energetic drums",
    "warmer": "warm, rounded sound",
    "sparser": "sparse arrangement",
    "punchier": "punchy, dynamic mix",
}
_WISHED_MOODS = {
    "brighter": BRIGHT_MOODS,
    "darker": DARK_MOODS,
    "calmer": CALM_MOODS,
    "livelier": LIVELY_MOODS,
}


@dataclass
class _Limits:
    """What the lessons leave open; each applied lesson narrows it."""

    tempo: tuple[int, int]
    duration: tuple[int, int]
    keys: tuple[str, ...]
    wishes: list[str] = field(default_factory=list)
    avoided: set[str] = field(default_factory=set)

    def try_lesson(self, wishes: tuple[Wish, ...]) -> bool:
        """Apply all wishes of a lesson, or none of them. Returns whether they were applied."""
        trial = _Limits(self.tempo, self.duration, self.keys, list(self.wishes), set(self.avoided))
        if not wishes or not all(trial._take(wish) for wish in wishes):
            return False
        self.__dict__.update(trial.__dict__)
        return True

    def _take(self, wish: Wish) -> bool:
        if wish.kind == "avoid":
            self.avoided.update(wish.words)
            return True
        if wish.kind.startswith("tempo_") or wish.kind in ("slower", "faster"):
            narrowed = _narrowed(self.tempo, wish)
            self.tempo = narrowed or self.tempo
            return narrowed is not None
        if wish.kind.startswith("duration_") or wish.kind in ("shorter", "longer"):
            narrowed = _narrowed(self.duration, wish)
            self.duration = narrowed or self.duration
            return narrowed is not None
        if wish.kind == _LEFT_OUT or any(opposed_kinds(wish.kind, kind) for kind in self.wishes):
            return False
        if wish.kind in ("major", "minor"):
            keys = tuple(key for key in self.keys if is_major(key) == (wish.kind == "major"))
            self.keys = keys or self.keys
            if not keys:
                return False
        self.wishes.append(wish.kind)
        return True


@dataclass(frozen=True)
class _World:
    """What titles and hooks are made of."""

    voice: Voice
    hooks: tuple[Hook, ...]  # of its songbook
    plurals: tuple[str, ...]
    adjectives: tuple[str, ...]
    avoided: frozenset[str]

    @classmethod
    def of(cls, artist: str, theme: Theme, avoided: frozenset[str]) -> Self:
        """Take a theme's words without avoided ones; a kind that would lose all keeps them."""

        def kept(items: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(item for item in items if not uses_word(item, avoided)) or items

        voice = voice_of(artist, theme)
        return cls(
            voice,
            tuple(chorus.hook for chorus in songbooks_of(artist, theme)[0].choruses),
            kept(theme.plurals),
            kept(voice.adjectives),
            avoided,
        )


def _narrowed(span: tuple[int, int], wish: Wish) -> tuple[int, int] | None:
    """Return the part of a range that obeys a wish; None if there is none."""
    low, high = span
    if wish.kind.endswith("_max"):
        high = min(high, wish.number)
    elif wish.kind.endswith("_min"):
        low = max(low, wish.number)
    elif low == high:
        return None
    elif wish.kind in ("slower", "shorter"):
        high = low + (high - low) // _THIRD
    else:
        low = high - (high - low) // _THIRD
    return (low, high) if low <= high else None


def _heeded(brief: ConceptBrief) -> tuple[_Limits, list[str]]:
    """Return the limits after every lesson that can be obeyed, and those lessons."""
    persona = brief.persona
    limits = _Limits(
        tempo=(persona.tempo_min_bpm, max(persona.tempo_min_bpm, persona.tempo_max_bpm)),
        duration=brief.duration_s,
        keys=persona.keys or genre_of(persona.genre).keys,
    )
    heeded = [lesson for lesson in brief.lessons if limits.try_lesson(wishes_of(lesson))]
    return limits, heeded


def _known_themes(persona: Persona, genre: Genre) -> list[Theme]:
    """Return the persona's themes in the bank, by name or nearest words, or else the genre's."""
    themes: dict[str, Theme] = {}
    for named in persona.themes:
        if named in THEMES:
            themes[named] = THEMES[named]
            continue
        said = set(clean_words(named))
        for theme in THEMES.values():
            if said & set(theme.matches):
                themes[theme.name] = theme
                break
    return list(themes.values()) or [THEMES[name] for name in genre.themes]


def _theme(brief: ConceptBrief, genre: Genre, avoided: frozenset[str], dice: Dice) -> Theme:
    themes = _known_themes(brief.persona, genre)
    themes = [t for t in themes if not uses_word(t.name, avoided)] or themes
    if brief.trend:
        said = set(clean_words(brief.trend))
        near = [theme for theme in themes if said & set(theme.matches)]
        themes = near or themes
    return dice.pick(themes)


def _filled(hook: Hook, gaps: Mapping[str, str]) -> Hook:
    titled = {name.capitalize(): title_case(text) for name, text in gaps.items()}
    words = {**gaps, **titled}
    return Hook(
        title=with_articles(hook.title.format(**words)),
        line=with_articles(hook.line.format(**words)),
    )


def _hook(
    hooks: Sequence[Hook], gaps: Mapping[str, str], world: _World, brief: ConceptBrief
) -> Hook | None:
    """Return the first title and hook not used before that can be sung, without avoided words."""
    recent = {title_key(title) for title in brief.recent_titles} | brief.used.titles
    for hook in (_filled(hook, gaps) for hook in hooks):
        if uses_word(f"{hook.title} {hook.line}", world.avoided) or cliches(hook.line):
            continue
        low, high = _HOOK_SYLLABLES
        if "trend" not in gaps and not low <= syllables(hook.line) <= high:
            continue
        if len(hook.title) > _MAX_TITLE_CHARS:
            continue
        if title_key(hook.title) not in recent and title_key(hook.line) not in brief.used.hooks:
            return hook
    return None


def _planned(
    world: _World, trend: str | None, brief: ConceptBrief, dice: Dice
) -> tuple[Plan, Hook]:
    """Draw plans until one has a title and a hook that are new; the songbook's come first."""
    kinds = (TREND_HOOKS,) if trend else (world.hooks, HOOKS)
    for hooks in kinds:
        for _ in range(_PLAN_TRIES):
            plan = draw_plan(world.voice, world.avoided, dice)
            gaps = (
                {"trend": trend} if trend else {"obj": plan.obj, "adj": dice.pick(world.adjectives)}
            )
            if hook := _hook(dice.shuffled(hooks), gaps, world, brief):
                return plan, hook
    # Every title is used up; adding a part number says so honestly.
    last = _filled(dice.pick(kinds[-1]), gaps)
    base = last.title[: _MAX_TITLE_CHARS - 12]
    recent = {title_key(title) for title in brief.recent_titles} | brief.used.titles
    number = next(n for n in count(2) if title_key(f"{base}, Part {n}") not in recent)
    return plan, Hook(title=f"{base}, Part {number}", line=last.line)


def _mood(theme: Theme, genre: Genre, wishes: list[str], dice: Dice) -> str:
    wished = next((_WISHED_MOODS[wish] for wish in wishes if wish in _WISHED_MOODS), None)
    first = dice.pick(wished or genre.moods)
    second = dice.pick([mood for mood in theme.mood_words if mood != first])
    return f"{first}, {second}"


def _key(keys: tuple[str, ...], wishes: list[str], dice: Dice) -> str:
    if "brighter" in wishes or "darker" in wishes:
        fitting = [key for key in keys if is_major(key) == ("brighter" in wishes)]
        return dice.pick(fitting or keys)
    return dice.pick(keys)


def _palette(genre: Genre, wishes: list[str], dice: Dice) -> tuple[str, ...]:
    shift = (dice.fraction() * 2 - 1) * _HUE_SHIFT
    lift = _LIFT * (("brighter" in wishes) - ("darker" in wishes))
    return vary(dice.pick(genre.palettes), hue_shift=shift, lift=lift)


def _music_prompt(
    brief: ConceptBrief,
    genre: Genre,
    mood: str,
    tempo: int,
    key: str,
    wishes: list[str],
    dice: Dice,
) -> str:
    style = dice.pick(genre.styles)
    parts = [
        brief.music_prompt_prefix.strip().rstrip(","),
        style,
        f"{tempo} BPM",
        key,
        mood,
        *dice.sample(genre.instruments, 3),
        brief.persona.style_notes.strip().rstrip("."),
        *(_PROMPT_WORDS[wish] for wish in wishes if wish in _PROMPT_WORDS),
    ]
    return ", ".join(part for part in parts if part)[:1900]


def _still_avoided(concept: Concept, avoided: set[str]) -> set[str]:
    """Return avoided words that the concept still contains."""
    text = " ".join((concept.title, concept.hook, concept.theme, concept.story, *concept.keywords))
    return {word for word in avoided if uses_word(text, frozenset({word}))}


def plan_concept(brief: ConceptBrief) -> Concept:
    """Plan a concept that CONCEPT_SCHEMA accepts; lessons_applied are exactly those it obeys.

    A trend that names a real artist or is explicit is not followed; the concept's trend is then
    None.
    """
    dice = Dice("concept", brief.seed, brief.persona.name)
    genre = genre_of(brief.persona.genre)
    limits, heeded = _heeded(brief)
    avoided = frozenset(limits.avoided)
    trend = spoken_trend(brief.trend)
    if trend and uses_word(trend, avoided):
        trend = None
    theme = _theme(brief, genre, avoided, dice)
    world = _World.of(brief.persona.name, theme, avoided)
    plan, hook = _planned(world, trend, brief, dice)
    mood = _mood(theme, genre, limits.wishes, dice)
    tempo = dice.between(*limits.tempo)
    key = _key(limits.keys, limits.wishes, dice)
    keywords = [plan.obj, *dice.sample(world.plurals, 2), dice.pick(world.adjectives)]
    palette = _palette(genre, limits.wishes, dice)
    concept = Concept(
        title=hook.title,
        theme=f"{theme.name} and {trend}" if trend else theme.name,
        mood=mood,
        story=f"{tell(plan, dice)} The chorus holds on to one line: “{hook.line}”.",
        hook=hook.line,
        keywords=tuple(([trend] if trend else []) + keywords),
        music_prompt=_music_prompt(brief, genre, mood, tempo, key, limits.wishes, dice),
        tempo_bpm=tempo,
        key=key,
        duration_s=dice.between(*limits.duration),
        visual_prompt=(
            f"{dice.pick(theme.visuals)}, {brief.persona.visual_style or dice.pick(genre.looks)}, "
            f"{mood}, colours {' '.join(palette)}, no text"
        ),
        palette=palette,
        trend=brief.trend if trend else None,
        lessons_applied=(),
    )
    kept_out = _still_avoided(concept, limits.avoided)
    applied = [
        lesson
        for lesson in heeded
        if not any(set(wish.words) & kept_out for wish in wishes_of(lesson))
    ]
    return replace(concept, lessons_applied=tuple(dict.fromkeys(applied))[:20])
