"""Rows for tests, each valid by itself."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import factory
from django.contrib.auth import get_user_model
from factory.django import DjangoModelFactory

from artists.models import Artist, LifecyclePolicy
from experiments.models import Experiment, Variant
from runs.models import Artifact, Batch, ProviderCall, Release, Run, Step, Track
from trends.models import Observation, Topic, TrendSource

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

CONCEPT = {
    "title": "Neon Rivers",
    "theme": "night drive",
    "mood": "restless",
    "story": "Somebody leaves a city before dawn and the lights follow.",
    "hook": "We run on neon rivers",
    "keywords": ["neon", "river", "dawn"],
    "music_prompt": "synthwave, analogue pads, driving bass",
    "tempo_bpm": 104,
    "key": "A minor",
    "duration_s": 80,
    "visual_prompt": "wet streets, neon",
    "palette": ["#0b0620", "#3a1663", "#d2347f", "#ffd39b"],
    "trend": None,
    "lessons_applied": [],
}


class UserFactory(DjangoModelFactory):
    class Meta:
        model = get_user_model()

    username = factory.Sequence(lambda n: f"user{n}")
    password = factory.django.Password("correct horse battery")
    is_staff = True


class PolicyFactory(DjangoModelFactory):
    class Meta:
        model = LifecyclePolicy

    name = factory.Sequence(lambda n: f"Policy {n}")
    is_default = False


class ArtistFactory(DjangoModelFactory):
    class Meta:
        model = Artist

    name = factory.Sequence(lambda n: f"Artist {n}")
    slug = factory.Sequence(lambda n: f"artist-{n}")
    genre = "synthwave"
    backstory = "Grew up under a motorway and never quite left it."
    voice = "Calm, close, a little tired."
    themes = factory.LazyFunction(lambda: ["night", "city"])
    style_notes = "Analogue pads and a steady pulse."
    visual_style = "wet neon streets"
    audience = "Night drivers."
    tempo_min_bpm = 96
    tempo_max_bpm = 112
    keys = factory.LazyFunction(lambda: ["A minor", "D minor"])
    sound_identity = factory.Sequence(lambda n: f"sound-{n}")
    status = Artist.Status.ACTIVE
    turn_at = NOON
    status_since = NOON
    window_started_at = NOON
    created_at = NOON


class BatchFactory(DjangoModelFactory):
    class Meta:
        model = Batch

    origin = Batch.Origin.COMMAND
    size = 1
    seed = 7


class RunFactory(DjangoModelFactory):
    """A queued run; `reviewable=True` gives one that awaits review."""

    class Meta:
        model = Run

    class Params:
        reviewable = factory.Trait(
            status=Run.Status.AWAITING_REVIEW,
            concept=factory.LazyFunction(lambda: dict(CONCEPT)),
            title="Neon Rivers",
            duration_s=80.0,
            lufs=-14.0,
            true_peak_dbtp=-1.2,
            tempo_bpm=104.0,
            started_at=NOON,
            finished_at=NOON,
        )

    # Rising, where the product draws them at random: runs of one time come in the order of their
    # ids, which a test could rely on one time and not the next.
    id = factory.Sequence(lambda n: uuid.UUID(int=(n + 1) << 96, version=4))
    batch = factory.SubFactory(BatchFactory)
    artist = factory.SubFactory(ArtistFactory)
    seed = factory.Sequence(lambda n: n)
    due_at = NOON
    created_at = NOON


class StepFactory(DjangoModelFactory):
    class Meta:
        model = Step

    run = factory.SubFactory(RunFactory)
    name = "concept"
    position = 0


class ArtifactFactory(DjangoModelFactory):
    class Meta:
        model = Artifact

    run = factory.SubFactory(RunFactory)
    step = "master"
    kind = Artifact.Kind.MP3
    file = "artifacts/ab/abc.mp3"
    sha256 = factory.LazyFunction(lambda: hashlib.sha256(uuid.uuid4().bytes).hexdigest())
    media_type = "audio/mpeg"
    bytes = 1000
    provenance = factory.LazyFunction(
        lambda: {"provider": "local", "model": "test", "licence": "CC0-1.0"}
    )


class ExperimentFactory(DjangoModelFactory):
    class Meta:
        model = Experiment
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Experiment {n}")
    parameter = Experiment.Parameter.MUSIC_PROMPT_PREFIX
    status = Experiment.Status.RUNNING
    started_at = NOON
    salt = factory.Sequence(lambda n: f"salt{n}")

    @factory.post_generation
    def artists(self, create: bool, artists: Iterable[Artist] | None, **_: Any) -> None:
        if create and artists:
            self.artists.add(*artists)  # type: ignore[attr-defined]


class VariantFactory(DjangoModelFactory):
    class Meta:
        model = Variant

    experiment = factory.SubFactory(ExperimentFactory)
    name = factory.Sequence(lambda n: f"Variant {n}")
    value = ""


class TrendSourceFactory(DjangoModelFactory):
    class Meta:
        model = TrendSource

    name = factory.Sequence(lambda n: f"source-{n}")


class TopicFactory(DjangoModelFactory):
    class Meta:
        model = Topic

    name = factory.Sequence(lambda n: f"topic {n}")


class ObservationFactory(DjangoModelFactory):
    class Meta:
        model = Observation

    source = factory.SubFactory(TrendSourceFactory)
    topic = factory.SubFactory(TopicFactory)
    observed_at = NOON
    volume = 10.0


def single_of(run: Run, *, isrc: str = "", bundled: bool = True, **fields: Any) -> Release:
    """The single of a run, with a bundle that is only a row."""
    if bundled and "bundle" not in fields:
        fields["bundle"] = ArtifactFactory(
            run=run, kind=Artifact.Kind.BUNDLE, media_type="application/zip"
        )
    fields = {"artist": run.artist, "title": run.title, "folder": "releases/x", **fields}
    release: Release = Release.objects.create(**fields)
    Track.objects.create(release=release, run=run, title=release.title, isrc=isrc)
    return release


def run_awaiting_song(**fields: Any) -> Run:
    """A run parked at its music, which somebody has to bring."""
    run: Run = RunFactory(status=Run.Status.WAITING, due_at=NOON, title="Neon Rivers", **fields)
    StepFactory(
        run=run,
        name="music",
        status=Step.Status.WAITING,
        waiting_for=Step.WaitingFor.PROVIDER,
        started_at=NOON,
    )
    ProviderCall.objects.create(
        run=run,
        step="music",
        purpose="music",
        provider="import",
        idempotency_key=f"{run.pk}:0:music:0",
        external_id=f"{run.pk}.0.music.0",
        status=ProviderCall.Status.SUBMITTED,
        submitted_at=NOON,
    )
    return run


ALL = [
    value
    for value in list(vars().values())
    if isinstance(value, type)
    and issubclass(value, DjangoModelFactory)
    and value is not DjangoModelFactory
]
