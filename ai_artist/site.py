"""The product's admin site: its navigation and the count in the sidebar."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.paginator import InvalidPage
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, reverse
from unfold.sites import UnfoldAdminSite

from runs.desk import views as desk
from runs.models import Run

BADGE_LIMIT = 99
PAGES_BELOW = ("review_queue", "trends_chart", "calendar", "what_works", "runs_self_scores")


class PanelSite(UnfoldAdminSite):
    """Staff only; groups decide what each person may do."""

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [*desk.urls(self), *super().get_urls()]

    def search(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Answer the palette; the theme itself fails on a page number that is not a number."""
        try:
            response: HttpResponse = super().search(request, extra_context)
        except InvalidPage as error:
            raise Http404("No such page.") from error
        return response


# Title, then (label, icon, address, permission); without permission: superusers only.
QUEUED_TASKS = "django_q_ormq_changelist"
MENU: tuple[tuple[str, tuple[tuple[str, str, str, str], ...]], ...] = (
    (
        "Review",
        (
            ("Review desk", "headphones", "desk", "runs.review_run"),
            ("Review queue", "fact_check", "review_queue", "runs.view_run"),
            ("Decisions", "gavel", "runs_review_changelist", "runs.view_review"),
        ),
    ),
    (
        "Releases",
        (
            ("Releases", "album", "runs_release_changelist", "runs.view_release"),
            ("Calendar", "calendar_month", "calendar", "runs.view_publication"),
            (
                "Publications",
                "campaign",
                "runs_publication_changelist",
                "runs.view_publication",
            ),
            ("Channels", "cell_tower", "runs_channel_changelist", "runs.view_channel"),
            ("Series", "event_repeat", "runs_series_changelist", "runs.view_series"),
        ),
    ),
    (
        "Rights",
        (
            (
                "Label profiles",
                "badge",
                "runs_labelprofile_changelist",
                "runs.view_labelprofile",
            ),
            ("Licences", "license", "runs_licenceentry_changelist", "runs.view_licenceentry"),
            ("Codes", "barcode", "runs_code_changelist", "runs.view_code"),
            ("ISRC prefixes", "pin", "runs_isrcprefix_changelist", "runs.view_isrcprefix"),
        ),
    ),
    (
        "Roster",
        (
            ("Artists", "artist", "artists_artist_changelist", "artists.view_artist"),
            ("Lessons", "school", "artists_lesson_changelist", "artists.view_lesson"),
            (
                "Performance",
                "monitoring",
                "artists_performanceentry_changelist",
                "artists.view_performanceentry",
            ),
            (
                "Status changes",
                "history",
                "artists_statuschange_changelist",
                "artists.view_statuschange",
            ),
            (
                "Evolutions",
                "genetics",
                "artists_evolution_changelist",
                "artists.view_evolution",
            ),
            (
                "Policies",
                "policy",
                "artists_lifecyclepolicy_changelist",
                "artists.view_lifecyclepolicy",
            ),
        ),
    ),
    (
        "Production",
        (
            ("Runs", "play_circle", "runs_run_changelist", "runs.view_run"),
            ("Batches", "stacks", "runs_batch_changelist", "runs.view_batch"),
            ("Files", "folder_open", "runs_artifact_changelist", "runs.view_artifact"),
            ("Ledger", "receipt_long", "runs_providercall_changelist", "runs.view_providercall"),
            ("Budgets", "savings", "runs_budget_changelist", "runs.view_budget"),
            (
                "Providers",
                "vital_signs",
                "runs_providerhealth_changelist",
                "runs.view_providerhealth",
            ),
        ),
    ),
    (
        "Learning",
        (
            (
                "Experiments",
                "science",
                "experiments_experiment_changelist",
                "experiments.view_experiment",
            ),
            (
                "Winners in use",
                "verified",
                "experiments_promotion_changelist",
                "experiments.view_promotion",
            ),
            ("What works", "insights", "what_works", "experiments.view_experiment"),
            ("Proposals", "rate_review", "runs_proposal_changelist", "runs.view_proposal"),
            ("Self-scores", "balance", "runs_self_scores", "runs.view_reflection"),
            ("Trends", "show_chart", "trends_chart", "trends.view_topic"),
            ("Topics", "trending_up", "trends_topic_changelist", "trends.view_topic"),
            (
                "Observations",
                "query_stats",
                "trends_observation_changelist",
                "trends.view_observation",
            ),
            (
                "Trend sources",
                "rss_feed",
                "trends_trendsource_changelist",
                "trends.view_trendsource",
            ),
        ),
    ),
    (
        "System",
        (
            ("Telegram", "send", "runs_telegramaccount_link", "runs.view_run"),
            ("Schedules", "schedule", "django_q_schedule_changelist", ""),
            ("Failed tasks", "error", "django_q_failure_changelist", ""),
            ("Done tasks", "task_alt", "django_q_success_changelist", ""),
            ("Queued tasks", "hourglass_top", QUEUED_TASKS, ""),
            ("Users", "person", "auth_user_changelist", "auth.view_user"),
            ("Groups", "groups", "auth_group_changelist", "auth.view_group"),
        ),
    ),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the sidebar with only what this user may open."""
    groups: list[dict[str, Any]] = [
        {"items": [entry(request, "Dashboard", "dashboard", "index")]},
    ]
    for title, items in MENU:
        allowed = [
            entry(request, label, icon, name)
            for label, icon, name, permission in items
            # With Redis as the broker, django-q2 has no page of queued tasks.
            if not (settings.REDIS_URL and name == QUEUED_TASKS)
            if (request.user.has_perm(permission) if permission else request.user.is_superuser)
        ]
        if allowed:
            groups.append({"title": title, "separator": True, "items": allowed})
    return groups


def entry(request: HttpRequest, label: str, icon: str, name: str) -> dict[str, Any]:
    """Return one line of the sidebar."""
    link = reverse(f"admin:{name}")
    # These lie below the address of another line, which must not be highlighted with them.
    inner = {reverse(f"admin:{page}") for page in PAGES_BELOW}
    under = request.path.startswith(link) and name != "index"
    active = request.path == link or (under and request.path not in inner)
    item: dict[str, Any] = {
        "title": label,
        "icon": icon,
        "link": link,
        "active": lambda _request, lit=active: lit,
    }
    if name == "review_queue" and (waiting := waiting_count()):
        item["badge"] = f"{BADGE_LIMIT}+" if waiting > BADGE_LIMIT else str(waiting)
        item["badge_variant"] = "warning"
    return item


def waiting_count() -> int:
    """Count the runs that await review, up to just over what the badge can show."""
    return Run.objects.awaiting_review().order_by()[: BADGE_LIMIT + 1].count()
