from dataclasses import replace

from media_tools.music.local.score import Note, Score, ScoreSection
from media_tools.music.local.transitions import held_roots


def test_roots_sound_where_chords_go_on_without_the_bass(score: Score) -> None:
    first = replace(score.form[0], bars=4)
    form = (first, ScoreSection("break", 4, 4, 0, True, 0.4, first.key))
    pad = tuple(Note(4.0 * bar, 4.0, 60, 0.6) for bar in range(8))
    played = replace(score, form=form, parts={"pad": pad, "bass": (Note(0.0, 1.0, 33, 0.8),)})

    roots = held_roots(played, 38)

    assert [note.start for note in roots] == [16.0, 20.0, 24.0, 28.0]
    assert [note.pitch % 12 for note in roots] == [9, 5, 0, 7]
    assert all(note.velocity <= 0.5 and abs(note.pitch - 38) <= 6 for note in roots)
    assert held_roots(replace(played, parts={"bass": played.parts["bass"]}), 38) == ()
