"""Composes a score for a request: writes several candidates and keeps the best measured one."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from media_tools.music.brief import Element
from media_tools.music.local.endings import last_tokens
from media_tools.music.local.features import Features, features_of, penalty
from media_tools.music.local.form import plan_form, with_edges
from media_tools.music.local.genre import POP_MAJOR, POP_MINOR, Genre
from media_tools.music.local.order import Order
from media_tools.music.local.score import BEATS_PER_BAR, ChordSpan, Score, ScoreSection
from media_tools.music.local.theory import Key, chord_of, diminished
from media_tools.music.local.transitions import edge_effects, filter_sweeps
from media_tools.music.local.writer import PEAKS, Writer
from media_tools.seeds import stream
from media_tools.taste import choose

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
# The progression each kind of section sings over: the verse's, the chorus's or a third one.
_HARMONY = {"chorus": "chorus", "drop": "chorus", "bridge": "bridge", "prechorus": "bridge"}

# A mode that differs in one tone.
_NEIGHBOURS = {
    "major": "lydian",
    "lydian": "major",
    "mixolydian": "major",
    "minor": "dorian",
    "dorian": "minor",
    "phrygian": "minor",
}
_RELATIVES = {"1": "6", "2": "4", "3": "1", "4": "2", "5": "3", "6": "4"}


@dataclass(frozen=True)
class Choice:
    """The chosen candidate, the reason, and the scores of the others."""

    score: Score
    features: Features
    penalties: tuple[float, ...]


def compose_best(order: Order, candidates: int = CANDIDATES) -> Choice:
    """Write candidates and return the one with the least penalty, the first among equals.

    Of the half with the least penalties the one that people like best, where their taste is known.
    """
    scores = [compose(order, candidate) for candidate in range(candidates)]
    measured = [features_of(score) for score in scores]
    penalties = tuple(round(penalty(features), 4) for features in measured)
    best = choose(
        [-penalty for penalty in penalties],
        [features.as_json() for features in measured],
        order.taste,
    )
    return Choice(scores[best], measured[best], penalties)


def compose(order: Order, candidate: int = 0) -> Score:
    """Write one candidate score."""
    rng = stream("compose", order.seed, order.genre.name, candidate)
    progressions = _progressions(order, rng)
    bridge = _bridge_key(order, rng)
    if bridge != order.key:
        progressions["colour"] = str(rng.choice(_clear(order.genre, bridge)))
    form = _form(order, bridge, rng)
    ending = str(rng.choice(order.genre.endings))
    score = Score(
        genre=order.genre.name,
        key=order.key,
        tempo_bpm=order.tempo_bpm,
        form=form,
        chords=_chords(form, progressions, order.genre, last_tokens(ending)),
        parts={},
        effects=tuple(edge_effects(form, order.genre)),
        sweeps=tuple(filter_sweeps(form, order.genre)),
        progressions=progressions,
        choices={"ending": ending},
    )
    writer = Writer(order, score, rng)
    for section in form:
        writer.write(section)
    return writer.finished()


def _progressions(order: Order, rng: np.random.Generator) -> dict[str, str]:
    """Return three progressions for verse, chorus and bridge, the artist's favourites first.

    Verse and chorus get those whose chords establish the mode, if there are enough.
    """
    pool = usable_progressions(order.genre, order.key)
    clear = _clear(order.genre, order.key)
    clear = clear if len(clear) >= 3 else pool
    verse = order.sound.favourite("verse progression", clear, rng)
    rest = tuple(progression for progression in clear if progression != verse)
    chorus = order.sound.favourite("chorus progression", rest, rng)
    unused = [progression for progression in pool if progression not in (verse, chorus)]
    return {"verse": verse, "chorus": chorus, "bridge": unused[int(rng.integers(len(unused)))]}


def _clear(genre: Genre, key: Key) -> tuple[str, ...]:
    """Return the usable progressions that tell the mode."""
    return tuple(p for p in usable_progressions(genre, key) if tells_mode(p, key, genre.members))


def _bridge_key(order: Order, rng: np.random.Generator) -> Key:
    """Return the key of bridges: sometimes a neighbouring mode on the same tonic."""
    wanted = rng.random() < order.genre.mode_colour
    other = replace(order.key, scale=_NEIGHBOURS[order.key.scale])
    if not wanted or order.brief.forbids(Element.KEY_CHANGE) or not _clear(order.genre, other):
        return order.key
    return other


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


def _form(order: Order, bridge: Key, rng: np.random.Generator) -> tuple[ScoreSection, ...]:
    """Return the sections with their bars, intensity and key."""
    if order.lyric_form:
        kinds = with_edges(order.lyric_form)
    else:
        kinds = tuple(order.sound.favourite("form", order.genre.forms, rng).split())
    plan = plan_form(
        kinds, tempo_bpm=order.tempo_bpm, duration_s=order.duration_s, sung_s=order.sung_s
    )
    lift = int(rng.choice([1, 2])) if rng.random() < order.genre.lift else 0
    if order.brief.forbids(Element.KEY_CHANGE):
        lift = 0
    last_peak = max((i for i, s in enumerate(plan) if s.kind in PEAKS), default=len(plan))
    peaks = sum(section.kind in PEAKS for section in plan)
    form: list[ScoreSection] = []
    bar = 0
    for index, section in enumerate(plan):
        occurrence = sum(before.kind == section.kind for before in plan[:index])
        key = bridge if section.kind == "bridge" else order.key
        if peaks > 1 and index >= last_peak:
            key = order.key.lifted(lift)
        form.append(
            ScoreSection(
                kind=section.kind,
                first_bar=bar,
                bars=section.bars,
                occurrence=occurrence,
                intensity=min(1.0, _INTENSITY[section.kind] + 0.04 * occurrence),
                key=key,
            )
        )
        bar += section.bars
    return tuple(form)


def _chords(
    form: tuple[ScoreSection, ...], progressions: dict[str, str], genre: Genre, last: list[str]
) -> tuple[ChordSpan, ...]:
    """Return the harmony of the whole track. last: the chords of its last bar."""
    spans: list[ChordSpan] = []
    for section in form:
        name = _HARMONY.get(section.kind, "verse")
        if section.kind == "bridge" and "colour" in progressions:
            name = "colour" if section.key.tonic == form[0].key.tonic else name
        bars = progressions[name].split()
        # Chords of five tones are too heavy to change twice as fast.
        if len(genre.members) < 5:
            bars = _squeezed(bars, section.bars)
        for index in range(section.bars):
            start = float((section.first_bar + index) * BEATS_PER_BAR)
            is_end = section is form[-1] and index == section.bars - 1
            tokens = last if is_end else _tokens(bars, index, section)
            length = BEATS_PER_BAR / len(tokens)
            members = genre.members if is_end else _members(genre, section, index)
            for number, token in enumerate(tokens):
                chord = chord_of(section.key, token, members)
                spans.append(ChordSpan(start + number * length, length, chord))
    return tuple(spans)


def _tokens(bars: list[str], index: int, section: ScoreSection) -> list[str]:
    """Return the chords of a bar; in the second phrase of a return, the third bar has a relative.

    The relative shares two tones with the chord, so that the melody still fits.
    """
    tokens = bars[index % len(bars)].split("/")
    if section.occurrence and index % 8 == 6 and len(tokens) == 1:
        relative = _RELATIVES.get(tokens[0], tokens[0])
        if not diminished(chord_of(section.key, relative, (0, 2, 4))):
            return [relative]
    return tokens


def _members(genre: Genre, section: ScoreSection, index: int) -> tuple[int, ...]:
    """Return the chord tones of a bar: richer from the second phrase on, and where it is quiet."""
    phrase = index // 4 + section.occurrence
    if not genre.colours or (phrase == 0 and section.kind not in ("bridge", "break")):
        return genre.members
    return (*genre.colours, genre.members)[phrase % (len(genre.colours) + 1)]


def _squeezed(tokens: list[str], bars: int) -> list[str]:
    """Return the progression bar by bar; two chords per bar if a section is too short for it."""
    if len(tokens) < 2 * bars or len(tokens) % 2 or any("/" in token for token in tokens):
        return tokens
    return [f"{first}/{second}" for first, second in zip(tokens[::2], tokens[1::2], strict=True)]
