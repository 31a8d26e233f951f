"""Finds the people who may judge runs."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db.models import QuerySet

MAY_REVIEW = "runs.review_run"
BACKEND = "django.contrib.auth.backends.ModelBackend"


def reviewers() -> QuerySet[User]:
    """Return active staff with the permission, by group or their own, and superusers."""
    allowed: QuerySet[User] = User.objects.with_perm(MAY_REVIEW, backend=BACKEND)
    return allowed.filter(is_active=True, is_staff=True)


def several_reviewers() -> bool:
    """Whether there is more than one reviewer."""
    return len(reviewers().order_by()[:2]) > 1
