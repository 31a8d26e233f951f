from dataclasses import replace

from media_tools.music.local.score import Note, Score, ScoreSection
from media_tools.music.local.transitions import held_roots, shimmers


def test_roots_sound_where_chords_go_on_without_the_bass(score: Score) -> None:
    first = replace(score.form[0], bars=4)
    form = (first, ScoreSection("break", 4, 4, 0, 0.4, first.key))
    pad = tuple(Note(4.0 * bar, 4.0, 60, 0.6) for bar in range(8))
    played = replace(score, form=form, parts={"pad": pad, "bass": (Note(0.0, 1.0, 33, 0.8),)})

    roots = held_roots(played, 38)

    assert [note.start for note in roots] == [16.0, 20.0, 24.0, 28.0]
    assert [note.pitch % 12 for note in roots] == [9, 5, 0, 7]
    assert all(note.velocity <= 0.5 and abs(note.pitch - 38) <= 6 for note in roots)
    assert held_roots(replace(played, parts={"bass": played.parts["bass"]}), 38) == ()


def test_highs_breathe_where_everything_bright_rests(score: Score) -> None:
    first = replace(score.form[0], bars=4)
    form = (first, ScoreSection("break", 4, 4, 0, 0.4, first.key))
    hats = tuple(Note(0.25 * step, 0.2, 42, 0.6) for step in range(64))
    fill = (Note(30.5, 0.2, 38, 0.8),)
    played = replace(score, form=form, parts={"hats": hats, "snare": fill})

    (shimmer,) = shimmers(played)

    assert (shimmer.kind, shimmer.start, shimmer.start + shimmer.length) == ("shimmer", 8.0, 36.0)
    busy = tuple(Note(0.25 * step, 0.2, 42, 0.6) for step in range(128))
    assert shimmers(replace(played, parts={"hats": busy})) == []
    assert shimmers(replace(played, parts={"hats": hats[:8]})) == []
