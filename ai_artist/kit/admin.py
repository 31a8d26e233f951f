"""What the admin pages of every app share: limited counts, columns, read-only models, redirects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, TypeAlias

from django.contrib.admin.decorators import display
from django.contrib.admin.views.main import ORDER_VAR, ChangeList
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import cached_property
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.text import smart_split, unescape_string_literal

from ai_artist.kit.hexadecimal import begins_with_digits
from ai_artist.kit.values import fact, words

# Template tags import this module before unfold is loaded, because unfold loads all tags.
if TYPE_CHECKING:
    from unfold.admin import ModelAdmin

    AdminBase: TypeAlias = ModelAdmin
else:
    AdminBase = object

COUNT_LIMIT = 10_000
# Rows of another table that a search looks up first; who has more of a name types more of it.
RELATED_LIMIT = 1_000

# Names of unfold's label colours.
INFO, GOOD, WARN, BAD, PLAIN = "info", "success", "warning", "danger", "default"


@dataclass(frozen=True)
class Way:
    """Where the first row of an empty list comes from: a page of the panel, for who may open it.

    A list says with `empty_words` how it fills, and with `empty_way` where.
    """

    label: str
    page: str
    permission: str = ""


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Stops counting at COUNT_LIMIT rows: counting a million took longer than the page itself.

    A longer list shows its first COUNT_LIMIT rows; filters reach the others.
    """

    template_name = "panel/_pages.html"

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        if isinstance(rows, QuerySet):
            return rows.order_by()[:COUNT_LIMIT].count()
        return len(rows)

    @property
    def is_capped(self) -> bool:
        """Whether there may be more rows than were counted."""
        return bool(self.count == COUNT_LIMIT)


def newest(rows: QuerySet[Any], at: str) -> tuple[QuerySet[Any], bool]:
    """Return about the newest COUNT_LIMIT rows, in no order, and whether there are others.

    at: the column of their time. All rows of the oldest one's time are among them, so that a plain
    range of the index is read.
    """
    times = rows.order_by(f"-{at}").values_list(at, flat=True)
    oldest = times[COUNT_LIMIT - 1 : COUNT_LIMIT].first()
    if oldest is None:
        return rows.order_by(), False
    return rows.filter(**{f"{at}__gte": oldest}).order_by(), True


def holding(model: type[Model], field: str, word: str) -> Q:
    """The condition that a field of a row, or of the row it refers to, holds a word."""
    path, _, last = field.rpartition("__")
    if last == "startswith":
        return begins_with_digits(model, path, word)
    if not path:
        return Q(**{f"{field}__icontains": word})
    related = model._meta.get_field(path).related_model
    rows = related._default_manager.filter(**{f"{last}__icontains": word})  # type: ignore[union-attr]
    return Q(**{f"{path}__in": list(rows.values_list("pk", flat=True)[:RELATED_LIMIT])})


def is_narrowed(changelist: Any) -> bool:
    """Tell whether a list shows only some of its rows."""
    return bool(changelist.query or changelist.has_active_filters)


class LongList(ChangeList):
    """A list whose every order is that of an index."""

    def get_ordering_field(self, field_name: Any) -> Any:
        """Return what a column sorts by; nothing if it is not offered, whatever an address asks."""
        if self.sortable_by is not None and field_name not in self.sortable_by:
            return None
        return super().get_ordering_field(field_name)

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        """Break ties in the direction of the column, so that its index serves both directions."""
        ordering = list(super().get_ordering(request, queryset))
        if ORDER_VAR in self.params and ordering[-1] == "-pk" and str(ordering[0])[0] != "-":
            ordering[-1] = "pk"
        return ordering


class LongListMixin:
    """A list that opens as fast with a million rows as with ten.

    A page of a table that grows with the runs names in `sortable_by` the columns that have an
    index, and has filters and searches for which there is one. tests/benchmarks/test_panel.py
    opens them all and looks at the plans.
    """

    list_per_page = 40
    # All rows on one page were 700 kB; the export has them all.
    list_max_show_all = 0
    show_full_result_count = False
    paginator: Any = CappedPaginator

    def with_row_extras(self, rows: QuerySet[Any]) -> Any:
        """Load what the columns show of other tables, for the rows of a page or of an export."""
        return rows

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return LongList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find the rows in which each word is in one of the fields, each by its own index.

        A database has no index for one condition on two tables: the first RELATED_LIMIT related
        rows are looked up before. A field with `__startswith` holds hexadecimal digits.
        """
        fields = self.get_search_fields(request)  # type: ignore[attr-defined]
        alone = len(fields) == 1 and not fields[0].endswith("__startswith")
        if alone or not any("__" in field for field in fields):
            found: tuple[QuerySet[Any], bool] = super().get_search_results(  # type: ignore[misc]
                request, queryset, search_term
            )
            return found
        for bit in smart_split(search_term):
            word = unescape_string_literal(bit) if bit[0] in "\"'" and bit[0] == bit[-1] else bit
            holds = [holding(queryset.model, field, word) for field in fields]
            queryset = queryset.filter(reduce(or_, holds))
        return queryset, False

    def bare_changelist(self, request: HttpRequest) -> Any:
        """Return the list as filtered, without the extras of its first page."""
        return super().get_changelist_instance(request)  # type: ignore[misc]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = self.bare_changelist(request)
        changelist.result_list = self.with_row_extras(changelist.result_list)
        if not is_narrowed(changelist) or changelist.paginator.is_capped:
            # The theme would offer to show all of what is shown, or tell a stop as a fact.
            changelist.full_result_count = changelist.result_count
        return changelist


class PageContextMixin(AdminBase):
    """Shows more of a row than its form, to users who may see the row."""

    def page_object(self, request: HttpRequest, object_id: str) -> Any:
        """Return the row, with what its page needs of other tables; None if there is none."""
        return self.get_object(request, object_id)

    def page_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Return the context for the templates around the form."""
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


class ToldInSentencesMixin:
    """A page that says all of its row in a template of its own, and shows no fields."""

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        return []


class ToldChangesMixin(AdminBase):
    """Writes to the log from what to what each field of a form was changed."""

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        # A new password is a change of no field, and must not be told.
        changed = [name for name in form.changed_data if name in form.fields]
        if add or not changed:
            return super().construct_change_message(request, form, formsets, add)
        return " ".join(change_in_words(form, name) for name in changed)


def change_in_words(form: Any, name: str) -> str:
    """Return what a form changes a field to: "Cap: from 5 to 10.", "Roles: added Producer."."""
    label = form.fields[name].label or words(name)
    before, after = form.initial.get(name), form.cleaned_data[name]
    if not isinstance(after, QuerySet):
        return f"{label}: from {fact(before)} to {fact(after)}."
    old, new = ({row.pk: row for row in rows or ()} for rows in (before, after))
    # Read with what the field needs to name a row: a permission alone asks for its content type.
    rows = old | new | form.fields[name].queryset.in_bulk(old.keys() ^ new.keys())
    changes = {"added": new.keys() - old.keys(), "removed": old.keys() - new.keys()}
    told = [
        f"{did} {', '.join(sorted(str(rows[key]) for key in keys))}"
        for did, keys in changes.items()
        if keys
    ]
    return f"{label}: {'; '.join(told)}."


class ReadOnlyMixin:
    """Rows that only services write: shown here, never edited."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def actor(request: HttpRequest) -> User | None:
    """Return the user behind a request, for services that record who did it."""
    return request.user if isinstance(request.user, User) else None


def back(request: HttpRequest, fallback: str) -> HttpResponseRedirect:
    """Redirect to the page the form came from, if that is on this site."""
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(target if safe else fallback)


def column(field: str, render: Callable[[Any], Any], label: str) -> Any:
    """Return a column, or a read-only field, that shows a field of the row by a renderer."""

    @display(description=label, ordering=field)
    def shown(_: Any, row: Any) -> Any:
        return render(getattr(row, field))

    return shown
