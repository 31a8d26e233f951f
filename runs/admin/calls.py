"""Admin of the ledger, and the inbox of submissions whose answer was lost."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    DropdownFilter,
    RangeDateTimeFilter,
)
from unfold.decorators import display

from ai_artist.kit import charts
from ai_artist.kit.admin import (
    BAD,
    GOOD,
    INFO,
    PLAIN,
    WARN,
    LongListMixin,
    ReadOnlyMixin,
    Way,
    column,
    is_narrowed,
)
from ai_artist.kit.values import DASH, money, number, short, took, words
from ai_artist.kit.views import PageViewsMixin, page_view
from media_tools.foreign import clean_text
from runs.errors import RunRefused
from runs.models import ProviderCall
from runs.presentation import run_link
from runs.providers import ledger
from runs.providers.totals import Totals, providers_called, removed_calls, totals_of


class ProviderFilter(DropdownFilter):
    """One provider's calls."""

    title = "provider"
    parameter_name = "provider"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(provider, provider) for provider in providers_called()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(provider=self.value()) if self.value() else queryset


@admin.register(ProviderCall)
class ProviderCallAdmin(LongListMixin, ReadOnlyMixin, PageViewsMixin, ModelAdmin):
    """The ledger. Only an interrupted submission is resolved by hand."""

    empty_words = (
        "Whatever a provider is asked for during a run is written here, with what it cost."
    )
    empty_way = Way("See the runs", "runs_run_changelist", "runs.view_run")
    refusals = (RunRefused,)
    change_form_outer_before_template = "panel/call.html"
    list_before_template = "panel/ledger_head.html"
    list_display = (
        "created_at",
        "provider",
        "what_for",
        "model",
        "status_label",
        "amount",
        "cost",
        "latency",
        "song",
    )
    list_select_related = ("run__artist",)
    # What happened is said in sentences above.
    fieldsets = (
        (None, {"fields": (("created_at", "submitted_at", "finished_at"), "error")}),
        ("Keys", {"classes": ("collapse",), "fields": (("job", "key"),)}),
    )
    readonly_fields = ("job", "key")

    song = column("run", run_link, "Song")
    what_for = column("purpose", words, "For")
    cost = column("cost_usd", money, "Cost")
    job = column("external_id", short, "The provider's id of the job")
    key = column("idempotency_key", short, "Key against a second order")
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ProviderFilter,
        ("created_at", RangeDateTimeFilter),
    )
    list_filter_submit = True
    sortable_by = ("created_at",)
    search_fields = ("external_id__exact",)
    search_help_text = "The provider's id of a job"

    @display(
        description="Status",
        ordering="status",
        label={
            ProviderCall.Status.INTENT: PLAIN,
            ProviderCall.Status.SUBMITTED: INFO,
            ProviderCall.Status.SUCCEEDED: GOOD,
            ProviderCall.Status.FAILED: BAD,
            ProviderCall.Status.UNKNOWN: WARN,
        },
    )
    def status_label(self, call: ProviderCall) -> tuple[str, str]:
        return call.status, call.get_status_display()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what the calls that are filtered for add up to above the list."""
        response: HttpResponse = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data:
            changelist = response.context_data["cl"]
            totals = totals_of(changelist.queryset, now=timezone.now())
            response.context_data |= {
                "totals": totals,
                "removed": None if is_narrowed(changelist) else removed_calls(),
                "day_chart": chart_of(totals),
                "day_options": charts.money_bars(),
            }
        return response

    @page_view("<int:call_id>/resolve/", "runs.operate_run")
    def resolve_view(self, request: HttpRequest, call: ProviderCall) -> HttpResponse:
        found = request.POST.get("found")
        external_id = clean_text(request.POST.get("external_id", "")).strip()
        if found == "yes" and not external_id:
            self.message_user(request, "Enter the id the provider gave to the job.", messages.ERROR)
        else:
            with self.refusals_shown(request):
                ledger.resolve_unknown(
                    call_id=call.pk,
                    external_id=external_id if found == "yes" else "",
                    paid=found == "paid",
                )
                self.message_user(request, "Resolved; the run goes on.", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:runs_providercall_change", args=[call.pk]))

    @display(description="Units")
    def amount(self, call: ProviderCall) -> str:
        return f"{number(call.units)} {call.unit_name}".strip() if call.units else DASH

    @display(description="Took", ordering="latency_ms")
    def latency(self, call: ProviderCall) -> str:
        return took(call.took_s)


def chart_of(totals: Totals) -> str:
    """Return the bars of the cost by day; nothing if nothing was paid on these days."""
    paid = [(provider, costs) for provider, costs in totals.by_day.items() if any(costs)]
    if not paid:
        return ""
    bars = charts.bars_of(
        [(provider, [round(float(cost), 4) for cost in costs]) for provider, costs in paid]
    )
    return charts.data([charts.day_label(day) for day in totals.days], bars)
