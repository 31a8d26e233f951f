"""What is removed with time, and what stays."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session

from runs.models import (
    AudioFingerprint,
    LessonUse,
    PreviewComment,
    PreviewLink,
    ProviderCall,
    Run,
    RunEvent,
    SpentDay,
    Step,
    TelegramBot,
    TelegramUpdate,
)
from runs.previews import Invitation, make_link
from runs.work.retention import clean_up
from tests.factories import (
    CONCEPT,
    NOON,
    ArtifactFactory,
    ObservationFactory,
    RunFactory,
    UserFactory,
    single_of,
)
from trends.models import Observation

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(days=800)


def ended(status: str) -> Run:
    run = RunFactory(
        status=status,
        concept=dict(CONCEPT),
        error="broken" if status == "failed" else "",
        finished_at=NOON,
        decided_at=None if status == "failed" else NOON,
        created_at=NOON,
    )
    RunEvent.objects.log(run.pk, RunEvent.Kind.REQUEUED, "Something.", now=NOON)
    Step.objects.create(run=run, name="cover", position=4, status="done", finished_at=NOON)
    AudioFingerprint.objects.create(run=run, frames=b"1")
    return run


def call(run: Run, cost: str, *, status: str = "succeeded", key: str = "") -> None:
    ProviderCall.objects.create(
        run=run,
        provider="suno",
        model="v5",
        purpose="music",
        status=status,
        idempotency_key=key or f"{run.pk}-{cost}",
        cost_usd=Decimal(cost),
        created_at=NOON,
    )


def test_details_of_runs_that_ended_badly_go_and_others_stay() -> None:
    rejected, failed, approved = ended("rejected"), ended("failed"), ended("approved")
    single_of(approved)

    assert clean_up(now=NOON + timedelta(days=300)) == {}
    removed = clean_up(now=NOON + timedelta(days=366))

    assert removed == {
        "logs of rejected, failed and cancelled runs": 2,
        "steps of such runs": 2,
        "sound and word prints of such runs": 2,
    }
    assert Run.objects.count() == 3
    for model in (RunEvent, Step, AudioFingerprint):
        assert {row.run for row in model.objects.select_related("run")} == {approved}
    assert {rejected, failed}.isdisjoint({approved})


def test_calls_are_added_up_by_day_before_they_go(settings) -> None:
    run = ended("rejected")
    call(run, "0.25")
    call(run, "0.50")
    call(run, "9", status="unknown", key="open")

    clean_up(now=LATER)
    call(run, "0.75", key="another")
    clean_up(now=LATER)
    settings.KEEP_DAYS = settings.KEEP_DAYS | {"calls": 0}
    call(run, "1", key="kept for ever")
    clean_up(now=LATER)

    assert set(ProviderCall.objects.values_list("idempotency_key", flat=True)) == {
        "open",
        "kept for ever",
    }
    day = SpentDay.objects.get()
    assert (day.provider, day.calls, day.cost_usd) == ("suno", 3, Decimal("1.5"))


def test_observations_are_thinned_to_one_a_week() -> None:
    monday = NOON - timedelta(days=NOON.weekday())
    first = ObservationFactory(observed_at=monday)
    for days in (1, 3, 8):
        Observation.objects.create(
            source=first.source,
            topic=first.topic,
            observed_at=monday + timedelta(days=days),
            volume=1,
        )

    clean_up(now=monday + timedelta(days=9 + 90))

    left = Observation.objects.order_by("observed_at").values_list("observed_at", flat=True)
    assert [(at - monday).days for at in left] == [3, 8]


def test_sessions_and_uses_of_lessons_go(boss) -> None:
    UserSession.objects.create(
        user=User.objects.get(),
        session_key=boss.session.session_key,
        ip="127.0.0.1",
        user_agent="",
        last_seen_at=NOON,
    )
    run = ended("approved")
    LessonUse.objects.create(run=run, text="Shorter", position=0)
    Session.objects.update(expire_date=NOON)

    removed = clean_up(now=LATER)

    assert (removed["ended sessions"], removed["uses of lessons"]) == (2, 1)


def test_updates_go_after_three_days_without_a_bot_too() -> None:
    bot = TelegramBot.objects.create(bot_id=1)
    TelegramUpdate.objects.create(bot=bot, update_id=7, received_at=NOON)

    assert clean_up(now=NOON + timedelta(days=3)) == {}
    removed = clean_up(now=NOON + timedelta(days=3, minutes=1))

    assert removed == {"Telegram updates": 1}


def test_preview_links_go_with_their_comments_after_their_last_day() -> None:
    link, _ = make_link_of(ended("approved"))
    link.comments.create(name="Ada", text="Nice", at=NOON)

    assert clean_up(now=NOON + timedelta(days=104)) == {}
    removed = clean_up(now=NOON + timedelta(days=105))

    assert removed == {"preview links that ended, with their comments": 1}
    assert not PreviewComment.objects.exists()


def make_link_of(run: Run) -> tuple[PreviewLink, str]:
    ArtifactFactory(run=run)
    return make_link(run, Invitation(), maker=UserFactory(), now=NOON)
