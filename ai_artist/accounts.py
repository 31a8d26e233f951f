"""Accounts: creating one with its role, choosing its password by a link, and signing in."""

from __future__ import annotations

from typing import Any

from allauth.account.utils import perform_login
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.forms import AuthenticationForm as DjangoAuthenticationForm
from django.contrib.auth.models import Group, User
from django.contrib.auth.tokens import default_token_generator
from django.contrib.auth.views import LoginView, PasswordResetConfirmView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse, reverse_lazy
from django.utils.encoding import force_bytes
from django.utils.html import format_html
from django.utils.http import urlsafe_base64_encode
from django.utils.safestring import SafeString
from unfold.forms import AuthenticationForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminSelectWidget

from ai_artist.second_factor import may_enter, must_set_up

NOW, BY_LINK = "true", "false"
LABELS = {
    "first_name": "First name",
    "last_name": "Last name",
    "email": "Email",
    "groups": "Roles",
    "is_active": "May sign in",
    "is_staff": "May open the panel",
    "is_superuser": "May do everything",
    "user_permissions": "Further single rights",
}
HELP = {
    "username": "What the person types to sign in: letters, digits and @ . + - _",
    "email": "Optional.",
    "groups": "What the account may do.",
    "is_active": "Switch it off for people who leave: accounts are never deleted.",
    "is_staff": "Without it the sign-in page refuses the account.",
    "is_superuser": "A superuser: every right, whatever the role.",
    "user_permissions": "Rights beside those of the roles; seldom needed.",
}


class AccountForm(UserCreationForm):
    """A new account that can sign in at once; its role says what it may do.

    The superuser tick is not a field here: the admin adds it for superusers only.
    """

    class Meta(UserCreationForm.Meta):
        labels = LABELS
        help_texts = HELP

    role = forms.ModelChoiceField(
        Group.objects.order_by("name"),
        required=False,
        label="Role",
        empty_label="Choose a role",
        widget=UnfoldAdminSelectWidget,
        help_text=SafeString(
            "What the account may do; <code>manage.py create_roles</code> makes the roles."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        how = self.fields["usable_password"]
        how.label, how.help_text = "Password", ""
        how.choices = how.widget.choices = [
            (NOW, "I choose it now"),
            (BY_LINK, "The person chooses it, by a link"),
        ]
        self.fields["password2"].label = "The password again"
        self.fields["password2"].help_text = ""

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


class AccountChangeForm(UserChangeForm):
    """An account, in plain words."""

    class Meta(UserChangeForm.Meta):
        labels = LABELS
        help_texts = HELP


def password_link(request: HttpRequest, user: User) -> str:
    """Return an address where this person may choose a password: once, and for three days."""
    key = urlsafe_base64_encode(force_bytes(user.pk))
    path = reverse("choose_password", args=[key, default_token_generator.make_token(user)])
    return request.build_absolute_uri(path)


class ChoosePasswordView(PasswordResetConfirmView):
    """The page that such a link opens; then the person signs in."""

    template_name = "panel/choose_password.html"
    success_url = reverse_lazy("admin:login")

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        return {**admin.site.each_context(self.request), **super().get_context_data(**more)}

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        for field in form.fields.values():
            field.widget = UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"})
        return form

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, "Your password is set. Sign in with it.")
        return super().form_valid(form)


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
                "“May open the panel” on its page and to give it a role.",
                code="not_staff",
            )


class SignInView(LoginView):
    """The panel's sign-in: name and password here, then allauth asks for the second factor."""

    template_name = "admin/login.html"
    authentication_form = SignInForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "GET" and request.user.is_staff:
            if may_enter(request.user):
                return HttpResponseRedirect(reverse("admin:index"))
            if must_set_up(request.user):
                return HttpResponseRedirect(reverse("mfa_index"))
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        own = {
            "title": "Sign in",
            "app_path": self.request.get_full_path(),
            # Of the form that a passkey signs in by.
            "redirect_field": format_html(
                '<input type="hidden" name="next" value="{}">', self.get_redirect_url()
            ),
        }
        return {**admin.site.each_context(self.request), **super().get_context_data(**more), **own}

    def form_valid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = perform_login(
            self.request, form.get_user(), redirect_url=self.get_success_url()
        )
        return answer


def panel_around(request: HttpRequest) -> dict[str, Any]:
    """Context processor: give allauth's pages what the panel's pages have around them."""
    match = request.resolver_match
    name = (match.url_name if match else None) or ""
    if not name.startswith(("account_", "mfa_", "usersessions_")):
        return {}
    around = admin.site.each_context(request)
    locked = must_set_up(request.user)
    return {
        **around,
        "title": "Your account",
        "is_nav_sidebar_enabled": not locked,
        "must_set_up": locked,
    }
