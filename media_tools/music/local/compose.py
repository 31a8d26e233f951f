"""Composes a score for a request: writes several candidates and keeps the best measured one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from media_tools.music.local import accompaniment, drums, melody
from media_tools.music.local.features import Features, features_of, penalty
from media_tools.music.local.form import plan_form, with_edges
from media_tools.music.local.genre import POP_MAJOR, POP_MINOR, Genre
from media_tools.music.local.patches import PATCHES
from media_tools.music.local.score import BEATS_PER_BAR, ChordSpan, Note, Score, ScoreSection
from media_tools.music.local.sound import ArtistSound
from media_tools.music.local.theory import Key, chord_of, diminished
from media_tools.music.local.transitions import edge_effects, filter_sweeps
from media_tools.seeds import stream

CANDIDATES = 8
_INTENSITY = {
    "intro": 0.4,
    "verse": 0.6,
    "prechorus": 0.72,
    "chorus": 0.92,
    "drop": 0.95,
    "bridge": 0.55,
    "break": 0.45,
    "outro": 0.5,
}
_PEAKS = ("chorus", "drop")
# The progression each kind of section sings over: the verse's, the chorus's or a third one.
_HARMONY = {"chorus": "chorus", "drop": "chorus", "bridge": "bridge", "prechorus": "bridge"}


@dataclass(frozen=True)
class Order:
    """What to compose."""

    genre: Genre
    key: Key
    tempo_bpm: float
    duration_s: float
    lyric_form: tuple[str, ...]  # kinds of sections that must be there; may be empty
    sound: ArtistSound
    seed: int
    # seconds that the words of each kind need
    sung_s: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Choice:
    """The chosen candidate, the reason, and the scores of the others."""

    score: Score
    features: Features
    penalties: tuple[float, ...]


def compose_best(order: Order, candidates: int = CANDIDATES) -> Choice:
    """Write candidates and return the one with the least penalty, the first among equals."""
    scores = [compose(order, candidate) for candidate in range(candidates)]
    measured = [features_of(score) for score in scores]
    penalties = tuple(round(penalty(features), 4) for features in measured)
    best = min(range(candidates), key=lambda index: (penalties[index], index))
    return Choice(scores[best], measured[best], penalties)


def compose(order: Order, candidate: int = 0) -> Score:
    """Write one candidate score."""
    rng = stream("compose", order.seed, order.genre.name, candidate)
    progressions = _progressions(order, rng)
    form = _form(order, rng)
    score = Score(
        genre=order.genre.name,
        key=order.key,
        tempo_bpm=order.tempo_bpm,
        form=form,
        chords=_chords(form, progressions, order.genre),
        parts={},
        effects=tuple(edge_effects(form, order.genre)),
        sweeps=tuple(filter_sweeps(form, order.genre)),
        progressions=progressions,
    )
    writer = _Writer(order, score, rng)
    for section in form:
        writer.write(section)
    return replace(score, parts=writer.finished(), choices=writer.choices)


def _progressions(order: Order, rng: np.random.Generator) -> dict[str, str]:
    """Return three progressions for verse, chorus and bridge, the artist's favourites first.

    Verse and chorus get those whose chords establish the mode, if there are enough.
    """
    pool = usable_progressions(order.genre, order.key)
    clear = tuple(p for p in pool if tells_mode(p, order.key, order.genre.members))
    clear = clear if len(clear) >= 3 else pool
    verse = order.sound.favourite("verse progression", clear, rng)
    rest = tuple(progression for progression in clear if progression != verse)
    chorus = order.sound.favourite("chorus progression", rest, rng)
    unused = [progression for progression in pool if progression not in (verse, chorus)]
    return {"verse": verse, "chorus": chorus, "bridge": unused[int(rng.integers(len(unused)))]}


def tells_mode(progression: str, key: Key, members: tuple[int, ...]) -> bool:
    """Whether the chords' tones lie only in the key's scale, and in no transposition of it."""
    chords = [chord_of(key, token, members) for token in progression.replace("/", " ").split()]
    tones = {pc for chord in chords for pc in chord.pcs} & key.pcs
    return all(any((pc - move) % 12 not in key.pcs for pc in tones) for move in range(1, 12))


def usable_progressions(genre: Genre, key: Key) -> tuple[str, ...]:
    """Return the genre's progressions without a diminished chord in the key's scale.

    If fewer than three remain, common ones are added.
    """
    own = genre.minor if key.minor_like else genre.major
    common = POP_MINOR if key.minor_like else POP_MAJOR
    good = [progression for progression in own if _consonant(progression, key)]
    good += [p for p in common if len(good) < 3 and p not in good and _consonant(p, key)]
    return tuple(good) if len(good) >= 3 else (*good, "1 1 1 1", "1 1 4 1", "1 4 1 4")[:3]


def _consonant(progression: str, key: Key) -> bool:
    tokens = progression.replace("/", " ").split()
    return not any(diminished(chord_of(key, token, (0, 2, 4))) for token in tokens)


def _form(order: Order, rng: np.random.Generator) -> tuple[ScoreSection, ...]:
    """Return the sections with their bars, intensity and key."""
    if order.lyric_form:
        kinds = with_edges(order.lyric_form)
    else:
        kinds = tuple(order.sound.favourite("form", order.genre.forms, rng).split())
    plan = plan_form(
        kinds, tempo_bpm=order.tempo_bpm, duration_s=order.duration_s, sung_s=order.sung_s
    )
    lift = int(rng.choice([1, 2])) if rng.random() < order.genre.lift else 0
    last_peak = max((i for i, s in enumerate(plan) if s.kind in _PEAKS), default=len(plan))
    peaks = sum(section.kind in _PEAKS for section in plan)
    form: list[ScoreSection] = []
    bar = 0
    for index, section in enumerate(plan):
        occurrence = sum(before.kind == section.kind for before in plan[:index])
        key = order.key.lifted(lift) if peaks > 1 and index >= last_peak else order.key
        form.append(
            ScoreSection(
                kind=section.kind,
                first_bar=bar,
                bars=section.bars,
                occurrence=occurrence,
                last_of_kind=all(later.kind != section.kind for later in plan[index + 1 :]),
                intensity=min(1.0, _INTENSITY[section.kind] + 0.04 * occurrence),
                key=key,
            )
        )
        bar += section.bars
    return tuple(form)


def _chords(
    form: tuple[ScoreSection, ...], progressions: dict[str, str], genre: Genre
) -> tuple[ChordSpan, ...]:
    """Return the harmony of the whole track, which ends on the tonic."""
    spans: list[ChordSpan] = []
    for section in form:
        bars = progressions[_HARMONY.get(section.kind, "verse")].split()
        # Chords of five tones are too heavy to change twice as fast.
        if len(genre.members) < 5:
            bars = _squeezed(bars, section.bars)
        for index in range(section.bars):
            start = float((section.first_bar + index) * BEATS_PER_BAR)
            is_end = section is form[-1] and index == section.bars - 1
            tokens = ["1"] if is_end else bars[index % len(bars)].split("/")
            length = BEATS_PER_BAR / len(tokens)
            for number, token in enumerate(tokens):
                chord = chord_of(section.key, token, genre.members)
                spans.append(ChordSpan(start + number * length, length, chord))
    return tuple(spans)


def _squeezed(tokens: list[str], bars: int) -> list[str]:
    """Return the progression bar by bar; two chords per bar if a section is too short for it."""
    if len(tokens) < 2 * bars or len(tokens) % 2 or any("/" in token for token in tokens):
        return tokens
    return [f"{first}/{second}" for first, second in zip(tokens[::2], tokens[1::2], strict=True)]


class _Writer:
    """Writes the parts of a score section by section."""

    def __init__(self, order: Order, score: Score, rng: np.random.Generator) -> None:
        self.order, self.score, self.rng = order, score, rng
        self.genre, self.sound = order.genre, order.sound
        self.parts: dict[str, list[Note]] = defaultdict(list)
        self.end = score.beats - BEATS_PER_BAR  # the last bar is one held chord
        self.choices = self._choose()
        verse_hook = melody.make_hook(self.genre.verse_cells, rng, span=3)
        peak_hook = melody.make_hook(self.genre.hook_cells, rng, span=4)
        self.hooks = {"verse": verse_hook, "chorus": peak_hook, "drop": peak_hook}

    def _choose(self) -> dict[str, str]:
        """Choose the patterns of this track, by part."""
        taste, genre, rng = self.sound.favourite, self.genre, self.rng
        choices = {
            "bass": taste("bass", genre.bass, rng),
            "bass peak": taste("bass peak", genre.bass, rng),
            "comp": taste("comp", genre.comps, rng),
            "comp peak": taste("comp peak", genre.comps, rng),
            "arp": taste("arp", genre.arps, rng),
        }
        for kind in dict.fromkeys(section.kind for section in self.score.form):
            indexes = drums.pattern_indexes(genre.name, kind)
            choices[f"drums {kind}"] = str(taste(f"drums {kind}", indexes, rng))
        return choices

    def write(self, section: ScoreSection) -> None:
        """Add the section's notes to the parts in its layer."""
        layers = self._layers(section)
        chords = tuple(
            span
            for span in self.score.chords
            if section.start <= span.start < min(section.end, self.end)
        )
        self._write_drums(section, layers)
        if chords:
            self._write_harmony(section, chords, layers)
            self._write_melody(section, layers)
        if section.end > self.end:
            self._write_ending(layers)

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

    def _write_drums(self, section: ScoreSection, layers: set[str]) -> None:
        playing = layers & set(drums.DRUM_PARTS)
        if not playing:
            return
        index = int(self.choices[f"drums {section.kind}"])
        pattern = drums.PATTERNS[self.genre.name][index]
        fill = str(self.rng.choice(self.genre.fills)) if section.bars > 1 else "none"
        hits: list[tuple[str, Note]] = []
        for bar in range(section.bars):
            first = section.start + bar * BEATS_PER_BAR
            if first >= self.end:
                break
            last = bar == section.bars - 1 and fill != "none" and section.kind != "outro"
            until = drums.room_before(fill) if last else float(BEATS_PER_BAR)
            pickup = not last and bar % 4 == 3 and section.kind not in ("intro", "outro")
            hits += drums.pattern_notes(
                pattern, bar=bar, first_beat=first, until=3.0 if pickup else until
            )
            if pickup:
                hits += drums.pickup_notes(self.genre.name, bar_start=first, rng=self.rng)
            if last:
                fills = drums.fill_notes(fill, bar_start=first)
                self._add_fill(fills, section)
        if section.kind in _PEAKS and "hats" in playing and self.genre.name != "folk":
            hits.append(("hats", Note(section.start, 4.0, drums.GM_DRUMS["Y"], 0.75)))
        force = 0.7 + 0.3 * section.intensity
        for part, note in hits:
            if part in playing:
                self.parts[part].append(note._replace(velocity=note.velocity * force))

    def _add_fill(self, fills: list[tuple[str, Note]], section: ScoreSection) -> None:
        for part, note in fills:
            self.parts[part].append(note._replace(velocity=note.velocity * section.intensity))

    def _write_harmony(
        self, section: ScoreSection, chords: tuple[ChordSpan, ...], layers: set[str]
    ) -> None:
        level = 0.7 + 0.3 * section.intensity
        peak = " peak" if section.kind in _PEAKS else ""
        if "bass" in layers:
            centre = PATCHES[self.sound.patches["bass"]].centre
            pattern = self.choices["bass" + peak]
            self.parts["bass"] += accompaniment.bass_notes(
                chords, pattern, centre=centre, level=level
            )
        if "chords" in layers:
            self.parts["chords"] += accompaniment.comp_notes(
                chords,
                self.choices["comp" + peak],
                low=52,
                high=76,
                level=level,
                strum_beats=self.genre.strum_s * self.order.tempo_bpm / 60.0,
            )
        if "pad" in layers:
            self.parts["pad"] += accompaniment.pad_notes(chords, low=50, high=74, level=level)
        if "arp" in layers:
            self.parts["arp"] += accompaniment.arp_notes(
                chords,
                self.choices["arp"],
                low=55 if self.genre.arp_ring_beats > 1 else 60,
                high=79,
                level=level,
                ring_beats=self.genre.arp_ring_beats,
            )

    def _write_melody(self, section: ScoreSection, layers: set[str]) -> None:
        centre = self.genre.lead_centre + self.sound.register
        peak = section.kind in _PEAKS
        hook = self.hooks["chorus" if peak or section.kind in ("break", "outro") else "verse"]
        lead: list[Note] = []
        if "lead" in layers:
            lead = melody.hook_notes(
                self.score,
                section,
                hook,
                centre=centre + (2 if peak else -2),
                cadence=True,
                every=1 if section.kind not in ("break", "outro") else 2,
            )
            self.parts["lead"] += [note for note in lead if note.start < self.end]
        if "counter" not in layers:
            return
        if lead:
            replies = melody.answer_notes(self.score, section, lead, centre=centre + 7)
        else:
            # If the lead is silent, the second voice recalls the hook.
            replies = melody.hook_notes(
                self.score,
                section,
                self.hooks["chorus"],
                centre=centre - 2,
                cadence=True,
                every=2,
            )
        self.parts["counter"] += [note for note in replies if note.start < self.end]

    def _write_ending(self, layers: set[str]) -> None:
        """Write one held tonic chord in the last bar, for the parts of the last section."""
        span = next(span for span in self.score.chords if span.start >= self.end)
        whole = (ChordSpan(self.end, float(BEATS_PER_BAR), span.chord),)
        # The pad holds to the end, even if the chords' patch fades earlier.
        for part in ("pad", "chords") if "chords" in layers else ("pad",):
            self.parts[part] += accompaniment.comp_notes(
                whole, "x" + "-" * 15, low=50, high=76, level=0.75, strum_beats=0.03
            )
        centre = PATCHES[self.sound.patches["bass"]].centre
        self.parts["bass"] += accompaniment.bass_notes(
            whole, "1" + "-" * 15, centre=centre, level=0.8
        )
        if "kick" in layers:
            self.parts["kick"].append(Note(self.end, 1.0, drums.GM_DRUMS["K"], 0.8))
            self.parts["hats"].append(Note(self.end, 4.0, drums.GM_DRUMS["Y"], 0.5))

    def finished(self) -> dict[str, tuple[Note, ...]]:
        """Return every part with swing and human timing, sorted."""
        beat_s = 60.0 / self.order.tempo_bpm
        finished: dict[str, tuple[Note, ...]] = {}
        for part in sorted(self.parts):
            rng = stream("hands", self.order.seed, part)
            loose = self.genre.loose_s / beat_s * (0.4 if part in ("kick", "pad") else 1.0)
            notes = [self._swung(note) for note in self.parts[part]]
            notes = drums.humanised(notes, rng=rng, spread_beats=loose, spread_velocity=0.05)
            finished[part] = tuple(sorted(notes))
        return finished

    def _swung(self, note: Note) -> Note:
        swing, step = self.sound.swing, self.genre.swing_step
        start = drums.swung(note.start, swing, step)
        end = drums.swung(note.start + note.length, swing, step)
        return note._replace(start=start, length=max(0.05, end - start))


def _layer_kind(kind: str, genre: Genre) -> str:
    """Return the layer entry of a kind of section: a genre without drops plays its chorus there."""
    return kind if kind in genre.layers else "chorus"
