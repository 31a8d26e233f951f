"""Admin pages that plan an experiment: choose what to vary, then arms, artists and size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone

from ai_artist.kit.admin import actor
from ai_artist.kit.values import counted
from ai_artist.kit.views import PageViewsMixin, page_view
from artists.models import Artist, PerformanceEntry
from experiments import setup
from experiments.admin.plan_forms import PlanForms, Scope
from experiments.models import Experiment
from experiments.parameters import PARAMETERS, grouped, in_words
from media_tools.text.base import SECTION_LINES
from media_tools.video.plan import STYLES

Name = Experiment.Parameter
PACE_WEEKS = 4
LONGEST_WAIT = timedelta(weeks=104)
# Upper ends of tempo in words.
PACES = ((76, "slow"), (108, "medium"), (140, "fast"))
SNIPPET = 80


@dataclass(frozen=True)
class Preview:
    """What an arm means: its value in words, an example, and the address of a picture."""

    title: str
    says: str
    example: str = ""
    picture: str = ""


class PlanningMixin(PageViewsMixin):
    """Views of ExperimentAdmin that write plans."""

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Ask for the parameter first, then for the plan; a post keeps or starts it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        parameter = request.GET.get("parameter", "")
        if parameter not in PARAMETERS:
            return self.page(
                request,
                "panel/experiment_parameter.html",
                title="New experiment",
                groups=grouped(),
                running=_running(),
            )
        return self._plan_page(request, parameter, None)

    @page_view("<int:experiment_id>/plan/", "change", methods=("GET", "POST"))
    def plan_view(self, request: HttpRequest, experiment: Experiment) -> HttpResponse:
        """Edit the plan of a draft."""
        if experiment.status != Experiment.Status.DRAFT:
            self.message_user(
                request, f"{experiment} has started: its plan is fixed.", messages.ERROR
            )
            return to_experiment(experiment)
        return self._plan_page(request, experiment.parameter, experiment)

    def _plan_page(
        self, request: HttpRequest, parameter: str, experiment: Experiment | None
    ) -> HttpResponse:
        weekly = reviewed_a_week(timezone.now())
        data = request.POST if request.method == "POST" else None
        forms = PlanForms(parameter, experiment=experiment, weekly=weekly, data=data)
        verb, scope = request.POST.get("do", ""), forms.main.scope
        valid = data is not None and forms.is_valid()
        if valid and verb in ("start", "draft"):
            saved = self._save(request, forms, start=verb == "start")
            if saved:
                return to_experiment(saved)
        return self.page(
            request,
            "panel/experiment_plan.html",
            title=f"Plan of {experiment}" if experiment else "New experiment",
            forms=forms,
            media=self.media + forms.media,
            parameter=PARAMETERS[parameter],
            experiment=experiment,
            previews=previews_of(forms, scope.artists[0] if len(scope.artists) == 1 else None),
            outlook=outlook(forms, pace_of(scope, weekly), str(scope)),
            rival=setup.rival_of(parameter, scope.artists, scope.genre),
        )

    def _save(self, request: HttpRequest, forms: PlanForms, *, start: bool) -> Experiment | None:
        now = timezone.now()
        try:
            saved = setup.write_draft(forms.plan(), experiment=forms.experiment, now=now)
        except setup.ExperimentRefused as refused:
            forms.main.add_error(None, str(refused))
            return None
        self.log_addition(request, saved, "Planned.") if forms.experiment is None else (
            self.log_change(request, saved, "Plan changed.")
        )
        with self.refusals_shown(request):
            if start:
                saved = setup.start(saved, now=now, actor=actor(request))
            done = "is running." if start else "is kept as a draft."
            self.message_user(request, f"{saved} {done}", messages.SUCCESS)
        return saved


def reviewed_a_week(now: datetime) -> dict[int, float]:
    """Return how many songs of each artist were reviewed in a week, of late."""
    decided = PerformanceEntry.objects.decisions().since(now - timedelta(weeks=PACE_WEEKS))
    counts = decided.order_by().values_list("artist").annotate(count=Count("pk"))
    return {artist: count / PACE_WEEKS for artist, count in counts}


def pace_of(scope: Scope, weekly: Mapping[int, float]) -> float:
    """Return how many songs of these artists are reviewed in a week."""
    if not scope.artists and not scope.genre:
        return sum(weekly.values())
    members = scope.artists or Artist.objects.filter(genre=scope.genre).only("pk")
    return sum(weekly.get(artist.pk, 0) for artist in members)


def outlook(forms: PlanForms, pace: float, who: str) -> str:
    """Say how many songs the plan needs and how long that takes at the present pace."""
    size = forms.main["planned_runs_per_arm"].value()
    arms = max(2, len(forms.used))
    try:
        total = int(size) * arms
    except (TypeError, ValueError):
        return ""
    needed = f"{counted(total, 'reviewed song')} in all ({size} for each of {arms} arms)."
    if not pace:
        return f"{needed} No song of {who} was reviewed in the last {PACE_WEEKS} weeks."
    return f"{needed} At {pace:.3g} a week of {who} that takes {_wait(total / pace)}."


def _wait(weeks: float) -> str:
    if timedelta(weeks=weeks) > LONGEST_WAIT:
        return "more than two years"
    if weeks < 2:
        return f"about {counted(max(1, round(7 * weeks)), 'day')}"
    return f"about {round(weeks)} weeks"


def _running() -> dict[str, str]:
    """Return the names of running experiments by parameter."""
    running = Experiment.objects.running().values_list("parameter", "name")
    names: dict[str, list[str]] = {}
    for parameter, name in running:
        names.setdefault(parameter, []).append(name)
    return {parameter: ", ".join(some) for parameter, some in names.items()}


# --- What an arm means ---


def previews_of(forms: PlanForms, artist: Artist | None) -> list[Preview]:
    """Return a preview of each arm that has a usable value."""
    previews = []
    for arm in forms.used:
        value = arm.value if arm.is_bound else arm.initial.get("value")
        if "value" in arm.errors:
            value = None
        if value is None and not arm.is_control:
            continue
        says = in_words(forms.parameter, value)
        example = (
            EXAMPLES.get(forms.parameter, _nothing)(value, artist)
            if value not in (None, "")
            else ""
        )
        picture = ""
        if forms.parameter == Name.COVER_STYLE and value:
            picture = static(f"panel/covers/{value}.webp")
        previews.append(Preview(arm.title, says[:1].upper() + says[1:], example, picture))
    return previews


def _nothing(value: Any, artist: Artist | None) -> str:
    return ""


def _prompt(value: str, artist: Artist | None) -> str:
    notes = artist.style_notes if artist else ""
    return f"{value}, {notes[:SNIPPET] or 'then the prompt of the song'} …"


def _tempo(value: list[int], artist: Artist | None) -> str:
    names = [
        next((name for end, name in PACES if bpm < end), "very fast")
        for bpm in dict.fromkeys(value)
    ]
    return " to ".join(dict.fromkeys(names)).capitalize()


def _form(value: list[str], artist: Artist | None) -> str:
    lines = sum(SECTION_LINES[kind] for kind in value)
    kinds = Counter(value)
    return f"{counted(len(value), 'section')}, {lines} lines, {counted(kinds['chorus'], 'chorus')}"


def _look(value: str, artist: Artist | None) -> str:
    return "A built-in scene" if value in STYLES else "In the words for cover and video"


def _trend(value: float, artist: Artist | None) -> str:
    return f"About {round(10 * value)} songs in 10 follow a trend"


def _freedom(value: float, artist: Artist | None) -> str:
    if value < 0.5:
        return "Close to the usual"
    return "Some freedom" if value <= 1 else "Bold, with more slips"


EXAMPLES: dict[str, Callable[[Any, Artist | None], str]] = {
    Name.MUSIC_PROMPT_PREFIX: _prompt,
    Name.TEMPO_RANGE: _tempo,
    Name.LYRIC_FORM: _form,
    Name.VISUAL_STYLE: _look,
    Name.TREND_PROBABILITY: _trend,
    Name.TEMPERATURE: _freedom,
}


def to_experiment(experiment: Experiment) -> HttpResponseRedirect:
    return HttpResponseRedirect(
        reverse("admin:experiments_experiment_change", args=[experiment.pk])
    )
