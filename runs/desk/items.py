"""A run as the desk gets it: plain data, no markup. What must not sway the verdict is left out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from runs import reviews
from runs.desk.leases import age_of
from runs.models import Artifact, Review, Run, Step
from runs.presentation import Figure, card, with_card_rows
from trends.panel import GOOD, WARN

# What a release carries; each needs a licence that says where it stands.
LICENSED = (
    Artifact.Kind.LYRICS,
    Artifact.Kind.MIX,
    Artifact.Kind.VOICE_TAG,
    Artifact.Kind.COVER,
    Artifact.Kind.FOOTAGE,
    Artifact.Kind.VIDEO,
)
SIMILAR = "duplicate"


def items_of(run_ids: Sequence[UUID], *, now: datetime) -> list[dict[str, Any]]:
    """The runs in the order of their ids, in a fixed number of queries."""
    rows = {run.pk: run for run in with_card_rows(Run.objects.filter(pk__in=run_ids))}
    hashes = hashes_of(list(rows.values()))
    return [
        item(rows[run_id], content_hash=hashes[run_id], now=now)
        for run_id in run_ids
        if run_id in rows
    ]


def hashes_of(runs: Sequence[Run]) -> dict[UUID, str]:
    """reviews.content_hash_of of several runs with one query."""
    files = Artifact.objects.current().filter(run__in=runs).exclude(kind=Artifact.Kind.BUNDLE)
    parts: dict[UUID, list[tuple[str, str, str]]] = {run.pk: [] for run in runs}
    for run_id, kind, name, sha256 in files.values_list("run", "kind", "name", "sha256"):
        parts[run_id].append((kind, name, sha256))
    return {run.pk: reviews.content_hash(run, parts[run.pk]) for run in runs}


def item(run: Run, *, content_hash: str, now: datetime) -> dict[str, Any]:
    """All a reviewer needs to judge a run loaded by `with_card_rows`."""
    shown = card(run)
    outputs = {
        step.name: step.output
        for step in run.steps_now  # type: ignore[attr-defined]
        if step.status == Step.Status.DONE
    }
    artist = run.artist
    reflection = getattr(run, "reflection", None)
    return {
        "id": str(run.pk),
        "content_hash": content_hash,
        "title": run.title,
        "artist": artist.name,
        "persona": " · ".join(filter(None, (artist.genre, artist.voice, artist.style_notes))),
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "age": age_of(run, now=now),
        "duration_s": run.duration_s,
        "audio": address(shown.audio),
        "video": address(shown.video),
        "poster": address(shown.poster),
        "cover": address(shown.cover),
        "thumbnail": address(shown.thumbnail),
        "page": reverse("admin:runs_run_change", args=[run.pk]),
        "peaks": shown.peaks,
        "sections": outputs.get("music", {}).get("sections", []),
        "findings": [
            {
                "severity": finding["severity"],
                "message": finding["message"],
                "start_s": finding.get("start_s"),
                "end_s": finding.get("end_s"),
            }
            for finding in shown.warnings
        ],
        "figures": [
            {"label": figure.label, "value": figure.value, "tone": figure.tone}
            for figure in [*shown.figures, *checks_of(run, outputs)]
        ],
        "concept": [{"label": label, "value": value} for label, value in shown.concept],
        "lyrics": shown.lyrics,
        "reflection": reflection
        and {
            "text": reflection.text,
            "strengths": reflection.strengths,
            "problems": reflection.problems,
        },
    }


def checks_of(run: Run, outputs: dict[str, dict[str, Any]]) -> list[Figure]:
    """Similarity to the catalogue, and whether every part has a licence."""
    checks = []
    if "quality" in outputs:
        codes = [finding.get("code", "") for finding in outputs["quality"].get("findings", [])]
        near = any(SIMILAR in code for code in codes)
        checks.append(
            Figure("Similarity", "near duplicate" if near else "none near", WARN if near else GOOD)
        )
    files: list[Artifact] = run.files_now  # type: ignore[attr-defined]
    licences = {
        str(file.provenance.get("licence") or "") for file in files if file.kind in LICENSED
    }
    if licences:
        named = ", ".join(sorted(filter(None, licences)))
        checks.append(
            Figure("Licence", f"unclear {named}".strip(), WARN)
            if "" in licences
            else Figure("Licence", named, GOOD)
        )
    return checks


def address(artifact: Artifact | None) -> str | None:
    """Where the desk fetches a file."""
    return reverse("artifact", args=[artifact.pk]) if artifact else None


def verdict_of(review: Review) -> dict[str, Any]:
    """A reviewer's own verdict, as the answer to it."""
    if review.undone_at:
        state = "undone"
    elif review.effective_at is None:
        state = "waiting"
    else:
        state = "decided"
    return {
        "key": str(review.key),
        "run": str(review.run_id),
        "title": review.run.title,
        "decision": review.decision,
        "reasons": review.reasons,
        "comment": review.comment,
        "at": review.at.isoformat(),
        "state": state,
        "effective_at": review.effective_at.isoformat() if review.effective_at else None,
        "page": reverse("admin:runs_run_change", args=[review.run_id]),
    }


def theirs(run_id: UUID) -> dict[str, Any] | None:
    """What stands on a run now, for the side of a conflict the reviewer did not write."""
    run = Run.objects.filter(pk=run_id).first()
    if run is None:
        return None
    review = run.reviews.standing().select_related("reviewer").first()
    return {
        "title": run.title,
        "status": run.get_status_display(),
        "decision": review.decision if review else "",
        "reasons": review.reasons if review else [],
        "comment": review.comment if review else "",
        "by": str(review.reviewer or "the command line") if review else "",
        "at": review.at.isoformat() if review else None,
        "page": reverse("admin:runs_run_change", args=[run.pk]),
    }
