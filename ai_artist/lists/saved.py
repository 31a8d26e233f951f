"""Keeps what a person filters, searches and sorts a list by under a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.options import IS_POPUP_VAR, TO_FIELD_VAR
from django.contrib.admin.views.main import ALL_VAR, ERROR_FLAG, PAGE_VAR
from django.contrib.auth.models import User
from django.db import transaction
from django.http import QueryDict

from media_tools.foreign import label
from runs.models import SavedFilter

MOST = 20
LONGEST_NAME = 60
LONGEST_QUERY = 1000
# Of an address, what is about the moment and not about the rows.
PASSING = (PAGE_VAR, ALL_VAR, ERROR_FLAG, IS_POPUP_VAR, TO_FIELD_VAR)


class FilterRefused(Exception):
    """Why a filter cannot be kept, for the person."""


@dataclass(frozen=True)
class Chip:
    """A saved filter above its list; `lit` if the list shows just that now."""

    saved: SavedFilter
    lit: bool


def query_of(given: QueryDict) -> str:
    """Return what of a list's address chooses its rows and their order, always in one spelling."""
    kept = sorted(
        (name, value)
        for name, values in given.lists()
        if name not in PASSING
        for value in values
        if value
    )
    query = QueryDict(mutable=True)
    for name, value in kept:
        query.appendlist(name, value)
    return query.urlencode()


def chips(user: User, listed: str, query: str) -> list[Chip]:
    """Return a person's filters of a list."""
    saved = SavedFilter.objects.of(user.pk, listed)[:MOST]
    return [Chip(row, row.query == query) for row in saved]


def save_filter(user: User, listed: str, fields: Mapping[str, Any]) -> SavedFilter:
    """Keep the posted query under the posted name; an earlier one of this name is replaced.

    Raises FilterRefused.
    """
    name = label(str(fields.get("name", "")), longest=LONGEST_NAME)
    query = query_of(QueryDict(str(fields.get("query", ""))[: 10 * LONGEST_QUERY]))
    if not name:
        raise FilterRefused("Give the filter a name.")
    if not query:
        raise FilterRefused("Filter, search or sort the list first; then there is what to save.")
    if len(query) > LONGEST_QUERY:
        raise FilterRefused("This filter is too long to be saved; choose fewer values.")
    with transaction.atomic():
        # Two windows saving at once must not go past the limit together.
        User.objects.select_for_update().get(pk=user.pk)
        own = SavedFilter.objects.of(user.pk, listed)
        if own.count() >= MOST and not own.filter(name=name).exists():
            raise FilterRefused(f"A list keeps {MOST} filters a person; delete one first.")
        saved, _ = SavedFilter.objects.update_or_create(
            user=user, listed=listed, name=name, defaults={"query": query}
        )
    return saved
