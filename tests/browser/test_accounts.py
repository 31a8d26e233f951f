"""A second factor by a real browser: an app's code, and a passkey of a virtual authenticator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.urls import reverse

from tests.browser.conftest import PHONE
from tests.browser.test_pages import findings_in_both_themes
from tests.factories import UserFactory
from tests.signing_in import PASSWORD, code_of

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def site(live_server: Any, settings: Any) -> str:
    """The address of a site where everybody needs a second factor, with an account to use."""
    cache.clear()
    settings.SECOND_FACTOR = "all"
    UserFactory(username="rita", password=PASSWORD, is_superuser=True)
    return str(live_server.url)


@pytest.fixture
def look(page: Page, keep: Any) -> Callable[[str], None]:
    """Holds that a page is accessible in both themes and fits a phone; keeps its picture."""

    def at(name: str) -> None:
        found = findings_in_both_themes(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        keep(page, f"account-{name}-phone-dark")
        page.evaluate("document.documentElement.classList.remove('dark')")
        keep(page, f"account-{name}-phone")
        assert found == []

    return at


@pytest.fixture
def authenticator(page: Page) -> Iterator[None]:
    """A device with passkeys, gone with the test: the window outlives it."""
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    yield
    device.detach()


def type_password(page: Page, site: str) -> None:
    page.goto(site + reverse("admin:login"))
    page.get_by_label("Username").fill("rita")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Password").press("Enter")


def sign_out(page: Page) -> None:
    page.context.clear_cookies()


def test_person_is_led_to_set_up_an_app_and_signs_in_with_its_code(
    page: Page, site: str, look: Callable[[str], None]
) -> None:
    type_password(page, site)
    page.get_by_text("needs a second factor").wait_for()
    look("set-up")
    page.get_by_role("link", name="Set up an app").click()
    page.get_by_label("Password").wait_for()
    look("password-again")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    secret = page.get_by_label("Authenticator secret").input_value()
    look("app")
    page.get_by_label("Authenticator code").fill(code_of(secret))
    page.get_by_role("button", name="Activate").click()
    page.get_by_label("Your codes").wait_for()
    look("recovery-codes")
    page.get_by_label("I have saved them").check()
    for name, address in (
        ("factors", "mfa_index"),
        ("remove-app", "mfa_deactivate_totp"),
        ("sessions", "usersessions_list"),
        ("audit", "admin:audit"),
    ):
        page.goto(site + reverse(address))
        look(name)

    sign_out(page)
    cache.clear()
    type_password(page, site)
    page.get_by_label("Code").wait_for()
    look("code")
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Sign in", exact=True).click()

    page.wait_for_url(site + reverse("admin:index"))


def test_passkey_signs_in_after_the_password_and_alone(
    page: Page, site: str, authenticator: None, look: Callable[[str], None]
) -> None:
    type_password(page, site)
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("button", name="Add the passkey").wait_for()
    look("add-passkey")
    page.get_by_role("button", name="Add the passkey").click()
    page.get_by_label("Your codes").wait_for()
    page.get_by_label("I have saved them").check()
    page.goto(site + reverse("mfa_list_webauthn"))
    page.get_by_role("cell", name="alone").wait_for()
    look("passkeys")

    sign_out(page)
    type_password(page, site)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(site + reverse("admin:index"))

    sign_out(page)
    page.goto(site + reverse("admin:login"))
    look("sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(site + reverse("admin:index"))


def test_a_passkey_that_fails_twice_is_told_both_times(page: Page, site: str) -> None:
    page.goto(site + reverse("admin:login"))

    for _ in range(2):
        page.evaluate(
            "document.dispatchEvent(new CustomEvent('allauth.error', {cancelable: true}))"
        )

    page.get_by_role("alert").get_by_text("No passkey was used").wait_for()
