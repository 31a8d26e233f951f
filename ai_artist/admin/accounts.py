"""Admin of accounts and their groups."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import Field, ManyToManyField, Model
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm
from unfold.widgets import UnfoldAdminSelect2MultipleWidget

from ai_artist.accounts import AccountForm
from ai_artist.kit.admin import LongListMixin

admin.site.unregister(User)
admin.site.unregister(Group)

# One searchable field, because Django's two boxes beside each other are wider than a page.
RIGHTS: dict[type[Field[Any, Any]], dict[str, Any]] = {
    ManyToManyField: {"widget": UnfoldAdminSelect2MultipleWidget}
}


@admin.register(User)
class UserAdmin(LongListMixin, DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg]
    empty_words = "Everybody who signs in has an account, with a role."
    filter_horizontal = ()
    formfield_overrides = RIGHTS
    form = UserChangeForm
    add_form = AccountForm
    add_fieldsets = (
        (None, {"fields": ("username", "usable_password", "password1", "password2")}),
        ("What it may do", {"fields": ("role", "is_superuser")}),
    )
    change_password_form = AdminPasswordChangeForm

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
        (account, (title, _)) = self.add_fieldsets
        return (account, (title, {"fields": ("role",)}))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may_touch(request, obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may_touch(request, obj) and super().has_delete_permission(request, obj)

    def _may_touch(self, request: HttpRequest, obj: Model | None) -> bool:
        aims_at_superuser = isinstance(obj, User) and obj.is_superuser
        return bool(request.user.is_superuser or not aims_at_superuser)


@admin.register(Group)
class GroupAdmin(LongListMixin, DjangoGroupAdmin, ModelAdmin):
    empty_words = "The roles come with the installation."
    filter_horizontal = ()
    formfield_overrides = RIGHTS
