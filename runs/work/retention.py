"""What is removed with time, so that no table grows without bound: a little of each every day.

Runs, their reviews, artists' history and releases stay for good; what explains an old run that
ended badly does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncDate, TruncWeek

from runs.models import (
    AudioFingerprint,
    LessonUse,
    Letter,
    PreviewLink,
    ProviderCall,
    Run,
    RunEvent,
    SongWords,
    SpentDay,
    Step,
    TelegramUpdate,
)
from runs.releasing.purging import ended_badly
from trends.models import Observation

# Of each kind at most so many rows a day: the rest waits, and no lock lasts.
AT_ONCE = 1_000
MOST_A_DAY = 200_000
LETTERS_KEPT = timedelta(days=30)
SETTLED = (ProviderCall.Status.SUCCEEDED, ProviderCall.Status.FAILED)


@dataclass(frozen=True)
class Rule:
    """One kind of rows. days: how long they are kept; 0 for ever. remove: up to AT_ONCE of those
    from before a moment; returns how many."""

    words: str
    days: int
    remove: Callable[[datetime], int]


def rules() -> tuple[Rule, ...]:
    """All kinds, as the settings say."""
    keep = settings.KEEP_DAYS
    return (
        Rule("ended sessions", 1, remove_sessions),
        Rule("sign-ins", keep["logins"], remove_logins),
        Rule("Telegram updates", TelegramUpdate.KEPT.days, remove_updates),
        Rule("mails and calls of the webhook", LETTERS_KEPT.days, remove_letters),
        Rule("logs of rejected, failed and cancelled runs", keep["run_details"], remove_events),
        Rule("steps of such runs", keep["run_details"], remove_steps),
        Rule("sound and word prints of such runs", keep["run_details"], remove_prints),
        Rule("single provider calls", keep["calls"], remove_calls),
        Rule("uses of lessons", keep["lesson_uses"], remove_lesson_uses),
        Rule("preview links that ended, with their comments", keep["previews"], remove_previews),
        Rule("observations more often than weekly", keep["observations"], thin_observations),
    )


def clean_up(*, now: datetime) -> dict[str, int]:
    """Remove what is old, of each kind at most MOST_A_DAY. Returns counts by the kind's words."""
    removed = {}
    for rule in rules():
        if not rule.days:
            continue
        before, count = now - timedelta(days=rule.days), 0
        while count < MOST_A_DAY and (some := rule.remove(before)):
            count += some
        if count:
            removed[rule.words] = count
    return removed


# --- Each kind ---


def remove_sessions(before: datetime) -> int:
    """Remove ended sessions, and the rows of people's lists of sessions that are no more."""
    going_on = Session.objects.filter(session_key=OuterRef("session_key"))
    listed = UserSession.objects.filter(last_seen_at__lt=before).exclude(Exists(going_on))
    return remove_some(Session.objects.filter(expire_date__lt=before)) + remove_some(listed)


def remove_logins(before: datetime) -> int:
    return sum(
        remove_some(model.objects.filter(attempt_time__lt=before))
        for model in (AccessLog, AccessAttempt, AccessFailureLog)
    )


def remove_updates(before: datetime) -> int:
    return remove_some(TelegramUpdate.objects.filter(received_at__lt=before))


def remove_letters(before: datetime) -> int:
    settled = Letter.objects.exclude(state=Letter.State.PENDING)
    return remove_some(settled.filter(created_at__lt=before))


def remove_events(before: datetime) -> int:
    return remove_some(RunEvent.objects.filter(ended_badly(before), run__tracks=None))


def remove_steps(before: datetime) -> int:
    return remove_some(Step.objects.filter(ended_badly(before), run__tracks=None))


def remove_prints(before: datetime) -> int:
    return sum(
        remove_some(model.objects.filter(ended_badly(before), run__tracks=None))
        for model in (AudioFingerprint, SongWords)
    )


def remove_calls(before: datetime) -> int:
    """Add settled calls up by day and model, then remove them, in one transaction.

    What is open or unknown stays: a person has to settle it.
    """
    with transaction.atomic():
        old = ProviderCall.objects.filter(created_at__lt=before, status__in=SETTLED)
        # Calls of runs that still go on explain their costs.
        old = old.filter(Q(run=None) | ~Q(run__status__in=Run.OPEN))
        ids = list(old.order_by("created_at", "pk").values_list("pk", flat=True)[:AT_ONCE])
        some = ProviderCall.objects.select_for_update().filter(pk__in=ids)
        ids = list(some.values_list("pk", flat=True))
        sums = (
            ProviderCall.objects.filter(pk__in=ids)
            .order_by()
            .values_list(TruncDate("created_at"), "provider", "model")
            .annotate(calls=Count("pk"), cost=Sum("cost_usd"))
        )
        for day, provider, model, calls, cost in sums:
            of_day = {"day": day, "provider": provider, "model": model}
            SpentDay.objects.get_or_create(**of_day, defaults={"calls": 0})
            SpentDay.objects.filter(**of_day).update(
                calls=F("calls") + calls, cost_usd=F("cost_usd") + cost
            )
        return ProviderCall.objects.filter(pk__in=ids).delete()[0]


def remove_lesson_uses(before: datetime) -> int:
    return remove_some(LessonUse.objects.filter(run__created_at__lt=before))


def remove_previews(before: datetime) -> int:
    return remove_some(PreviewLink.objects.filter(expires_at__lt=before))


def thin_observations(before: datetime) -> int:
    """Keep of each topic at a source the last observation of a week."""
    weekly = (
        Observation.objects.filter(observed_at__lt=before)
        .order_by()
        .values("source", "topic", week=TruncWeek("observed_at"))
        .annotate(count=Count("pk"), last=Max("observed_at"))
        .filter(count__gt=1)[:AT_ONCE]
    )
    removed = 0
    for one in weekly:
        others = Observation.objects.filter(
            source=one["source"],
            topic=one["topic"],
            observed_at__gte=one["week"],
            observed_at__lt=min(one["last"], before),
        )
        removed += others.delete()[0]
    return removed


def remove_some(rows: QuerySet) -> int:  # type: ignore[type-arg]
    """Remove up to AT_ONCE rows; returns how many, without what they take along."""
    ids = list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    rows.model._default_manager.filter(pk__in=ids).delete()
    return len(ids)


def in_words() -> Iterator[str]:
    """What is kept how long, for the doctor."""
    for rule in rules():
        yield f"{rule.words}: {span(rule.days)}"
    yield f"mix and stems of rejected runs: {span(settings.KEEP_DAYS['rejected_stems'])}"


def span(days: int) -> str:
    return f"{days} days" if days else "for ever"
