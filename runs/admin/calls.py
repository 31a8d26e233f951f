"""Admin of the ledger, and the inbox of submissions whose answer was lost."""

from __future__ import annotations

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    RangeDateTimeFilter,
)
from unfold.decorators import display

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
)
from ai_artist.kit.values import DASH, money, number, short, took, words
from ai_artist.kit.views import PageViewsMixin, page_view
from media_tools.foreign import clean_text
from runs.errors import RunRefused
from runs.models import ProviderCall
from runs.presentation import run_link
from runs.providers import ledger


@admin.register(ProviderCall)
class ProviderCallAdmin(LongListMixin, ReadOnlyMixin, PageViewsMixin, ModelAdmin):
    """The ledger. Only an interrupted submission is resolved by hand."""

    empty_words = (
        "Whatever a provider is asked for during a run is written here, with what it cost."
    )
    empty_way = Way("See the runs", "runs_run_changelist", "runs.view_run")
    refusals = (RunRefused,)
    change_form_outer_before_template = "panel/call.html"
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
    fields = (
        ("provider", "model"),
        ("what_for", "status"),
        ("cost", "committed"),
        ("amount", "latency"),
        "song",
        "error",
        ("created_at", "submitted_at", "finished_at"),
        ("job", "key"),
    )
    readonly_fields = (
        "what_for",
        "cost",
        "committed",
        "amount",
        "latency",
        "song",
        "job",
        "key",
    )

    song = column("run", run_link, "Song")
    what_for = column("purpose", words, "For")
    cost = column("cost_usd", money, "Cost")
    committed = column("committed_usd", money, "Counted against budgets")
    job = column("external_id", short, "The provider's id of the job")
    key = column("idempotency_key", short, "Key against a second order")
    list_filter = (
        ("status", ChoicesDropdownFilter),
        "provider",
        ("created_at", RangeDateTimeFilter),
    )
    list_filter_submit = True
    search_fields = ("external_id", "idempotency_key")

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
