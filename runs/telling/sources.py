"""What may need a hand: the one list of the bell, the dashboard, the menu, mails and webhook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from ai_artist.kit.caching import cache, cache_or_not
from ai_artist.kit.values import counted
from media_tools.providers.breaker import BreakerPhase
from runs import queue
from runs.models import (
    Channel,
    Packing,
    PreviewComment,
    Proposal,
    Publication,
    Run,
    WorkerBeat,
)
from runs.previews import MAY_SHARE
from runs.providers import breakers, budgets
from runs.publishing.alarms import AlarmKind, signs
from runs.reviewing.leases import ESCALATED_AFTER
from runs.work import schedules
from runs.work.failures import FAILURE_DAYS
from runs.work.workers import BEAT_TOO_OLD, clusters

# Counting stops here: nobody needs to know whether 100 or 200 wait.
COUNTED_TO = 100
KEPT_S = 20
KEPT_AS = "needs-a-hand"
NEARLY_PERCENT = 90
BUDGETS_READ = 20
# A cluster that is silent for longer is taken to be out of service.
BEAT_KNOWN = timedelta(days=2)

# Recalls have a source of their own.
BY_A_PERSON = tuple(
    str(status)
    for status in Publication.FOR_A_PERSON
    if status != Publication.Status.RECALL_UNPROVEN
)

Visitor = User | AbstractBaseUser | AnonymousUser


@dataclass(frozen=True)
class Source:
    """A kind of thing that needs a hand, how many there are, and where it is dealt with.

    noun: what is counted. verb: what it does, for one and for several. page: the address's name.
    urgent: an alarm, told at once. menu: the entry of the menu that shows the number. own: how many
    one person has, and where, if each has others; asked if there are any at all.
    """

    name: str
    noun: str
    verb: tuple[str, str]
    permission: str
    page: str
    count: Callable[[datetime], int]
    query: str = ""
    urgent: bool = False
    menu: str = ""
    own: Callable[[Visitor], tuple[int, str]] | None = None

    def sentence(self, count: int) -> str:
        """Return what is the matter: "3 runs failed in the last 7 days"."""
        if count > COUNTED_TO:
            return f"More than {COUNTED_TO} {self.noun}s {self.verb[1]}"
        return f"{counted(count, self.noun)} {self.verb[count != 1]}"

    @property
    def link(self) -> str:
        return reverse(f"admin:{self.page}") + self.query


@dataclass(frozen=True)
class Notice:
    """What needs a hand now."""

    source: Source
    count: int
    own_link: str = ""

    @property
    def sentence(self) -> str:
        return self.source.sentence(self.count)

    @property
    def link(self) -> str:
        return self.own_link or self.source.link

    @property
    def urgent(self) -> bool:
        return self.source.urgent


def limited(rows: QuerySet) -> int:  # type: ignore[type-arg]
    """Count rows, up to just over COUNTED_TO."""
    return rows.order_by()[: COUNTED_TO + 1].count()


# --- Counts ---


def to_review(now: datetime) -> int:
    return limited(Run.objects.awaiting_review())


def long_unreviewed(now: datetime) -> int:
    return limited(Run.objects.awaiting_review().filter(finished_at__lt=now - ESCALATED_AFTER))


def failed_runs(now: datetime) -> int:
    since = now - timedelta(days=FAILURE_DAYS)
    return limited(Run.objects.filter(status=Run.Status.FAILED, finished_at__gte=since))


def unpacked_releases(now: datetime) -> int:
    return limited(Packing.objects.failing())


def tight_budgets(now: datetime) -> int:
    uses = budgets.uses(now=now, limit=BUDGETS_READ)
    return sum(use.percent >= NEARLY_PERCENT for use in uses)


def broken_providers(now: datetime) -> int:
    return sum(one.phase == BreakerPhase.OPEN for one in breakers.standings(now=now))


def silent_workers(now: datetime) -> int:
    """Count clusters that died: one that ends in order takes its beat away."""
    since, until = now - BEAT_KNOWN, now - BEAT_TOO_OLD
    return limited(clusters().filter(at__gte=since, at__lt=until))


def late_clock(now: datetime) -> int:
    """Count what should have run by the clock: the sweep of every minute, and schedules."""
    sweeps = WorkerBeat.objects.filter(cluster=WorkerBeat.SWEEP)
    sweep_late = sweeps.filter(at__gte=now - BEAT_KNOWN, at__lt=now - BEAT_TOO_OLD).exists()
    return sweep_late + len(schedules.overdue(now=now))


def silent_queue(now: datetime) -> int:
    return int(bool(settings.REDIS_URL) and queue.queue_size() is None)


def still_channels(now: datetime) -> int:
    return limited(Channel.objects.filter(state=Channel.State.NEEDS_PERSON))


def publications(sign: Callable[[datetime], Q]) -> Callable[[datetime], int]:
    """Return a count of the publications that a sign is true of."""
    return lambda now: limited(Publication.objects.filter(sign(now)))


def for_a_person(now: datetime) -> Q:
    return Q(status__in=BY_A_PERSON)


def open_proposals(now: datetime) -> int:
    return limited(Proposal.objects.filter(status=Proposal.Status.OPEN))


def preview_comments(now: datetime) -> int:
    return limited(PreviewComment.objects.filter(seen_at=None))


def own_preview_comments(person: Visitor) -> tuple[int, str]:
    """Those by the person's own links, and the page of the newest."""
    unseen = PreviewComment.objects.filter(seen_at=None, link__made_by=person.pk)
    newest = unseen.select_related("link").order_by("-pk").first()
    if newest is None:
        return 0, ""
    link = newest.link
    kind, key = ("run", link.run_id) if link.run_id else ("release", link.release_id)
    return limited(unseen), reverse(f"admin:runs_{kind}_change", args=[key]) + "#previews"


# --- The list: another source is one more row ---

QUEUE, PUBLICATIONS = "review_queue", "runs_publication_changelist"
PROPOSALS = "runs_proposal_changelist"
FOR_A_PERSON = f"?status__in={','.join(BY_A_PERSON)}"
OPERATE, PUBLISH = "runs.operate_run", "runs.publish_release"
REVIEW = "runs.review_run"

SOURCES: tuple[Source, ...] = (
    Source(
        "failures",
        "run",
        (f"failed in the last {FAILURE_DAYS} days",) * 2,
        OPERATE,
        "runs_run_changelist",
        failed_runs,
        query="?status__exact=failed",
        urgent=True,
    ),
    Source(
        "packing",
        "release",
        ("has no bundle yet", "have no bundle yet"),
        OPERATE,
        "index",
        unpacked_releases,
        urgent=True,
    ),
    Source(
        "budgets",
        "budget",
        ("is used up or nearly so", "are used up or nearly so"),
        "runs.view_budget",
        "runs_budget_changelist",
        tight_budgets,
        urgent=True,
    ),
    Source(
        "providers",
        "provider",
        ("fails and is not asked for now", "fail and are not asked for now"),
        "runs.view_providerhealth",
        "runs_providerhealth_changelist",
        broken_providers,
        urgent=True,
    ),
    Source(
        "workers",
        "cluster",
        ("of workers is silent", "of workers are silent"),
        "runs.view_workerbeat",
        "index",
        silent_workers,
        query="#clock",
        urgent=True,
    ),
    Source(
        "clock",
        "regular task",
        ("is late", "are late"),
        "runs.view_workerbeat",
        "index",
        late_clock,
        query="#clock",
        urgent=True,
    ),
    Source(
        "queue",
        "task queue",
        ("does not answer: schedules and messages wait",) * 2,
        "runs.view_workerbeat",
        "index",
        silent_queue,
        urgent=True,
    ),
    Source(
        "channels",
        "channel",
        ("stands still until somebody acts", "stand still until somebody acts"),
        PUBLISH,
        "runs_channel_changelist",
        still_channels,
        query="?state__exact=needs_person",
        urgent=True,
    ),
    Source(
        "publications",
        "publication",
        ("needs a person", "need a person"),
        PUBLISH,
        PUBLICATIONS,
        publications(for_a_person),
        query=FOR_A_PERSON,
        urgent=True,
        menu=PUBLICATIONS,
    ),
    Source(
        "late",
        "publication",
        ("is due and not out", "are due and not out"),
        PUBLISH,
        "calendar",
        publications(lambda now: signs(now)[AlarmKind.LATE]),
        urgent=True,
    ),
    Source(
        "wrong",
        "publication",
        ("is out, but not as planned", "are out, but not as planned"),
        PUBLISH,
        PUBLICATIONS,
        publications(lambda now: signs(now)[AlarmKind.WRONG]),
        query="?status__exact=live",
        urgent=True,
    ),
    Source(
        "recalls",
        "recall",
        ("is not proven", "are not proven"),
        PUBLISH,
        PUBLICATIONS,
        publications(lambda now: signs(now)[AlarmKind.UNPROVEN]),
        query="?status__in=recall_unproven,recalling",
        urgent=True,
        menu=PUBLICATIONS,
    ),
    Source(
        "long_unreviewed",
        "candidate",
        ("has waited for more than a day", "have waited for more than a day"),
        REVIEW,
        QUEUE,
        long_unreviewed,
    ),
    Source(
        "to_review",
        "candidate",
        ("awaits review", "await review"),
        REVIEW,
        "desk",
        to_review,
        menu=QUEUE,
    ),
    Source(
        "proposals",
        "proposal",
        ("waits for an answer", "wait for an answer"),
        "runs.view_proposal",
        PROPOSALS,
        open_proposals,
        menu=PROPOSALS,
    ),
    Source(
        "preview_comments",
        "comment",
        ("came by your preview links",) * 2,
        MAY_SHARE,
        "runs_run_changelist",
        preview_comments,
        own=own_preview_comments,
    ),
)


# --- Counting them all ---


def count_all(now: datetime) -> dict[str, int]:
    """Count every source, whoever may see it."""
    return {source.name: source.count(now) for source in SOURCES}


def kept_counts() -> dict[str, int]:
    """Return the counts of the last seconds, so that a page costs one query and not twenty."""
    with cache_or_not():
        if kept := cache.get(KEPT_AS):
            return dict(kept)
    counts = count_all(timezone.now())
    with cache_or_not():
        cache.set(KEPT_AS, counts, KEPT_S)
    return counts


def notices(counts: Mapping[str, int], user: Visitor) -> list[Notice]:
    """Return what a person may see of the sources that have something, alarms first."""
    found = []
    for source in SOURCES:
        count, link = counts.get(source.name, 0), ""
        if not count or not user.has_perm(source.permission):  # type: ignore[union-attr]
            continue
        if source.own:
            count, link = source.own(user)
        if count:
            found.append(Notice(source, count, link))
    return found


def in_menu(counts: Mapping[str, int], entry: str) -> int:
    """Return the number beside an entry of the menu; 0 for most."""
    return sum(counts.get(source.name, 0) for source in SOURCES if source.menu == entry)
