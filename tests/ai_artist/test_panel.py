"""The panel as a whole: every page answers, nobody runs what they may not, nothing is inline."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django_q.models import Failure, OrmQ, Schedule, Success
from unfold.admin import ModelAdmin

from ai_artist.admin.schedules import SCHEDULABLE
from ai_artist.kit.admin import Way
from ai_artist.site import MENU, SYSTEM
from artists.models import PerformanceEntry
from runs.models import (
    ProviderCall,
    Run,
)
from runs.work.schedules import planned
from tests.factories import (
    NOON,
    UserFactory,
)

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
# An inline script or handler would need 'unsafe-inline', which the policy does not give.
INLINE_SCRIPT = re.compile(
    r"<script(?![^>]*\bsrc=)[^>]*>\s*\S|\son(click|submit|change|load)=", re.I
)


def not_answered(client: Client, addresses: Iterable[str]) -> dict[str, int]:
    """The addresses that answer with something else than a page."""
    statuses = {address: client.get(address).status_code for address in addresses}
    return {address: status for address, status in statuses.items() if status != 200}


@pytest.mark.rehearsal
def test_every_list_answers(boss: Client, everything: None) -> None:
    lists = [reverse(f"admin:{name_of(model)}_changelist") for model in MODELS]

    assert not_answered(boss, lists) == {}


@pytest.mark.rehearsal
def test_every_row_has_a_page(boss: Client, everything: None) -> None:
    rows = {model: model._default_manager.first() for model in MODELS}
    there = {model: row for model, row in rows.items() if row is not None}
    assert {model._meta.app_label for model in rows.keys() - there} <= {"axes", "auth", "django_q"}

    pages = [
        reverse(f"admin:{name_of(model)}_{kind}", args=[row.pk])
        for model, row in there.items()
        for kind in ("change", "history")
    ]

    assert not_answered(boss, pages) == {}


def name_of(model: Any) -> str:
    """The name of a model's admin pages, as in their addresses' names."""
    return f"{model._meta.app_label}_{model._meta.model_name}"


@pytest.mark.parametrize(
    "name",
    [
        "artists_artist",
        "artists_lifecyclepolicy",
        "artists_lesson",
        "trends_topic",
        "trends_trendsource",
        "experiments_experiment",
        "auth_user",
        "django_q_schedule",
    ],
)
def test_every_form_for_a_new_row_answers(boss: Client, name: str) -> None:
    assert boss.get(reverse(f"admin:{name}_add")).status_code == 200


def test_login_page_is_unfolds(client: Client, db: None) -> None:
    page = client.get(reverse("admin:login")).content.decode()

    assert "unfold/css/styles.css" in page
    assert "panel/panel.css" in page


def test_a_wrong_password_is_told_once(client: Client, db: None) -> None:
    answer = client.post(reverse("admin:login"), {"username": "rita", "password": "wrong"})

    page = answer.content.decode()
    assert "Please correct" not in page
    assert page.count(answer.context["form"].non_field_errors()[0]) == 1


def test_our_pages_hold_no_inline_script(boss: Client, everything: None) -> None:
    run = Run.objects.filter(status=Run.Status.AWAITING_REVIEW).get()
    pages = [
        reverse("admin:index"),
        reverse("admin:review_queue"),
        reverse("admin:runs_run_changelist"),
        reverse("admin:runs_run_change", args=[run.pk]),
        reverse("admin:artists_artist_change", args=[run.artist_id]),
    ]

    for page in pages:
        assert not INLINE_SCRIPT.search(boss.get(page).content.decode()), page


def test_policy_forbids_inline_scripts(boss: Client) -> None:
    policy = boss.get(reverse("admin:index"))["Content-Security-Policy"]

    scripts = next(part for part in policy.split(";") if part.strip().startswith("script-src"))
    assert "unsafe-inline" not in scripts
    assert "http" not in scripts


# --- Who sees and does what ---


def test_sidebar_shows_what_may_be_opened(browser_of: Callable[[str], Client]) -> None:
    page = browser_of("Reviewer").get(reverse("admin:index")).content.decode()

    assert reverse("admin:review_queue") in page
    assert reverse("admin:django_q_schedule_changelist") not in page
    assert reverse("admin:artists_lifecyclepolicy_changelist") not in page


def test_staff_without_a_role_sees_no_figures(browser_of: Callable[[str], Client]) -> None:
    page = browser_of("").get(reverse("admin:index")).content.decode()

    assert "Ask an administrator" in page
    assert "Approval rate" not in page


POSTS = {
    "review": lambda run: (reverse("admin:runs_run_review", args=[run.pk]), "runs.review_run"),
    "many": lambda run: (reverse("admin:review_queue_decide"), "runs.review_run"),
    "undo": lambda run: (reverse("admin:runs_run_undo", args=[run.pk]), "runs.review_run"),
    "retry": lambda run: (reverse("admin:runs_run_retry", args=[run.pk]), "runs.operate_run"),
    "cancel": lambda run: (reverse("admin:runs_run_cancel", args=[run.pk]), "runs.operate_run"),
    "proposal": lambda run: (
        reverse("admin:runs_proposal_decide", args=[run.reflection.proposals.get().pk]),
        "artists.change_artist",
    ),
    "batch": lambda run: (reverse("admin:start_batch"), "runs.operate_run"),
    "run now": lambda run: (
        reverse("admin:artists_artist_run", args=[run.artist_id]),
        "runs.operate_run",
    ),
    "move": lambda run: (
        reverse("admin:artists_artist_move", args=[run.artist_id]),
        "artists.change_artist",
    ),
    "candidate": lambda run: (reverse("admin:artists_artist_candidate"), "artists.add_artist"),
    "starter": lambda run: (reverse("admin:artists_artist_starter"), "artists.add_artist"),
    "lesson": lambda run: (
        reverse("admin:artists_lesson_judge", args=[1]),
        "artists.change_lesson",
    ),
    "wider lesson": lambda run: (
        reverse("admin:artists_lesson_raise", args=[1]),
        "artists.change_lesson",
    ),
    "ledger": lambda run: (
        reverse("admin:runs_providercall_resolve", args=[1]),
        "runs.operate_run",
    ),
}


def test_looking_is_not_doing(new_run: Callable[..., Run]) -> None:
    run = new_run()
    permissions = list(Permission.objects.select_related("content_type"))
    statuses = {}
    for name, post in POSTS.items():
        address, needed = post(run)
        client = Client()
        client.force_login(everybody_but(needed, permissions))
        answer = client.post(address, {"decision": "approve", "runs": [run.pk], "verb": "pause"})
        run.refresh_from_db()
        statuses[name] = (answer.status_code, run.status)

    assert statuses == dict.fromkeys(POSTS, (403, Run.Status.AWAITING_REVIEW))


def everybody_but(needed: str, permissions: Iterable[Permission]) -> User:
    """A member of staff who may do everything but one thing."""
    user: User = UserFactory()
    user.user_permissions.set(
        permission
        for permission in permissions
        if f"{permission.content_type.app_label}.{permission.codename}" != needed
    )
    return user


def test_nothing_is_done_by_get(boss: Client, new_run: Callable[..., Run]) -> None:
    run = new_run()

    statuses = {name: boss.get(post(run)[0]).status_code for name, post in POSTS.items()}

    assert statuses == dict.fromkeys(POSTS, 405)


def test_nothing_is_done_without_the_token(new_run: Callable[..., Run]) -> None:
    run = new_run()
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory(is_superuser=True))

    statuses = {
        name: client.post(post(run)[0], {"decision": "approve"}).status_code
        for name, post in POSTS.items()
    }

    assert statuses == dict.fromkeys(POSTS, 403)


# --- The task queue can run any function ---


@pytest.mark.parametrize("model", [Schedule, Success, Failure, OrmQ])
def test_queue_is_for_superusers_alone(db: None, model: Any) -> None:
    user = UserFactory()
    user.user_permissions.set(Permission.objects.all())
    client = Client()
    client.force_login(user)
    name = f"admin:django_q_{model._meta.model_name}_changelist"

    assert client.get(reverse(name)).status_code == 403


def test_schedule_calls_only_known_tasks(boss: Client) -> None:
    row = {
        "name": "evil",
        "func": "os.system",
        "schedule_type": "O",
        "repeats": "-1",
        "next_run_0": "2026-03-02",
        "next_run_1": "12:00:00",
    }

    response = boss.post(reverse("admin:django_q_schedule_add"), row)

    assert response.status_code == 200
    assert not Schedule.objects.exists()


def test_schedule_of_a_known_task_is_saved(boss: Client) -> None:
    row = {
        "name": "now and then",
        "func": SCHEDULABLE[0],
        "schedule_type": "O",
        "repeats": "-1",
        "next_run_0": "2026-03-02",
        "next_run_1": "12:00:00",
        "args": "(1, 2)",
    }

    boss.post(reverse("admin:django_q_schedule_add"), row)

    schedule = Schedule.objects.get()
    assert schedule.func == SCHEDULABLE[0]
    assert schedule.args is None


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("cron", {"schedule_type": "C", "cron": "0 6 31 2 *"}),
        ("cron", {"schedule_type": "C", "cron": ""}),
        ("cron", {"schedule_type": "C", "cron": "0 6 * * * 30"}),
        ("minutes", {"schedule_type": "I", "minutes": ""}),
        ("minutes", {"schedule_type": "I", "minutes": "0"}),
        ("next_run", {"schedule_type": "H", "next_run_0": "0001-01-01"}),
        ("next_run", {"schedule_type": "I", "minutes": "1", "next_run_0": "2020-01-01"}),
    ],
)
def test_schedule_that_would_stop_the_others_is_refused(
    boss: Client, field: str, change: dict[str, str]
) -> None:
    row = {
        "name": "mine",
        "func": SCHEDULABLE[0],
        "schedule_type": "D",
        "repeats": "-1",
        "next_run_0": f"{timezone.now():%Y-%m-%d}",
        "next_run_1": "12:00:00",
    }

    response = boss.post(reverse("admin:django_q_schedule_add"), row | change)

    assert list(response.context["adminform"].form.errors) == [field]
    assert not Schedule.objects.exists()


def test_every_installed_schedule_can_be_edited() -> None:
    assert {plan.func for plan in planned()} <= set(SCHEDULABLE)


def test_schedule_of_a_batch_is_told_its_time(boss: Client) -> None:
    row = {
        "name": "at night",
        "func": "runs.tasks.scheduled_batch",
        "schedule_type": "C",
        "cron": "30 2 * * *",
        "repeats": "-1",
        "next_run_0": f"{timezone.now():%Y-%m-%d}",
        "next_run_1": "12:00:00",
    }

    boss.post(reverse("admin:django_q_schedule_add"), row)

    assert Schedule.objects.get().intended_date_kwarg == "planned_at"


def test_administrator_cannot_make_a_superuser(browser_of: Callable[[str], Client]) -> None:
    client = browser_of("Administrator")
    user = UserFactory(username="target")
    page = reverse("admin:auth_user_change", args=[user.pk])
    joined = datetime(2026, 1, 1, tzinfo=UTC)

    client.post(
        page,
        {
            "username": "target",
            "is_active": "on",
            "is_staff": "on",
            "is_superuser": "on",
            "date_joined_0": f"{joined:%Y-%m-%d}",
            "date_joined_1": "00:00:00",
        },
    )

    assert not User.objects.get(pk=user.pk).is_superuser


def test_administrator_cannot_change_a_superuser(browser_of: Callable[[str], Client]) -> None:
    client = browser_of("Administrator")
    superuser = UserFactory(is_superuser=True)

    address = reverse("admin:auth_user_password_change", args=[superuser.pk])

    assert client.post(address, {"password1": "x", "password2": "x"}).status_code == 403


# --- Queries do not grow with the rows ---


def queries_of(
    client: Client, address: str, django_assert_max_num_queries: Any, limit: int
) -> None:
    client.get(address)  # content types and the session are cached from here on
    with django_assert_max_num_queries(limit):
        assert client.get(address).status_code == 200


LIMITS = {
    "index": 36,  # a dozen cards; that they do not grow is test_dashboard's
    "review_queue": 30,
    "runs_run_changelist": 12,
    "artists_artist_changelist": 12,
    "artists_performanceentry_changelist": 11,  # with totals and a chart
    "runs_batch_changelist": 10,
    "runs_providercall_changelist": 18,  # with totals by provider, day and run; keeps nothing
}


def test_queries_are_bounded(
    boss: Client, new_run: Callable[..., Run], django_assert_max_num_queries: Any
) -> None:
    for number in range(10):
        run = new_run(title=f"Song {number}", finished_at=NOON + timedelta(minutes=number))
        PerformanceEntry.objects.create(artist=run.artist, run_id=run.pk, kind="approved")
        ProviderCall.objects.create(run=run, provider="p", purpose="x", idempotency_key=str(number))

    for name, limit in LIMITS.items():
        queries_of(boss, reverse(f"admin:{name}"), django_assert_max_num_queries, limit)


# --- The menu ---


def test_the_path_of_a_page_begins_with_its_group_in_the_menu(
    boss: Client, everything: None
) -> None:
    groups = {
        "runs_review": "Review",
        "runs_release": "Releases",
        "runs_artifact": "System",
        "artists_lesson": "Roster",
    }

    found = {name: first_of_the_path(boss, f"admin:{name}_changelist") for name in groups}

    assert found == groups


def first_of_the_path(client: Client, name: str) -> str:
    """The first word of the heading of a page."""
    heading = re.search(r"<h1.*?</h1>", client.get(reverse(name)).content.decode(), re.S)
    assert heading
    return re.sub(r"<[^>]+>|chevron_right|\s+", " ", heading[0]).split()[0]


def test_menu_has_at_most_18_entries_in_five_groups_and_the_names_of_its_lists() -> None:
    entries = [entry for _, group in MENU for entry in group]

    assert len(MENU) == 5
    assert len(entries) + 1 <= 18  # the dashboard stands above them
    names = {
        f"{model._meta.app_label}_{model._meta.model_name}_changelist": str(
            capfirst(model._meta.verbose_name_plural)
        )
        for model in MODELS
    }
    shown = {name: label for label, _, name, _ in (*entries, *SYSTEM) if name in names}
    assert shown == {name: names[name] for name in shown}


def test_numbers_in_the_menu_are_what_a_person_must_act_on(boss: Client, everything: None) -> None:
    navigation = boss.get(reverse("admin:index")).context["sidebar_navigation"]

    badges = {
        entry["title"]: entry["badge"]
        for group in navigation
        for entry in group["items"]
        if "badge" in entry
    }
    assert badges == {"Review queue": "1", "Proposals": "1", "Publications": "1"}


@pytest.mark.parametrize("role", ["Reviewer", "Producer"])
def test_system_is_for_administrators(browser_of: Callable[[str], Client], role: str) -> None:
    page = browser_of(role).get(reverse("admin:index"))

    assert "System" not in [group.get("title") for group in page.context["sidebar_navigation"]]


def test_who_may_lift_the_lock_of_wrong_passwords_finds_it_in_the_menu(
    browser_of: Callable[[str], Client],
) -> None:
    page = browser_of("Administrator").get(reverse("admin:index"))

    (system,) = [
        group for group in page.context["sidebar_navigation"] if group.get("title") == "System"
    ]
    links = {item["title"]: item["link"] for item in system["items"]}
    assert links["Access attempts"] == reverse("admin:axes_accessattempt_changelist")


def test_every_empty_list_says_in_its_own_words_how_it_fills() -> None:
    words = {page: getattr(page, "empty_words", "") for page in admin.site._registry.values()}

    assert [page for page, said in words.items() if not said] == []
    # The lists of sign-ins are one page for several tables.
    own = {type(page): said for page, said in words.items()}
    assert len(set(own.values())) == len(own)


def test_every_empty_list_leads_on_to_who_may(
    boss: Client, browser_of: Callable[[str], Client]
) -> None:
    ways = {
        page: way for page in admin.site._registry.values() if (way := page_way(page)) is not None
    }
    assert {boss.get(reverse(f"admin:{way.page}")).status_code for way in ways.values()} == {200}
    releases = reverse("admin:runs_release_changelist")
    desk = f'class="panel-button" href="{reverse("admin:desk")}"'

    assert desk in browser_of("Reviewer").get(releases).content.decode()
    assert desk not in browser_of("Producer").get(releases).content.decode()


def page_way(page: ModelAdmin) -> Way | None:
    way: Way | None = getattr(page, "empty_way", None)
    return way
