"""The bell, one's own choice of mail, the link that ends it, and the first steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ai_artist.first_steps import STEPS, first_steps
from ai_artist.kit.caching import cache
from runs.models import Budget, PersonalSettings
from runs.telling import sending
from tests.factories import ArtistFactory, RunFactory, UserFactory

pytestmark = pytest.mark.django_db


def user_of(client: Client) -> User:
    return User.objects.get(pk=client.session["_auth_user_id"])


def fail_a_run() -> None:
    RunFactory(status="failed", finished_at=timezone.now(), error="video: no space")


# --- The bell ---


def test_bell_names_what_needs_a_hand_on_every_page(boss: Client) -> None:
    fail_a_run()

    for page in (reverse("admin:index"), reverse("admin:artists_artist_changelist")):
        shown = boss.get(page)
        assert [notice.source.name for notice in shown.context["bell"]()] == ["failures"]
        assert "?status__exact=failed" in shown.content.decode()


def test_bell_is_quiet_without_the_right(browser_of: Callable[[str], Client]) -> None:
    fail_a_run()

    page = browser_of("").get(reverse("admin:index"))

    assert "Nothing needs a hand" in page.content.decode()


def test_counts_are_kept_for_some_seconds(
    boss: Client, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    page = reverse("admin:notifications")
    boss.get(page)
    fail_a_run()

    with django_assert_max_num_queries(5):  # session, account, counts, own choice
        assert "Nothing needs a hand" in boss.get(page).content.decode()
    cache.clear()
    assert "1 run failed" in boss.get(page).content.decode()


# --- One's own choice ---


def test_choice_and_address_are_saved(boss: Client) -> None:
    page = reverse("admin:notifications")

    answer = boss.post(page, {"mail": "daily", "hour": "7", "email": "ann@example.org"})

    assert answer["Location"] == page
    own = user_of(boss).personal_settings
    assert (own.mail, own.hour, user_of(boss).email) == ("daily", 7, "ann@example.org")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"email": ""}, "email"),
        ({"email": "ann@example.org\nBcc: all@example.org"}, "email"),
        ({"hour": "24"}, "hour"),
        ({"hour": "9" * 5000}, "hour"),
        ({"mail": "always"}, "mail"),
    ],
)
def test_wrong_choice_is_explained_at_its_field(
    boss: Client, wrong: dict[str, str], field: str
) -> None:
    right = {"mail": "daily", "hour": "7", "email": "ann@example.org"}

    answer = boss.post(reverse("admin:notifications"), right | wrong)

    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    assert not PersonalSettings.objects.exists()


# --- Leaving ---


def test_link_in_a_mail_ends_it_after_a_click(client: Client) -> None:
    user = UserFactory()
    own = PersonalSettings.objects.create(user=user, mail="daily")
    link = reverse("unsubscribe", args=[sending.unsubscribe_token(user)])

    assert client.get(link).status_code == 200
    own.refresh_from_db()
    assert own.mail == "daily", "a look changes nothing"
    assert client.post(link).status_code == 200
    own.refresh_from_db()
    assert own.mail == "off"


@pytest.mark.parametrize("token", ["1", "1:x", "x" * 3000])
def test_link_that_nobody_signed_is_none(client: Client, token: str) -> None:
    assert client.post(reverse("unsubscribe", args=[token])).status_code == 404


# --- First steps ---


def test_first_steps_tick_themselves_off(boss: Client, settings: Any) -> None:
    settings.MEDIA_ROOT = settings.BASE_DIR / "media"
    user = user_of(boss)
    assert not any(done for _, done in first_steps(user))

    ArtistFactory()
    Budget.objects.create(period="day", cap_usd=1)

    done = {step.name for step, is_done in first_steps(user) if is_done}
    assert done == {"artists", "budget"}
    assert "First steps" in boss.get(reverse("admin:index")).content.decode()


def test_first_steps_are_dismissed_by_each_person(boss: Client) -> None:
    other = UserFactory(is_superuser=True)
    address = reverse("admin:dismiss_first_step")

    boss.post(address, {"step": "media"})
    left = {step.name for step, _ in first_steps(user_of(boss))}
    boss.post(address, {"step": "all"})

    assert left == {step.name for step in STEPS} - {"media"}
    assert first_steps(user_of(boss)) == []
    assert len(first_steps(other)) == len(STEPS)
    assert "First steps" not in boss.get(reverse("admin:index")).content.decode()


@pytest.mark.parametrize("step", ["", "nosuch", "x" * 9000])
def test_unknown_step_is_ignored(boss: Client, step: str) -> None:
    assert boss.post(reverse("admin:dismiss_first_step"), {"step": step}).status_code == 302
    assert not PersonalSettings.objects.exists()


def test_first_steps_are_those_of_the_role(browser_of: Callable[[str], Client]) -> None:
    reviewer = user_of(browser_of("Reviewer"))

    assert {step.name for step, _ in first_steps(reviewer)} == {"review"}
