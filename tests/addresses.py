"""Every address of the site, filled in from the rows that are there: none can be forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.converters import IntConverter, UUIDConverter
from django.urls.resolvers import RegexPattern

from runs.models import Artifact, Release, Run

# The account's own affairs, static words for scripts, and what decides by itself whom it answers.
OPEN = {
    "admin:index",
    "admin:login",
    "admin:logout",
    "admin:password_change",
    "admin:password_change_done",
    "admin:jsi18n",
    "admin:view_on_site",
    "admin:app_list",
    "admin:search",
    "admin:toggle_sidebar",
    "admin:user_sessions",
    "admin:runs_telegramaccount_link",
    "telegram_webhook",
    "provider_callback",
    "admin:notifications",
    "admin:dismiss_first_step",
    "calendar_feed",  # signed
    "preview",  # signed, as the two below
    "preview_song",
    "preview_cover",
    "unsubscribe",  # signed too
    "choose_password",  # signed
    "healthz",
    "metrics",
}
# allauth's pages: one's own as well.
OWN = ("account_", "mfa_", "usersessions_")


@dataclass(frozen=True)
class Address:
    """name: with its namespace. url: its path, filled in."""

    name: str
    url: str


def addresses() -> list[Address]:
    """All named addresses but those OPEN. A model's own pages need a row of it."""
    found = {}
    for names, pattern in patterns(get_resolver().url_patterns):
        name = ":".join(names)
        if name in OPEN or name.startswith(OWN):
            continue
        if isinstance(pattern.pattern, RegexPattern):
            url = old_version(name)
        else:
            values = arguments(pattern, name)
            url = None if values is None else reverse(name, kwargs=values)
        if url is not None:
            found[name] = Address(name, url)
    return [found[name] for name in sorted(found)]


def patterns(
    entries: Sequence[URLPattern | URLResolver], names: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], URLPattern]]:
    """Named patterns with their namespaces, through all includes."""
    for entry in entries:
        if isinstance(entry, URLResolver):
            inner = (*names, entry.namespace) if entry.namespace else names
            yield from patterns(entry.url_patterns, inner)
        elif entry.name:
            yield (*names, entry.name), entry


def arguments(pattern: URLPattern, name: str) -> dict[str, Any] | None:
    """What its path asks for; None if it is about a row that is not there."""
    values: dict[str, Any] = {}
    for parameter, converter in pattern.pattern.converters.items():
        if parameter == "artifact_id":
            row = Artifact.objects.first()
        elif parameter == "release_id":
            row = Release.objects.first()
        elif isinstance(converter, UUIDConverter):
            row = Run.objects.first()
        elif parameter.endswith("_id"):
            row = row_of(name)
        else:
            values[parameter] = 1 if isinstance(converter, IntConverter) else "concept"
            continue
        if row is None:
            return None
        values[parameter] = row.pk
    return values


def old_version(name: str) -> str | None:
    """An old version of a row, the one kind of page whose address is a regular expression."""
    row = row_of(name)
    return reverse(name, args=[row.pk, row.history.latest().pk]) if row else None


def row_of(name: str) -> Any:
    """The newest row of the model whose admin page this is."""
    label = name.partition(":")[2]
    for model in admin.site._registry:
        if label.startswith(f"{model._meta.app_label}_{model._meta.model_name}_"):
            return apps.get_model(model._meta.label)._default_manager.order_by("-pk").first()
    return None
