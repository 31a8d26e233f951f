"""Admin of accounts and their groups."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.db.models import Field, ManyToManyField, Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm
from unfold.widgets import UnfoldAdminSelect2MultipleWidget

from ai_artist.accounts import AccountChangeForm, AccountForm, password_link
from ai_artist.kit.admin import LongListMixin, ToldChangesMixin, actor, column
from ai_artist.kit.values import DASH, since
from ai_artist.kit.views import PageViewsMixin, page_view
from ai_artist.second_factor import factors_in_words, reset

admin.site.unregister(User)
admin.site.unregister(Group)
# Addresses are not used; secrets and keys of sessions are no page for anybody.
for kept_by_allauth in (EmailAddress, Authenticator, UserSession):
    admin.site.unregister(kept_by_allauth)

# One searchable field, because Django's two boxes beside each other are wider than a page.
RIGHTS: dict[type[Field[Any, Any]], dict[str, Any]] = {
    ManyToManyField: {"widget": UnfoldAdminSelect2MultipleWidget}
}


@admin.register(User)
class UserAdmin(
    LongListMixin,
    PageViewsMixin,
    ToldChangesMixin,
    DjangoUserAdmin,  # type: ignore[type-arg]
    ModelAdmin,
):
    empty_words = "Everybody who signs in has an account, with a role."
    list_display = ("username", "email", "full_name", "roles", "is_active")
    filter_horizontal = ()
    formfield_overrides = RIGHTS
    form = AccountChangeForm
    add_form = AccountForm
    fieldsets = (
        ("Account", {"fields": ("username", ("first_name", "last_name"), "email")}),
        ("How it signs in", {"fields": ("password_set", "factor")}),
        ("What it may do", {"fields": ("groups", ("is_active", "is_staff"), "is_superuser")}),
        ("Further rights", {"fields": ("user_permissions",), "classes": ("collapse",)}),
        ("Dates", {"fields": (("joined", "signed_in"),)}),
    )
    add_fieldsets = (
        ("Who it is", {"fields": ("username", ("first_name", "last_name"), "email")}),
        ("What it may do", {"fields": ("role", "is_superuser")}),
        ("How it signs in", {"fields": ("usable_password", "password1", "password2")}),
    )
    readonly_fields = ("password_set", "factor", "joined", "signed_in")
    change_password_form = AdminPasswordChangeForm

    full_name = display(description="Name", ordering="first_name")(
        lambda _, user: user.get_full_name() or DASH
    )
    joined = column("date_joined", since, "Made")
    signed_in = column("last_login", since, "Last signed in")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    @display(description="Roles")
    def roles(self, user: User) -> str:
        if user.is_superuser:
            return "everything"
        return role_names(user.groups.all()) or DASH

    @display(description="Password")
    def password_set(self, user: User) -> SafeString:
        """Return whether there is one, and the ways to another."""
        return render_to_string("panel/_password.html", {"account": user})

    @display(description="Second factor")
    def factor(self, user: User) -> SafeString:
        """Return what there is besides the password, and the way to take it away."""
        factors = factors_in_words(user)
        shown = {"account": user, "factors": factors}
        return render_to_string("panel/_factor.html", shown, request=context.request)

    @page_view("<int:user_id>/reset-factor/", "change")
    def reset_factor_view(self, request: HttpRequest, user: User) -> HttpResponse:
        """Remove the second factor of a person who lost it; superusers only."""
        by = actor(request)
        if by is None or not by.is_superuser:
            raise PermissionDenied
        if reset(user, by=by):
            self.message_user(request, f"{user} signs in with the password alone from now on.")
        return HttpResponseRedirect(reverse("admin:auth_user_change", args=[user.pk]))

    # --- A link by which a person chooses the password ---

    @page_view("<int:user_id>/link/", "change")
    def link_view(self, request: HttpRequest, user: User) -> HttpResponse:
        """Make a new link for an account, and show it once."""
        if not self.has_change_permission(request, user):
            raise PermissionDenied
        self.log_change(request, user, "Made a link to choose a password.")
        self._show_link(request, user)
        return HttpResponseRedirect(reverse("admin:auth_user_change", args=[user.pk]))

    def log_addition(self, request: HttpRequest, obj: User, message: Any) -> Any:
        entry = super().log_addition(request, obj, message)
        if not obj.has_usable_password():
            self._show_link(request, obj)
        return entry

    def _show_link(self, request: HttpRequest, user: User) -> None:
        link = format_html(
            "Send {} this link; a password is chosen there, once and within three days. It is "
            "shown only now: <code>{}</code>",
            user.get_full_name() or user.get_username(),
            password_link(request, user),
        )
        self.message_user(request, link, messages.WARNING)

    # --- What the log says of roles ---

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        """Say with which role an account was made."""
        if not add:
            return super().construct_change_message(request, form, formsets, add)
        role = form.cleaned_data.get("role")
        return f"Made with the role {role}." if role else "Made as a superuser."

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Let only superusers make superusers: nobody may raise their own rights here."""
        own = super().get_readonly_fields(request, obj)
        if request.user.is_superuser or obj is None:
            return own
        return (*own, "is_superuser", "user_permissions")

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Ask for the role of a new account, and superusers also for the superuser tick."""
        if obj is not None or request.user.is_superuser:
            return super().get_fieldsets(request, obj)
        return tuple(
            (title, {**options, "fields": without(options["fields"], "is_superuser")})
            for title, options in self.add_fieldsets
        )

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may_touch(request, obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Accounts are switched off, never deleted: the audit names them."""
        return False

    def _may_touch(self, request: HttpRequest, obj: Model | None) -> bool:
        aims_at_superuser = isinstance(obj, User) and obj.is_superuser
        return bool(request.user.is_superuser or not aims_at_superuser)


def role_names(groups: Iterable[Group]) -> str:
    return ", ".join(sorted(group.name for group in groups))


def without(fields: Iterable[Any], name: str) -> tuple[Any, ...]:
    return tuple(field for field in fields if field != name)


@admin.register(Group)
class GroupAdmin(LongListMixin, ToldChangesMixin, DjangoGroupAdmin, ModelAdmin):
    empty_words = "The roles come with the installation."
    filter_horizontal = ()
    formfield_overrides = RIGHTS
