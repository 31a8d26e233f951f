"""Forms of accounts: making one with its role, and signing in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm as DjangoAuthenticationForm
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from unfold.forms import AuthenticationForm, UserCreationForm
from unfold.widgets import UnfoldAdminSelectWidget


class AccountForm(UserCreationForm):
    """A new account: it may sign in at once, and a role says what it may do.

    A superuser's tick is no field of its own here: the admin adds it, for superusers alone.
    """

    role = forms.ModelChoiceField(
        Group.objects.order_by("name"),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text="What the account may do; manage.py create_roles makes the roles.",
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
    """Tells who gave the right password but may not enter why that is."""

    def clean(self) -> dict[str, Any]:
        # Django puts this length on the page alone, and the note of a failure has to hold the name.
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
