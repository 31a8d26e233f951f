"""Writes lyrics from a plan, in couplets of the artist's songbook: each is a thought in two lines.

Every section has a job. For each couplet, many of the songbook's for its job are tried in several
wordings, and the best is kept: near the wanted number of syllables, words of the plan, nothing said
twice, nothing that earlier songs have begun or ended a line with. A song is written six times and
the best is kept (song_measures.py).
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace

from media_tools.taste import choose
from media_tools.text.bank.genres import SHORT_FORM, Genre, genre_of, line_count_of
from media_tools.text.bank.model import Theme, tokens
from media_tools.text.bank.songbooks import TRENDS, Songbook, Stanza, songbooks_of
from media_tools.text.bank.themes import THEMES
from media_tools.text.bank.voices import voice_of
from media_tools.text.base import (
    SECTION_LINES,
    Concept,
    Lyrics,
    LyricsBrief,
    LyricsSection,
    Persona,
)
from media_tools.text.dice import Dice
from media_tools.text.filling import content_words, sentence_case, with_articles
from media_tools.text.grammar import YOU
from media_tools.text.ledger import line_ending, line_opening
from media_tools.text.lessons import avoided_words, uses_word, wishes_of
from media_tools.text.phonemes import clean_words, last_word, syllables
from media_tools.text.song_measures import measure_song
from media_tools.text.story import in_past, person_of, plan_of
from media_tools.text.trends import spoken_trend

_SECONDS_PER_LINE = 3.0  # a line of eight syllables with the breath after it, at a medium tempo
_VOCAL_SHARE = 0.85  # the rest is intro, outro and breaks
WRITINGS = 6
_DRAWINGS = 6  # wordings of a couplet that are tried
_SECOND_HAND = 8.0  # how bad a line is that begins or ends like one of an earlier song
_BORROWED = 3.0  # how bad it is to leave the artist's own songbook
_LIKED_LEAD = 5.0  # how good it is to begin with one of the artist's leads, once a song
LONG_SONG_S = 90  # from here on, "shorter" lyrics are no longer the shortest form

_KINDS = {"V": "verse", "P": "prechorus", "C": "chorus", "B": "bridge", "O": "outro"}

# The jobs of a section's couplets, by its kind and how often it came before; the last goes on.
_JOBS: dict[str, tuple[tuple[str, str], ...]] = {
    "verse": (("scene", "deed"), ("turn", "after"), ("scene", "after"), ("after", "after")),
    "prechorus": (("lift", "lift"),),
    "bridge": (("bridge", "bridge"),),
    "outro": (("close", "close"),),
}


@dataclass(frozen=True)
class _Drawn:
    """A wording of a couplet. bad: 0 is good. second_hand: an earlier song begins or ends so.

    led: one of the artist's leads stands before the first line.
    """

    stanza: Stanza
    lines: tuple[str, ...]
    bad: float
    second_hand: bool
    led: bool = False


@dataclass
class _Spent:
    """What the song has used so far."""

    stanzas: set[str] = field(default_factory=set)
    led: bool = False
    ends: set[str] = field(default_factory=set)
    words: Counter[str] = field(default_factory=Counter)
    openings: set[str] = field(default_factory=set)
    endings: set[str] = field(default_factory=set)


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


class _Song:
    """One song. Form, plan, refrain and person are the same in each writing."""

    # Of the present writing.
    rng: random.Random
    spent: _Spent

    def __init__(self, brief: LyricsBrief) -> None:
        concept = brief.concept
        self.brief = brief
        theme = theme_for(concept, brief.persona)
        self.books = songbooks_of(brief.persona.name, theme)
        self.avoided = avoided_words(brief.lessons)
        told = Dice("plan", brief.seed, concept.title)
        voice = voice_of(brief.persona.name, theme)
        plan = plan_of(concept.story, voice, self.avoided, told)
        self.leads = [lead for lead in voice.leads if not uses_word(lead, self.avoided)]
        self.hook = sentence_case(concept.hook.strip().rstrip(".,;!"))
        known = [rest for rest in _rests(self.books, self.hook, plan.obj) if self._may_say(rest)]
        new = [rest for rest in known if not self._is_second_hand(rest)]
        self.refrain = told.pick(new or known) if known else None
        refrain = self.refrain.text if self.refrain else ""
        self.person = person_of(self.hook, refrain, plan, told)
        self.knows_name = self.person is plan.who.person
        self.trend = spoken_trend(concept.trend)
        self.plan_words = frozenset(w for text in plan.texts for w in content_words(text))
        self.genre = genre_of(brief.persona.genre)
        self.form = _form(brief, self.genre, Dice("form", brief.seed, concept.title))
        self.gaps = {
            "obj": plan.obj,
            "did": in_past(plan.did, self.person),
            "turn": in_past(plan.turn, self.person),
            "where": plan.where,
            "who": plan.who.who,
            "S": self.person.subject,
            "O": self.person.object,
            "D": self.person.possessive,
            "were": "were" if self.person.plural else "was",
            "trend": self.trend or "",
        }

    def written(self, writing: int) -> Lyrics:
        """Write the song, with other words for another number.

        writing: number of the attempt. Raises LookupError if the lessons leave no couplet for a
        section.
        """
        dice = Dice("lyrics", self.brief.seed, self.brief.concept.title, writing)
        self.rng = random.Random(dice.below(2**53))
        self.spent = _Spent()
        self._spend((self.hook,))
        chorus = self.chorus()
        counts: Counter[str] = Counter()
        sections = []
        for part in self.form.split():
            kind, count = _KINDS[part[0]], counts[_KINDS[part[0]]]
            lines = chorus if kind == "chorus" else self.section(kind, int(part[1:]), count)
            counts[kind] += 1
            sections.append(LyricsSection(kind=kind, lines=lines))
        return Lyrics(sections=tuple(sections), explicit=False, language="en")

    # Couplets

    def _may_say(self, stanza: Stanza) -> bool:
        """Whether some wording of it has no avoided word."""
        return not self.avoided or any(
            not uses_word(" ".join(stanza.drawn(random.Random(number))), self.avoided)
            for number in range(_DRAWINGS)
        )

    def _is_second_hand(self, stanza: Stanza) -> bool:
        """Whether an earlier song has a line that begins so."""
        used = self.brief.used.openings
        return any(line_opening(line) in used for line in stanza.drawn(random.Random(0)))

    def _fits(self, stanza: Stanza) -> bool:
        """Whether it speaks to, or of, the person as the song does, and is new in the song."""
        if stanza.names_somebody and not self.knows_name:
            return False
        if stanza.speaks_to_somebody and self.person is not YOU:
            return False
        return stanza.text not in self.spent.stanzas

    def _filled(self, line: str) -> str:
        return sentence_case(with_articles(_GAP.sub(lambda match: self.gaps[match[1]], line)))

    def _led(self, drawn: _Drawn, told: str) -> _Drawn:
        """Put one of the artist's leads before what somebody did, now and then.

        told: the first line with its gaps.
        """
        if not self.leads or self.spent.led or not _TELLS.match(told):
            return drawn
        place = int(self.rng.random() * 2 * len(self.leads))
        if place >= len(self.leads) or "{where}" in told:
            return drawn
        lead, (first, *others) = self.leads[place], drawn.lines
        said = {*clean_words(" ".join(drawn.lines))}
        if said & _TIMES or said.intersection(content_words(lead)):
            return drawn
        led = f"{lead} {first if told[0] == 'I' else first[:1].lower() + first[1:]}"
        # It is sung before the beat, and is to come again in the artist's songs.
        return replace(drawn, lines=(led, *others), led=True, bad=drawn.bad - _LIKED_LEAD)

    def _drawings(self, stanzas: Sequence[Stanza], target: int) -> Iterator[_Drawn]:
        """Yield wordings of those that fit."""
        for stanza in stanzas:
            if not self._fits(stanza):
                continue
            for _ in range(_DRAWINGS):
                told = stanza.drawn(self.rng)
                lines = tuple(map(self._filled, told))
                if self.avoided and uses_word(" ".join(lines), self.avoided):
                    continue
                if drawn := self._judged(stanza, lines, target):
                    yield self._led(drawn, told[0])

    def _judged(self, stanza: Stanza, lines: tuple[str, ...], target: int) -> _Drawn | None:
        """Say how bad lines are here; None if the song has begun or ended one so."""
        spent, used = self.spent, self.brief.used
        openings, endings = set(map(line_opening, lines)), set(map(line_ending, lines))
        if spent.openings & openings or spent.endings & endings:
            return None
        words = [word for line in lines for word in content_words(line)]
        repeated = sum(min(spent.words[word], 3) for word in words if word not in self.plan_words)
        fresh = {word for word in self.plan_words.intersection(words) if not spent.words[word]}
        off = sum(max(0, abs(syllables(line) - target) - 1) for line in lines)
        second_hand = len(used.openings & openings) + len(used.endings & endings)
        bad = (
            1.6 * off
            + 0.9 * repeated
            + 2.0 * sum(last_word(line) in spent.ends for line in lines)
            + _SECOND_HAND * second_hand
            - 1.3 * min(len(fresh), 3)
            + 2.0 * self.rng.random()
        )
        return _Drawn(stanza, lines, bad, second_hand > 0)

    def _best(self, job: str, target: int) -> _Drawn:
        """Return the best wording for a job. Raises LookupError if the lessons leave none."""
        best: _Drawn | None = None
        for book in self.books:
            for drawn in self._drawings(book.couplets[job], target):
                bad = drawn.bad + _BORROWED * (book is not self.books[0])
                if best is None or bad < best.bad:
                    best = replace(drawn, bad=bad)
            # A later book lends only where the own one would repeat the catalogue.
            if best and not best.second_hand:
                break
        if best:
            return best
        if self.avoided or not self.spent.stanzas:
            raise LookupError(f"no couplet for {job} is left; drop an 'avoid' lesson")
        # A form with more sections of a kind than the songbooks have couplets for.
        self.spent = _Spent()
        return self._best(job, target)

    def couplet(self, job: str, target: int) -> tuple[str, ...]:
        """Write two lines for a job. Raises LookupError."""
        return self._taken(self._best(job, target))

    def _taken(self, drawn: _Drawn) -> tuple[str, ...]:
        self.spent.stanzas.add(drawn.stanza.text)
        self.spent.led |= drawn.led
        self._spend(drawn.lines)
        return drawn.lines

    def _spend(self, lines: Sequence[str]) -> None:
        for line in lines:
            self.spent.ends.add(last_word(line))
            self.spent.words.update(content_words(line))
            self.spent.openings.add(line_opening(line))
            self.spent.endings.add(line_ending(line))

    # Sections

    def chorus(self) -> tuple[str, ...]:
        """Write the chorus of the hook; one from elsewhere stands around a couplet."""
        target = min(max(syllables(self.hook), 6), 10)
        if self.refrain:
            drawn = list(self._drawings([self.refrain], target))
            if drawn:
                return (self.hook, *self._taken(min(drawn, key=lambda one: one.bad)))
        return (self.hook, *self.couplet("frame", target), self.hook)

    def section(self, kind: str, lines: int, count: int) -> tuple[str, ...]:
        """Write a section that is not a chorus. count: how many of its kind came before."""
        jobs = _JOBS[kind][min(count, len(_JOBS[kind]) - 1)]
        target = self.genre.syllables[kind in ("bridge", "outro")]
        trend = self.trend and (
            kind == "bridge" or (kind == "verse" and count <= ("B" not in self.form))
        )
        told = sorted(self._drawings(TRENDS, target), key=lambda one: one.bad) if trend else []
        # Not in place of what the speaker did.
        place_told = jobs.index("after") if "turn" in jobs else 0
        couplets = [
            self._taken(told[0])
            if told and place == place_told
            else self.couplet(jobs[place % 2], target)
            for place in range(lines // 2)
        ]
        return tuple(line for couplet in couplets for line in couplet)


_TELLS = re.compile(r"(\{S\}|You|I) \{(did|turn)\}")
# What says when by itself.
_TIMES = frozenset(
    tokens("""
    after always autumn before dawn day days dusk easter evening ever hour hours last later
    midnight month months morning never next night nights noon o'clock once past season soon spring
    still summer then till today tomorrow tonight until week weeks weekend when while winter year
    years monday tuesday wednesday thursday friday saturday sunday christmas january february march
    april may june july august september october november december
""")
)
_GAP = re.compile(r"\{(\w+)\}")


def _rests(books: Sequence[Songbook], hook: str, obj: str) -> Iterator[Stanza]:
    """Yield the ways a chorus can go on after a hook of these songbooks."""
    said = clean_words(hook)
    for book in books:
        for chorus in book.choruses:
            if clean_words(with_articles(chorus.hook.line.format(obj=obj))) == said:
                yield from chorus.rest


def _form(brief: LyricsBrief, genre: Genre, dice: Dice) -> str:
    if brief.form:
        return lined_form(brief.form)
    wished = {wish.kind for lesson in brief.lessons for wish in wishes_of(lesson)}
    if "shorter" in wished and brief.concept.duration_s < LONG_SONG_S:
        return SHORT_FORM
    return form_for(genre, brief.concept.duration_s, dice)


def write_song(brief: LyricsBrief, writings: int = WRITINGS) -> Lyrics:
    """Write lyrics for the concept: the chorus contains the hook and returns in full.

    writings: how many songs, to keep the best by stated measures and the brief's taste. Lessons
    that leave too few words are dropped, the weakest first, until a song can be written.
    """
    song = _Song(brief)
    try:
        songs = [song.written(number) for number in range(writings)]
    except LookupError:
        if not brief.lessons:
            raise
        return write_song(replace(brief, lessons=brief.lessons[:-1]), writings)
    measures = [measure_song(one) for one in songs]
    worths = [of_song.worth for of_song in measures]
    return songs[choose(worths, [asdict(of_song) for of_song in measures], brief.taste)]
