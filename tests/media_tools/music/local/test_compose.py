from dataclasses import replace

import pytest

from artists.starter_roster import STARTER_ROSTER
from media_tools.music.brief import Element, read_brief
from media_tools.music.local.compose import compose, compose_best, tells_mode
from media_tools.music.local.drum_patterns import PATTERNS
from media_tools.music.local.engine import order_of
from media_tools.music.local.features import features_of, penalty
from media_tools.music.local.genre import Genre
from media_tools.music.local.genres import GENRE_BY_NAME, GENRES
from media_tools.music.local.obeying import breaches_of, unheard
from media_tools.music.local.score import Score
from media_tools.music.local.theory import TRIAD, parse_key
from media_tools.taste import Taste
from media_tools.text.base import Persona
from tests.benchmarks.arrangement import requests_of, rhythms_of, steps_by_bar, velocity_spreads

from .conftest import MakeOrder

names = pytest.mark.parametrize("genre", [genre.name for genre in GENRES])
SONG = ("verse", "chorus", "verse", "chorus")
TUNED = ("bass", "chords", "pad", "arp", "lead", "counter")


def pitch_material(score: Score) -> list[tuple[str, float, int]]:
    return [
        (part, round(note.start, 2), note.pitch)
        for part in TUNED
        for note in score.parts.get(part, ())
    ]


@names
def test_every_note_is_in_the_scale_of_its_chord(genre: str, order: MakeOrder) -> None:
    for seed, key in enumerate(("A minor", "D dorian", "Bb major", "F# phrygian")):
        score = compose(order(genre, key=key, seed=seed))
        outside = [
            (part, start, pitch)
            for part, start, pitch in pitch_material(score)
            # Hands are up to a few hundredths of a beat early.
            if pitch % 12 not in score.chord_at(start + 0.09).scale_pcs
        ]
        assert outside == []


@names
def test_drums_bass_chords_and_melody_play(genre: str, order: MakeOrder) -> None:
    parts = compose(order(genre, duration_s=90.0)).parts
    assert {"bass", "lead"} <= set(parts)
    has_drums = bool({"kick", "snare", "hats", "perc"} & set(parts))
    assert has_drums == bool(PATTERNS[genre])
    assert {"chords", "pad", "arp"} & set(parts)


def test_a_pad_that_drifts_lies_elsewhere_in_each_phrase(order: MakeOrder) -> None:
    score = compose(order("ambient", duration_s=90.0))

    heights: dict[int, list[int]] = {}
    for note in score.parts["pad"]:
        heights.setdefault(int((note.start + 0.5) // 16), []).append(note.pitch)
    means = [sum(pitches) / len(pitches) for _, pitches in sorted(heights.items())]
    assert max(means) - min(means) >= 10, means  # the kinds of sections alone differ by six


@pytest.mark.parametrize(("progression", "tells"), [("1 7 4 1", True), ("1 2 4 1", False)])
def test_chords_tell_the_mode_when_no_other_scale_has_them(progression: str, tells: bool) -> None:
    assert tells_mode(progression, parse_key("G mixolydian"), TRIAD) is tells


def test_the_mode_can_be_heard_in_the_notes(order: MakeOrder) -> None:
    for seed, key in enumerate(("G mixolydian", "D dorian", "C major")):
        choice = compose_best(order("folk", key=key, tempo_bpm=100.0, seed=seed))
        assert choice.features.scale_margin > 0.04


def test_same_order_gives_the_same_score(order: MakeOrder) -> None:
    assert compose_best(order(), 2) == compose_best(order(), 2)


def test_another_seed_gives_other_notes(order: MakeOrder) -> None:
    one, other = (set(pitch_material(compose(order(seed=seed)))) for seed in (1, 2))
    assert len(one & other) / len(one | other) < 0.5


def test_best_candidate_is_kept(order: MakeOrder) -> None:
    choice = compose_best(order(), candidates=4)
    assert round(penalty(choice.features), 4) == min(choice.penalties)
    assert len(set(choice.penalties)) > 1
    assert features_of(choice.score) == choice.features


def test_a_taste_chooses_among_the_candidates_with_few_faults(order: MakeOrder) -> None:
    plain = compose_best(order(), candidates=8)
    chosen = compose_best(replace(order(), taste=Taste({"range": 1.0})), candidates=8)

    better_half = sorted(plain.penalties)[:4]
    measured = [features_of(compose(order(), candidate)) for candidate in range(8)]
    ranges = [m.range for m in measured if round(penalty(m), 4) in better_half]
    assert chosen.penalties == plain.penalties
    assert chosen.features.range == max(ranges) > plain.features.range
    assert chosen == compose_best(replace(order(), taste=Taste({"range": 1.0})), candidates=8)


def test_lyric_form_is_kept(order: MakeOrder) -> None:
    lyrics = ("verse", "chorus", "verse", "chorus", "bridge", "chorus")
    score = compose(order(lyric_form=lyrics, duration_s=100.0))
    assert [section.kind for section in score.form] == ["intro", *lyrics, "outro"]


def test_tracks_end_on_the_tonic_in_ways_that_differ(order: MakeOrder) -> None:
    endings = set()
    for seed in range(12):
        score = compose(order(genre="folk", key="C major", seed=seed))
        last = [
            note
            for notes in score.parts.values()
            for note in notes
            if note.start > score.beats - 2.5
        ]
        endings.add(score.choices["ending"])
        assert score.chords[-1].chord.degree == 0
        assert all(note.start + note.length <= score.beats + 0.1 for note in last)
    assert len(endings) >= 4


@names
def test_parts_have_rhythms_and_accents(genre: str, order: MakeOrder) -> None:
    low, high = GENRE_BY_NAME[genre].tempo_bpm
    score = compose(order(genre, tempo_bpm=(low + high) // 2, duration_s=90.0))
    rhythms = {part: rhythms_of(score, part) for part in ("bass", "chords") if part in score.parts}
    assert rhythms["bass"] >= 5
    assert rhythms.get("chords", 4) >= 4
    assert min(velocity_spreads(score)) >= 0.1


@pytest.mark.rehearsal
@pytest.mark.parametrize("genre", GENRES[:10], ids=lambda genre: genre.name)
def test_parts_of_whole_songs_keep_finding_rhythms(genre: Genre) -> None:
    for request in requests_of(genre):
        score = compose_best(order_of(replace(request, duration_s=120.0))).score
        assert min(velocity_spreads(score)) >= 0.1
        for part, fewest in {"arp": 3, "bass": 5, "chords": 6}.items():
            if len(steps_by_bar(score, part)) >= 2 * fewest:
                assert rhythms_of(score, part) >= fewest


@pytest.mark.parametrize("persona", STARTER_ROSTER, ids=lambda persona: persona.name)
def test_the_starter_roster_plays_nothing_its_brief_forbids(
    persona: Persona, order: MakeOrder
) -> None:
    brief = read_brief(persona.style_notes)
    for seed in range(10):
        wanted = order(persona.genre, key=persona.keys[0], seed=seed, duration_s=30.0, brief=brief)
        score = compose(wanted)
        assert breaches_of(score, wanted.sound, brief) == ()
        assert unheard(score, wanted.sound, brief) == ()
        if brief.forbids(Element.DRUMS):
            assert not {"kick", "snare", "hats", "perc"} & set(score.parts)


def test_key_lift_moves_only_the_end_up(order: MakeOrder) -> None:
    lifted = [
        score.form
        for seed in range(8)
        for score in [compose(order("indie_pop", key="C major", seed=seed, lyric_form=SONG))]
        if score.form[-1].key != score.key
    ]
    assert lifted
    for form in lifted:
        keys = [section.key for section in form]
        first = next(i for i, key in enumerate(keys) if key != keys[0])
        assert form[first].kind == "chorus"
        assert "chorus" not in [section.kind for section in form[first + 1 :]]
        assert set(keys[first:]) == {keys[first]}
        assert (keys[first].tonic - keys[0].tonic) % 12 in (1, 2)


def test_choruses_are_fuller_than_verses(order: MakeOrder) -> None:
    features = compose_best(order(), 2).features
    assert features.chorus_density > 1.1
