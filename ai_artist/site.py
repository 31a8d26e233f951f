"""The product's admin site: its navigation and the counts in the sidebar."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any, TypeAlias, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.html import format_html
from unfold.sites import UnfoldAdminSite

from ai_artist import palette
from ai_artist.accounts import SignInView
from ai_artist.audit import audit, audit_file
from ai_artist.first_steps import dismiss
from ai_artist.kit.admin import actor
from ai_artist.kit.values import DASH
from ai_artist.lists import views as list_views
from ai_artist.notifications import notifications
from ai_artist.second_factor import may_enter
from runs.desk import views as desk
from runs.telling import sources
from runs.telling.sources import Notice

BADGE_LIMIT = 99
PAGES_BELOW = ("review_queue", "trends_chart", "calendar", "what_works", "runs_self_scores")


class PanelSite(UnfoldAdminSite):
    """Staff only; groups decide what each person may do."""

    empty_value_display = DASH

    def get_urls(self) -> list[URLPattern | URLResolver]:
        own = [
            path("notifications/", self.admin_view(notifications), name="notifications"),
            path("first-steps/", self.admin_view(dismiss), name="dismiss_first_step"),
            path("audit/", self.admin_view(audit), name="audit"),
            path("audit/file/", self.admin_view(audit_file), name="audit_file"),
        ]
        return [*desk.urls(self), *list_views.urls(self), *own, *super().get_urls()]

    def has_permission(self, request: HttpRequest) -> bool:
        """Tell whether a person may use the panel; anybody may sign out."""
        entered: bool | None = getattr(request, "panel_entered", None)
        if entered is None:
            entered = may_enter(request.user)
            request.panel_entered = entered  # type: ignore[attr-defined]
        return entered or request.path == reverse("admin:logout")

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        return SignInView.as_view()(request)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().each_context(request), "bell": partial(bell, request)}

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Return the models a person may see, found when they are read: few pages list them."""
        find = super().get_app_list
        return cast("list[Any]", SimpleLazyObject(lambda: find(request, app_label)))

    def search(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Answer the palette. The theme's own answer keeps what it found for five minutes."""
        found = palette.find(request, request.GET.get("s", ""), pages_of(request))
        return TemplateResponse(request, "panel/_palette.html", {"results": found})


# Title, then (label, icon, address, permission). Five groups by job, 18 entries with the dashboard.
Entry: TypeAlias = tuple[str, str, str, str]
MENU: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "Review",
        (
            ("Review desk", "headphones", "desk", "runs.review_run"),
            ("Review queue", "fact_check", "review_queue", "runs.view_run"),
            ("Decisions", "gavel", "runs_review_changelist", "runs.view_review"),
        ),
    ),
    (
        "Roster",
        (
            ("Artists", "artist", "artists_artist_changelist", "artists.view_artist"),
            ("Lessons", "school", "artists_lesson_changelist", "artists.view_lesson"),
            ("Proposals", "rate_review", "runs_proposal_changelist", "runs.view_proposal"),
        ),
    ),
    (
        "Production",
        (
            ("Runs", "play_circle", "runs_run_changelist", "runs.view_run"),
            ("Batches", "stacks", "runs_batch_changelist", "runs.view_batch"),
            ("Ledger", "receipt_long", "runs_providercall_changelist", "runs.view_providercall"),
            ("Budgets", "savings", "runs_budget_changelist", "runs.view_budget"),
        ),
    ),
    (
        "Releases",
        (
            ("Releases", "album", "runs_release_changelist", "runs.view_release"),
            ("Calendar", "calendar_month", "calendar", "runs.view_publication"),
            ("Publications", "campaign", "runs_publication_changelist", "runs.view_publication"),
            ("Channels", "cell_tower", "runs_channel_changelist", "runs.view_channel"),
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
            ("What works", "insights", "what_works", "experiments.view_experiment"),
            ("Trends", "show_chart", "trends_chart", "trends.view_topic"),
        ),
    ),
)
# What is set up once or looked at seldom. Without permission: superusers only.
QUEUED_TASKS = "django_q_ormq_changelist"
SYSTEM: tuple[Entry, ...] = (
    ("Users", "person", "auth_user_changelist", "auth.view_user"),
    ("Groups", "groups", "auth_group_changelist", "auth.view_group"),
    ("Audit", "shield_person", "audit", ""),
    ("Access attempts", "lock", "axes_accessattempt_changelist", "axes.view_accessattempt"),
    ("Providers", "vital_signs", "runs_providerhealth_changelist", "runs.view_providerhealth"),
    ("Policies", "policy", "artists_lifecyclepolicy_changelist", "artists.view_lifecyclepolicy"),
    ("Label profiles", "badge", "runs_labelprofile_changelist", "runs.view_labelprofile"),
    ("Licences", "license", "runs_licenceentry_changelist", "runs.view_licenceentry"),
    ("Codes", "barcode", "runs_code_changelist", "runs.view_code"),
    ("ISRC prefixes", "pin", "runs_isrcprefix_changelist", "runs.view_isrcprefix"),
    ("Series", "event_repeat", "runs_series_changelist", "runs.view_series"),
    ("Files", "folder_open", "runs_artifact_changelist", "runs.view_artifact"),
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
    ("Evolutions", "genetics", "artists_evolution_changelist", "artists.view_evolution"),
    (
        "Winners in use",
        "verified",
        "experiments_promotion_changelist",
        "experiments.view_promotion",
    ),
    ("Self-scores", "balance", "runs_self_scores", "runs.view_reflection"),
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
    ("Scheduled tasks", "schedule", "django_q_schedule_changelist", ""),
    ("Queued tasks", "hourglass_top", QUEUED_TASKS, ""),
    ("Successful tasks", "task_alt", "django_q_success_changelist", ""),
    ("Failed tasks", "error", "django_q_failure_changelist", ""),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the sidebar with only what this user may open."""
    groups: list[dict[str, Any]] = [
        {"items": [entry(request, "Dashboard", "dashboard", "index")]},
    ]
    for title, entries in MENU:
        if shown := items(request, entries):
            groups.append({"title": title, "separator": True, "items": shown})
    # Others come to these pages from the page they belong to, or through the palette.
    if request.user.has_perm("auth.view_user") and (shown := items(request, SYSTEM)):
        groups.append({"title": "System", "separator": True, "collapsible": True, "items": shown})
    return groups


def items(request: HttpRequest, entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Return the entries that this user may open, as unfold takes them."""
    return [entry(request, label, icon, name) for label, icon, name, _ in allowed(request, entries)]


def allowed(request: HttpRequest, entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries that this user may open."""
    return [
        (label, icon, name, permission)
        for label, icon, name, permission in entries
        if has_page(name)
        if (request.user.has_perm(permission) if permission else request.user.is_superuser)
    ]


def has_page(name: str) -> bool:
    """Tell whether an entry's page is there: with Redis, django-q2 has none of queued tasks."""
    return not (settings.REDIS_URL and name == QUEUED_TASKS)


def group_of(address: str) -> str:
    """Return the group of the menu in which a list stands; nothing for one that is not there."""
    for title, entries in (*MENU, ("System", SYSTEM)):
        for _, _, name, _ in entries:
            if has_page(name) and reverse(f"admin:{name}") == address:
                return title
    return ""


def pages_of(request: HttpRequest) -> list[palette.Page]:
    """Return the pages of the menu that this user may open, for the palette."""
    entries = [entry for _, group in MENU for entry in group] + list(SYSTEM)
    return [
        palette.Page("Dashboard", reverse("admin:index"), "dashboard"),
        *(
            palette.Page(label, reverse(f"admin:{name}"), icon)
            for label, icon, name, _ in allowed(request, entries)
        ),
    ]


def account_links(request: HttpRequest) -> list[dict[str, str]]:
    """Return what everybody has for themselves, below their name."""
    links = [
        {"title": "Notifications", "link": reverse("admin:notifications")},
        {"title": "Second factor", "link": reverse("mfa_index")},
        {"title": "Sessions", "link": reverse("usersessions_list")},
        {"title": "Change password", "link": reverse("admin:password_change")},
    ]
    if request.user.has_perm("runs.view_run"):
        links.insert(1, {"title": "Telegram", "link": reverse("admin:runs_telegramaccount_link")})
    return links


def time_zone(request: HttpRequest) -> list[str]:
    """Return the label beside the title: the zone of every time on the page."""
    zone = f"{timezone.localtime():%Z}"
    return [format_html('<span class="panel-wide">Times in </span>{}', zone), "default"]


def entry(request: HttpRequest, label: str, icon: str, name: str) -> dict[str, Any]:
    """Return one line of the sidebar."""
    link = reverse(f"admin:{name}")
    under = request.path.startswith(link) and name != "index"
    active = request.path == link or (under and not is_page_below(request.path))
    item: dict[str, Any] = {
        "title": label,
        "icon": icon,
        "link": link,
        "active": lambda _request, lit=active: lit,
    }
    if waiting := count_waiting(request, name):
        item["badge"] = f"{BADGE_LIMIT}+" if waiting > BADGE_LIMIT else str(waiting)
        item["badge_variant"] = "warning"
    return item


def is_page_below(path: str) -> bool:
    """Tell whether a page lies below another line's address, which must not be highlighted too."""
    return path in {reverse(f"admin:{name}") for name in PAGES_BELOW}


def count_waiting(request: HttpRequest, name: str) -> int:
    """Count what a person must act on behind an entry; 0 for most entries."""
    return sources.in_menu(counts_for(request), name)


def bell(request: HttpRequest) -> list[Notice]:
    """Return what needs the visitor's hand, for the head of every page; asked once a page."""
    found: list[Notice] | None = getattr(request, "panel_notices", None)
    if found is None:
        user = actor(request)
        found = sources.notices(counts_for(request), user) if user else []
        request.panel_notices = found  # type: ignore[attr-defined]
    return found


def counts_for(request: HttpRequest) -> dict[str, int]:
    """Return the counts of all sources, read once a page: the theme asks for its menu often."""
    counts: dict[str, int] | None = getattr(request, "panel_counts", None)
    if counts is None:
        counts = request.panel_counts = sources.kept_counts()  # type: ignore[attr-defined]
    return counts
