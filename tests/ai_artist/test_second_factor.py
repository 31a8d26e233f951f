"""The second factor at the sign-in: set up, asked for, limited, required by role, taken away."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from cryptography.fernet import Fernet
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from ai_artist.second_factor import factors_in_words
from runs.models import Run
from tests.addresses import addresses
from tests.factories import UserFactory
from tests.signing_in import PASSWORD, code_of, give_code, is_inside, set_up_app, sign_in

pytestmark = pytest.mark.django_db

NAME = "rita"


@pytest.fixture(autouse=True)
def rita(db: None) -> User:
    cache.clear()  # of codes that were used, and of tries
    return UserFactory(username=NAME, password=PASSWORD, is_superuser=True)


def log_of(user: User) -> list[str]:
    rows = LogEntry.objects.filter(object_id=str(user.pk)).order_by("pk")
    return [row.change_message for row in rows]


def said(answer: Any) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


def recovery_codes(client: Client) -> list[str]:
    page = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    return re.findall(r"\b\d{8}\b", page)


def test_app_is_set_up_and_asked_for_at_the_next_sign_in(
    rita: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    client, _ = sign_in(NAME)
    with django_capture_on_commit_callbacks(execute=True):
        secret = set_up_app(client)
    codes, again = recovery_codes(client), recovery_codes(client)
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    cache.clear()

    other, asked = sign_in(NAME)
    before = is_inside(other)
    wrong = give_code(other, "000000")
    kept = AccessAttempt.objects.get().post_data
    right = give_code(other, code_of(secret))
    pages = other.get(reverse("mfa_index")).content + right.content

    assert (asked.url, before) == (reverse("mfa_authenticate"), False)
    assert wrong.context["form"].errors["code"]
    assert (right.url, is_inside(other)) == (reverse("admin:index"), True)
    assert (len(codes), again) == (10, [])
    assert not [word for word in (secret, *codes) if word in stored or word.encode() in pages]
    assert log_of(rita) == ["Set up the authenticator app.", "Set up recovery codes."]
    assert AccessLog.objects.filter(username=NAME).count() == 2
    assert AccessFailureLog.objects.get().path_info == reverse("mfa_authenticate")
    assert "code=" in kept and "000000" not in kept


def test_code_and_recovery_code_let_in_once(rita: User) -> None:
    client, _ = sign_in(NAME)
    secret = set_up_app(client)
    lost_phone = recovery_codes(client)[0]
    cache.clear()
    code = code_of(secret)

    inside = []
    for given in (code, code, lost_phone, lost_phone):
        browser, _ = sign_in(NAME)
        give_code(browser, given)
        inside.append(is_inside(browser))

    assert inside == [True, False, True, False]


def test_code_lets_in_once_while_redis_is_away(rita: User, settings: Any) -> None:
    client, _ = sign_in(NAME)
    secret = set_up_app(client)
    cache.clear()
    away = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": "redis://127.0.0.1:1/0",  # nothing listens there
    }
    settings.CACHES = {**settings.CACHES, "shared": away}
    code, inside = code_of(secret), []

    for _ in range(2):
        browser, _ = sign_in(NAME)
        give_code(browser, code)
        inside.append(is_inside(browser))

    assert inside == [True, False]


def test_codes_cannot_be_guessed(rita: User) -> None:
    client, _ = sign_in(NAME)
    secret = set_up_app(client)
    cache.clear()

    guesser, _ = sign_in(NAME)
    for guess in range(5):
        give_code(guesser, f"00000{guess}")
    late, _ = sign_in(NAME)
    refused = give_code(late, code_of(secret))

    assert "Too many" in str(refused.context["form"].errors["code"])
    assert not is_inside(late)
    assert AccessFailureLog.objects.count() == 5


def test_setting_up_ends_sessions_that_were_opened_without(
    rita: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    client, elsewhere = sign_in(NAME)[0], sign_in(NAME)[0]
    assert is_inside(elsewhere)

    with django_capture_on_commit_callbacks(execute=True):
        set_up_app(client)

    assert (is_inside(client), is_inside(elsewhere)) == (True, False)


def test_another_key_lets_nobody_in_and_says_what_to_do(rita: User, settings: Any) -> None:
    client, _ = sign_in(NAME)
    set_up_app(client)
    settings.CHANNEL_KEY = Fernet.generate_key().decode()

    other, _ = sign_in(NAME)
    answer = give_code(other, "123456")

    assert "reset_second_factor" in str(answer.context["form"].errors["code"])
    assert not is_inside(other)
    for name in ("mfa_view_recovery_codes", "mfa_generate_recovery_codes"):
        told = client.get(reverse(name), follow=True)
        assert told.redirect_chain[-1][0] == reverse("mfa_index")
        assert "reset_second_factor" in said(told)
        assert "cannot be read" in told.content.decode()


def test_key_that_is_none_sets_up_nothing_and_says_what_to_do(rita: User, settings: Any) -> None:
    settings.CHANNEL_KEY = "no key"
    client, _ = sign_in(NAME)

    set_up_app(client)
    told = client.get(reverse("mfa_index"))

    assert "AI_ARTIST_CHANNEL_KEY is no key" in said(told)
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize(
    "credential",
    [
        "5",
        '{"id": 5}',
        '{"id": "a", "rawId": "a", "response": {}, "type": "public-key"}',
        '{"id": "YQ", "rawId": "YQ", "type": "public-key",'
        ' "response": {"clientDataJSON": "e30", "attestationObject": "AAAA"}}',
    ],
)
def test_passkey_that_no_browser_sends_is_refused(rita: User, credential: str) -> None:
    client, _ = sign_in(NAME)
    set_up_app(client)
    halfway, _ = sign_in(NAME)

    answers = [
        browser.post(reverse(name), {"credential": credential})
        for browser, name in (
            (Client(), "mfa_login_webauthn"),
            (halfway, "mfa_authenticate"),
            (client, "mfa_add_webauthn"),
        )
    ]

    assert [answer.status_code for answer in answers] == [302, 200, 200]
    assert not is_inside(halfway)
    assert factors_in_words(rita) == "authenticator app, recovery codes"


# --- Required by role ---


@pytest.fixture
def member(settings: Any) -> Callable[[str], Client]:
    """Signs in somebody of a role, where those who spend or publish need a second factor."""
    settings.SECOND_FACTOR = "spending"
    call_command("create_roles", verbosity=0)

    def make(role: str) -> Client:
        user = UserFactory(username=role, password=PASSWORD)
        user.groups.add(Group.objects.get(name=role))
        return sign_in(role)[0]

    return make


@pytest.mark.parametrize("role", ["Producer", "Administrator"])
def test_who_spends_is_led_to_set_it_up(member: Callable[[str], Client], role: str) -> None:
    client = member(role)

    led = client.get(reverse("admin:runs_run_changelist"), follow=True)
    set_up_app(client)

    assert led.request["PATH_INFO"] == reverse("mfa_index")
    assert led.context["must_set_up"]
    assert is_inside(client)


@pytest.mark.rehearsal
def test_every_address_is_closed_meanwhile(
    member: Callable[[str], Client], new_run: Callable[..., Run]
) -> None:
    new_run()
    client = member("Administrator")
    urls = [*(address.url for address in addresses()), *map(reverse, ("admin:index", "metrics"))]

    statuses = {url: (client.get(url).status_code, client.post(url).status_code) for url in urls}

    assert len(urls) > 60
    assert {url: got for url, got in statuses.items() if not {*got} <= {302, 401, 405}} == {}


def test_whoever_is_led_there_can_sign_out(member: Callable[[str], Client]) -> None:
    client = member("Producer")

    client.post(reverse("admin:logout"))

    assert "_auth_user_id" not in client.session


def test_who_only_decides_needs_none_unless_all_do(
    member: Callable[[str], Client], settings: Any
) -> None:
    client = member("Reviewer")
    assert is_inside(client)

    settings.SECOND_FACTOR = "all"

    assert not is_inside(client)


# --- Taken away ---


def test_superuser_resets_the_factor_of_another(
    boss: Client, browser_of: Callable[[str], Client]
) -> None:
    nora = UserFactory(username="nora", password=PASSWORD)
    hers, _ = sign_in("nora")
    set_up_app(hers)
    reset = reverse("admin:auth_user_reset_factor", args=[nora.pk])
    shown = boss.get(reverse("admin:auth_user_change", args=[nora.pk])).content.decode()

    administrator = browser_of("Administrator")
    hidden = administrator.get(reverse("admin:auth_user_change", args=[nora.pk])).content.decode()
    refused = administrator.post(reset)
    assert factors_in_words(nora) == "authenticator app, recovery codes"
    boss.post(reset)

    assert refused.status_code == 403
    assert [("Authenticator app, recovery codes." in page) for page in (shown, hidden)] == [
        True
    ] * 2
    assert [(reset in page) for page in (shown, hidden)] == [True, False]
    assert not Authenticator.objects.exists()
    assert not is_inside(hers)
    assert log_of(nora)[-1] == (
        "Second factor reset: authenticator app, recovery codes. All sessions ended."
    )
    assert is_inside(sign_in("nora")[0])


def test_command_is_the_way_back_in(rita: User) -> None:
    client, _ = sign_in(NAME)
    set_up_app(client)

    call_command("reset_second_factor", NAME)

    assert not is_inside(client)
    assert is_inside(sign_in(NAME)[0])
    with pytest.raises(CommandError, match="nobody"):
        call_command("reset_second_factor", "nobody")
