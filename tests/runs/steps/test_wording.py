"""Words and titles against the catalogue."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps

from media_tools.findings import Severity
from media_tools.text.base import ConceptBrief, Lyrics, LyricsBrief, LyricsSection, PersonaBrief
from media_tools.text.offline import OfflineWriter
from media_tools.text.shingles import shingles
from runs.errors import GateFailed
from runs.models import Run, SongWords, WordKey
from runs.outputs import LyricsOutput
from runs.steps import lyrics as lyrics_step
from runs.steps import wording
from tests.factories import ArtistFactory, RunFactory
from tests.outputs import LYRICS
from tests.runs.steps.conftest import done

pytestmark = pytest.mark.django_db


def written(seed: int) -> Lyrics:
    writer = OfflineWriter()
    persona = writer.persona(PersonaBrief("synthwave", frozenset(), 1))
    concept = writer.concept(ConceptBrief(persona, (), None, (), "", (60, 120), seed))
    return writer.lyrics(LyricsBrief(concept, persona, (), seed))


def remembered(lyrics: Lyrics = LYRICS, **fields: object) -> Run:
    run = RunFactory(**{"title": "Known", **fields})
    wording.remember(run, lyrics)
    return run


def test_a_song_with_another_order_and_some_new_lines_is_found() -> None:
    known = written(1)
    run = remembered(known)
    remembered(written(2))
    new = Lyrics((*reversed(known.sections), LyricsSection("outro", ("Nobody wrote this before",))))

    found = wording.alike(RunFactory(), shingles(new))

    assert found == [(f"“Known” by {run.artist.name}", shingles(known))]


def test_a_replay_does_not_repeat_its_original() -> None:
    original = remembered(written(1))
    replay = RunFactory(artist=original.artist, seed=original.seed, title="Known")

    assert wording.alike(replay, shingles(written(1))) == []
    assert wording.title_findings(replay) == []


@pytest.mark.parametrize("status", [Run.Status.REJECTED, Run.Status.FAILED, Run.Status.CANCELLED])
def test_what_comes_out_nowhere_is_not_compared(status: str) -> None:
    run = remembered(written(1), reviewable=True)
    values = {"status": status, "error": "x", "decided_at": run.finished_at}
    Run.objects.filter(pk=run.pk).update(**values)

    assert wording.alike(RunFactory(), shingles(written(1))) == []
    assert wording.title_findings(RunFactory(title="Known")) == []


def test_a_new_take_replaces_the_words_of_the_old_one() -> None:
    run = remembered(written(1))

    wording.remember(run, written(2))

    assert wording.alike(RunFactory(), shingles(written(1))) == []
    assert [found for _, found in wording.alike(RunFactory(), shingles(written(2)))] == [
        shingles(written(2))
    ]
    assert (SongWords.objects.count(), WordKey.objects.count()) == (1, 32)


def test_the_title_of_an_own_song_weighs_more_than_that_of_another() -> None:
    artist = ArtistFactory()
    remembered(title="Neon Rivers!")
    codes = [
        one.code for one in wording.title_findings(RunFactory(artist=artist, title="Neon rivers"))
    ]
    assert codes == ["title_in_roster"]

    remembered(title="NEON RIVERS", artist=artist)
    found = wording.title_findings(RunFactory(artist=artist, title="Neon rivers"))

    assert [(one.code, one.severity) for one in found] == [("title_repeated", Severity.WARN)]
    assert wording.title_findings(RunFactory(title="Neon River")) == []
    assert wording.title_findings(RunFactory(title="!!!")) == []


def test_the_lyrics_step_refuses_words_of_another_song(new_run, context_of, keep) -> None:
    first, second = new_run(seed=5), new_run(seed=5)
    result = lyrics_step.perform(context_of(first, "lyrics"))
    keep(first, lyrics_step.STEP, result)
    assert [one.code for one in result.output.findings if one.code.startswith("title")] == []

    with pytest.raises(GateFailed, match="nearly repeat “Neon Rivers”") as gate:
        lyrics_step.perform(context_of(second, "lyrics"))

    assert gate.value.redo_from == "lyrics"
    assert gate.value.retryable


def test_a_real_artist_in_a_prompt_is_shown_to_the_reviewer(new_run, context_of) -> None:
    run = new_run()
    run.concept |= {"music_prompt": "synthwave in the style of kavinsky", "story": "like Air"}

    found = lyrics_step.perform(context_of(run, "lyrics")).output.findings

    assert [(one.code, one.severity, one.message) for one in found] == [
        (
            "concept_real_artist",
            Severity.WARN,
            "The concept names a real artist: Air, kavinsky.",
        )
    ]


def test_songs_of_before_are_remembered_by_the_migration(new_run) -> None:
    songs = [new_run(), new_run()]
    Run.objects.filter(pk=songs[1].pk).update(title="Ünder  Water")
    songs[1].refresh_from_db()
    for song, seed in zip(songs, (1, 2), strict=True):
        done(song, LyricsOutput(lyrics=written(seed)))
    migration = import_module("runs.migrations.0017_words_of_earlier_songs")

    migration.remember_songs(apps, None)

    migrated = {words.run_id: words for words in SongWords.objects.all()}
    keys = {run.pk: set(migrated[run.pk].keys.values_list("key", flat=True)) for run in songs}
    SongWords.objects.all().delete()
    for song, seed in zip(songs, (1, 2), strict=True):
        wording.remember(song, written(seed))
        now = song.words
        before = migrated[song.pk]
        assert (before.title_key, bytes(before.shingles)) == (now.title_key, bytes(now.shingles))
        assert keys[song.pk] == set(now.keys.values_list("key", flat=True))
