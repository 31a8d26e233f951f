"""Addresses that all lists share: the export, saving a filter, deleting one."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.sites import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    QueryDict,
    StreamingHttpResponse,
)
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_POST

from ai_artist.kit.admin import actor
from ai_artist.lists.export import csv_lines
from ai_artist.lists.saved import FilterRefused, query_of, save_filter
from runs.models import SavedFilter


def urls(site: AdminSite) -> list[URLPattern]:
    """Return the addresses below the panel's own."""

    def page_of(request: HttpRequest, app: str, model: str) -> Any:
        """Return a list's admin page. Refuses whoever may not see it, and lists that are none."""
        try:
            page = site._registry[apps.get_model(app, model)]
        except LookupError:
            raise PermissionDenied from None
        if not page.has_view_or_change_permission(request):
            raise PermissionDenied
        return page

    @require_GET
    def export(request: HttpRequest, app: str, model: str) -> HttpResponseBase:
        return exported(page_of(request, app, model), request)

    @require_POST
    def save(request: HttpRequest, app: str, model: str) -> HttpResponse:
        return saved(page_of(request, app, model), request)

    return [
        path("lists/<slug:app>/<slug:model>.csv", site.admin_view(export), name="list_export"),
        path("lists/<slug:app>/<slug:model>/save/", site.admin_view(save), name="list_save"),
        path(
            "lists/saved/<int:saved_id>/delete/",
            site.admin_view(require_POST(forget)),
            name="list_forget",
        ),
    ]


def exported(page: Any, request: HttpRequest) -> HttpResponseBase:
    """Return the rows a list shows by the request's filters, of all its pages, as CSV."""
    try:
        changelist = page.bare_changelist(request)
    except IncorrectLookupParameters:
        return to_list(page.opts.label_lower, "e=1")
    lines = (line.encode("utf-8", "replace") for line in csv_lines(changelist))
    name = f"{slugify(page.opts.verbose_name_plural)}-{timezone.localdate():%Y-%m-%d}.csv"
    return StreamingHttpResponse(
        lines,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def saved(page: Any, request: HttpRequest) -> HttpResponse:
    """Keep the posted filter of a list for this person."""
    user, listed = actor(request), page.opts.label_lower
    if user is None:
        raise PermissionDenied
    try:
        kept = save_filter(user, listed, request.POST)
    except FilterRefused as refused:
        messages.error(request, str(refused))
        return to_list(listed, query_of(QueryDict(request.POST.get("query", "")[:2000])))
    messages.success(request, f"Saved as “{kept}”.")
    return to_list(listed, kept.query)


def forget(request: HttpRequest, saved_id: int) -> HttpResponse:
    """Delete one of this person's own filters."""
    row = SavedFilter.objects.filter(pk=saved_id, user=actor(request)).first()
    if row is None:
        raise Http404("No such filter of yours.")
    row.delete()
    messages.success(request, f"“{row}” is deleted.")
    return to_list(row.listed, "")


def to_list(listed: str, query: str) -> HttpResponseRedirect:
    address = reverse(f"admin:{listed.replace('.', '_')}_changelist")
    return HttpResponseRedirect(f"{address}?{query}" if query else address)
