"""Runs as plain data and as a table: what the commands print."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from runs.models import Artifact, Batch, Run, Step
from runs.storage.artifacts import artifact_storage

FILES = {
    "audio": Artifact.Kind.MP3,
    "master": Artifact.Kind.MASTER,
    "cover": Artifact.Kind.COVER,
    "video": Artifact.Kind.VIDEO,
    "lyrics": Artifact.Kind.LYRICS,
}


def run_as_json(run: Run) -> dict[str, Any]:
    """The stable form of a run for scripts; a file that is not there yet is null."""
    # Of several files of a kind the main one has no name, and comes last here.
    files = run.artifacts.current().order_by("-name")
    place = artifact_storage().place
    paths = {artifact.kind: place(str(artifact.file)) for artifact in files}
    return {
        "id": str(run.pk),
        "artist": run.artist.slug,
        "title": run.title,
        "status": run.status,
        "seed": run.seed,
        "duration_s": run.duration_s,
        "lufs": run.lufs,
        "true_peak_dbtp": run.true_peak_dbtp,
        "bpm": run.tempo_bpm,
        "error": run.error or waits_for(run),
        "files": {name: paths.get(kind) for name, kind in FILES.items()},
    }


def waits_for(run: Run) -> str:
    """Why a parked run is parked; empty for any other."""
    if run.status != Run.Status.WAITING:
        return ""
    step = run.steps.filter(status=Step.Status.WAITING).first()
    return f"{step.name}: {step.error}" if step else ""


def batch_as_json(batch: Batch) -> dict[str, Any]:
    """The stable form of a batch for scripts."""
    runs = batch.runs.select_related("artist").order_by("seed")
    return {"batch": batch.pk, "runs": [run_as_json(run) for run in runs]}


def runs_as_table(runs: Iterable[Run]) -> str:
    """A text table: artist, title, length, LUFS, BPM, status, files; the error under a row."""
    header = ("artist", "title", "length", "LUFS", "BPM", "status", "files")
    rows = [header]
    errors = {}
    for run in runs:
        data = run_as_json(run)
        rows.append(
            (
                run.artist.name,
                run.title or "-",
                f"{run.duration_s:.1f} s" if run.duration_s else "-",
                f"{run.lufs:.1f}" if run.lufs is not None else "-",
                f"{run.tempo_bpm:.0f}" if run.tempo_bpm else "-",
                run.get_status_display().lower(),
                " ".join(name for name, path in data["files"].items() if path) or "-",
            )
        )
        if data["error"]:
            errors[len(rows) - 1] = data["error"]
    widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
    lines = []
    for index, row in enumerate(rows):
        padded = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        lines.append(padded.rstrip())
        if index == 0:
            lines.append("  ".join("-" * width for width in widths))
        if index in errors:
            lines.append(f"    {errors[index]}")
    return "\n".join(lines)
