"""The concept step: which profile a run uses."""

from __future__ import annotations

from dataclasses import replace

import pytest

from media_tools.text.base import Concept, ConceptBrief
from media_tools.text.offline import OfflineWriter
from media_tools.text.shingles import title_key
from runs.models import Run
from runs.providers.engines import Engines
from runs.steps import concept, wording
from tests.factories import ArtistFactory, RunFactory
from tests.outputs import LYRICS

pytestmark = pytest.mark.django_db


class Listener(OfflineWriter):
    """The offline writer, keeping what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.briefs: list[ConceptBrief] = []

    def concept(self, brief: ConceptBrief) -> Concept:
        self.briefs.append(brief)
        return super().concept(brief)


def test_the_offline_writer_is_asked_again_for_a_title_that_is_taken(context_of) -> None:
    run = RunFactory(title="")
    writer = Listener()
    context = context_of(run, "concept")
    context = replace(context, engines=Engines(writer=lambda *_: writer, music=lambda *_: None))
    first = concept.perform(context).fields["concept"]
    other = RunFactory(title=first["title"], concept=first)
    wording.remember(other, LYRICS)

    second = concept.perform(context).fields["concept"]

    assert title_key(second["title"]) != title_key(first["title"])
    assert title_key(second["hook"]) != title_key(first["hook"])
    assert len(writer.briefs) > 2


def test_an_edit_between_asking_for_a_run_and_its_start_counts(context_of) -> None:
    artist = ArtistFactory(style_notes="Warm tape.")
    asked_for = artist.profile_version
    run = RunFactory(artist=artist, profile_version=asked_for)
    artist.style_notes = "Cold steel."
    artist.save()
    run = Run.objects.get(pk=run.pk)
    writer = Listener()
    context = context_of(run, "concept")
    engines = Engines(writer=lambda *_: writer, music=context.engines.music)

    result = concept.perform(replace(context, engines=engines))

    assert writer.briefs[0].persona.style_notes == "Cold steel."
    assert result.fields["profile_version"] == artist.profile_version != asked_for
    assert run.profile_version == asked_for  # the pipeline writes it, with the rest of the result
