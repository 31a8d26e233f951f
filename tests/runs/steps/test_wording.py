"""Words and titles against the catalogue."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cache
from importlib import import_module

import pytest
from django.apps import apps

from media_tools.findings import Severity
from media_tools.text import ledger
from media_tools.text.base import (
    Concept,
    ConceptBrief,
    Lyrics,
    LyricsBrief,
    LyricsSection,
    PersonaBrief,
    UsedWords,
)
from media_tools.text.offline import OfflineWriter
from media_tools.text.shingles import shingles
from media_tools.text.write_song import write_song
from runs.errors import GateFailed
from runs.models import Run, SongWords, WordKey
from runs.outputs import LyricsOutput
from runs.steps import lyrics as lyrics_step
from runs.steps import wording
from tests.factories import NOON, ArtistFactory, RunFactory
from tests.outputs import LYRICS
from tests.runs.steps.conftest import done

pytestmark = pytest.mark.django_db


PERSONA = OfflineWriter().persona(PersonaBrief("synthwave", frozenset(), 1))


def planned(seed: int) -> Concept:
    return OfflineWriter().concept(ConceptBrief(PERSONA, (), None, (), "", (60, 120), seed))


@cache
def written(seed: int) -> Lyrics:
    return write_song(LyricsBrief(planned(seed), PERSONA, (), seed), writings=1)


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


def test_the_lyrics_step_refuses_words_of_another_song(new_run, context_of) -> None:
    run = new_run(seed=5)
    result = lyrics_step.perform(context_of(run, "lyrics"))
    assert [one.code for one in result.output.findings if one.code.startswith("title")] == []
    # Only older runs tell a writer what they used; the comparison knows every song.
    remembered(result.output.lyrics, title="Neon Rivers")

    with pytest.raises(GateFailed, match="nearly repeat “Neon Rivers”") as gate:
        lyrics_step.perform(context_of(run, "lyrics"))

    assert gate.value.redo_from == "lyrics"
    assert gate.value.retryable


def test_a_new_song_is_told_what_the_latest_songs_used() -> None:
    known = written(1)
    older = remembered(known, concept={"hook": "Leave it by the door"}, created_at=NOON)
    run = RunFactory(title="", created_at=NOON + timedelta(hours=1))
    remembered(written(2), title="Later", created_at=NOON + timedelta(hours=2))

    used = wording.used_words(run)

    assert used.titles == {"known"}
    assert used.hooks == {"leave it by the door"}
    assert used.openings == set(ledger.openings(known))
    assert used.endings == set(ledger.endings(known))
    assert wording.used_words(older) == UsedWords()
    replay = RunFactory(replay_of=older, created_at=NOON + timedelta(hours=3))
    assert wording.used_words(replay) == UsedWords()


def test_a_taken_title_and_a_taken_hook_are_found_by_the_index() -> None:
    remembered(written(1), title="Neon Rivers", concept={"hook": "Leave it by the door"})
    run = RunFactory(title="")
    free = replace(planned(1), title="Another", hook="Nobody said this")

    title = wording.add_taken(UsedWords(), replace(free, title="NEON rivers!"), run)
    hook = wording.add_taken(UsedWords(), replace(free, hook="Leave it, by the door"), run)

    assert title == UsedWords(titles=frozenset({"neon rivers"}))
    assert hook == UsedWords(hooks=frozenset({"leave it by the door"}))
    assert wording.add_taken(UsedWords(), free, run) == UsedWords()


def test_hooks_of_before_are_remembered_by_the_migration() -> None:
    run = remembered(written(1), concept={"hook": "Leave it, by the door"})
    SongWords.objects.update(hook_key="")
    migration = import_module("runs.migrations.0022_song_openings_endings_hooks")

    migration.remember_hooks(apps, None)

    assert run.words.hook_key == "leave it by the door"


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
