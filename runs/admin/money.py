"""Admin of what providers cost and how they are: budgets and circuit breakers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import display

from ai_artist.kit.admin import (
    BAD,
    GOOD,
    WARN,
    LongListMixin,
    ReadOnlyMixin,
    ToldChangesMixin,
    Way,
    column,
)
from ai_artist.kit.fields import MoneyField
from ai_artist.kit.values import DASH, counted, money
from media_tools.providers.breaker import BreakerPhase
from runs import queue
from runs.admin.provider_field import ProviderField, provider_name
from runs.models import Budget, ProviderHealth, Step
from runs.providers import budgets
from runs.providers.breakers import breaker_for, standing_of


class BudgetForm(forms.ModelForm):  # type: ignore[type-arg]
    """A limit in dollars, of one provider or of all."""

    provider = ProviderField(required=False, nobody="All providers together")
    cap_usd = MoneyField(label="At most", max_digits=10)

    class Meta:
        model = Budget
        fields = ("provider", "period", "cap_usd")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        provider, period = cleaned.get("provider"), cleaned.get("period")
        same = Budget.objects.filter(provider=provider, period=period)
        if period and same.exclude(pk=self.instance.pk).exists():
            self.add_error("period", "There is such a budget already: change that one.")
        return cleaned


@admin.register(Budget)
class BudgetAdmin(LongListMixin, ToldChangesMixin, ModelAdmin):
    """A saved budget wakes the runs that wait for one: its cap may have been raised."""

    empty_words = "Without a budget nothing limits what providers may cost."
    list_display = ("whose", "period", "cap", "spent")
    form = BudgetForm

    whose = column("provider", provider_name, "Provider")
    cap = column("cap_usd", money, "Cap")

    @display(description="Spent or booked")
    def spent(self, budget: Budget) -> str:
        if budget.period == Budget.Period.RUN:
            return "counted for each run"
        return money(budgets.use_of(budget, now=timezone.now()).used_usd)

    def save_model(self, request: HttpRequest, obj: Budget, form: forms.Form, change: bool) -> None:
        super().save_model(request, obj, form, change)
        self._wake(request)

    def delete_model(self, request: HttpRequest, obj: Budget) -> None:
        super().delete_model(request, obj)
        self._wake(request)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Budget]) -> None:
        super().delete_queryset(request, queryset)
        self._wake(request)

    def _wake(self, request: HttpRequest) -> None:
        if woken := queue.wake_waiting(Step.WaitingFor.BUDGET):
            self.message_user(
                request, f"{counted(woken, 'waiting run')} will try again.", messages.SUCCESS
            )


@admin.register(ProviderHealth)
class ProviderHealthAdmin(LongListMixin, ReadOnlyMixin, ModelAdmin):
    """Which providers are asked at present. An open breaker closes by itself, or here."""

    empty_words = "A provider appears when it is asked for the first time."
    empty_way = Way("See the ledger", "runs_providercall_changelist", "runs.view_providercall")
    list_display = ("provider", "phase", "failures", "last_error", "changed_at")
    fields = ("provider", "phase", "failures", "last_error", "changed_at")
    readonly_fields = fields
    actions = ("ask_again",)

    @display(
        description="State",
        label={
            BreakerPhase.CLOSED: GOOD,
            BreakerPhase.HALF_OPEN: WARN,
            BreakerPhase.OPEN: BAD,
        },
    )
    def phase(self, health: ProviderHealth) -> tuple[str, str]:
        standing = standing_of(health, now=timezone.now())
        return standing.phase, standing.label

    @display(description="Failures in a row")
    def failures(self, health: ProviderHealth) -> int:
        return standing_of(health, now=timezone.now()).failures

    @display(description="Last error")
    def last_error(self, health: ProviderHealth) -> str:
        return standing_of(health, now=timezone.now()).last_error or DASH

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("runs.operate_run")

    @admin.action(description="Ask again now", permissions=["operate"])
    def ask_again(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for health in queryset:
            breaker_for(health.provider).succeeded()
        self.message_user(request, "These providers are asked again.", messages.SUCCESS)
