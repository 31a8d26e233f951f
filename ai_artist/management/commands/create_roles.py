"""Create the groups Reviewer, Producer and Administrator, or update them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q

from ai_artist.kit.commands import JsonCommand, Report

# Permissions as "app.codename"; "app.*" stands for all of an app.
REVIEWER = (
    "artists.view_artist",
    "artists.view_evolution",
    "artists.view_lesson",
    "artists.change_lesson",
    "artists.view_performanceentry",
    "artists.view_statuschange",
    "runs.view_artifact",
    "runs.view_batch",
    "runs.view_channel",
    "runs.view_proof",
    "runs.view_proposal",
    "runs.view_publication",
    "runs.view_reflection",
    "runs.view_release",
    "runs.view_review",
    "runs.view_run",
    "runs.review_run",
    "trends.view_topic",
)
PRODUCER = (
    "artists.add_artist",
    "artists.change_artist",
    "artists.view_artist",
    "artists.view_evolution",
    "artists.add_lesson",
    "artists.change_lesson",
    "artists.delete_lesson",
    "artists.view_lesson",
    "artists.view_lifecyclepolicy",
    "artists.view_performanceentry",
    "artists.view_statuschange",
    "experiments.*",
    "runs.view_artifact",
    "runs.view_batch",
    "runs.view_budget",
    "runs.view_channel",
    "runs.view_code",
    "runs.view_isrcprefix",
    "runs.view_labelprofile",
    "runs.add_licenceentry",
    "runs.change_licenceentry",
    "runs.view_licenceentry",
    "runs.view_providercall",
    "runs.view_providerhealth",
    "runs.view_proof",
    "runs.view_proposal",
    "runs.view_publication",
    "runs.publish_release",
    "runs.view_reflection",
    "runs.view_release",
    "runs.view_review",
    "runs.view_run",
    "runs.add_series",
    "runs.change_series",
    "runs.delete_series",
    "runs.view_series",
    "runs.view_workerbeat",
    "runs.operate_run",
    "trends.*",
)
# Schedules and tasks of django_q are left out: they can run any function, so the panel shows them
# to superusers only.
ADMINISTRATOR = (
    "artists.*",
    "experiments.*",
    "runs.*",
    "trends.*",
    "auth.add_user",
    "auth.change_user",
    "auth.view_user",
    "auth.view_group",
    "axes.view_accessattempt",
    "axes.delete_accessattempt",
    "axes.view_accesslog",
)
# Both listen with others: comments at a second, and links for people without an account.
LISTENING = (
    "runs.add_timedcomment",
    "runs.add_previewlink",
    "runs.change_previewlink",
    "runs.view_previewlink",
)
ROLES = {
    "Reviewer": (*REVIEWER, *LISTENING),
    "Producer": (*PRODUCER, *LISTENING),
    "Administrator": ADMINISTRATOR,
}


class Command(JsonCommand):
    help = (
        "Create the groups Reviewer (looks and decides), Producer (artists, batches, "
        "experiments, trends) and Administrator (everything but the task queue), or correct "
        "their permissions. Running it again changes nothing."
    )

    def perform(self, **options: Any) -> Report:
        with transaction.atomic():
            roles = [bring_up_to_date(name, wanted) for name, wanted in ROLES.items()]
        return Report(
            data={"roles": roles},
            text="\n".join(
                f"{role['name']}: {role['permissions']} permissions, {role['state']}"
                for role in roles
            ),
        )


def bring_up_to_date(name: str, wanted: tuple[str, ...]) -> dict[str, Any]:
    """Give the group exactly the wanted permissions. Returns whether that changed anything."""
    group, created = Group.objects.get_or_create(name=name)
    permissions = set(Permission.objects.filter(matching(wanted)))
    changed = permissions != set(group.permissions.all())
    if changed:
        group.permissions.set(permissions)
    state = "created" if created else "corrected" if changed else "unchanged"
    return {"name": name, "permissions": len(permissions), "state": state}


def matching(wanted: tuple[str, ...]) -> Q:
    """Match the permissions named "app.codename" or "app.*"."""
    condition = Q(pk__in=[])
    for entry in wanted:
        app, _, codename = entry.partition(".")
        in_app = Q(content_type__app_label=app)
        condition |= in_app if codename == "*" else in_app & Q(codename=codename)
    return condition
