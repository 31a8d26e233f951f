"""Admin of experiments: the list, and each experiment's page with its result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Model, QuerySet, TextField
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone
from unfold.admin import ModelAdmin
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
    actor,
)
from ai_artist.kit.values import day
from ai_artist.kit.views import page_view
from experiments import concluding, progress, promotion, setup
from experiments.admin.planning import PlanningMixin, to_experiment
from experiments.analysis import history, plan_in_words, report
from experiments.audience import audience_of
from experiments.models import Experiment
from experiments.ranking import FEWEST_OF_EACH, FEWEST_SONGS
from media_tools.foreign import digits
from runs.audience.outcomes import FIRST
from runs.learning import preferences, what_works

Status = Experiment.Status

# The moves an operator can make on an experiment in each state: (verb, label).
MOVES: dict[str, tuple[tuple[str, str], ...]] = {
    Status.DRAFT: (("start", "Start"),),
    Status.RUNNING: (("pause", "Pause"),),
    Status.PAUSED: (("start", "Resume"),),
    Status.CONCLUDED: (),
}
VERBS: dict[str, Callable[..., Any]] = {"start": setup.start, "pause": setup.pause}


def is_draft(experiment: Model | None) -> bool:
    return not isinstance(experiment, Experiment) or experiment.status == Status.DRAFT


@admin.register(Experiment)
class ExperimentAdmin(LongListMixin, PageContextMixin, PlanningMixin, ModelAdmin):
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
    search_fields = ("name", "question")
    formfield_overrides = {TextField: {"widget": UnfoldAdminTextareaWidget(attrs={"rows": 3})}}
    change_form_outer_before_template = "panel/experiment.html"
    fieldsets = (
        ("Name and question", {"fields": ("name", "question")}),
        ("How it ends", {"fields": ("acts_by_itself",)}),
    )
    refusals = (setup.ExperimentRefused, promotion.PromotionRefused)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Experiment]:
        experiments: QuerySet[Experiment] = super().get_queryset(request)
        return experiments.annotate(arm_count=Count("variants")).prefetch_related("artists")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return is_draft(obj) and super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Return the actions without mass deletion, which does not check experiments' states."""
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

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

    @display(description="Of")
    def whose(self, experiment: Experiment) -> str:
        return experiment.whose

    # --- What a person does with an experiment ---

    @page_view("<int:experiment_id>/move/", "change")
    def move_view(self, request: HttpRequest, experiment: Experiment) -> HttpResponseRedirect:
        verb = request.POST.get("verb", "")
        if verb not in VERBS:
            raise Http404("No such move.")
        with self.refusals_shown(request):
            VERBS[verb](experiment, now=timezone.now(), actor=actor(request))
            self._tell(request, experiment)
        return to_experiment(experiment)

    @page_view("<int:experiment_id>/conclude/", "change")
    def conclude_view(self, request: HttpRequest, experiment: Experiment) -> HttpResponseRedirect:
        """Conclude the experiment; the posted arm, if any, is put to use."""
        chosen = digits(request.POST.get("use", ""))
        use = None if chosen is None else get_object_or_404(experiment.variants, pk=chosen)
        with self.refusals_shown(request):
            concluding.conclude(experiment, use=use, actor=actor(request), now=timezone.now())
            self._tell(request, experiment)
        return to_experiment(experiment)

    @page_view("<int:experiment_id>/undo/", "change")
    def undo_view(self, request: HttpRequest, experiment: Experiment) -> HttpResponseRedirect:
        """Bring back what was in use before the experiment's winner."""
        with self.refusals_shown(request):
            refusals = promotion.undo_all(experiment, actor=actor(request), now=timezone.now())
            self._tell(request, experiment)
            for refusal in refusals:
                self.message_user(request, refusal, messages.WARNING)
        return to_experiment(experiment)

    def _tell(self, request: HttpRequest, experiment: Experiment) -> None:
        """Show the newest event of the experiment's history as a message."""
        newest = history(experiment)[0]
        self.message_user(request, f"{experiment}: {newest.message}", messages.SUCCESS)

    @page_view("what-works/", "view", methods=("GET",), name="what_works")
    def what_works_view(self, request: HttpRequest) -> HttpResponse:
        """Show how looks, covers, clips and trends fared, and which songs people preferred."""
        return self.page(
            request,
            "panel/what_works.html",
            title="What works",
            tables=what_works.what_works(timezone.now()),
            preferences=preferences.preferences(),
            fewest_songs=FEWEST_SONGS,
            fewest_of_each=FEWEST_OF_EACH,
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
            "planned": planned_in_words(experiment),
            "plan": plan_in_words(experiment.planned_runs_per_arm, len(shown.arms)),
            "chance_chart": progress.chart(experiment, progress.chances_over_time(experiment)),
            "chart_options": progress.chart_options(),
            "audience": audience_of(experiment),
            "events": history(experiment),
            "promotion": promotion.standing_promotions(experiment).first(),
            "moves": MOVES[experiment.status] if may_change else (),
            "may_conclude": may_change and experiment.status in (Status.RUNNING, Status.PAUSED),
            "may_change": may_change,
        }


def planned_in_words(experiment: Experiment) -> str:
    """Say what was planned, in the order a person reads it."""
    cost = experiment.cost_margin
    dearer = (
        "cost does not count" if cost is None else f"cost at most {cost:.0%} above the control's"
    )
    return (
        f"{experiment.get_parameter_display()} of {experiment.whose}; "
        f"{experiment.planned_runs_per_arm} reviewed runs per arm; failed runs at most "
        f"{experiment.error_margin:.0%} above the control's, {dearer}. Made "
        f"{day(experiment.created_at)}, started {day(experiment.started_at)}, concluded "
        f"{day(experiment.concluded_at)}."
    )
