"""Writes lyrics, rhyme first: chooses rhyming line endings, then builds lines towards them.

Each line is the best of many fillings of the bank's templates: the wanted number of syllables, no
clash of stresses, no word used before, and words of the concept preferred.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from media_tools.text.bank.endings import SHARED_ENDINGS
from media_tools.text.bank.genres import SHORT_FORM, Genre, genre_of, line_count_of
from media_tools.text.bank.model import Ending, Theme
from media_tools.text.bank.templates import TEMPLATES, TREND_TEMPLATES, Template
from media_tools.text.bank.themes import THEMES
from media_tools.text.base import (
    SECTION_LINES,
    Concept,
    Lyrics,
    LyricsBrief,
    LyricsSection,
    Persona,
)
from media_tools.text.checks import cliches
from media_tools.text.dice import Dice
from media_tools.text.filling import Words, content_words, fill, gaps, repeats_itself, sentence_case
from media_tools.text.lessons import avoided_words, uses_word, wishes_of
from media_tools.text.phonemes import (
    clean_words,
    last_word,
    near_rhymes,
    rhyme_part,
    rhymes,
    stress,
    syllables,
)
from media_tools.text.trends import spoken_trend

_SECONDS_PER_LINE = 3.0  # a line of eight syllables with the breath after it, at a medium tempo
_VOCAL_SHARE = 0.85  # the rest is intro, outro and breaks
_TRIES_PER_LINE = 60
_TRIES_PER_RHYME = 24
_THEMED_WEIGHT = 4
LONG_SONG_S = 90  # from here on, "shorter" lyrics are no longer the shortest form

_KINDS = {"V": "verse", "P": "prechorus", "C": "chorus", "B": "bridge", "O": "outro"}

# Roles of a section's lines (bank/templates.py), by its kind and how often it came before.
_ROLES: dict[str, tuple[tuple[str, ...], ...]] = {
    "verse": (
        ("scene", "list", "scene", "address"),
        ("address", "scene", "list", "turn"),
        ("scene", "address", "scene", "turn"),
    ),
    "prechorus": (("turn", "address"),),
    "chorus": (("hook", "hook", "hook", "close"),),
    "bridge": (("turn", "address", "list", "close"),),
    "outro": (("close", "close"),),
}

# Roles that can replace one without a template for the wanted ending.
_STAND_INS = ("scene", "address", "turn", "close", "hook")


@dataclass
class _Used:
    """What the song has used so far."""

    lines: set[str] = field(default_factory=set)
    endings: set[str] = field(default_factory=set)
    last_words: set[str] = field(default_factory=set)
    rhymes: set[tuple[str, ...]] = field(default_factory=set)
    templates: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    openings: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class _Rhyming:
    """Endings that rhyme, themed ones first."""

    part: tuple[str, ...]
    endings: tuple[Ending, ...]
    themed: frozenset[Ending]


def theme_for(concept: Concept, persona: Persona) -> Theme:
    """Return the bank's theme nearest to a concept's own, by name and then by shared words."""
    said = f"{concept.theme} {' '.join(concept.keywords)} {concept.title} {concept.hook}".lower()
    for theme in THEMES.values():
        if theme.name in concept.theme.lower():
            return theme
    heard = Counter(clean_words(said))
    known = [name for name in persona.themes if name in THEMES]

    def score(theme: Theme) -> tuple[int, bool]:
        return sum(heard[word] for word in theme.matches), theme.name in known

    return max(THEMES.values(), key=score)


def form_for(genre: Genre, duration_s: int, dice: Dice) -> str:
    """Return a form of the genre whose lines fit the time, or the short one if none does."""
    room = duration_s * _VOCAL_SHARE / _SECONDS_PER_LINE
    fitting = [form for form in genre.forms if line_count_of(form) <= room]
    return dice.pick(fitting) if fitting else SHORT_FORM


def lined_form(kinds: Sequence[str]) -> str:
    """Return a wished form with the usual number of lines in each section."""
    letters = {kind: letter for letter, kind in _KINDS.items()}
    return " ".join(f"{letters[kind]}{SECTION_LINES[kind]}" for kind in kinds)


@lru_cache(maxsize=64)
def _endings(theme_name: str, avoided: frozenset[str]) -> tuple[_Rhyming, ...]:
    """Return groups of endings with at least two rhyming words, for a theme."""
    themed = [e for e in THEMES[theme_name].endings if not uses_word(e.text, avoided)]
    shared = [e for e in SHARED_ENDINGS if not uses_word(e.text, avoided)]
    groups: dict[tuple[str, ...], list[Ending]] = {}
    for ending in (*themed, *shared):
        groups.setdefault(rhyme_part(ending.text), []).append(ending)
    return tuple(
        _Rhyming(part=part, endings=tuple(rhyming), themed=frozenset(rhyming) & frozenset(themed))
        for part, rhyming in groups.items()
        if any(rhymes(rhyming[0].text, candidate.text) for candidate in rhyming)
    )


class _Song:
    """One song being written."""

    def __init__(self, brief: LyricsBrief) -> None:
        concept = brief.concept
        self.dice = Dice("lyrics", brief.seed, concept.title)
        self.genre = genre_of(brief.persona.genre)
        self.theme = theme_for(concept, brief.persona)
        self.avoided = avoided_words(brief.lessons)
        self.words = Words.of(self.theme, self.avoided)
        self.groups = _endings(self.theme.name, self.avoided)
        self.hook = sentence_case(concept.hook.strip().rstrip(".,;!"))
        self.keywords = frozenset(w for text in concept.keywords for w in content_words(text))
        self.trend = spoken_trend(concept.trend)
        self.trend_in_last_verse = False
        self.verse_tense = self.dice.pick(("past", "now"))
        self.schemes = {
            "verse": self.dice.pick(("ABAB", "AABB")),
            "bridge": self.dice.pick(("ABAB", "AABB")),
            "chorus": self.dice.pick(("ABAB", "AABB")),
        }
        shift = self.dice.below(2)
        self.syllables = {
            "verse": self.genre.syllables[0] + shift,
            "prechorus": self.genre.syllables[0],
            "bridge": self.genre.syllables[1] + shift,
        }
        # The chorus has the metre of its hook; a very long hook stands alone.
        self.chorus_syllables = min(max(syllables(self.hook), 6), 10)
        self.used = _Used()
        self.used.last_words.add(last_word(self.hook))
        self.used.rhymes.add(rhyme_part(self.hook))
        self.used.words.update(content_words(self.hook))

    # Rhymes

    def _rhyme_pairs(self) -> Iterable[tuple[Ending, Ending]]:
        """Yield pairs of rhyming endings, if possible each with a rhyme that is new in the song."""
        for _ in range(_TRIES_PER_RHYME):
            fresh = [group for group in self.groups if group.part not in self.used.rhymes]
            groups = fresh or list(self.groups)
            if not groups:
                return
            weighted = [g for g in groups for _ in range(_THEMED_WEIGHT if g.themed else 1)]
            pair = self._pair(self.dice.pick(weighted))
            if pair:
                yield pair

    def _pair(self, group: _Rhyming) -> tuple[Ending, Ending] | None:
        free = [e for e in self.dice.shuffled(group.endings) if self._is_free(e)]
        free.sort(key=lambda ending: ending not in group.themed)
        for first in free:
            for second in free:
                if rhymes(first.text, second.text):
                    return (first, second) if self.dice.chance(0.5) else (second, first)
        return None

    def _is_free(self, ending: Ending) -> bool:
        return ending.text not in self.used.endings and ending.last_word not in self.used.last_words

    def _partners(self, line: str) -> list[Ending]:
        """Return endings that rhyme with a finished line, themed ones first."""
        part = rhyme_part(line)
        for group in self.groups:
            if group.part == part:
                partners = [
                    ending
                    for ending in self.dice.shuffled(group.endings)
                    if rhymes(line, ending.text) and ending.text not in self.used.endings
                ]
                return sorted(partners, key=lambda ending: ending not in group.themed)
        return []

    # Lines

    def _templates(self, role: str, ending: Ending, tense: str) -> list[Template]:
        for name in (role, *(stand_in for stand_in in _STAND_INS if stand_in != role)):
            templates = [
                template
                for template in TEMPLATES[name]
                if template.ending == ending.kind and template.tense in (tense, "any")
            ]
            if templates:
                return templates
        return []

    def _line(self, role: str, ending: Ending, tense: str, target: int) -> str | None:
        """Return the best filling within one syllable of the target, or None."""
        templates = self._templates(role, ending, tense)
        return self._best(templates, ending, target, {}) if templates else None

    def _best(
        self,
        templates: Sequence[Template],
        ending: Ending,
        target: int,
        given: dict[str, str],
    ) -> str | None:
        best: tuple[float, str, str] | None = None
        for _ in range(_TRIES_PER_LINE):
            template = self.dice.pick(templates)
            score_and_line = self._try(template, ending, target, given)
            if score_and_line and (best is None or score_and_line[0] < best[0]):
                best = (*score_and_line, template.text)
        if best is None:
            return None
        self._take(best[1], ending, best[2])
        return best[1]

    def _try(
        self, template: Template, ending: Ending, target: int, given: dict[str, str]
    ) -> tuple[float, str] | None:
        """Return a filled line and its badness, or None if it is not allowed."""
        filled: dict[str, str] = dict(given)
        filled[ending.kind] = ending.text
        for gap in gaps(template.text):
            if gap == f"{ending.kind}2":
                filled[gap] = self._other_noun(ending)
            elif gap not in filled:
                words = self.words.fill(gap, self.dice)
                if words is None:
                    raise KeyError(gap)
                filled[gap] = words
        line = sentence_case(fill(template.text, self.words, self.dice, filled))
        off = abs(syllables(line) - target)
        if off > 1 or line in self.used.lines or repeats_itself(line):
            return None
        if uses_word(line, self.avoided) or cliches(line):
            return None
        words_said = content_words(line)
        repeated = sum(min(self.used.words[word], 3) for word in words_said)
        wanted = sum(word in self.keywords for word in words_said)
        bad = (
            1.2 * off
            + 4.0 * meter_badness(line)
            + 0.9 * repeated
            + 1.5 * self.used.templates[template.text]
            + 1.5 * self.used.openings[_opening(line)]
            - 0.5 * min(wanted, 1)
            + 0.8 * (template.role != "list" and template.tense == "any")  # has no verb
            + 0.6 * self.dice.fraction()
        )
        return bad, line

    def _other_noun(self, ending: Ending) -> str:
        nouns = [e for e in self.theme.endings if e.kind == "N" and self._is_free(e)]
        unlike = [e.text for e in nouns if e.last_word != ending.last_word]
        return self.dice.pick(unlike or [ending.text])

    def _take(self, line: str, ending: Ending, template: str) -> None:
        self.used.lines.add(line)
        self.used.endings.add(ending.text)
        self.used.last_words.add(ending.last_word)
        self.used.rhymes.add(rhyme_part(line))
        self.used.templates[template] += 1
        self.used.words.update(content_words(line))
        self.used.openings[_opening(line)] += 1

    # Sections

    def couplet(
        self,
        roles: tuple[str, str],
        tense: str,
        target: int,
        *,
        trend: bool = False,
        beside: str = "",
    ) -> tuple[str, str]:
        """Write two lines that rhyme with each other.

        trend: the first line names the trend if the bank has a way to. beside: a line of the same
        section that these must not sound like.
        Raises LookupError if the bank is too small for the lessons.
        """
        for slack in (0, 1, 2):
            for named in (True, False) if trend else (False,):
                for first, second in self._rhyme_pairs():
                    if beside and near_rhymes(beside, first.text):
                        continue
                    before = _copy(self.used)
                    if named:
                        first_line = self._trend_line(first, target + slack)
                    else:
                        first_line = self._line(roles[0], first, tense, target + slack)
                    second_line = first_line and self._line(roles[1], second, tense, target + slack)
                    if first_line and second_line:
                        return first_line, second_line
                    self.used = before
        raise LookupError(
            f"lyrics for {self.theme.name!r}: no rhyming lines are left; drop an 'avoid' lesson"
        )

    def _trend_line(self, ending: Ending, target: int) -> str | None:
        if not self.trend:
            return None
        templates = [t for t in TREND_TEMPLATES if t.ending == ending.kind]
        return self._best(templates, ending, target, {"trend": self.trend}) if templates else None

    def quatrain(self, kind: str, roles: tuple[str, ...], tense: str, *, trend: bool) -> list[str]:
        target = self.syllables[kind]
        first = self.couplet((roles[0], roles[1]), tense, target, trend=trend)
        second = self.couplet((roles[2], roles[3]), tense, target, beside=first[0])
        if self.schemes[kind] == "AABB":
            return [*first, *second]
        return [first[0], second[0], first[1], second[1]]

    def chorus(self) -> tuple[str, ...]:
        """Write four lines with the hook first; a hook without rhymes frames a couplet."""
        roles = _ROLES["chorus"][0]
        target = self.chorus_syllables
        answer = self._answer(roles[2], target)
        pair = self.couplet((roles[1], roles[3]), "now", target, beside=self.hook)
        if answer is None:
            return (self.hook, *pair, self.hook)
        if self.schemes["chorus"] == "AABB":
            return (self.hook, answer, *pair)
        return (self.hook, pair[0], answer, pair[1])

    def _answer(self, role: str, target: int) -> str | None:
        """Write a line that rhymes with the hook."""
        for slack in (0, 1):
            for ending in self._partners(self.hook):
                if line := self._line(role, ending, "now", target + slack):
                    return line
        return None

    def outro(self) -> tuple[str, ...]:
        """Write a last line that leads back to the hook."""
        answer = self._answer("close", self.chorus_syllables)
        if answer is None:
            return self.couplet(("close", "close"), "now", self.chorus_syllables)
        return (answer, self.hook)

    def section(self, kind: str, lines: int, count: int) -> tuple[str, ...]:
        """Write a section that is not a chorus. count: how many of its kind came before."""
        tense = self.verse_tense if kind == "verse" else "now"
        roles = _ROLES[kind][count % len(_ROLES[kind])]
        trend = bool(self.trend) and (
            kind == "bridge"
            or (kind == "verse" and count == 0)
            or (kind == "verse" and count == 1 and self.trend_in_last_verse)
        )
        if kind == "outro":
            return self.outro()
        if lines == 2:
            pair = (roles[0], roles[-1])
            return self.couplet(pair, tense, self.syllables[kind], trend=trend)
        return tuple(self.quatrain(kind, roles, tense, trend=trend))


def _copy(used: _Used) -> _Used:
    return _Used(
        lines=set(used.lines),
        endings=set(used.endings),
        last_words=set(used.last_words),
        rhymes=set(used.rhymes),
        templates=Counter(used.templates),
        words=Counter(used.words),
        openings=Counter(used.openings),
    )


def _opening(line: str) -> str:
    """Return the first two words, whose repetition a listener notices."""
    return " ".join(clean_words(line)[:2])


def meter_badness(line: str) -> float:
    """Return clashing stresses and runs of weak syllables, per syllable; 0 is smooth."""
    beats = stress(line).replace("2", "1")
    clashes = sum(beats[i : i + 2] == "11" for i in range(len(beats)))
    lulls = sum(beats[i : i + 4] == "0000" for i in range(len(beats)))
    return (clashes + lulls) / max(1, len(beats))


def _written(brief: LyricsBrief) -> Lyrics:
    song = _Song(brief)
    wished = {wish.kind for lesson in brief.lessons for wish in wishes_of(lesson)}
    form = form_for(song.genre, brief.concept.duration_s, song.dice)
    if "shorter" in wished and brief.concept.duration_s < LONG_SONG_S:
        form = SHORT_FORM
    if brief.form:
        form = lined_form(brief.form)
    song.trend_in_last_verse = "B" not in form
    chorus = song.chorus()
    counts: Counter[str] = Counter()
    sections = []
    for part in form.split():
        kind = _KINDS[part[0]]
        lines = chorus if kind == "chorus" else song.section(kind, int(part[1:]), counts[kind])
        counts[kind] += 1
        sections.append(LyricsSection(kind=kind, lines=tuple(lines)))
    return Lyrics(sections=tuple(sections), explicit=False, language="en")


def write_song(brief: LyricsBrief) -> Lyrics:
    """Write lyrics for the concept: the chorus contains the hook and returns in full.

    Lessons that leave too few words are dropped, the weakest first, until a song can be written.
    """
    try:
        return _written(brief)
    except LookupError:
        if not brief.lessons:
            raise
        return write_song(replace(brief, lessons=brief.lessons[:-1]))
