"""Plans a release for an artist: title, theme, hook, music and look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count

from media_tools.text.bank.genres import (
    BRIGHT_MOODS,
    CALM_MOODS,
    DARK_MOODS,
    LIVELY_MOODS,
    Genre,
    genre_of,
)
from media_tools.text.bank.model import Hook, Theme
from media_tools.text.bank.themes import THEMES
from media_tools.text.bank.words import SUNG, TITLES, TREND_HOOKS
from media_tools.text.base import Concept, ConceptBrief, Persona
from media_tools.text.checks import cliches
from media_tools.text.colours import vary
from media_tools.text.dice import Dice
from media_tools.text.filling import Words, fill, repeats_itself, title_case
from media_tools.text.lessons import Wish, is_major, opposed_kinds, uses_word, wishes_of
from media_tools.text.phonemes import clean_words, syllables
from media_tools.text.trends import spoken_trend

_TITLE_TRIES = 300
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


def _sung_title(words: Words, dice: Dice) -> Hook:
    title = fill(dice.pick(TITLES), words, dice)
    # "The motel key, carry me home" asks a thing to act; "silver taillights, ..." is acceptable.
    fitting = [line for line in SUNG if not (title.startswith("The ") and line[0] == "{")]
    lines = [line.format(title=title.lower()) for line in dice.sample(fitting, 3)]
    return Hook(title=title, line=next((x for x in lines if not repeats_itself(x)), lines[0]))


def _themed_hook(theme: Theme, words: Words, dice: Dice) -> Hook:
    hook = dice.pick(theme.hooks)
    chosen = {"adj": dice.pick(words.adjectives)}
    chosen["Adj"] = title_case(chosen["adj"])
    return Hook(
        title=fill(hook.title, words, dice, chosen), line=fill(hook.line, words, dice, chosen)
    )


def _trend_hook(trend: str, words: Words, dice: Dice) -> Hook:
    hook = dice.pick(TREND_HOOKS)
    chosen = {"trend": trend, "Trend": title_case(trend)}
    return Hook(
        title=fill(hook.title, words, dice, chosen), line=fill(hook.line, words, dice, chosen)
    )


def _hooks(theme: Theme, words: Words, trend: str | None, dice: Dice) -> Iterator[Hook]:
    for _ in range(_TITLE_TRIES):
        if trend:
            yield _trend_hook(trend, words, dice)
        elif dice.chance(0.5):
            yield _themed_hook(theme, words, dice)
        else:
            yield _sung_title(words, dice)


def _hook(
    theme: Theme, words: Words, trend: str | None, brief: ConceptBrief,
    avoided: frozenset[str], dice: Dice,
) -> Hook:  # fmt: skip
    """Choose a title not used lately, and a line that can be sung without avoided words."""
    recent = {title.casefold() for title in brief.recent_titles}
    last: Hook | None = None
    for hook in _hooks(theme, words, trend, dice):
        if uses_word(f"{hook.title} {hook.line}", avoided):
            continue
        if cliches(hook.line):
            continue
        low, high = _HOOK_SYLLABLES
        if not trend and not low <= syllables(hook.line) <= high:
            continue
        last = hook
        if hook.title.casefold() not in recent and len(hook.title) <= _MAX_TITLE_CHARS:
            return hook
    last = last or _sung_title(words, dice)
    # Every title is used up; adding a part number says so honestly.
    base = last.title[: _MAX_TITLE_CHARS - 12]
    number = next(n for n in count(2) if f"{base}, part {n}".casefold() not in recent)
    return Hook(title=f"{base}, Part {number}", line=last.line)


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


def _story(theme: Theme, words: Words, hook: Hook, avoided: frozenset[str], dice: Dice) -> str:
    stories = [story for story in theme.stories if not uses_word(story, avoided)]
    told = fill(dice.pick(stories or theme.stories), words, dice)
    return f"{told} The chorus holds on to one line: “{hook.line}”."


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
    words = Words.of(theme, avoided)
    hook = _hook(theme, words, trend, brief, avoided, dice)
    mood = _mood(theme, genre, limits.wishes, dice)
    tempo = dice.between(*limits.tempo)
    key = _key(limits.keys, limits.wishes, dice)
    keywords = [
        dice.pick(words.things),
        *dice.sample(words.plurals, 2),
        dice.pick(words.adjectives),
    ]
    palette = _palette(genre, limits.wishes, dice)
    concept = Concept(
        title=hook.title,
        theme=f"{theme.name} and {trend}" if trend else theme.name,
        mood=mood,
        story=_story(theme, words, hook, avoided, dice),
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
