"""Admin of the sign-ins that django-axes recorded."""

from __future__ import annotations

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from ai_artist.kit.admin import LongListMixin


class LoginAdmin(LongListMixin, ModelAdmin):
    """Attempts to sign in; deleting one lifts its lock."""

    empty_words = "Sign-ins, and failed ones, are written here."
    list_display = ("attempt_time", "username", "ip_address", "user_agent")
    exclude = ("session_hash",)
    search_fields = ("username", "ip_address")
    ordering = ("-attempt_time",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


for logins in (AccessAttempt, AccessLog, AccessFailureLog):
    if admin.site.is_registered(logins):
        admin.site.unregister(logins)
    admin.site.register(logins, LoginAdmin)
