from dataclasses import replace

from media_tools.music.local.features import features_of, penalty
from media_tools.music.local.score import Note, Score


def test_steps_leaps_and_range_are_measured(score: Score) -> None:
    pitches = [69, 71, 72, 84, 84]
    lead = tuple(Note(float(beat), 1.0, pitch, 0.8) for beat, pitch in enumerate(pitches))
    features = features_of(replace(score, parts={"lead": lead}))
    assert features.step_share == 0.5
    assert features.largest_leap == 12
    assert features.range == 15
    assert features.repeat_share == 0.25


def test_clash_against_the_chord_is_measured(score: Score) -> None:
    # Over A minor an F lies a semitone above the E.
    lead = (Note(0.0, 2.0, 77, 0.8),)
    assert features_of(replace(score, parts={"lead": lead})).clash_share == 1.0


def test_a_melody_outside_the_wanted_ranges_costs_more(score: Score) -> None:
    steps = [69, 71, 72, 74, 76, 74, 72, 76, 79, 77, 76, 72, 69, 69, 71, 72]
    singable = tuple(Note(float(i), 0.9, p, 0.8) for i, p in enumerate(steps))
    jumping = tuple(n._replace(pitch=60 + 24 * (i % 2)) for i, n in enumerate(singable))
    good, bad = (features_of(replace(score, parts={"lead": x})) for x in (singable, jumping))
    assert penalty(good) < penalty(bad)
