"""Writes lyrics from a plan: every section has a job, its lines are linked by grammar, and rhyme.

For each line many fillings of the templates of its job are tried; those that rhyme are paired and
the best pair is kept: the wanted number of syllables, no clash of stresses, words of the plan, and
nothing that earlier songs have begun or ended a line with. A song is written six times and the best
is kept (song_measures.py).
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache

from media_tools.taste import choose
from media_tools.text.bank.genres import SHORT_FORM, Genre, genre_of, line_count_of
from media_tools.text.bank.model import Theme
from media_tools.text.bank.templates import TEMPLATES, TREND_TEMPLATES, Template
from media_tools.text.bank.themes import THEMES
from media_tools.text.bank.voices import Voice, voice_of
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
from media_tools.text.filling import content_words, repeats_itself, sentence_case, with_articles
from media_tools.text.grammar import YOU
from media_tools.text.ledger import line_ending, line_opening
from media_tools.text.lessons import avoided_words, uses_word, wishes_of
from media_tools.text.phonemes import (
    clean_words,
    has_sound,
    last_word,
    near_rhymes,
    rhyme_part,
    rhymes,
    stress,
    syllables,
)
from media_tools.text.phrases import Phrases
from media_tools.text.song_measures import measure_song
from media_tools.text.story import person_of, plan_of
from media_tools.text.trends import spoken_trend

_SECONDS_PER_LINE = 3.0  # a line of eight syllables with the breath after it, at a medium tempo
_VOCAL_SHARE = 0.85  # the rest is intro, outro and breaks
WRITINGS = 6
_WANTED = 24  # lines to choose from
_SOUNDS_AIMED_AT = 4  # of the best first lines of a rhyme
_AIMED = 5  # lines of each of these sounds
_FILLINGS_PER_LINE = 6  # tried at most for each line wanted
_PAIRS_LOOKED_AT = 40  # of rhyming lines, best first
_FEWEST_TEMPLATES = 4  # below, an artist's half of a role's templates is not enough
_OWN_LINES = 0.55  # how often a voice that has lines of its own for a job uses one
LONG_SONG_S = 90  # from here on, "shorter" lyrics are no longer the shortest form

_KINDS = {"V": "verse", "P": "prechorus", "C": "chorus", "B": "bridge", "O": "outro"}

# The jobs of a section's lines, by its kind and how often it came before: scene, claim, turn and
# consequence over the song, and within a section each second line goes on with the first.
_JOBS: dict[str, tuple[tuple[tuple[str, str, str, str], ...], ...]] = {
    "verse": (
        (
            ("scene", "detail", "deed", "relative"),
            ("scene", "detail", "deed", "because"),
            ("scene", "until", "deed", "detail"),
            ("deed", "relative", "scene", "until"),
        ),
        (
            ("deed", "until", "turn", "consequence"),
            ("question", "answer", "turn", "because"),
            ("doubt", "reply", "turn", "consequence"),
            ("deed", "because", "turn", "detail"),
        ),
        (
            ("scene", "because", "turn", "consequence"),
            ("doubt", "reply", "turn", "until"),
            ("question", "answer", "turn", "consequence"),
        ),
    ),
    "prechorus": (
        (
            ("doubt", "reply", "claim", "because"),
            ("claim", "until", "question", "answer"),
            ("question", "answer", "claim", "until"),
        ),
    ),
    "bridge": (
        (
            ("turn", "because", "claim", "consequence"),
            ("doubt", "reply", "turn", "consequence"),
            ("claim", "until", "turn", "because"),
        ),
    ),
    "chorus": (
        (
            ("hook", "because", "plea", "until"),
            ("hook", "until", "claim", "consequence"),
            ("hook", "until", "plea", "because"),
            ("hook", "because", "claim", "consequence"),
        ),
    ),
}


@dataclass(frozen=True)
class _Line:
    """A filling of a template. bad: 0 is good."""

    text: str
    template: Template
    bad: float
    end: str  # the last word
    rhyme: tuple[str, ...]


@dataclass
class _Spent:
    """What the song has used so far."""

    lines: set[str] = field(default_factory=set)
    ends: set[str] = field(default_factory=set)
    templates: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    heads: Counter[str] = field(default_factory=Counter)
    openings: set[str] = field(default_factory=set)
    endings: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)  # words of the plan


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


@lru_cache(maxsize=256)
def templates_of(artist: str, role: str) -> tuple[Template, ...]:
    """Return an artist's half of the shared templates of a role: another half for every name."""
    shared = TEMPLATES[role]
    return tuple(Dice("templates", role, artist).sample(shared, max(10, len(shared) // 2)))


class _Song:
    """One song being written."""

    def __init__(self, brief: LyricsBrief, writing: int) -> None:
        concept, artist = brief.concept, brief.persona.name
        self.brief = brief
        self.dice = Dice("lyrics", brief.seed, concept.title, writing)
        self.rng = random.Random(self.dice.below(2**53))
        self.artist = artist
        self.theme = theme_for(concept, brief.persona)
        self.voice: Voice = voice_of(artist, self.theme)
        self.avoided = avoided_words(brief.lessons)
        # Plan and person are the same in each writing.
        told = Dice("plan", brief.seed, concept.title)
        self.plan = plan_of(concept.story, self.voice, self.avoided, told)
        self.hook = sentence_case(concept.hook.strip().rstrip(".,;!"))
        self.person = person_of(self.hook, self.plan, told)
        self.trend = spoken_trend(concept.trend)
        self.plan_words = frozenset(w for text in self.plan.texts for w in content_words(text))
        self.genre = genre_of(brief.persona.genre)
        self.phrases = Phrases(
            theme=self.theme,
            voice=self.voice,
            plan=self.plan,
            person=self.person,
            avoided=self.avoided,
            rng=random.Random(told.below(2**53)),
        )
        self.phrases.rng = self.rng
        self.verse_tense = "past" if told.chance(0.6) else "now"
        shift = self.dice.below(2)
        self.syllables = {
            "verse": self.genre.syllables[0] + shift,
            "prechorus": self.genre.syllables[0],
            "bridge": self.genre.syllables[1] + shift,
            # The chorus has the metre of its hook; a very long hook stands alone.
            "chorus": min(max(syllables(self.hook), 6), 10),
        }
        self.syllables["outro"] = self.syllables["chorus"]
        self.schemes = {
            kind: self.dice.pick(("ABAB", "AABB")) for kind in ("verse", "bridge", "chorus")
        }
        self.spent = _Spent()
        self.spent.ends.add(last_word(self.hook))
        self.spent.words.update(content_words(self.hook))

    # Lines

    def _templates(
        self, role: str, tense: str, after: str
    ) -> tuple[list[Template], list[Template]]:
        """Return the artist's own templates for a job and the shared ones. after: the next job."""

        def fitting(templates: Sequence[Template]) -> list[Template]:
            return [
                t
                for t in templates
                if t.tense in (tense, "any")
                and t.about in ("any", "you" if self.person is YOU else "other")
                and (after != "relative" or t.names_a_thing)
                and t.kinds <= self.phrases.kinds
            ]

        if role == "trend":
            return [], fitting(TREND_TEMPLATES)
        shared = fitting(templates_of(self.artist, role))
        if len(shared) < _FEWEST_TEMPLATES:
            shared = fitting(TEMPLATES[role])
        return fitting(self.voice.templates.get(role, ())), shared

    def _lines(
        self, role: str, tense: str, target: int, *, after: str = "", wanted: int = _WANTED
    ) -> list[_Line]:
        """Return fillings for a job within one syllable of the target, best first."""
        own, shared = self._templates(role, tense, after)
        given = {"trend": self.trend} if self.trend else {}
        lines: dict[str, _Line] = {}
        for _ in range(_FILLINGS_PER_LINE * wanted):
            if len(lines) >= wanted:
                break
            mine = own and (not shared or self.rng.random() < _OWN_LINES)
            templates = own if mine else shared
            template = templates[int(self.rng.random() * len(templates))]
            line = self._judged(template, self.phrases.fill(template, given), target)
            if line:
                lines.setdefault(line.text, line)
        return sorted(lines.values(), key=lambda line: (line.bad, line.text))

    def _judged(self, template: Template, text: str, target: int) -> _Line | None:
        """Return the line with its badness, or None if it is not allowed."""
        off = abs(syllables(text) - target)
        if off > 1:
            return None
        spent, used = self.spent, self.brief.used
        text = sentence_case(with_articles(text))
        opening, ending = line_opening(text), line_ending(text)
        if opening in used.openings or ending in used.endings:
            return None
        if opening in spent.openings or ending in spent.endings or text in spent.lines:
            return None
        end = last_word(text)
        if end in spent.ends or not has_sound(end) or repeats_itself(text):
            return None
        if self.avoided and uses_word(text, self.avoided):
            return None
        words = content_words(text)
        repeated = sum(min(spent.words[word], 3) for word in words if word not in self.plan_words)
        fresh = len((self.plan_words - spent.told).intersection(words))
        bad = (
            0.8 * off
            + 4.0 * meter_badness(text)
            + 0.9 * repeated
            + 2.5 * spent.templates[template.text]
            + 1.5 * spent.heads[_head(text)]
            - 1.3 * min(fresh, 3)
            + 0.9 * self.rng.random()
        )
        return _Line(text, template, bad, end, rhyme_part(text))

    def _take(self, line: _Line) -> None:
        spent, words = self.spent, content_words(line.text)
        spent.lines.add(line.text)
        spent.ends.add(line.end)
        spent.templates[line.template.text] += 1
        spent.words.update(words)
        spent.told.update(self.plan_words.intersection(words))
        spent.heads[_head(line.text)] += 1
        spent.openings.add(line_opening(line.text))
        spent.endings.add(line_ending(line.text))

    # Rhymes

    def _pair(
        self, first: list[_Line], second: list[_Line], *, unlike: str = ""
    ) -> tuple[_Line, _Line] | None:
        """Return the best two lines that rhyme. unlike: a line they must not sound like."""
        by_rhyme: dict[tuple[str, ...], list[_Line]] = defaultdict(list)
        for line in second:
            by_rhyme[line.rhyme].append(line)
        best: tuple[float, _Line, _Line] | None = None
        looked = 0
        for one in first:
            if unlike and near_rhymes(unlike, one.text):
                continue
            for other in by_rhyme.get(one.rhyme, ()):
                bad = one.bad + other.bad
                if best and bad >= best[0]:
                    break
                if one.text == other.text or not self._go_together(one, other):
                    continue
                best = (bad, one, other)
                looked += 1
            if looked >= _PAIRS_LOOKED_AT:
                break
        return best[1:] if best else None

    def _go_together(self, one: _Line, other: _Line) -> bool:
        if not rhymes(one.text, other.text) or _head(one.text) == _head(other.text):
            return False
        return not cliches(one.text) and not cliches(other.text)

    def _rhymed(
        self, jobs: tuple[tuple[str, str], tuple[str, str]], tense: str, target: int, unlike: str
    ) -> tuple[str, str]:
        """Write two lines that rhyme. jobs: of each line, with the job of the line after it.

        Raises LookupError if the bank is too small for the lessons.
        """
        for slack in (0, 1, -1, 2):
            first = self._lines(jobs[0][0], tense, target + slack, after=jobs[0][1])
            second = self._lines(jobs[1][0], tense, target + slack, after=jobs[1][1])
            second += self._aimed(first, jobs[1], tense, target + slack)
            second.sort(key=lambda line: (line.bad, line.text))
            pair = self._pair(first, second, unlike=unlike)
            if pair:
                for line in pair:
                    self._take(line)
                return pair[0].text, pair[1].text
        raise LookupError(f"no rhyming lines for {jobs}")

    def _aimed(
        self, first: list[_Line], job: tuple[str, str], tense: str, target: int
    ) -> list[_Line]:
        """Return lines that end like the best of the first ones."""
        lines = []
        sounds = dict.fromkeys(line.rhyme for line in first if self.phrases.can_end(line.rhyme))
        for sound in list(sounds)[:_SOUNDS_AIMED_AT]:
            self.phrases.aim = sound
            lines += self._lines(job[0], tense, target, after=job[1], wanted=_AIMED)
        self.phrases.aim = ()
        return lines

    def _answering(self, job: str, after: str, target: int) -> str | None:
        """Write a line that rhymes with the hook."""
        self.phrases.aim = rhyme_part(self.hook)
        lines = [
            line
            for slack in (0, 1, -1)
            for line in self._lines(job, "now", target + slack, after=after)
            if rhymes(self.hook, line.text) and not cliches(line.text)
        ]
        self.phrases.aim = ()
        if not lines:
            return None
        best = min(lines, key=lambda line: (line.bad, line.text))
        self._take(best)
        return best.text

    # Sections

    def stanza(self, kind: str, jobs: tuple[str, ...], tense: str, unlike: str) -> tuple[str, ...]:
        """Write four lines of the jobs, or two of two."""
        target = self.syllables[kind]
        one, two = (jobs[0], jobs[1]), (jobs[1], "")
        if len(jobs) == 2:
            return self._rhymed((one, two), tense, target, unlike)
        three, four = (jobs[2], jobs[3]), (jobs[3], "")
        if self.schemes[kind] == "AABB":
            first = self._rhymed((one, two), tense, target, unlike)
            return (*first, *self._rhymed((three, four), tense, target, first[0]))
        odd = self._rhymed((one, three), tense, target, unlike)
        even = self._rhymed((two, four), tense, target, odd[0])
        return (odd[0], even[0], odd[1], even[1])

    def chorus(self) -> tuple[str, ...]:
        """Write four lines with the hook first; a hook without rhymes frames a couplet."""
        _, second, third, fourth = self.dice.pick(_JOBS["chorus"][0])
        target = self.syllables["chorus"]
        if self.schemes["chorus"] == "AABB":
            answer = self._answering(second, "", target)
            if answer:
                jobs = ((third, fourth), (fourth, ""))
                return (self.hook, answer, *self._rhymed(jobs, "now", target, self.hook))
        answer = self._answering(third, fourth, target)
        if answer:
            jobs = ((second, ""), (fourth, ""))
            pair = self._rhymed(jobs, "now", target, self.hook)
            return (self.hook, pair[0], answer, pair[1])
        pair = self._rhymed(((second, ""), (third, "")), "now", target, self.hook)
        return (self.hook, *pair, self.hook)

    def outro(self) -> tuple[str, ...]:
        """Write a last line that leads back to the hook; without a rhyme the hook comes twice."""
        target = self.syllables["outro"]
        answer = self._answering("close", "", target)
        if answer:
            return (answer, self.hook)
        try:
            return self._rhymed((("close", ""), ("close", "")), "now", target, "")
        except LookupError:
            return (self.hook, self.hook)

    def section(self, kind: str, lines: int, count: int, *, trend: bool) -> tuple[str, ...]:
        """Write a section that is not a chorus. count: how many of its kind came before."""
        if kind == "outro":
            return self.outro()
        tense = self.verse_tense if kind == "verse" else "now"
        choices = self.dice.shuffled(_JOBS[kind][count % len(_JOBS[kind])])
        # A trend that says one word twice fits no line.
        named = [("trend", "detail", *jobs[2:]) for jobs in choices] if trend else []
        for jobs in (*named, *choices):
            try:
                return self.stanza(kind, jobs[: 2 if lines == 2 else 4], tense, "")
            except LookupError:
                continue
        raise LookupError(
            f"lyrics for {self.theme.name!r}: no rhyming lines are left; drop an 'avoid' lesson"
        )


def _head(line: str) -> str:
    """Return the first two words, whose repetition a listener notices."""
    return " ".join(clean_words(line)[:2])


def meter_badness(line: str) -> float:
    """Return clashing stresses and runs of weak syllables, per syllable; 0 is smooth."""
    beats = stress(line).replace("2", "1")
    clashes = sum(beats[i : i + 2] == "11" for i in range(len(beats)))
    lulls = sum(beats[i : i + 4] == "0000" for i in range(len(beats)))
    return (clashes + lulls) / max(1, len(beats))


def _form(brief: LyricsBrief, genre: Genre, dice: Dice) -> str:
    if brief.form:
        return lined_form(brief.form)
    wished = {wish.kind for lesson in brief.lessons for wish in wishes_of(lesson)}
    if "shorter" in wished and brief.concept.duration_s < LONG_SONG_S:
        return SHORT_FORM
    return form_for(genre, brief.concept.duration_s, dice)


def _written(brief: LyricsBrief, writing: int) -> Lyrics:
    song = _Song(brief, writing)
    # Every writing has the same form.
    form = _form(brief, song.genre, Dice("form", brief.seed, brief.concept.title))
    chorus = song.chorus()
    counts: Counter[str] = Counter()
    sections = []
    for part in form.split():
        kind, count = _KINDS[part[0]], counts[_KINDS[part[0]]]
        trend = bool(song.trend) and (
            kind == "bridge" or (kind == "verse" and count <= ("B" not in form))
        )
        lines = (
            chorus if kind == "chorus" else song.section(kind, int(part[1:]), count, trend=trend)
        )
        counts[kind] += 1
        sections.append(LyricsSection(kind=kind, lines=lines))
    return Lyrics(sections=tuple(sections), explicit=False, language="en")


def write_song(brief: LyricsBrief, writings: int = WRITINGS) -> Lyrics:
    """Write lyrics for the concept: the chorus contains the hook and returns in full.

    writings: how many songs, to keep the best by stated measures and the brief's taste; a writing
    that finds no lines does not count.

    Used openings and endings that leave too few lines are used again; lessons that leave too few
    words are dropped, the weakest first, until a song can be written.
    """
    songs: list[Lyrics] = []
    failed: LookupError | None = None
    for writing in range(max(writings, WRITINGS)):
        if len(songs) == writings:
            break
        try:
            songs.append(_written(brief, writing))
        except LookupError as error:
            failed = error
    if failed and not songs:
        if brief.used.openings or brief.used.endings:
            spent = replace(brief.used, openings=frozenset(), endings=frozenset())
            return write_song(replace(brief, used=spent), writings)
        if not brief.lessons:
            raise failed
        return write_song(replace(brief, lessons=brief.lessons[:-1]), writings)
    measures = [measure_song(song) for song in songs]
    worths = [of_song.worth for of_song in measures]
    return songs[choose(worths, [asdict(of_song) for of_song in measures], brief.taste)]
