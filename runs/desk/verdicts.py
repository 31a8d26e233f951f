"""Verdicts for the desk: one's own, the present one on a run, and those revealed later.

A run's experiment variant, and other reviewers' verdicts on it, must not bias a verdict. Both are
revealed when the decision's grace is over, because an undo is then on record.
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
    """Return a reviewer's own verdict, as the answer to it."""
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
    """Return a reviewer's newest verdicts at the desk, with what was revealed later."""
    mine = Review.objects.verdicts().filter(reviewer=reviewer, key__isnull=False)
    newest = list(mine.select_related("run").order_by("-at", "-pk")[:count])
    by_run = reveal_verdicts([review.run_id for review in newest], reviewer=reviewer)
    return [{**verdict_of(review), "revealed": by_run.get(review.run_id)} for review in newest]


def reveal_verdicts(run_ids: Sequence[UUID], *, reviewer: User) -> dict[UUID, dict[str, Any]]:
    """Return variants and other verdicts, by run, for runs whose decision has taken effect.

    Each is {variants: ["experiment: variant"], verdicts: [{by, decision, reasons, comment, at,
    undone}]}, oldest verdict first.
    """
    in_force = Review.objects.standing().filter(run__in=run_ids, applied_at__isnull=False)
    runs = in_force.values_list("run", flat=True)
    by_run: dict[UUID, dict[str, Any]] = {run: {"variants": [], "verdicts": []} for run in runs}
    arms = Assignment.objects.filter(run_id__in=by_run).select_related("experiment", "variant")
    for arm in arms.order_by("pk"):
        by_run[arm.run_id]["variants"].append(f"{arm.experiment.name}: {arm.variant.name}")
    verdicts = Review.objects.filter(run__in=by_run).exclude(reviewer=reviewer)
    for review in verdicts.select_related("reviewer").order_by("at", "pk"):
        by_run[review.run_id]["verdicts"].append(_as_json(review))
    return by_run


def standing_verdict(run_id: UUID) -> dict[str, Any] | None:
    """Return the present verdict on a run, for the reviewer whose own one came too late."""
    run = Run.objects.filter(pk=run_id).first()
    if run is None:
        return None
    review = run.reviews.standing().select_related("reviewer").first()
    nothing: dict[str, Any] = {"decision": "", "reasons": [], "comment": "", "by": "", "at": None}
    return {
        "title": run.title,
        "status": run.get_status_display(),
        **(_as_json(review) if review else nothing),
        "page": reverse("admin:runs_run_change", args=[run.pk]),
    }


def _as_json(review: Review) -> dict[str, Any]:
    """Return who decided what, and why."""
    return {
        "by": review.author,
        "decision": review.decision,
        "reasons": review.reasons,
        "comment": review.comment,
        "at": review.at.isoformat(),
        "undone": review.undone_at is not None,
    }
