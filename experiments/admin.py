"""Admin of experiments: what is tried, on which arms, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Model, QuerySet, TextField
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from experiments import setup
from experiments.analysis import results, verdict
from experiments.models import Experiment, Variant

# What may be asked of an experiment in each state: (verb, label).
MOVES: dict[str, tuple[tuple[str, str], ...]] = {
    Experiment.Status.DRAFT: (("start", "Start"),),
    Experiment.Status.RUNNING: (("pause", "Pause"), ("conclude", "Conclude")),
    Experiment.Status.PAUSED: (("start", "Resume"), ("conclude", "Conclude")),
    Experiment.Status.CONCLUDED: (),
}
VERBS: dict[str, Callable[..., Any]] = {
    "start": setup.start,
    "pause": setup.pause,
    "conclude": setup.conclude,
}


class VariantInline(TabularInline):
    """Arms are fixed once the experiment has started: counts of a changed arm mean nothing."""

    model = Variant
    fields = ("name", "value", "is_control")
    extra = 0
    hide_title = True

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return is_draft(obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return is_draft(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return is_draft(obj) and super().has_delete_permission(request, obj)


def is_draft(experiment: Model | None) -> bool:
    return not isinstance(experiment, Experiment) or experiment.status == Experiment.Status.DRAFT


@admin.register(Experiment)
class ExperimentAdmin(ModelAdmin):
    list_display = ("name", "parameter", "status_label", "arms", "started_at", "concluded_at")
    list_filter = (("status", ChoicesDropdownFilter), ("parameter", ChoicesDropdownFilter))
    list_filter_submit = True
    search_fields = ("name", "question")
    readonly_fields = ("status_label", "created_at", "started_at", "concluded_at")
    formfield_overrides = {TextField: {"widget": UnfoldAdminTextareaWidget(attrs={"rows": 3})}}
    inlines = (VariantInline,)
    change_form_outer_before_template = "panel/experiment.html"
    fieldsets = (
        (None, {"fields": ("name", "question", ("parameter", "planned_runs_per_arm"), "salt")}),
        ("Dates", {"fields": (("created_at", "started_at"), "concluded_at")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Experiment]:
        experiments: QuerySet[Experiment] = super().get_queryset(request)
        return experiments.annotate(arm_count=Count("variants"))

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        fixed = ("parameter", "planned_runs_per_arm", "salt")
        own = super().get_readonly_fields(request, obj)
        return own if is_draft(obj) else (*own, *fixed)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return is_draft(obj) and super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Without the mass deletion, which does not ask about each experiment's state."""
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"salt": setup.new_salt()}

    @display(
        description="Status",
        ordering="status",
        label={
            Experiment.Status.DRAFT: "default",
            Experiment.Status.RUNNING: "success",
            Experiment.Status.PAUSED: "warning",
            Experiment.Status.CONCLUDED: "info",
        },
    )
    def status_label(self, experiment: Experiment) -> tuple[str, str]:
        return experiment.status, experiment.get_status_display()

    @display(description="Arms", ordering="arm_count")
    def arms(self, experiment: Experiment) -> int:
        return experiment.arm_count  # type: ignore[attr-defined, no-any-return]

    def get_urls(self) -> list[URLPattern]:
        move = path(
            "<int:experiment_id>/move/",
            self.admin_site.admin_view(require_POST(self.move_view)),
            name="experiments_experiment_move",
        )
        return [move, *super().get_urls()]

    def move_view(self, request: HttpRequest, experiment_id: int) -> HttpResponse:
        experiment = self.get_object(request, str(experiment_id))
        verb = request.POST.get("verb", "")
        if experiment is None or verb not in VERBS:
            raise Http404("No such experiment or move.")
        if not self.has_change_permission(request, experiment):
            raise PermissionDenied
        try:
            VERBS[verb](experiment, now=timezone.now())
        except setup.ExperimentRefused as refused:
            self.message_user(request, str(refused), messages.ERROR)
        else:
            experiment.refresh_from_db()
            self.message_user(request, f"{experiment} is {experiment.status}.", messages.SUCCESS)
        return HttpResponseRedirect(
            reverse("admin:experiments_experiment_change", args=[experiment_id])
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        experiment = self.get_object(request, object_id)
        extra = extra_context or {}
        if experiment is not None and self.has_view_or_change_permission(request, experiment):
            may_change = self.has_change_permission(request, experiment)
            arms = results(experiment)
            extra = {
                **extra,
                "experiment": experiment,
                "arms": arms,
                "verdict": verdict(experiment, arms),
                "moves": MOVES[experiment.status] if may_change else (),
            }
        response: HttpResponse = super().change_view(request, object_id, form_url, extra)
        return response
