"""Admin of experiments: what is tried, on which arms, and the result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, JSONField, Model, QuerySet, TextField
from django.forms.fields import InvalidJSONInput
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from ai_artist.kit.admin import (
    GOOD,
    INFO,
    PLAIN,
    WARN,
    LongListMixin,
    PageContextMixin,
    ReadOnlyMixin,
    Way,
    actor,
)
from ai_artist.kit.views import PageViewsMixin, page_view
from artists.models import Artist
from experiments import concluding, progress, promotion, setup
from experiments.analysis import history, plan_in_words, report, standing_promotion
from experiments.audience import audience_of
from experiments.models import Experiment, Promotion, Variant
from experiments.parameters import PARAMETERS, ValueRefused, checked
from media_tools.foreign import digits
from runs.audience.outcomes import FIRST
from runs.learning import what_works

Status = Experiment.Status

# The moves an operator can make on an experiment in each state: (verb, label).
MOVES: dict[str, tuple[tuple[str, str], ...]] = {
    Status.DRAFT: (("start", "Start"),),
    Status.RUNNING: (("pause", "Pause"),),
    Status.PAUSED: (("start", "Resume"),),
    Status.CONCLUDED: (),
}
VERBS: dict[str, Callable[..., Any]] = {"start": setup.start, "pause": setup.pause}


class ValueField(forms.JSONField):
    """JSON of limited length, so that its nesting and its numbers stay within what Python reads."""

    longest = 400

    def to_python(self, value: Any) -> Any:
        if self._is_too_long(value):
            raise forms.ValidationError(f"At most {self.longest} characters.")
        return super().to_python(value)

    def bound_data(self, data: Any, initial: Any) -> Any:
        # Shown as it was typed, beside the error.
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


@admin.register(Experiment)
class ExperimentAdmin(LongListMixin, PageContextMixin, PageViewsMixin, ModelAdmin):
    empty_words = "An experiment compares two or more values of one setting over many runs."
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
    refusals = (setup.ExperimentRefused, promotion.PromotionRefused)
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
        """Return the actions without mass deletion, which does not check experiments' states."""
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"salt": setup.new_salt()}

    @display(
        description="Status",
        ordering="status",
        label={
            Status.DRAFT: PLAIN,
            Status.RUNNING: GOOD,
            Status.PAUSED: WARN,
            Status.CONCLUDED: INFO,
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

    # --- What a person does with an experiment ---

    @page_view("<int:experiment_id>/move/", "change")
    def move_view(self, request: HttpRequest, experiment: Experiment) -> HttpResponseRedirect:
        verb = request.POST.get("verb", "")
        if verb not in VERBS:
            raise Http404("No such move.")
        with self.refusals_shown(request):
            VERBS[verb](experiment, now=timezone.now(), actor=actor(request))
            self._tell(request, experiment)
        return _to_experiment(experiment)

    @page_view("<int:experiment_id>/conclude/", "change")
    def conclude_view(self, request: HttpRequest, experiment: Experiment) -> HttpResponseRedirect:
        """Conclude the experiment; the posted arm, if any, is put to use."""
        chosen = digits(request.POST.get("use", ""))
        use = None if chosen is None else get_object_or_404(experiment.variants, pk=chosen)
        with self.refusals_shown(request):
            concluding.conclude(experiment, use=use, actor=actor(request), now=timezone.now())
            self._tell(request, experiment)
        return _to_experiment(experiment)

    @page_view("<int:experiment_id>/undo/", "change")
    def undo_view(self, request: HttpRequest, experiment: Experiment) -> HttpResponseRedirect:
        """Undo the experiment's promotion."""
        with self.refusals_shown(request):
            standing = standing_promotion(experiment)
            if standing is None:
                raise promotion.PromotionRefused(f"Nothing of {experiment} is in use.")
            promotion.undo(standing, actor=actor(request), now=timezone.now())
            self._tell(request, experiment)
        return _to_experiment(experiment)

    def _tell(self, request: HttpRequest, experiment: Experiment) -> None:
        """Show the newest event of the experiment's history as a message."""
        newest = history(experiment)[0]
        self.message_user(request, f"{experiment}: {newest.message}", messages.SUCCESS)

    @page_view("what-works/", "view", methods=("GET",), name="what_works")
    def what_works_view(self, request: HttpRequest) -> HttpResponse:
        """Show how looks, covers, clips and trends fared outside of experiments."""
        return self.page(
            request,
            "panel/what_works.html",
            title="What works",
            tables=what_works.what_works(timezone.now()),
            limit=what_works.RUNS,
            fewest=what_works.FEWEST_RUNS,
            days=FIRST.days,
        )

    # --- An experiment's page ---

    def page_context(self, request: HttpRequest, experiment: Experiment) -> dict[str, Any]:
        """Return all that an experiment's page shows."""
        may_change = self.has_change_permission(request, experiment)
        shown = report(experiment, now=timezone.now())
        return {
            "experiment": experiment,
            "report": shown,
            "parameter": PARAMETERS[experiment.parameter],
            "plan": plan_in_words(experiment.planned_runs_per_arm, len(shown.arms)),
            "chance_chart": progress.chart(experiment, progress.chances_over_time(experiment)),
            "chart_options": progress.chart_options(),
            "audience": audience_of(experiment),
            "events": history(experiment),
            "promotion": standing_promotion(experiment),
            "moves": MOVES[experiment.status] if may_change else (),
            "may_conclude": may_change and experiment.status in (Status.RUNNING, Status.PAUSED),
            "may_change": may_change,
        }


def _to_experiment(experiment: Experiment) -> HttpResponseRedirect:
    return HttpResponseRedirect(
        reverse("admin:experiments_experiment_change", args=[experiment.pk])
    )


@admin.register(Promotion)
class PromotionAdmin(LongListMixin, ReadOnlyMixin, ModelAdmin):
    """Promotions: what experiments changed for good, and what was undone."""

    empty_words = "When an experiment ends with a winner, it is put to use and shown here."
    empty_way = Way(
        "See the experiments",
        "experiments_experiment_changelist",
        "experiments.view_experiment",
    )
    list_display = ("what", "whose", "experiment", "at", "by", "undone_at")
    list_filter = (("parameter", ChoicesDropdownFilter),)
    list_filter_submit = True
    list_select_related = ("artist", "experiment", "variant", "actor")
    fields = ("what", "experiment", "at", "by", "undone_at", "undone_by")
    readonly_fields = fields

    @display(description="Change")
    def what(self, row: Promotion) -> str:
        return promotion.difference(row)

    @display(description="Of", ordering="artist__name")
    def whose(self, row: Promotion) -> Artist | str:
        return row.artist or "the roster"

    @display(description="By")
    def by(self, row: Promotion) -> str:
        return str(row.actor or "the schedule")
