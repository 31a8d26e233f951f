"""Admin of the ledger, and the inbox of submissions whose answer was lost."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    RangeDateTimeFilter,
)
from unfold.decorators import display

from ai_artist.kit.admin import BAD, GOOD, INFO, PLAIN, WARN, LongListMixin, ReadOnlyMixin
from media_tools.foreign import clean_text
from runs.errors import RunRefused
from runs.models import ProviderCall
from runs.providers import ledger


@admin.register(ProviderCall)
class ProviderCallAdmin(LongListMixin, ReadOnlyMixin, ModelAdmin):
    """The ledger. Only an interrupted submission is resolved by hand."""

    change_form_outer_before_template = "panel/call.html"
    list_display = (
        "created_at",
        "provider",
        "purpose",
        "model",
        "status_label",
        "amount",
        "cost_usd",
        "latency",
        "run",
    )
    list_select_related = ("run",)
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

    def get_urls(self) -> list[URLPattern]:
        resolve = path(
            "<int:call_id>/resolve/",
            self.admin_site.admin_view(require_POST(self.resolve_view)),
            name="runs_providercall_resolve",
        )
        return [resolve, *super().get_urls()]

    def resolve_view(self, request: HttpRequest, call_id: int) -> HttpResponse:
        if not request.user.has_perm("runs.operate_run"):
            raise PermissionDenied
        external_id = clean_text(request.POST.get("external_id", "")).strip()
        known = request.POST.get("found") == "yes"
        if known and not external_id:
            self.message_user(request, "Enter the id the provider gave to the job.", messages.ERROR)
        else:
            self._resolve(
                request,
                call_id,
                external_id if known else "",
                paid=request.POST.get("found") == "paid",
            )
        return HttpResponseRedirect(reverse("admin:runs_providercall_change", args=[call_id]))

    def _resolve(self, request: HttpRequest, call_id: int, external_id: str, *, paid: bool) -> None:
        try:
            ledger.resolve_unknown(call_id=call_id, external_id=external_id, paid=paid)
        except RunRefused as refused:
            self.message_user(request, str(refused), messages.ERROR)
        else:
            self.message_user(request, "Resolved; the run goes on.", messages.SUCCESS)

    @display(description="Units")
    def amount(self, call: ProviderCall) -> str:
        return f"{call.units:g} {call.unit_name}".strip() if call.units else "–"

    @display(description="Took", ordering="latency_ms")
    def latency(self, call: ProviderCall) -> str:
        return "–" if call.latency_ms is None else f"{call.latency_ms / 1000:.1f} s"
