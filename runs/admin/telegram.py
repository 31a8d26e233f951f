"""Linked accounts in the panel, and the page on which a person links their own."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from unfold.admin import ModelAdmin

from ai_artist.kit.admin import LongListMixin, ReadOnlyMixin, Way, actor
from ai_artist.kit.views import PageViewsMixin, page_view
from media_tools.foreign import digits
from runs.models import TelegramAccount, TelegramBot
from runs.telegram import linking
from runs.telegram.bot import enabled


@admin.register(TelegramAccount)
class TelegramAccountAdmin(LongListMixin, ReadOnlyMixin, PageViewsMixin, ModelAdmin):
    """Administrators see every link and may end it; everybody has a page for their own."""

    empty_words = "Everybody links their own account on the page “Telegram” below their name."
    empty_way = Way("Link your account", "runs_telegramaccount_link")
    list_display = ("user", "name", "telegram_id", "linked_at", "unreachable_since")
    list_select_related = ("user",)
    search_fields = ("user__username", "name", "telegram_id")
    ordering = ("-linked_at",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("runs.delete_telegramaccount"))

    @page_view("link/", None, methods=("GET", "POST"))
    def link_view(self, request: HttpRequest) -> HttpResponse:
        """One's own links: GET shows them; POST makes a code (shown once) or ends a link."""
        user = actor(request)
        code = ""
        if request.method == "POST" and user is not None:
            if "unlink" in request.POST:
                self._unlink(request)
                return HttpResponseRedirect(reverse("admin:runs_telegramaccount_link"))
            code = linking.new_code(user=user, now=timezone.now())
        bot = TelegramBot.objects.exclude(username="").order_by("-pk").first()
        return self.page(
            request,
            "telegram/link.html",
            title="Telegram",
            enabled=enabled(),
            bot=bot,
            code=code,
            minutes=int(linking.CODE_LIFE.total_seconds() // 60),
            accounts=TelegramAccount.objects.filter(user=user),
        )

    def _unlink(self, request: HttpRequest) -> None:
        user, chosen = actor(request), digits(request.POST["unlink"])
        if user and chosen is not None and linking.unlink(account_id=chosen, user=user):
            messages.success(request, "The account is no longer linked.")
        else:
            messages.error(request, "There is no such link of yours.")
