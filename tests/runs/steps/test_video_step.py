"""The video step: shapes, teasers, words as they are sung."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from media_tools.music.base import Section, TimedWord
from media_tools.text.lrc import TimedLine
from media_tools.video.probe import probe
from runs.models import Artifact, Run
from runs.outputs import MasterOutput, MusicOutput
from runs.steps import video, visuals
from tests.outputs import analysis
from tests.runs.steps.conftest import done, sound

pytestmark = pytest.mark.django_db

# Longer than the teaser of 15 s; and enough for what is about one video.
SONG_S, SHORT_S = 20.0, 4.0
LINE = TimedLine(2.0, 4.0, "Neon on the river", "verse")


def words(*starts_s: float, line: int = 0) -> list[TimedWord]:
    texts = LINE.text.split()
    return [
        TimedWord(start, start + 0.3, text, line)
        for start, text in zip(starts_s, texts, strict=False)
    ]


@pytest.fixture
def sung(run: Run, context_of, keep, add_file) -> Callable[[float], Run]:
    """Finish the steps before the video: a song of so many seconds, a chorus and sung words."""

    def make(song_s: float) -> Run:
        sections = (Section("verse", 0.0, 0.4 * song_s), Section("chorus", 0.4 * song_s, song_s))
        timed = tuple(words(2.0, 2.4, 2.8, 3.2))
        done(run, MusicOutput(provider="local", sections=sections, words=timed, vocals="synthetic"))
        done(run, MasterOutput(analysis=analysis(duration_s=song_s), lines=(LINE,)))
        add_file(run, Artifact.Kind.MASTER, sound(song_s), ".wav")
        keep(run, visuals.STEP, visuals.perform(context_of(run, "visuals")))
        return run

    return make


@pytest.fixture
def short_run(sung) -> Run:
    return sung(SHORT_S)


def test_one_video_a_teaser_and_a_canvas_are_made_unless_told(sung, context_of) -> None:
    seen: list[float] = []
    context = context_of(sung(SONG_S), "video")
    object.__setattr__(context, "report", seen.append)

    result = video.perform(context)

    main, teaser, canvas = result.artifacts
    assert (main.kind, main.name, main.width, main.height) == (Artifact.Kind.VIDEO, "", 270, 480)
    assert main.duration_s == pytest.approx(SONG_S, abs=0.1)
    assert (teaser.kind, teaser.name) == (Artifact.Kind.TEASER, "15s")
    assert teaser.duration_s == pytest.approx(15.0, abs=0.8)
    assert result.output.teasers == {"15s": teaser.duration_s}
    assert (canvas.kind, canvas.width, canvas.height) == (Artifact.Kind.CANVAS, 270, 480)
    assert canvas.duration_s == pytest.approx(8.0, abs=0.1)
    # The progress of all three is one.
    assert seen == sorted(seen) and seen[-1] == pytest.approx(1.0)


def test_every_shape_becomes_a_video(short_run, context_of, settings) -> None:
    settings.VIDEO_SHAPES = ["16:9", "9:16", "1:1"]
    settings.VIDEO_TEASERS_S = []
    settings.VIDEO_CANVAS = False

    result = video.perform(context_of(short_run, "video"))

    assert {new.name: (new.width, new.height) for new in result.artifacts} == {
        "": (480, 270),
        "9x16": (270, 480),
        "1x1": (270, 270),
    }
    assert {new.kind for new in result.artifacts} == {Artifact.Kind.VIDEO}
    for new in result.artifacts:
        info = probe(new.path)
        assert (info.width, info.height) == (new.width, new.height)


def test_a_song_that_is_too_short_has_no_teaser(short_run, context_of, settings) -> None:
    settings.VIDEO_TEASERS_S = [30, 60]
    settings.VIDEO_CANVAS = False

    assert len(video.perform(context_of(short_run, "video")).artifacts) == 1


def test_sung_lines_carry_the_times_of_their_words() -> None:
    (caption,) = video.captions_of([LINE], words(2.0, 2.4, 2.8, 3.2))

    assert caption.word_starts_s == (2.0, 2.4, 2.8, 3.2)


def test_a_line_sung_with_other_words_than_it_shows_is_not_highlighted() -> None:
    (caption,) = video.captions_of([LINE], words(2.0, 2.4, 2.8))

    assert caption.word_starts_s == ()


@pytest.mark.parametrize(
    ("vocals", "poem", "shown", "subtitle"),
    [
        ("synthetic", False, 1, ""),
        ("undeclared", True, 1, ""),
        ("none", False, 0, ""),
        ("none", True, 1, video.POEM),
    ],
)
def test_an_instrumental_shows_words_only_as_a_poem(
    vocals, poem, shown, subtitle, short_run, context_of, settings
) -> None:
    settings.VIDEO_POEM = poem
    done(short_run, MusicOutput(provider="local", vocals=vocals))

    film = video.film_of(context_of(short_run, "video")).video

    assert (len(film.captions), film.subtitle) == (shown, subtitle)
    assert bool(film.hook) == bool(shown)
