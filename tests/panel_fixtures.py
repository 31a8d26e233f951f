"""Accounts and finished runs for tests of the panel."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from django_q.models import Schedule, Task

from artists.models import Evolution, Lesson, PerformanceEntry, StatusChange
from experiments.promotion import promote
from runs.models import (
    Budget,
    Channel,
    Code,
    IsrcCounter,
    IsrcPrefix,
    LabelProfile,
    LicenceEntry,
    Packing,
    ProviderCall,
    ProviderHealth,
    Publication,
    Review,
    Run,
    Series,
    TelegramAccount,
    WorkerBeat,
)
from tests.factories import (
    NOON,
    ExperimentFactory,
    ObservationFactory,
    PolicyFactory,
    UserFactory,
    VariantFactory,
    single_of,
)
from tests.media_rows import finished_run, plain_media


@pytest.fixture
def boss(db: None) -> Client:
    """A superuser's browser."""
    client = Client()
    client.force_login(UserFactory(is_superuser=True))
    return client


@pytest.fixture
def browser_of(db: None) -> Callable[[str], Client]:
    """The browser of a staff account in a group; of none for an empty name."""

    def make(role: str) -> Client:
        call_command("create_roles", stdout=StringIO())
        user = UserFactory()
        if role:
            user.groups.add(Group.objects.get(name=role))
        client = Client()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def new_run(db: None, tmp_path: Path) -> Callable[..., Run]:
    """Makes runs that await review, files and all."""
    media = plain_media(tmp_path / "source")

    def make(**fields: Any) -> Run:
        return finished_run(media, **fields)

    return make


@pytest.fixture
def everything(new_run: Callable[..., Run]) -> None:
    """At least one row of each of our models."""
    run = new_run()
    single = single_of(run)
    LabelProfile.objects.create(name="Night", is_default=True)
    LicenceEntry.objects.create(provider="suno", plan="Premier", valid_from=NOON.date())
    channel = Channel.objects.create(kind="by_hand", name="Shop", parts=["release"])
    Publication.objects.create(
        release=single, channel=channel, part="release", asked_at=NOON, due_at=NOON, send_at=NOON
    )
    Series.objects.create(artist=run.artist)
    prefix = IsrcPrefix.objects.create(prefix="QZABC")
    IsrcCounter.objects.create(prefix=prefix, year=2026)
    Code.objects.create(code="036000291452", kind="upc", source="pool")
    Packing.objects.create(release=single, due_at=NOON)
    Review.objects.create(
        run=run, decision="approve", content_hash="0" * 64, at=NOON, effective_at=NOON
    )
    ProviderCall.objects.create(
        run=run, purpose="music", provider="local", idempotency_key="k", status="unknown"
    )
    PerformanceEntry.objects.create(artist=run.artist, run_id=run.pk, kind="approved")
    StatusChange.objects.create(artist=run.artist, to_status="active", rule="manual", reason="x")
    Lesson.objects.create(artist=run.artist, text="Shorter intros", run_id=run.pk)
    Evolution.objects.create(
        artist=run.artist, source="offline", diff={"voice": ["Calm", "Loud"]}, trial_runs=10
    )
    WorkerBeat.objects.create(cluster="test", at=NOON)
    Budget.objects.create(period="day", cap_usd=1)
    ProviderHealth.objects.create(provider="suno")
    TelegramAccount.objects.create(telegram_id=111222333, user=UserFactory())
    variant = VariantFactory(experiment=ExperimentFactory())
    promote(variant.experiment, variant, actor=None, now=NOON)
    ObservationFactory()
    PolicyFactory()
    Schedule.objects.create(name="sweep", func="runs.tasks.sweep")
    for success in (True, False):
        Task.objects.create(
            id=f"task{success}", name="t", func="f", started=NOON, stopped=NOON, success=success
        )
