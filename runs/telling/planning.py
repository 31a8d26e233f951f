"""Writes down what people are to be told: alarms when they begin, and a summary once a day."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from ai_artist.kit.values import counted
from runs.models import Letter, NoticeLevel, PersonalSettings
from runs.telling.sources import SOURCES, Notice, notices

Mail = PersonalSettings.Mail
# A source that grows is told of again, and one that flickers is not told of every minute.
TOLD_AGAIN_AFTER = timedelta(hours=1)


def readers(*choices: str) -> QuerySet[User]:
    """Return the people who want mail of these kinds, and have an address."""
    active = User.objects.filter(is_active=True, is_staff=True).exclude(email="")
    return active.filter(personal_settings__mail__in=choices).select_related("personal_settings")


def plan_alarms(counts: Mapping[str, int], *, now: datetime) -> int:
    """Write letters about alarms that began or grew. Returns how many alarms.

    The level and its letters are one transaction, so a worker that dies in between tells nothing
    and its successor tells all.
    """
    levels = dict(NoticeLevel.objects.values_list("source", "told"))
    urgent = [Notice(source, counts[source.name]) for source in SOURCES if source.urgent]
    changed = [one for one in urgent if one.count != levels.get(one.source.name, 0)]
    return sum(_plan_alarm(notice, now=now) for notice in changed)


@transaction.atomic
def _plan_alarm(notice: Notice, *, now: datetime) -> bool:
    NoticeLevel.objects.get_or_create(source=notice.source.name)
    level = NoticeLevel.objects.select_for_update().get(source=notice.source.name)
    if notice.count < level.told:
        NoticeLevel.objects.filter(pk=level.pk).update(told=notice.count)
        return False
    # Also when it was told in the future, because the clock went back.
    lately = level.told_at is not None and abs(now - level.told_at) < TOLD_AGAIN_AFTER
    if notice.count == level.told or lately:
        return False
    level.told, level.told_at, level.serial = notice.count, now, level.serial + 1
    level.save()
    event = f"{notice.source.name}-{level.serial}"
    letters = [
        Letter(
            event=event,
            way=Letter.Way.MAIL,
            user=user,
            subject=notice.sentence,
            body=_lines([notice]),
            due_at=now,
        )
        for user in (readers(Mail.AT_ONCE) if settings.MAIL_ENABLED else ())
        if user.has_perm(notice.source.permission)
    ]
    if settings.WEBHOOK["url"]:
        body = _message(event, notice, now=now)
        letters.append(Letter(event=event, way=Letter.Way.WEBHOOK, body=body, due_at=now))
    Letter.objects.bulk_create(letters, ignore_conflicts=True)
    return True


def plan_summaries(counts: Mapping[str, int], *, now: datetime) -> int:
    """Write today's summary for everybody whose hour has come. Returns how many.

    Nothing is written if nothing needs a hand; the day counts as done all the same.
    """
    if not settings.MAIL_ENABLED:
        return 0
    local = timezone.localtime(now)
    due = readers(Mail.DAILY, Mail.AT_ONCE).filter(
        ~Q(personal_settings__summed_up_on=local.date()) | Q(personal_settings__summed_up_on=None),
        personal_settings__hour__lte=local.hour,
    )
    return sum(_plan_summary(user, notices(counts, user), now=now) for user in due)


@transaction.atomic
def _plan_summary(user: User, found: Sequence[Notice], *, now: datetime) -> bool:
    today = timezone.localdate(now)
    mine = PersonalSettings.objects.filter(user=user)
    # One conditional UPDATE: of two workers, one writes.
    if not mine.exclude(summed_up_on=today).update(summed_up_on=today) or not found:
        return False
    letter = Letter(
        event=f"summary-{today}",
        way=Letter.Way.MAIL,
        user=user,
        subject=f"{counted(len(found), 'matter')} {'needs' if len(found) == 1 else 'need'} a hand",
        body=_lines(found),
        due_at=now,
    )
    Letter.objects.bulk_create([letter], ignore_conflicts=True)
    return True


def _lines(found: Sequence[Notice]) -> str:
    return "\n\n".join(f"{one.sentence}.\n{address_of(one.link)}" for one in found)


def address_of(path: str) -> str:
    """Return a page's whole address, for people outside the panel."""
    return f"{settings.PANEL_URL}{path}"


def _message(event: str, notice: Notice, *, now: datetime) -> str:
    """Return the webhook's JSON; docs/operating.md describes it."""
    message = {
        "id": event,
        "kind": "alarm",
        "at": now.isoformat(timespec="seconds"),
        "source": notice.source.name,
        "count": notice.count,
        "sentence": notice.sentence,
        "link": address_of(notice.link),
    }
    return json.dumps(message)
