"""Telling people what needs a hand: once for each event and person, and nothing for nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from itertools import pairwise
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core import mail
from django.core.mail import EmailMessage
from django.core.management import call_command

from media_tools.errors import ProviderUnavailable
from runs.models import (
    Budget,
    Channel,
    Letter,
    NoticeLevel,
    PersonalSettings,
    Publication,
    WorkerBeat,
)
from runs.telling import planning, sending, sources
from tests.factories import NOON, RunFactory, UserFactory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
LATER = NOON + 2 * HOUR
FAILED = {"status": "failed", "finished_at": NOON, "error": "video: no space"}


@pytest.fixture(autouse=True)
def mail_is_set_up(settings: Any) -> None:
    settings.MAIL_ENABLED = True
    settings.PANEL_URL = "https://panel.example.org"
    settings.WEBHOOK = {"url": "", "secret": ""}


def reader(choice: str = "at_once", role: str = "Producer", **fields: Any) -> User:
    call_command("create_roles", stdout=StringIO())
    user: User = UserFactory(email="ann@example.org", **fields)
    user.groups.add(Group.objects.get(name=role))
    # Who is told at once has had the day's summary.
    summed_up_on = NOON.date() if choice == "at_once" else None
    PersonalSettings.objects.create(user=user, mail=choice, summed_up_on=summed_up_on)
    return user


def tell(now: datetime = NOON) -> int:
    counts = sources.count_all(now)
    planning.plan_alarms(counts, now=now)
    planning.plan_summaries(counts, now=now)
    return sending.send_due(clock=lambda: now)


# --- What needs a hand ---


def test_each_source_counts_its_own(everything: None) -> None:
    now = NOON + timedelta(minutes=10)
    WorkerBeat.objects.create(cluster=WorkerBeat.SWEEP, at=NOON)
    Budget.objects.update(cap_usd=0)
    Channel.objects.update(state="needs_person", reason="Its token ended.")
    Publication.objects.update(status="recall_unproven", recall_began_at=NOON)

    counts = sources.count_all(now)

    assert {name for name, count in counts.items() if count} >= {
        "workers",
        "clock",
        "budgets",
        "channels",
        "recalls",
        "to_review",
        "proposals",
    }
    assert counts["publications"] == 0


def test_names_are_unique_and_sentences_fit_their_number() -> None:
    assert len({source.name for source in sources.SOURCES}) == len(sources.SOURCES)
    failures = sources.SOURCES[0]
    assert failures.sentence(1).startswith("1 run failed")
    assert failures.sentence(3).startswith("3 runs failed")
    assert failures.sentence(sources.COUNTED_TO + 1).startswith("More than 100 runs")


def test_links_lead_somewhere(boss: Any) -> None:
    pages = {source.link: boss.get(source.link).status_code for source in sources.SOURCES}

    assert set(pages.values()) == {200}


def test_people_see_only_what_their_role_may() -> None:
    counts = {source.name: 1 for source in sources.SOURCES}
    seen = {
        role: {one.source.name for one in sources.notices(counts, reader(role=role))}
        for role in ("Reviewer", "Producer")
    }

    assert "failures" in seen["Producer"] and "to_review" not in seen["Producer"]
    assert "to_review" in seen["Reviewer"] and "failures" not in seen["Reviewer"]


# --- Alarms ---


def test_alarm_is_mailed_once_and_again_when_it_grows() -> None:
    reader()
    RunFactory(**FAILED)

    assert [tell(), tell(), tell(NOON + HOUR)] == [1, 0, 0]
    RunFactory(**FAILED)
    assert tell(LATER) == 1
    assert [letter.subject[:6] for letter in mail.outbox] == ["1 run ", "2 runs"]
    assert len({letter.extra_headers["Message-ID"] for letter in mail.outbox}) == 2


def test_alarm_that_flickers_is_not_mailed_every_minute() -> None:
    reader()
    run = RunFactory(**FAILED)
    tell()
    run.delete()
    tell(NOON + timedelta(minutes=1))
    RunFactory(**FAILED)

    assert tell(NOON + timedelta(minutes=2)) == 0
    assert tell(LATER) == 1


def test_clock_that_went_back_silences_nothing() -> None:
    reader()
    NoticeLevel.objects.create(source="failures", told=0, told_at=NOON + timedelta(days=99))
    RunFactory(**FAILED)

    assert tell() == 1


@pytest.mark.parametrize(
    ("choice", "fields"),
    [
        ("off", {}),
        ("daily", {}),
        ("at_once", {"is_active": False}),
        ("at_once", {"is_staff": False}),
        ("at_once", {"email": ""}),
    ],
)
def test_alarm_goes_only_to_who_wants_it(choice: str, fields: dict[str, Any]) -> None:
    user = reader(choice)
    User.objects.filter(pk=user.pk).update(**fields)
    PersonalSettings.objects.update(summed_up_on=NOON.date())
    RunFactory(**FAILED)

    assert tell() == 0


# --- Summaries ---


def test_summary_comes_once_a_day_at_its_hour() -> None:
    user = reader("daily")
    PersonalSettings.objects.filter(user=user).update(hour=12)
    RunFactory(**FAILED)

    assert tell(NOON - HOUR) == 0
    assert [tell(NOON), tell(LATER), tell(NOON + timedelta(days=1))] == [1, 0, 1]
    assert "https://panel.example.org/admin/runs/run/?status__exact=failed" in mail.outbox[0].body


def test_nothing_is_mailed_when_nothing_needs_a_hand() -> None:
    reader("daily")

    assert tell() == 0
    assert not Letter.objects.exists()


# --- However workers die ---


def test_worker_killed_before_the_hand_over_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    reader()
    RunFactory(**FAILED)

    def killed(letter: EmailMessage, *args: Any) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(EmailMessage, "send", killed)
        with pytest.raises(KeyboardInterrupt):
            tell()

    assert tell(NOON + timedelta(minutes=1)) == 0, "others wait until it is taken for dead"
    assert [tell(LATER), tell(LATER + HOUR)] == [1, 0]
    assert len(mail.outbox) == 1


def test_two_workers_send_a_letter_once(monkeypatch: pytest.MonkeyPatch) -> None:
    reader()
    RunFactory(**FAILED)
    send: Callable[..., int] = EmailMessage.send

    def meanwhile(letter: EmailMessage, *args: Any) -> int:
        assert tell() == 0  # another worker looks while this one sends
        return send(letter)

    monkeypatch.setattr(EmailMessage, "send", meanwhile)

    assert tell() == 1
    assert len(mail.outbox) == 1


def test_letter_is_tried_again_and_given_up_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    reader()
    RunFactory(**FAILED)

    def away(*args: Any) -> int:
        raise ConnectionRefusedError("no mail server")

    monkeypatch.setattr(EmailMessage, "send", away)
    tell()
    due = []
    while (letter := Letter.objects.get()).state == Letter.State.PENDING:
        due.append(letter.due_at)
        sending.send_due(clock=lambda now=letter.due_at: now)  # type: ignore[misc]

    assert letter.state == Letter.State.FAILED
    assert letter.attempts == sending.MOST_ATTEMPTS == len(due) + 1
    waits = [later - earlier for earlier, later in pairwise(due)]
    assert waits == sorted(waits) and waits[-1] <= sending.LONGEST_WAIT


def test_letter_to_who_left_meanwhile_is_dropped() -> None:
    user = reader()
    RunFactory(**FAILED)
    planning.plan_alarms(sources.count_all(NOON), now=NOON)

    sending.unsubscribe(user)

    assert sending.send_due(clock=lambda: NOON) == 0
    assert Letter.objects.get().state == Letter.State.DROPPED


# --- The webhook ---


class Calls:
    """Stands for the receiver; the first `down` calls fail."""

    def __init__(self, down: int = 0) -> None:
        self.down = down
        self.taken: list[tuple[str, str]] = []

    def __call__(self, url: str, secret: str) -> Calls:
        return self

    def send(self, body: str, *, message_id: str, timestamp: int) -> None:
        if self.down:
            self.down -= 1
            raise ProviderUnavailable("webhook", "HTTP 503")
        self.taken.append((message_id, body))


def test_webhook_gets_each_alarm_until_it_takes_it(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.WEBHOOK = {"url": "https://hooks.example.org/", "secret": "x"}
    settings.MAIL_ENABLED = False
    monkeypatch.setattr(sending, "Webhook", calls := Calls(down=1))
    RunFactory(**FAILED)

    assert [tell(), tell(NOON + timedelta(minutes=1)), tell(LATER)] == [0, 1, 0]
    ((event, body),) = calls.taken
    message = json.loads(body)
    assert event == message["id"] == "failures-1"
    assert (message["kind"], message["source"], message["count"]) == ("alarm", "failures", 1)
    assert message["link"].startswith("https://panel.example.org/admin/")
