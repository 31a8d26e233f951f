"""Markup in names, words and errors of others is text on every page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from artists.models import Lesson
from experiments.models import Assignment
from runs.models import Batch, ProviderCall, Run, RunEvent, Step, TelegramAccount
from runs.reviewing import reviews
from tests.addresses import addresses
from tests.factories import (
    ArtistFactory,
    ExperimentFactory,
    TopicFactory,
    UserFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db

EVIL = "</script><img src=x onerror=alert(1)>\"'<b>{{ 7 }}"
LINK = "javascript:alert(1)"


@pytest.fixture
def boss() -> Client:
    client = Client()
    client.force_login(UserFactory(is_superuser=True, username="boss", first_name=EVIL[:30]))
    return client


@pytest.fixture
def poisoned(new_run: Callable[..., Run]) -> list[Run]:
    """A run that awaits review, a rejected and a failed one, with markup wherever words go."""
    now = timezone.now()
    artist = ArtistFactory(
        name=EVIL, genre="lofi", backstory=EVIL, voice=EVIL, style_notes=EVIL, status_reason=EVIL
    )
    waiting, rejected, failed = (new_run(title=EVIL, artist=artist) for _ in range(3))
    for run in (waiting, rejected, failed):
        concept = dict.fromkeys(("theme", "mood", "story", "hook", "visual_prompt"), EVIL)
        Run.objects.filter(pk=run.pk).update(
            concept={**concept, "title": EVIL, "keywords": [EVIL], "trend": EVIL}
        )
        Step.objects.filter(run=run, name="lyrics").update(
            output={"lyrics": {"sections": [{"kind": EVIL, "lines": [EVIL]}]}}
        )
        finding = {"code": "odd", "severity": "warn", "message": EVIL}
        Step.objects.filter(run=run, name="quality").update(output={"findings": [finding]})
        run.artifacts.update(
            provenance={"provider": EVIL, "model": EVIL, "licence": EVIL, "source_url": LINK}
        )
        run.reflection.text, run.reflection.strengths = EVIL, [EVIL]
        run.reflection.save()
        RunEvent.objects.create(run=run, kind="note", message=EVIL)
        ProviderCall.objects.create(
            run=run,
            step="music",
            purpose="song",
            provider="suno",
            idempotency_key=str(run.pk),
            error=EVIL,
        )
    Run.objects.filter(pk=failed.pk).update(status=Run.Status.FAILED, error=EVIL)
    Step.objects.filter(run=failed, name="music").update(status=Step.Status.FAILED, error=EVIL)
    reviews.decide(
        run_id=rejected.pk,
        decision="reject",
        reasons=["other"],
        comment=EVIL,
        reviewer=UserFactory(username=EVIL),
        now=now,
    )
    experiment = ExperimentFactory(name=EVIL, question=EVIL)
    for variant in VariantFactory.create_batch(2, experiment=experiment, value=EVIL):
        variant.name = f"{EVIL} {variant.pk}"
        variant.save()
    Assignment.objects.create(
        experiment=experiment,
        variant=variant,
        artist=artist,
        run_id=rejected.pk,
        position=0,
        block=0,
        probability=0.5,
    )
    TopicFactory(name=EVIL)
    TelegramAccount.objects.create(telegram_id=7, user=UserFactory(), name=EVIL)
    return [waiting, rejected, failed]


def test_no_page_lets_markup_through(boss: Client, poisoned: list[Run]) -> None:
    escaped, broken, seen = [], [], []
    urls = {address.name: address.url for address in addresses()}
    urls |= {f"run {run.pk}": f"/admin/runs/run/{run.pk}/change/" for run in poisoned}
    for name, url in {"dashboard": "/admin/", **urls}.items():
        reply = boss.get(url, follow=True)
        if "html" not in reply.headers.get("Content-Type", "") or reply.streaming:
            continue
        seen.append(name)
        text = reply.content.decode()
        if "<img src=x" in text or f'href="{LINK}' in text or "<b>49" in text:
            broken.append(name)
        if escape("<img src=x") in text:
            escaped.append(name)

    assert broken == []
    assert len(seen) > 40
    assert {"dashboard", "admin:artists_artist_change", "admin:review_queue"} <= set(escaped)
    assert {f"run {run.pk}" for run in poisoned} <= set(escaped)


def test_the_poison_reached_every_place(poisoned: list[Run]) -> None:
    """Rows that are no longer made would make the test above prove nothing."""
    assert Batch.objects.exists() and Lesson.objects.exists()
    assert RunEvent.objects.filter(message=EVIL).count() == 3
