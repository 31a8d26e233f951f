"""Admin of the policies by which artists are judged."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from artists.models import LifecyclePolicy


@admin.register(LifecyclePolicy)
class LifecyclePolicyAdmin(ModelAdmin):
    list_display = (
        "name",
        "is_default",
        "retirement_mode",
        "consecutive_rejections",
        "min_runs",
        "evaluation_period_days",
    )
    search_fields = ("name",)
    warn_unsaved_form = True
    fieldsets = (
        (None, {"fields": (("name", "is_default"),)}),
        (
            "Retirement",
            {
                "description": (
                    "How much a streak of rejections proves depends on the mode: with "
                    '"streak" bad luck alone can retire a good artist, with "probation" ten '
                    "more reviewed runs decide."
                ),
                "fields": (
                    ("retirement_mode", "consecutive_rejections"),
                    ("probation_runs", "retire_failed_evolutions"),
                    "retire_paused_days",
                ),
            },
        ),
        (
            "Evaluation",
            {
                "fields": (
                    ("evaluation_period_days", "min_runs"),
                    ("promote_after_approvals", "pause_inactivity_days"),
                    ("pause_below_rate", "evolve_below_rate"),
                    ("explore_above_rate", "pause_above_error_rate"),
                ),
            },
        ),
    )

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        if isinstance(obj, LifecyclePolicy) and obj.is_default:
            return False
        allowed: bool = super().has_delete_permission(request, obj)
        return allowed
