"""Admin of the licence register."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.decorators import display

from ai_artist.kit.admin import BAD, GOOD, LongListMixin, actor
from ai_artist.kit.values import short
from runs.models import LicenceEntry
from runs.releasing.licences import keep_licence


@admin.register(LicenceEntry)
class LicenceEntryAdmin(LongListMixin, ModelAdmin):
    empty_words = (
        "Note each plan you use at a provider, with its terms: releases prove by it "
        "that they may be sold."
    )
    list_display = ("provider", "plan", "may_be_sold", "valid_from", "valid_to", "read_on")
    list_filter = ("commercial_use",)
    search_fields = ("provider", "plan")
    fieldsets = (
        (None, {"fields": ("provider", "plan", "commercial_use", "valid_from", "valid_to")}),
        ("Terms", {"fields": ("terms_url", "terms_text", "read_on", "sha256")}),
    )
    readonly_fields = ("sha256",)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "terms_url":
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @display(description="May be sold", label={True: GOOD, False: BAD})
    def may_be_sold(self, entry: LicenceEntry) -> tuple[bool, str]:
        return entry.commercial_use, "yes" if entry.commercial_use else "no"

    @display(description="SHA-256 of the text")
    def sha256(self, entry: LicenceEntry) -> SafeString | str:
        return short(entry.terms_sha256)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # It is evidence of what was allowed once.
        return False

    def save_model(self, request: HttpRequest, obj: LicenceEntry, form: Any, change: bool) -> None:
        keep_licence(obj, actor=actor(request))
