"""The second factor of a sign-in: who must have one, how its secrets are kept, taking it away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from ai_artist.audit import record
from ai_artist.client_address import client_address
from ai_artist.kit.values import browser, counted
from ai_artist.sessions import end_all
from runs.errors import PublishingRefused
from runs.publishing.sealing import key_in_words, seal, unseal

# Who has one of these can spend, publish, or give others the right to.
SPENDING = ("runs.operate_run", "runs.publish_release", "auth.change_user")
# Recovery codes stand in for one of these and are none themselves.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
KINDS = {
    Authenticator.Type.TOTP: "the authenticator app",
    Authenticator.Type.WEBAUTHN: "a passkey",
    Authenticator.Type.RECOVERY_CODES: "recovery codes",
}
# A visitor through a Unix socket has no address.
THIS_MACHINE = "127.0.0.1"


# --- Who must have one ---


def may_enter(user: User | AnonymousUser) -> bool:
    """Tell whether a person may use the panel: staff, with the second factor asked of them."""
    return bool(user.is_active and user.is_staff) and not must_set_up(user)


def must_set_up(user: User | AnonymousUser) -> bool:
    """Tell whether a second factor is asked of a person who has none."""
    return user.is_authenticated and is_required(user) and not has_factor(user)


def is_required(user: User | AnonymousUser) -> bool:
    if settings.SECOND_FACTOR == "spending":
        return any(map(user.has_perm, SPENDING))
    return bool(settings.SECOND_FACTOR)


def has_factor(user: User | AnonymousUser) -> bool:
    return bool(Authenticator.objects.filter(user_id=user.pk, type__in=FACTORS).exists())


def factors_in_words(user: User) -> str:
    """Return what a person signs in with besides the password; empty for nothing."""
    kinds = list(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    passkeys = kinds.count(Authenticator.Type.WEBAUTHN)
    parts = (
        "authenticator app" if Authenticator.Type.TOTP in kinds else "",
        counted(passkeys, "passkey") if passkeys else "",
        "recovery codes" if Authenticator.Type.RECOVERY_CODES in kinds else "",
    )
    return ", ".join(filter(None, parts))


@transaction.atomic
def reset(user: User, *, by: User, how: str = "") -> bool:
    """Remove a person's second factor and end their sessions. Returns whether there was one."""
    had = factors_in_words(user)
    Authenticator.objects.filter(user=user).delete()
    end_all(user)
    what = had or "there was none"
    record(user, by=by, message=f"Second factor reset{how}: {what}. All sessions ended.")
    return bool(had)


# --- How allauth works here ---


class AccountAdapter(DefaultAccountAdapter):
    """Signs in by the panel's rules."""

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request) or THIS_MACHINE

    def pre_login(self, request: HttpRequest, user: User, **more: Any) -> HttpResponse | None:
        """Refuse accounts that may not open the panel; the password form does so before."""
        if user.is_active and user.is_staff:
            return None
        messages.error(request, "This account may not open the panel.")
        return HttpResponseRedirect(reverse("admin:login"))

    def login(self, request: HttpRequest, user: User) -> None:
        # Without one, allauth takes the first backend: that of axes, which knows no users.
        if not hasattr(user, "backend"):
            user.backend = "django.contrib.auth.backends.ModelBackend"
        super().login(request, user)


class KeyFault(ValidationError):
    """Secrets cannot be encrypted or decrypted; the message says what to do."""

    # A page that only counts recovery codes opens all the same.
    silent_variable_failure = True


class KeyFaults:
    """Middleware: tells of such a fault on the page of second factors. Forms tell it themselves."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, fault: Exception) -> HttpResponse | None:
        if not isinstance(fault, KeyFault):
            return None
        messages.error(request, fault.message)
        return HttpResponseRedirect(reverse("mfa_index"))


class FactorAdapter(DefaultMFAAdapter):
    """Keeps secrets encrypted, by the key of the channels' tokens."""

    def encrypt(self, text: str) -> str:
        try:
            return seal(text)
        except PublishingRefused as error:
            raise KeyFault(str(error)) from error

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return unseal(encrypted_text)
        except PublishingRefused as error:
            raise KeyFault(
                f"Second factors were encrypted with another key. An operator restores "
                f"{key_in_words()}, or removes yours with `manage.py reset_second_factor`."
            ) from error

    def get_totp_label(self, user: User) -> str:
        return user.get_username()

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        """Return the name offered for a passkey: the browser it is made in."""
        return browser(context.request.headers.get("User-Agent", ""))


@contextmanager
def unreadable_refused() -> Iterator[None]:
    """Refuse a passkey that cannot be read; allauth and fido2 would raise other errors."""
    try:
        yield
    except (KeyError, TypeError, ValueError) as error:
        raise ValidationError("This passkey cannot be read. Try again.") from error


class ReadableMixin:
    def clean_credential(self) -> Authenticator:
        with unreadable_refused():
            return super().clean_credential()  # type: ignore[misc]


class SignInByPasskeyForm(ReadableMixin, LoginWebAuthnForm):
    pass


class SecondPasskeyForm(ReadableMixin, AuthenticateWebAuthnForm):
    pass


class PasskeyAgainForm(ReadableMixin, ReauthenticateWebAuthnForm):
    pass


class AddPasskeyForm(AddWebAuthnForm):
    """A passkey, in plain words; by default one that signs in without a password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].help_text = "By which you tell it from others."
        alone = self.fields["passwordless"]
        alone.initial = True
        alone.label = "Sign in with it alone, without name and password"
        alone.help_text = "The device asks for a fingerprint, a face or its PIN then."

    def clean(self) -> dict[str, Any]:
        with unreadable_refused():
            cleaned: dict[str, Any] = super().clean()
        return cleaned


# --- What is written down ---


def note_added(request: HttpRequest, user: User, authenticator: Authenticator, **more: Any) -> None:
    """Log a new factor. Other sessions end: they were opened with the password alone."""
    record(user, by=user, message=f"Set up {kind_of(authenticator)}.")
    if authenticator.type in FACTORS:
        end_all(user, but=request.session.session_key)


def note_removed(user: User, authenticator: Authenticator, **more: Any) -> None:
    record(user, by=user, message=f"Removed {kind_of(authenticator)}.")


def note_renewed(user: User, authenticator: Authenticator, **more: Any) -> None:
    record(user, by=user, message=f"Renewed {kind_of(authenticator)}.")


def count_failure(request: HttpRequest, user: User, **more: Any) -> None:
    """Let a wrong code count as a failed sign-in, for the log and for the lock of django-axes."""
    credentials = {"username": user.get_username()}
    user_login_failed.send(__name__, credentials=credentials, request=request)


def kind_of(authenticator: Authenticator) -> str:
    return KINDS[Authenticator.Type(authenticator.type)]


def listen() -> None:
    """Connect to allauth's signals."""
    authenticator_added.connect(note_added)
    authenticator_removed.connect(note_removed)
    authenticator_reset.connect(note_renewed)
    authentication_failed.connect(count_failure)
