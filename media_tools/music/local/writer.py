"""Writes the parts of a score section by section."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import groupby

import numpy as np

from media_tools.music.brief import Element
from media_tools.music.local import accompaniment, drumming, drums, melody
from media_tools.music.local.accompaniment import Hand
from media_tools.music.local.candy import candy_for
from media_tools.music.local.drum_patterns import PATTERNS, Pattern
from media_tools.music.local.endings import ending_notes
from media_tools.music.local.expression import Feel, accented, played, swung, widened
from media_tools.music.local.genre import Genre
from media_tools.music.local.obeying import allowed_effects, ban_of
from media_tools.music.local.order import Order
from media_tools.music.local.patches import PATCHES
from media_tools.music.local.score import (
    BEATS_PER_BAR,
    ChordSpan,
    Effect,
    Note,
    Score,
    ScoreSection,
)
from media_tools.music.local.transitions import shimmers
from media_tools.music.local.variation import LEADS, PHRASE_BARS, Idea, bar_patterns, idea_of
from media_tools.seeds import stream

PEAKS = ("chorus", "drop")
_QUIET = ("bridge", "break", "intro", "outro")
_PLACES = ("", " peak", " quiet")  # a part has an idea for each
_MELODIC = ("lead", "counter", "arp", "chords", "bass", "pad")
# Semitones by which a kind of section moves the ranges of chords and arpeggio.
_REGISTER = {"verse": -2, "prechorus": 1, "chorus": 4, "drop": 4, "bridge": -5, "break": 7}
_PAD_MOVES = (0, 8, -5, 12)  # semitones, by phrase
_RESTING = ("chords", "arp", "hats", "perc", "bass")  # may leave out a bar
_LATE = ("arp", "hats", "perc")  # may come in with the second half of a section


class Writer:
    """Adds one section after another; `finished` returns the parts with swing and human hands."""

    def __init__(self, order: Order, score: Score, rng: np.random.Generator) -> None:
        self.order, self.score, self.rng = order, score, rng
        self.genre, self.sound = order.genre, order.sound
        self.ban = ban_of(order.brief, order.sound)
        self.parts: dict[str, list[Note]] = defaultdict(list)
        self.effects: list[Effect] = list(score.effects)
        self.end = score.beats - BEATS_PER_BAR  # the last bar is the ending's
        self.choices = {**score.choices, **self._choose()}
        self.ideas = self._ideas()
        self.hooks = self._hooks()
        self.fills = 0

    def _choose(self) -> dict[str, str]:
        """Choose the ideas of this track, by part."""
        taste, genre, rng = self.sound.favourite, self.genre, self.rng
        choices: dict[str, str] = {}
        for part, options in (("bass", genre.bass), ("chords", genre.comps), ("arp", genre.arps)):
            for place in _PLACES:
                taken = [choices[name] for name in choices if name.startswith(part)]
                fresh = tuple(option for option in options if option not in taken) or options
                choices[part + place] = taste(part + place, fresh, rng)
        kinds = dict.fromkeys(section.kind for section in self.score.form)
        for kind in kinds if PATTERNS[genre.name] else ():
            indexes = drums.pattern_indexes(genre.name, kind)
            choices[f"drums {kind}"] = str(taste(f"drums {kind}", indexes, rng))
        return choices

    def _ideas(self) -> dict[str, Idea]:
        """Return the ideas of bass, chords and arpeggio in each place."""
        ideas: dict[str, Idea] = {}
        for part, leads in LEADS.items():
            for place in _PLACES:
                rng = stream("idea", self.order.seed, part, place)
                chosen = self.choices[part + place]
                ideas[part + place] = idea_of(part, chosen, self.genre.leads.get(part, leads), rng)
        return ideas

    def _hooks(self) -> Mapping[str, melody.Hook]:
        verse = melody.make_hook(self.genre.verse_cells, self.rng, span=3)
        peak = melody.make_hook(self.genre.hook_cells, self.rng, span=4)
        return {"verse": peak if self.order.brief.one_idea else verse, "chorus": peak}

    def write(self, section: ScoreSection) -> None:
        """Add the section's notes to the parts in its layer."""
        layers = self._layers(section)
        chords = tuple(
            span
            for span in self.score.chords
            if section.start <= span.start < min(section.end, self.end)
        )
        written: dict[str, list[Note]] = defaultdict(list)
        for part, note in self._drums(section, layers):
            written[part].append(note)
        if chords:
            written |= self._harmony(section, chords, layers)
            written |= self._melody(section, layers)
        self._add(section, written)
        if section.end > self.end:
            held = ending_notes(self.choices["ending"], self.score, self.hooks["chorus"], layers)
            self._keep((part, note) for part, note in held)

    def _add(self, section: ScoreSection, written: dict[str, list[Note]]) -> None:
        """Keep a section's notes, accented, without those that rest, and with its surprise."""
        rng = self._rng("details", section)
        rests = self._rests(section, written, rng)
        candy = candy_for(self.score, section, written.keys(), rng)
        for part, notes in written.items():
            if part in _MELODIC:
                notes = accented(
                    notes, section, self.genre.accents, sings=part in ("lead", "counter")
                )
            self._keep(
                (part, note)
                for note in notes
                if note.start < self.end
                and int(note.start // BEATS_PER_BAR) not in rests.get(part, ())
                and not (candy and candy.silences(part, note))
            )
        if candy:
            self._keep(candy.notes)
            self.effects += candy.effects

    def _keep(self, notes: Iterable[tuple[str, Note]]) -> None:
        """Add notes that the brief allows."""
        for part, note in notes:
            if self.ban.allows(part, note.pitch):
                self.parts[part].append(note)

    def _rests(
        self, section: ScoreSection, written: Mapping[str, list[Note]], rng: np.random.Generator
    ) -> dict[str, set[int]]:
        """Return bars in which parts rest: one comes in late, others leave a bar out."""
        rests: dict[str, set[int]] = defaultdict(set)
        if section.bars < PHRASE_BARS:
            return rests
        harmony = [part for part in ("chords", "pad", "arp") if written.get(part)]
        # Whatever plays the harmony alone plays on.
        playing = [p for p in _RESTING if written.get(p) and (p not in harmony or harmony[1:])]
        order = [playing[int(index)] for index in rng.permutation(len(playing))]
        late = [part for part in order if part in _LATE]
        is_long = section.bars >= 2 * PHRASE_BARS
        if late and is_long and section.kind not in PEAKS and rng.random() < self.genre.variety:
            half = section.first_bar + section.bars // 2
            rests[late[0]] |= set(range(section.first_bar, half))
        for part in [part for part in order if part not in rests][:1]:
            if rng.random() < self.genre.variety:
                rests[part].add(section.first_bar + int(rng.integers(1, section.bars)))
        return rests

    def _rng(self, what: str, section: ScoreSection, part: str = "") -> np.random.Generator:
        """Return a stream of chance for a section; in a genre that loops it returns with it."""
        place = section.kind if self.genre.loops else section.first_bar
        return stream(what, self.order.seed, part, place)

    def _layers(self, section: ScoreSection) -> set[str]:
        """Return the parts that play in a section."""
        layers: set[str] = set()
        for word in self.genre.layers[_layer_kind(section.kind, self.genre)].split():
            if not word.startswith("+"):
                layers.add(word)
            elif section.occurrence:
                layers.add(word[1:])
        if "drums" in layers:
            layers |= set(drums.DRUM_PARTS)
        return layers

    def _drums(self, section: ScoreSection, layers: set[str]) -> list[tuple[str, Note]]:
        playing = layers & set(drums.DRUM_PARTS)
        if not playing:
            return []
        pattern = PATTERNS[self.genre.name][int(self.choices[f"drums {section.kind}"])]
        rng = self._rng("drums", section)
        fill = self._fill(section)
        hits: list[tuple[str, Note]] = []
        for bar in range(section.bars):
            first = section.start + bar * BEATS_PER_BAR
            last = bar == section.bars - 1
            pickup = not (last and fill) and bar % 4 == 3 and section.kind not in ("intro", "outro")
            until = drumming.room_before(fill) if last else 3.0 if pickup else float(BEATS_PER_BAR)
            played_bar = self._drum_bar(pattern, bar, rng)
            hits += drums.pattern_notes(played_bar, first_beat=first, until=until)
            if pickup:
                hits += drums.pickup_notes(self.genre.name, bar_start=first, rng=rng)
            if last and fill:
                hits += drumming.fill_notes(fill, bar_start=first)
        if section.kind in PEAKS and self.genre.name != "folk":
            hits.append(("hats", Note(section.start, 4.0, drums.GM_DRUMS["Y"], 0.75)))
        force = 0.7 + 0.3 * section.intensity
        return [
            (part, note._replace(velocity=min(1.0, note.velocity * force)))
            for part, note in hits
            if part in playing
        ]

    def _drum_bar(self, pattern: Pattern, bar: int, rng: np.random.Generator) -> Pattern:
        """Return one bar of a section's drums."""
        if self.genre.chops and bar % 4 in (1, 2):
            played_bar = drumming.chopped(pattern, rng)
        else:
            played_bar = drumming.bar_of(pattern, bar)
            if bar % 4:
                played_bar = drumming.varied(played_bar, self.genre.variety, rng)
        if self.genre.rolls and rng.random() < 0.6:
            played_bar = drumming.rolled(played_bar, rng)
        return drumming.half_time(played_bar) if self.order.brief.half_time else played_bar

    def _fill(self, section: ScoreSection) -> Pattern | None:
        """Return the fill at a section's end, another one each time."""
        kind = str(self.rng.choice(self.genre.fills))
        if section.bars == 1 or section.kind == "outro" or self.order.brief.forbids(Element.FILLS):
            return None
        self.fills += 1
        return drumming.fill_of(kind, self.order.seed + self.fills)

    def _pad(self, chords: tuple[ChordSpan, ...], shift: int, level: float) -> list[Note]:
        """Hold the chords; a pad that drifts lies elsewhere in each phrase."""

        def moved(span: ChordSpan) -> int:
            phrase = int(span.start // (PHRASE_BARS * BEATS_PER_BAR))
            return shift + (_PAD_MOVES[phrase % len(_PAD_MOVES)] if self.genre.drift else 0)

        return [
            note
            for move, spans in groupby(chords, moved)
            for note in accompaniment.pad_notes(
                tuple(spans), low=50 + move, high=74 + move, level=level
            )
        ]

    def _harmony(
        self, section: ScoreSection, chords: tuple[ChordSpan, ...], layers: set[str]
    ) -> dict[str, list[Note]]:
        strum_beats = self.genre.strum_s * self.order.tempo_bpm / 60.0
        shift = _REGISTER.get(section.kind, 0)
        if not self.genre.loops:
            shift += 3 * (section.occurrence % 2)
        level = 0.7 + 0.3 * section.intensity
        written: dict[str, list[Note]] = {}
        if "bass" in layers:
            centre = PATCHES[self.sound.patches["bass"]].centre
            raised = 9 if section.kind in ("bridge", "break") else 0
            hand = Hand(self._patterns("bass", section), level, low=centre + raised)
            line = accompaniment.bass_notes(chords, hand)
            written["bass"] = _climbing(section, line, highest=centre + 8)
        if "chords" in layers:
            hand = Hand(
                self._patterns("chords", section),
                level,
                low=52 + shift,
                high=76 + shift,
                strum_beats=strum_beats,
            )
            written["chords"] = accompaniment.comp_notes(chords, hand)
        if "pad" in layers:
            written["pad"] = self._pad(chords, shift // 2, level)
        if "arp" in layers:
            rings = self.genre.arp_ring_beats > 1
            hand = Hand(
                self._patterns("arp", section),
                level,
                low=(55 if rings else 60) + shift,
                high=79 + shift,
                ring_beats=self.genre.arp_ring_beats,
            )
            written["arp"] = accompaniment.arp_notes(chords, hand)
        return written

    def _patterns(self, part: str, section: ScoreSection) -> dict[int, str]:
        """Return the patterns of a part by bar of the track."""
        place = " peak" if section.kind in PEAKS else " quiet" if section.kind in _QUIET else ""
        patterns = bar_patterns(
            self.ideas[part + place],
            bars=section.bars,
            occurrence=section.occurrence,
            variety=self.genre.variety,
            rng=self._rng("patterns", section, part),
        )
        return {section.first_bar + bar: pattern for bar, pattern in enumerate(patterns)}

    def _melody(self, section: ScoreSection, layers: set[str]) -> dict[str, list[Note]]:
        centre = self.genre.lead_centre + self.sound.register
        peak = section.kind in PEAKS
        hook = self.hooks["chorus" if peak or section.kind in ("break", "outro") else "verse"]
        written: dict[str, list[Note]] = {}
        lead: list[Note] = []
        if "lead" in layers:
            lead = melody.hook_notes(
                self.score,
                section,
                hook,
                centre=centre + (2 if peak else -2),
                every=1 if section.kind not in ("break", "outro") else 2,
            )
            if section.occurrence:
                rng = stream("ornaments", self.order.seed, section.first_bar)
                lead = melody.ornamented(self.score, lead, self.genre.variety, rng)
            written["lead"] = lead
        if "counter" not in layers:
            return written
        if lead:
            written["counter"] = melody.answer_notes(self.score, section, lead, centre=centre + 7)
        else:
            # If the lead is silent, the second voice recalls the hook.
            written["counter"] = melody.hook_notes(
                self.score,
                section,
                self.hooks["chorus"],
                centre=centre - 2,
                every=2,
            )
        return written

    def finished(self) -> Score:
        """Return the score with every part, with swing and human timing, sorted."""
        beat_s = 60.0 / self.order.tempo_bpm
        parts: dict[str, tuple[Note, ...]] = {}
        for part in sorted(self.parts):
            steady = 0.4 if part in ("kick", "pad") else 1.0
            feel = Feel(
                behind_beats=self.genre.feel_ms.get(part, 0.0) / 1000.0 / beat_s,
                spread_beats=self.genre.loose_s / beat_s * steady,
                spread_velocity=0.05,
            )
            notes = [self._swung(note) for note in self.parts[part]]
            hands = played(notes, feel, stream("hands", self.order.seed, part))
            parts[part] = tuple(sorted(widened(hands) if part in _MELODIC else hands))
        score = replace(self.score, parts=parts, choices=self.choices)
        found = [*self.effects, *shimmers(score)]
        effects = sorted(found, key=lambda effect: (effect.start, effect.kind))
        return replace(score, effects=allowed_effects(effects, self.ban))

    def _swung(self, note: Note) -> Note:
        swing, step = self.sound.swing, self.genre.swing_step
        start = swung(note.start, swing, step)
        end = swung(note.start + note.length, swing, step)
        # _replace takes several times as long, and this is done to every note of every candidate.
        return Note(start, max(0.05, end - start), note.pitch, note.velocity, note.glide)


def _climbing(section: ScoreSection, notes: list[Note], *, highest: int) -> list[Note]:
    """Return the bass an octave higher in the third bar of every other phrase of a return.

    highest: the pitch up to which notes are moved.
    """
    if section.occurrence % 2 == 0:
        return notes
    first = section.start + 2 * BEATS_PER_BAR
    every = 2 * PHRASE_BARS * BEATS_PER_BAR
    return [
        note._replace(pitch=note.pitch + 12)
        if first <= note.start
        and (note.start - first) % every < BEATS_PER_BAR
        and note.pitch <= highest
        else note
        for note in notes
    ]


def _layer_kind(kind: str, genre: Genre) -> str:
    """Return the layer entry of a kind of section: a genre without drops plays its chorus there."""
    return kind if kind in genre.layers else "chorus"
