"""Verdicts as the desk gets them: one's own, what stands on a run, and what came to light after.

Which variant of an experiment a run was, and what others said of it, must not sway a verdict.
Both are told when the decision's grace is over, when an undo no longer goes unnoticed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.urls import reverse

from experiments.models import Assignment
from runs.models import Review, Run


def verdict_of(review: Review) -> dict[str, Any]:
    """A reviewer's own verdict, as the answer to it."""
    if review.undone_at:
        state = "undone"
    elif review.run.status == Run.Status.AWAITING_REVIEW:
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
        "together": str(review.group) if review.group else None,
        "effective_at": review.effective_at.isoformat() if review.effective_at else None,
        "page": reverse("admin:runs_run_change", args=[review.run_id]),
    }


def newest_of(reviewer: User, *, count: int) -> list[dict[str, Any]]:
    """A reviewer's newest verdicts at the desk, with what came to light of those in force."""
    mine = Review.objects.verdicts().filter(reviewer=reviewer, key__isnull=False)
    newest = list(mine.select_related("run").order_by("-at", "-pk")[:count])
    found = revealed([review.run_id for review in newest], reviewer=reviewer)
    return [{**verdict_of(review), "revealed": found.get(review.run_id)} for review in newest]


def revealed(run_ids: Sequence[UUID], *, reviewer: User) -> dict[UUID, dict[str, Any]]:
    """Variants and other verdicts by run, of those runs whose decision has taken effect.

    Each {variants: ["experiment: variant"], verdicts: [{by, decision, reasons, comment, at,
    undone}], the oldest first}.
    """
    in_force = Review.objects.standing().filter(run__in=run_ids, applied_at__isnull=False)
    runs = in_force.values_list("run", flat=True)
    found: dict[UUID, dict[str, Any]] = {run: {"variants": [], "verdicts": []} for run in runs}
    arms = Assignment.objects.filter(run_id__in=found).select_related("experiment", "variant")
    for arm in arms.order_by("pk"):
        found[arm.run_id]["variants"].append(f"{arm.experiment.name}: {arm.variant.name}")
    others = Review.objects.filter(run__in=found).exclude(reviewer=reviewer)
    for review in others.select_related("reviewer").order_by("at", "pk"):
        found[review.run_id]["verdicts"].append(said(review))
    return found


def theirs(run_id: UUID) -> dict[str, Any] | None:
    """What stands on a run now, for the side of a conflict the reviewer did not write."""
    run = Run.objects.filter(pk=run_id).first()
    if run is None:
        return None
    review = run.reviews.standing().select_related("reviewer").first()
    nothing: dict[str, Any] = {"decision": "", "reasons": [], "comment": "", "by": "", "at": None}
    return {
        "title": run.title,
        "status": run.get_status_display(),
        **(said(review) if review else nothing),
        "page": reverse("admin:runs_run_change", args=[run.pk]),
    }


def said(review: Review) -> dict[str, Any]:
    """Who decided what, and why."""
    return {
        "by": review.author,
        "decision": review.decision,
        "reasons": review.reasons,
        "comment": review.comment,
        "at": review.at.isoformat(),
        "undone": review.undone_at is not None,
    }
