"""Admin of experiments: what is tried, on which arms, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, JSONField, Model, QuerySet, TextField
from django.forms.fields import InvalidJSONInput
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from artists.models import Artist
from experiments import concluding, progress, promotion, setup
from experiments.analysis import history, plan_in_words, report, standing_promotion
from experiments.audience import audience_of
from experiments.models import Experiment, Promotion, Variant
from experiments.parameters import PARAMETERS, ValueRefused, checked
from media_tools.foreign import digits

Status = Experiment.Status

# What may be asked of an experiment in each state: (verb, label).
MOVES: dict[str, tuple[tuple[str, str], ...]] = {
    Status.DRAFT: (("start", "Start"),),
    Status.RUNNING: (("pause", "Pause"),),
    Status.PAUSED: (("start", "Resume"),),
    Status.CONCLUDED: (),
}
VERBS: dict[str, Callable[..., Any]] = {"start": setup.start, "pause": setup.pause}
REFUSALS = (setup.ExperimentRefused, promotion.PromotionRefused)


class ValueField(forms.JSONField):
    """JSON so short that it cannot be nested or counted beyond what Python reads."""

    longest = 400

    def to_python(self, value: Any) -> Any:
        if self._is_too_long(value):
            raise forms.ValidationError(f"At most {self.longest} characters.")
        return super().to_python(value)

    def bound_data(self, data: Any, initial: Any) -> Any:
        # To be shown as it was typed, beside the error.
        return (
            InvalidJSONInput(data) if self._is_too_long(data) else super().bound_data(data, initial)
        )

    def _is_too_long(self, value: Any) -> bool:
        return isinstance(value, str) and len(value) > self.longest


class VariantFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """Arms whose values must fit the parameter chosen above them."""

    def clean(self) -> None:
        super().clean()
        name = self.instance.parameter
        for form in self.forms:
            if name not in PARAMETERS or not form.cleaned_data or form.cleaned_data.get("DELETE"):
                continue
            try:
                form.instance.value = checked(name, form.cleaned_data.get("value"))
            except ValueRefused as error:
                form.add_error("value", str(error))


class VariantInline(TabularInline):
    """Arms are fixed once the experiment has started: counts of a changed arm mean nothing."""

    model = Variant
    formset = VariantFormSet
    formfield_overrides = {
        JSONField: {
            "form_class": ValueField,
            "widget": UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        }
    }
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
    return not isinstance(experiment, Experiment) or experiment.status == Status.DRAFT


def user_of(request: HttpRequest) -> Any:
    """Who asked, for the history."""
    return request.user


@admin.register(Experiment)
class ExperimentAdmin(ModelAdmin):
    list_display = (
        "name",
        "parameter",
        "whose",
        "status_label",
        "arms",
        "started_at",
        "concluded_at",
    )
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("parameter", ChoicesDropdownFilter),
    )
    list_filter_submit = True
    list_select_related = ("artist",)
    search_fields = ("name", "question")
    autocomplete_fields = ("artist",)
    readonly_fields = ("status_label", "created_at", "started_at", "concluded_at")
    formfield_overrides = {TextField: {"widget": UnfoldAdminTextareaWidget(attrs={"rows": 3})}}
    inlines = (VariantInline,)
    change_form_outer_before_template = "panel/experiment.html"
    fieldsets = (
        (None, {"fields": ("name", "question", ("parameter", "artist"))}),
        (
            "Plan, fixed from the start on",
            {
                "fields": (
                    "planned_runs_per_arm",
                    ("error_margin", "cost_margin"),
                    "acts_by_itself",
                    "salt",
                )
            },
        ),
        ("Dates", {"fields": (("created_at", "started_at"), "concluded_at")}),
    )
    FIXED = (
        "parameter",
        "artist",
        "planned_runs_per_arm",
        "error_margin",
        "cost_margin",
        "salt",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Experiment]:
        experiments: QuerySet[Experiment] = super().get_queryset(request)
        return experiments.annotate(arm_count=Count("variants"))

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        own = super().get_readonly_fields(request, obj)
        return own if is_draft(obj) else (*own, *self.FIXED)

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
            Status.DRAFT: "default",
            Status.RUNNING: "success",
            Status.PAUSED: "warning",
            Status.CONCLUDED: "info",
        },
    )
    def status_label(self, experiment: Experiment) -> tuple[str, str]:
        return experiment.status, experiment.get_status_display()

    @display(description="Arms", ordering="arm_count")
    def arms(self, experiment: Experiment) -> int:
        return experiment.arm_count  # type: ignore[attr-defined, no-any-return]

    @display(description="Of", ordering="artist__name")
    def whose(self, experiment: Experiment) -> str:
        return str(experiment.artist or "the roster")

    def get_urls(self) -> list[URLPattern]:
        views = (
            ("move", self.move_view),
            ("conclude", self.conclude_view),
            ("undo", self.undo_view),
        )
        own = [
            path(
                f"<int:experiment_id>/{name}/",
                self.admin_site.admin_view(require_POST(view)),
                name=f"experiments_experiment_{name}",
            )
            for name, view in views
        ]
        return [*own, *super().get_urls()]

    def move_view(self, request: HttpRequest, experiment_id: int) -> HttpResponse:
        verb = request.POST.get("verb", "")

        def move(experiment: Experiment) -> None:
            if verb not in VERBS:
                raise Http404("No such move.")
            VERBS[verb](experiment, now=timezone.now(), actor=user_of(request))

        return self._do(request, experiment_id, move)

    def conclude_view(self, request: HttpRequest, experiment_id: int) -> HttpResponse:
        """End it; the posted arm, if any, is put to use."""
        chosen = digits(request.POST.get("use", ""))

        def conclude(experiment: Experiment) -> None:
            use = None if chosen is None else get_object_or_404(experiment.variants, pk=chosen)
            concluding.conclude(experiment, use=use, actor=user_of(request), now=timezone.now())

        return self._do(request, experiment_id, conclude)

    def undo_view(self, request: HttpRequest, experiment_id: int) -> HttpResponse:
        """Take the experiment's promotion back."""

        def undo(experiment: Experiment) -> None:
            standing = standing_promotion(experiment)
            if standing is None:
                raise promotion.PromotionRefused(f"Nothing of {experiment} is in use.")
            promotion.undo(standing, actor=user_of(request), now=timezone.now())

        return self._do(request, experiment_id, undo)

    def _do(
        self, request: HttpRequest, experiment_id: int, work: Callable[[Experiment], Any]
    ) -> HttpResponse:
        """Check, do, report, go back to the experiment's page."""
        experiment = self.get_object(request, str(experiment_id))
        if experiment is None:
            raise Http404("No such experiment.")
        if not self.has_change_permission(request, experiment):
            raise PermissionDenied
        try:
            work(experiment)
        except REFUSALS as refused:
            self.message_user(request, str(refused), messages.ERROR)
        else:
            newest = history(experiment)[0]
            self.message_user(request, f"{experiment}: {newest.message}", messages.SUCCESS)
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
            shown = report(experiment, now=timezone.now())
            arms = len(shown.arms)
            extra = {
                **extra,
                "experiment": experiment,
                "report": shown,
                "parameter": PARAMETERS[experiment.parameter],
                "plan": plan_in_words(experiment.planned_runs_per_arm, arms),
                "chance_chart": progress.chart(experiment, progress.chances_over_time(experiment)),
                "chart_options": progress.chart_options(),
                "audience": audience_of(experiment),
                "events": history(experiment),
                "promotion": standing_promotion(experiment),
                "moves": MOVES[experiment.status] if may_change else (),
                "may_conclude": may_change and experiment.status in (Status.RUNNING, Status.PAUSED),
                "may_change": may_change,
            }
        response: HttpResponse = super().change_view(request, object_id, form_url, extra)
        return response


@admin.register(Promotion)
class PromotionAdmin(ModelAdmin):
    """What experiments have changed for good, and what was taken back."""

    list_display = ("what", "whose", "experiment", "at", "by", "undone_at")
    list_filter = (("parameter", ChoicesDropdownFilter),)
    list_filter_submit = True
    list_select_related = ("artist", "experiment", "variant", "actor")
    fields = ("what", "experiment", "at", "by", "undone_at", "undone_by")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @display(description="Change")
    def what(self, row: Promotion) -> str:
        return promotion.difference(row)

    @display(description="Of", ordering="artist__name")
    def whose(self, row: Promotion) -> Artist | str:
        return row.artist or "the roster"

    @display(description="By")
    def by(self, row: Promotion) -> str:
        return str(row.actor or "the schedule")
