"""The first steps of a new installation: each ticks itself off, or is dismissed by the person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from ai_artist.kit.admin import actor, back
from artists.models import Artist
from runs.models import Budget, Channel, PersonalSettings, Review, Run


@dataclass(frozen=True)
class Step:
    """One line. page: the address where it is done. is_done: whether the rows say so."""

    name: str
    title: str
    why: str
    permission: str
    page: str
    is_done: Callable[[], bool]

    @property
    def link(self) -> str:
        return reverse(f"admin:{self.page}")


def _has_colleagues() -> bool:
    return User.objects.filter(is_active=True, is_staff=True).count() > 1


def _has_own_media_place() -> bool:
    own_folder = Path(settings.MEDIA_ROOT) != settings.BASE_DIR / "media"
    return own_folder or settings.STORE == "s3"


STEPS = (
    Step(
        "artists",
        "Add artists",
        "The starter roster, or one of your own.",
        "artists.add_artist",
        "artists_artist_changelist",
        Artist.objects.exists,
    ),
    Step(
        "batch",
        "Make the first batch",
        "It brings the first songs to review.",
        "runs.operate_run",
        "runs_batch_changelist",
        Run.objects.exists,
    ),
    Step(
        "review",
        "Review the first candidate",
        "Every decision teaches the artists what you like.",
        "runs.review_run",
        "desk",
        Review.objects.exists,
    ),
    Step(
        "accounts",
        "Make accounts for others",
        "Each with a role: reviewers decide, producers run the artists.",
        "auth.add_user",
        "auth_user_add",
        _has_colleagues,
    ),
    Step(
        "budget",
        "Set a budget",
        "A cap on what providers may cost, before the first one is switched on.",
        "runs.add_budget",
        "runs_budget_add",
        Budget.objects.exists,
    ),
    Step(
        "media",
        "Choose where files lie, and back them up",
        "Database and media belong together: docs/operating.md, Backup.",
        "auth.add_user",
        "runs_artifact_changelist",
        _has_own_media_place,
    ),
    Step(
        "channel",
        "Connect a channel",
        "Approved releases go out by it.",
        "runs.change_channel",
        "runs_channel_changelist",
        Channel.objects.filter(state=Channel.State.ACTIVE).exists,
    ),
)


def first_steps(user: User) -> list[tuple[Step, bool]]:
    """Return the lines for a person, each with whether it is done; none once all are."""
    own = PersonalSettings.objects.filter(user=user).values_list("steps_done", flat=True).first()
    dismissed = own or []
    open_steps = [
        step for step in STEPS if step.name not in dismissed and user.has_perm(step.permission)
    ]
    steps = [(step, step.is_done()) for step in open_steps]
    return [] if all(done for _, done in steps) else steps


@require_POST
def dismiss(request: HttpRequest) -> HttpResponse:
    """Take a line, or all of them, off a person's list."""
    user, chosen = actor(request), request.POST.get("step", "")
    names = [step.name for step in STEPS if chosen in (step.name, "all")]
    if user and names:
        own, _ = PersonalSettings.objects.get_or_create(user=user)
        own.steps_done = sorted({*own.steps_done, *names})
        own.save(update_fields=["steps_done"])
    return back(request, reverse("admin:index"))
