"""Forms of accounts: creating one with its role, and signing in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm as DjangoAuthenticationForm
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.utils.safestring import SafeString
from unfold.forms import AuthenticationForm, UserCreationForm
from unfold.widgets import UnfoldAdminSelectWidget


class AccountForm(UserCreationForm):
    """A new account that can sign in at once; its role says what it may do.

    The superuser tick is not a field here: the admin adds it for superusers only.
    """

    role = forms.ModelChoiceField(
        Group.objects.order_by("name"),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=SafeString(
            "What the account may do; <code>manage.py create_roles</code> makes the roles."
        ),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not cleaned.get("role") and not cleaned.get("is_superuser") and not self.errors:
            self.add_error("role", "Choose a role: without one the account could open nothing.")
        return cleaned

    def save(self, commit: bool = True) -> User:
        self.instance.is_staff = True
        user: User = super().save(commit=commit)
        return user

    def _save_m2m(self) -> None:
        super()._save_m2m()
        if role := self.cleaned_data.get("role"):
            self.instance.groups.add(role)


class SignInForm(AuthenticationForm):
    """Tells people with the right password why they may not enter."""

    def clean(self) -> dict[str, Any]:
        # Django sets this length only in the page's HTML, but django-axes must store the name of a
        # failure.
        if len(self.cleaned_data.get("username", "")) > self.fields["username"].max_length:
            raise self.get_invalid_login_error()
        cleaned: dict[str, Any] = super().clean()
        return cleaned

    def confirm_login_allowed(self, user: Any) -> None:
        DjangoAuthenticationForm.confirm_login_allowed(self, user)
        if not user.is_staff:
            raise ValidationError(
                "This account may not open the panel. Ask an administrator to switch on "
                "“Staff status” on its page and to give it a role.",
                code="not_staff",
            )
