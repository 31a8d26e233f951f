"""The audit page: who signed in, who was refused, and what changed about rights and limits."""

from __future__ import annotations

import csv
import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from axes.models import AccessFailureLog, AccessLog
from django import forms
from django.contrib import admin
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import Model, OuterRef, Q, QuerySet, Subquery, TextChoices
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse

from ai_artist.kit.values import browser, fact, moment_s, words
from ai_artist.lists.export import BYTE_ORDER_MARK, Echo, safe
from artists.models import LifecyclePolicy
from runs.models import Budget

AT_ONCE = 50
# Rows of a file fetched at once.
CHUNK = 2_000
INPUT = {"class": "panel-input"}
# What failed, by the page on which it was tried, besides the sign-in page.
FAILURES = {
    "mfa_authenticate": "Gave a wrong one-time code",
    "mfa_reauthenticate": "Gave a wrong one-time code when asked again",
    "account_reauthenticate": "Gave a wrong password when asked again",
}
DONE = {ADDITION: "added", CHANGE: "changed", DELETION: "deleted"}


class Kind(TextChoices):
    SIGN_INS = "sign_ins", "Sign-ins"
    FAILED = "failed", "Failed sign-ins"
    ACCOUNTS = "accounts", "Accounts, roles, second factors, sessions"
    POLICIES = "policies", "Policies"
    BUDGETS = "budgets", "Budgets"


@dataclass(frozen=True)
class Entry:
    """Something that happened. who: the name of whoever did it."""

    at: datetime
    who: str
    kind: Kind
    what: str


def record(about: Model, *, by: User, message: str) -> None:
    """Write to the log of the panel what was done to a row, in a sentence."""
    LogEntry.objects.log_actions(by.pk, [about], CHANGE, message, single_object=True)


# --- The page and its file ---


class AuditFilter(forms.Form):
    """Which entries are shown. before: only older ones."""

    kind = forms.ChoiceField(
        label="What", choices=[("", "Everything"), *Kind.choices], required=False
    )
    person = forms.ModelChoiceField(
        User.objects.order_by("username"),
        label="Whose",
        empty_label="Everybody's",
        required=False,
        to_field_name="username",
    )
    before = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("kind", "person"):
            self.fields[name].widget.attrs.update(INPUT)

    def entries(self, *, limit: int | None = None) -> Iterator[Entry]:
        """Yield the entries asked for, newest first; none for a filter that cannot be used."""
        if not self.is_valid():
            return iter(())
        asked = self.cleaned_data
        kinds = [Kind(asked["kind"])] if asked["kind"] else list(Kind)
        found = entries(kinds, person=asked["person"], before=asked["before"], limit=limit)
        return islice(found, limit)


def audit(request: HttpRequest) -> HttpResponse:
    """Show what happened: for superusers."""
    asked = filter_for_superusers(request)
    shown = list(asked.entries(limit=AT_ONCE + 1))
    older = ""
    if len(shown) > AT_ONCE:
        before = shown[AT_ONCE - 1].at.isoformat()
        older = urlencode({**request.GET.dict(), "before": before})
    context = {
        **admin.site.each_context(request),
        "title": "Audit",
        "form": asked,
        "entries": shown[:AT_ONCE],
        "older": older,
        "file": f"{reverse('admin:audit_file')}?{request.GET.urlencode()}",
    }
    return render(request, "panel/audit.html", context)


def audit_file(request: HttpRequest) -> StreamingHttpResponse:
    """Send all entries as a CSV file."""
    lines = csv_lines(filter_for_superusers(request).entries())
    disposition = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=disposition)


def filter_for_superusers(request: HttpRequest) -> AuditFilter:
    if not request.user.is_superuser:
        raise PermissionDenied
    return AuditFilter(request.GET)


def csv_lines(shown: Iterable[Entry]) -> Iterator[str]:
    writer = csv.writer(Echo())
    yield BYTE_ORDER_MARK + str(writer.writerow(("When", "Who", "Kind", "What")))
    for entry in shown:
        cells = (moment_s(entry.at), entry.who, entry.kind.label, entry.what)
        yield str(writer.writerow(map(safe, cells)))


# --- Where it comes from ---


@dataclass(frozen=True)
class Source:
    """A table with entries of one kind.

    at: the column of the time, which grows with the primary key. whose: the rows about a person.
    """

    rows: QuerySet[Any]
    at: str
    whose: Callable[[User], Q]
    told: Callable[[Iterable[Any]], Iterator[Entry]]

    def entries(
        self, *, person: User | None, before: datetime | None, limit: int | None
    ) -> Iterator[Entry]:
        rows = self.rows.order_by("-pk")
        if person:
            rows = rows.filter(self.whose(person))
        if before:
            rows = rows.filter(**{f"{self.at}__lt": before})
        # Without a limit PostgreSQL would set aside the whole table for one page of it.
        return self.told(rows[:limit] if limit else rows.iterator(chunk_size=CHUNK))


def entries(
    kinds: Iterable[Kind], *, person: User | None, before: datetime | None, limit: int | None
) -> Iterator[Entry]:
    """Yield entries of these kinds, newest first.

    limit: how many of each kind are read at most; None for all.
    """
    each = [source_of(kind).entries(person=person, before=before, limit=limit) for kind in kinds]
    return heapq.merge(*each, key=lambda entry: entry.at, reverse=True)


def source_of(kind: Kind) -> Source:
    match kind:
        case Kind.SIGN_INS:
            told = partial(map, signed_in)
            return Source(AccessLog.objects.all(), "attempt_time", by_name, told)
        case Kind.FAILED:
            told = partial(map, refused)
            return Source(AccessFailureLog.objects.all(), "attempt_time", by_name, told)
        case Kind.POLICIES:
            return Source(policy_history(), "history_date", by_changer, policies_changed)
        case Kind.ACCOUNTS:
            return log_source(kind, User, Group)
        case Kind.BUDGETS:
            return log_source(kind, Budget)


def log_source(kind: Kind, *models: type[Model]) -> Source:
    """Return what the panel's log tells of some models."""
    types = ContentType.objects.get_for_models(*models).values()
    rows = LogEntry.objects.filter(content_type__in=types).select_related("user", "content_type")
    return Source(rows, "action_time", by_or_about, partial(map, partial(logged, kind)))


def by_name(person: User) -> Q:
    return Q(username=person.get_username())


def by_changer(person: User) -> Q:
    return Q(history_user=person)


def by_or_about(person: User) -> Q:
    account = ContentType.objects.get_for_model(User)
    return Q(user=person) | Q(content_type=account, object_id=str(person.pk))


# --- In sentences ---


def signed_in(row: AccessLog) -> Entry:
    return Entry(row.attempt_time, row.username or "", Kind.SIGN_INS, f"Signed in {place(row)}.")


def refused(row: AccessFailureLog) -> Entry:
    tried = (words for page, words in FAILURES.items() if row.path_info == reverse(page))
    what = next(tried, "Failed to sign in")
    locked = ", and locked for a while" if row.locked_out else ""
    return Entry(row.attempt_time, row.username or "", Kind.FAILED, f"{what} {place(row)}{locked}.")


def place(row: AccessLog | AccessFailureLog) -> str:
    return f"from {row.ip_address or 'this machine'} with {browser(row.user_agent)}"


def logged(kind: Kind, row: LogEntry) -> Entry:
    message = row.get_change_message() or f"{DONE[row.action_flag].capitalize()}."
    model = row.content_type.model  # type: ignore[union-attr]  # the rows were asked for by it
    what = f"{words(model)} “{row.object_repr}”: {message}"
    return Entry(row.action_time, row.user.get_username(), kind, what)


def policy_history() -> QuerySet[Any]:
    """Return the versions of all policies, each with the key of the one before it."""
    earlier = LifecyclePolicy.history.filter(
        id=OuterRef("id"), history_date__lt=OuterRef("history_date")
    ).order_by("-history_date")
    history: QuerySet[Any] = LifecyclePolicy.history.select_related("history_user")
    told: QuerySet[Any] = history.annotate(before=Subquery(earlier.values("pk")[:1]))
    return told


def policies_changed(rows: Iterable[Any]) -> Iterator[Entry]:
    """Yield the changes of policies; the versions before are read for many at once."""
    unread = iter(rows)
    while batch := list(islice(unread, CHUNK)):
        before = LifecyclePolicy.history.in_bulk([row.before for row in batch if row.before])
        yield from (policy_changed(row, before.get(row.before)) for row in batch)


def policy_changed(row: Any, before: Any) -> Entry:
    who = row.history_user.get_username() if row.history_user else "the program"
    if row.history_type != "~" or before is None:
        did = {"+": "added", "-": "deleted"}.get(row.history_type, "changed")
        return Entry(row.history_date, who, Kind.POLICIES, f"Policy “{row.name}”: {did}.")
    changes = ", ".join(
        f"{words(change.field).lower()} from {fact(change.old)} to {fact(change.new)}"
        for change in row.diff_against(before).changes
    )
    what = f"Policy “{row.name}”: {changes or 'saved as it was'}."
    return Entry(row.history_date, who, Kind.POLICIES, what)
