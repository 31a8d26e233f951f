"""Benchmark of whole runs: CPU and disk of each step, and films against encoding them again."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.utils import timezone

from ai_artist.benchmarks.measuring import Result, call_function, percentile, scratch_project
from ai_artist.benchmarks.visuals import encoded_again
from artists.starter_roster import seed_roster
from media_tools.video.plan import VideoSpec
from runs.models import Artifact, Run
from runs.steps import NAMES
from runs.steps.context import StepContext
from runs.steps.definition import StepDefinition
from runs.storage import StepResult
from runs.work import pipeline
from runs.work.batches import create_batch
from runs.work.inline import work_here

SEEDS = (1, 2, 3)
FORMAT = VideoSpec()
FILMS = (Artifact.Kind.VIDEO, Artifact.Kind.TEASER, Artifact.Kind.CANVAS)
MB = 10**6
# Whatever this installation is set to: nothing is paid for, songs are as long as they mostly are,
# one upright video with a teaser, no footage.
AS_MEASURED = {
    "AI_ARTIST_WRITER": "offline",
    "AI_ARTIST_MUSIC": "local",
    "AI_ARTIST_COVER_ART": "local",
    "AI_ARTIST_FOOTAGE": "",
    "AI_ARTIST_VOICE": "",
    "AI_ARTIST_TRACK_MIN_S": "80",
    "AI_ARTIST_TRACK_MAX_S": "100",
    "AI_ARTIST_VIDEO_SHAPES": "9:16",
    "AI_ARTIST_VIDEO_TEASERS": "15",
    "AI_ARTIST_VIDEO_SIDE": str(FORMAT.width),
    "AI_ARTIST_VIDEO_FPS": str(FORMAT.fps),
    "AI_ARTIST_VIDEO_PRESET": FORMAT.preset,
    "AI_ARTIST_VIDEO_CRF": str(FORMAT.crf),
}


def whole_run() -> Result:
    """CPU seconds and megabytes of complete runs with the embedded engines: medians over SEEDS.

    By step, and megabytes by kind of file too. `beside_video` is all the process took but the
    video's step: start-up and saving included.
    """
    made: list[dict[str, Any]] = []
    ratios: list[float] = []
    for seed in SEEDS:
        with scratch_project() as environment:
            run = call_function(__name__, "make", seed, environment={**environment, **AS_MEASURED})
            again_s = sum(encoded_again(Path(film))().cpu_s for film in run["films"])
        made.append(run)
        ratios.append(run["cpu_s"]["video"] / again_s)
    beside = [run["total_cpu_s"] - run["cpu_s"]["video"] for run in made]
    figures = {
        **{f"{name}_cpu_s": median_of(made, "cpu_s", name) for name in NAMES},
        **{f"{name}_mb": median_of(made, "step_mb", name) for name in NAMES},
        **{f"{kind}_files_mb": median_of(made, "kind_mb", kind) for kind in Artifact.Kind.values},
    }
    return Result(
        "run",
        {
            "song_s": percentile([run["song_s"] for run in made], 0.5),
            **figures,
            "all_cpu_s": percentile([run["total_cpu_s"] for run in made], 0.5),
            "all_mb": percentile([sum(run["step_mb"].values()) for run in made], 0.5),
            "beside_video_cpu_s": percentile(beside, 0.5),
            "beside_video_cpu_s_most": max(beside),
        },
        {"video_cpu_by_reencode": percentile(ratios, 0.5), "video_ratio_most": max(ratios)},
    )


def median_of(made: Sequence[dict[str, Any]], figure: str, name: str) -> float:
    """Median over the runs of one step's or kind's figure; 0 of what a run does not have."""
    return percentile([run[figure].get(name, 0.0) for run in made], 0.5)


def make(seed: int) -> dict[str, Any]:
    """One run in an empty project, done by this process.

    Returns {song_s, films: paths, cpu_s and step_mb: by step, kind_mb: by kind of file,
    total_cpu_s: of the process and its children}.
    Raises RuntimeError if it does not reach the reviewers.
    """
    meters = {name: Meter() for name in NAMES}
    step_named = pipeline.step_named
    pipeline.step_named = lambda name: meters[name].on(step_named(name))
    seed_roster(now=timezone.now())
    batch = create_batch(size=1, seed=seed, origin="command", now=timezone.now())
    work_here(Run.objects.filter(batch=batch), wait=False)
    run = batch.runs.get()
    if run.status != Run.Status.AWAITING_REVIEW:
        raise RuntimeError(f"The run of seed {seed} is {run.status}: {run.error}")
    files = list(run.artifacts.current())
    films = [file for file in files if file.kind in FILMS]
    if not films:
        raise RuntimeError(f"The run of seed {seed} made no video.")
    return {
        "song_s": run.duration_s,
        "films": [str(film.path) for film in films],
        "step_mb": megabytes(files, "step"),
        "kind_mb": megabytes(files, "kind"),
        "cpu_s": {name: meter.cpu_s for name, meter in meters.items()},
        "total_cpu_s": cpu_s(),
    }


def megabytes(files: Sequence[Artifact], by: str) -> dict[str, float]:
    """Sum of the files' sizes by one of their fields."""
    sums: dict[str, float] = {}
    for file in files:
        name = getattr(file, by)
        sums[name] = sums.get(name, 0.0) + file.bytes / MB
    return sums


class Meter:
    """Counts the CPU seconds of a step's takes."""

    def __init__(self) -> None:
        self.cpu_s = 0.0

    def on(self, step: StepDefinition[Any]) -> StepDefinition[Any]:
        """The step, counted."""

        def perform(context: StepContext) -> StepResult[Any]:
            before_s = cpu_s()
            try:
                result: StepResult[Any] = step.perform(context)
            finally:
                self.cpu_s += cpu_s() - before_s
            return result

        return replace(step, perform=perform)


def cpu_s() -> float:
    """Used so far by this process and the children it waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
