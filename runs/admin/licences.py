"""Admin of the licence register."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminURLInputWidget

from ai_artist.kit.admin import BAD, GOOD, LongListMixin, actor, column
from ai_artist.kit.values import short
from runs.admin.provider_field import ProviderField, provider_name
from runs.models import LicenceEntry
from runs.releasing.licences import keep_licence


class LicenceForm(forms.ModelForm):  # type: ignore[type-arg]
    provider = ProviderField(nobody="Choose a provider", help_text="Whose plan it is.")
    terms_url = forms.URLField(
        required=False,
        label="Address of the terms",
        assume_scheme="https",
        widget=UnfoldAdminURLInputWidget,
    )

    class Meta:
        model = LicenceEntry
        fields = (
            "provider",
            "plan",
            "commercial_use",
            "valid_from",
            "valid_to",
            "terms_url",
            "terms_text",
            "read_on",
        )
        labels = {"commercial_use": "May be sold"}
        help_texts = {"terms_text": "Paste it: addresses change. Audit exports name its hash."}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = cleaned.get("valid_from"), cleaned.get("valid_to")
        if first and last and last < first:
            self.add_error("valid_to", "The last day is before the first.")
        return cleaned


@admin.register(LicenceEntry)
class LicenceEntryAdmin(LongListMixin, ModelAdmin):
    empty_words = (
        "Note each plan you use at a provider, with its terms: releases prove by it "
        "that they may be sold."
    )
    form = LicenceForm
    list_display = ("of", "plan", "may_be_sold", "valid_from", "valid_to", "read_on")
    list_filter = ("commercial_use",)
    search_fields = ("provider", "plan")
    fieldsets = (
        (None, {"fields": ("provider", "plan", "commercial_use", "valid_from", "valid_to")}),
        ("Terms", {"fields": ("terms_url", "terms_text", "read_on", "sha256")}),
    )
    readonly_fields = ("sha256",)

    of = column("provider", provider_name, "Provider")

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
