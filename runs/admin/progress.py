"""What open pages ask for every few seconds: parts of themselves, as far as runs went on.

The parts are rendered by the templates the pages are made of, so there is one shape of each. An
answer that would be the same is a 304 without content.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet, prefetch_related_objects
from django.http import HttpRequest, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import conditional_page

from ai_artist.kit.values import counted
from media_tools.foreign import digits
from runs.models import Run
from runs.presentation import (
    ROW_EXTRAS,
    STATUS_TONES,
    Progress,
    progress_of,
    step_rows,
    with_row_extras,
)

AT_WORK_SHOWN = 6
MOST_ROWS = 100
# Their ids stand in an address, which servers take up to 4,000 characters of.
MOST_IDS = 60


@dataclass(frozen=True)
class Answer:
    """parts: HTML by the id of the element it fills. live: something may still go on.

    says: where things stand, in a sentence for people who do not see the bars.
    """

    live: bool
    says: str
    parts: dict[str, str]


@conditional_page
def progress_view(request: HttpRequest) -> JsonResponse:
    """How far one run (`run`), some (`ids`), a `batch`, or all runs at work went on."""
    now = timezone.now()
    if "run" in request.GET:
        answer = of_run(_ids(request.GET["run"]), now=now)
    elif "ids" in request.GET:
        answer = of_list(Run.objects.filter(pk__in=_ids(request.GET["ids"])))
    elif (batch := digits(request.GET.get("batch", ""))) is not None:
        answer = of_list(Run.objects.filter(batch=batch))
    else:
        answer = of_roster(request)
    return JsonResponse(asdict(answer))


def of_run(ids: list[uuid.UUID], *, now: datetime) -> Answer:
    """The bar and the timeline of a run's page."""
    run = with_row_extras(Run.objects.filter(pk__in=ids[:1])).first()
    if run is None:
        return Answer(live=False, says="", parts={})
    progress = progress_of(run)
    context = {"run": run, "progress": progress, "live": run.status in Run.OPEN}
    return Answer(
        live=run.status in Run.OPEN,
        says=sentence(run, progress),
        parts={
            "run-progress": render_to_string("panel/_run_progress.html", context),
            "run-steps": render_to_string(
                "panel/_steps.html", {"steps": step_rows(run, now=now), "run": run}
            ),
        },
    )


def of_list(listed: QuerySet[Run]) -> Answer:
    """Status and steps of the lines of a list."""
    runs = list(with_row_extras(listed.defer("concept"))[:MOST_ROWS])
    parts = {}
    for run in runs:
        parts[f"status-{run.pk}"] = status_label(run)
        parts[f"steps-{run.pk}"] = steps_cell(run)
    going_on = sum(run.status in Run.OPEN for run in runs)
    return Answer(
        live=going_on > 0,
        says=f"{going_on} of {counted(len(runs), 'run')} still on the way.",
        parts=parts,
    )


def of_roster(request: HttpRequest) -> Answer:
    """The dashboard's list of what is at work."""
    rows = Run.objects.open().order_by().values_list("status").annotate(count=Count("pk"))
    working = at_work(dict(rows))
    prefetch_related_objects(working.running, *ROW_EXTRAS)
    context = working.context()
    return Answer(
        live=bool(context["running"] or context["queued_count"]),
        says=f"{context['running_count']} running, {context['queued_count']} queued, "
        f"{context['parked_count']} waiting.",
        parts={"at-work": render_to_string("panel/_at_work.html", context, request=request)},
    )


@dataclass(frozen=True)
class AtWork:
    """The runs on their way: how many by status, and those that have been running longest."""

    counts: Mapping[Any, int]
    running: list[Run]

    def context(self) -> dict[str, Any]:
        """Return what templates/panel/_at_work.html shows. The runs must have their ROW_EXTRAS."""
        return {
            "running": [(run, progress_of(run)) for run in self.running],
            "running_count": self.counts.get(Run.Status.RUNNING, 0),
            "parked_count": self.counts.get(Run.Status.WAITING, 0),
            "queued_count": self.counts.get(Run.Status.QUEUED, 0),
        }


def at_work(counts: Mapping[Any, int]) -> AtWork:
    """Return the runs on their way. counts: of runs by status."""
    running = (
        Run.objects.filter(status__in=[Run.Status.RUNNING, Run.Status.WAITING])
        .select_related("artist")
        .defer("concept")
        .order_by("started_at", "pk")
    )
    anything = any(counts.get(status) for status in Run.OPEN)
    return AtWork(counts, list(running[:AT_WORK_SHOWN]) if anything else [])


def sentence(run: Run, progress: Progress) -> str:
    """Where a run stands, for a screen reader."""
    name = run.title or "The run"
    if run.status in Run.OPEN and progress.at:
        return f"{name}: {progress.at}, {progress.done} of {progress.total} steps done."
    return f"{name}: {run.get_status_display().lower()}."


def status_label(run: Run) -> str:
    """A run's status as unfold's label."""
    return render_to_string(
        "panel/_badge.html",
        {"tone": STATUS_TONES[Run.Status(run.status)], "text": run.get_status_display()},
    )


def steps_cell(run: Run) -> str:
    """The small bar of a list."""
    return render_to_string("panel/_steps_cell.html", {"progress": progress_of(run), "run": run})


def _ids(text: str) -> list[uuid.UUID]:
    """Parse comma-separated ids, ignoring invalid ones."""
    ids = []
    for word in text.split(","):
        try:
            ids.append(uuid.UUID(word))
        except ValueError:
            continue
    return ids
