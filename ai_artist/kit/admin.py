"""What the admin pages of every app share: bounded counts, read-only models, the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import cached_property
from django.utils.http import url_has_allowed_host_and_scheme

# Template tags import this module while unfold, which loads all tags, is not there yet.
if TYPE_CHECKING:
    from unfold.admin import ModelAdmin

    AdminBase: TypeAlias = ModelAdmin
else:
    AdminBase = object

COUNT_LIMIT = 10_000

# Tones of unfold's labels.
INFO, GOOD, WARN, BAD, PLAIN = "info", "success", "warning", "danger", "default"


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Stops counting at COUNT_LIMIT rows: counting a million took longer than the page itself.

    A list longer than that shows its first COUNT_LIMIT rows; filters reach the others.
    """

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        if isinstance(rows, QuerySet):
            return rows.order_by()[:COUNT_LIMIT].count()
        return len(rows)


class LongListMixin:
    """A list that opens as fast with a million rows as with ten."""

    list_per_page = 40
    show_full_result_count = False
    paginator = CappedPaginator


class PageContextMixin(AdminBase):
    """Shows more of a row than its form, to those who may see the row."""

    def page_object(self, request: HttpRequest, object_id: str) -> Any:
        """The row, with what its page needs of other tables; None when there is none."""
        return self.get_object(request, object_id)

    def page_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """What the templates around the form are given."""
        raise NotImplementedError

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        extra = extra_context or {}
        obj = self.page_object(request, object_id)
        if obj is not None and self.has_view_or_change_permission(request, obj):
            extra = {**extra, **self.page_context(request, obj)}
        response: HttpResponse = super().change_view(request, object_id, form_url, extra)
        return response


class ReadOnlyMixin:
    """Rows that only services write: to be looked at, never edited here."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def actor(request: HttpRequest) -> User | None:
    """The account behind a request, for services that note who did it."""
    return request.user if isinstance(request.user, User) else None


def back(request: HttpRequest, fallback: str) -> HttpResponseRedirect:
    """Where the form said it came from, when that is on this site."""
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(target if safe else fallback)


def minutes(seconds: float | None) -> str:
    """A length as m:ss, or a dash."""
    if seconds is None:
        return "–"
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def percent(share: float | None) -> str:
    """A share of 1 in whole percent, or a dash."""
    return "–" if share is None else f"{share:.0%}"
