"""Admin of what releases take from elsewhere: label profiles, ISRC prefixes, the pool of codes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from ai_artist.kit.admin import LongListMixin, ReadOnlyMixin, Way
from ai_artist.kit.values import counted
from runs.admin.release_forms import LabelProfileForm
from runs.models import Code, IsrcPrefix, LabelProfile
from runs.releasing.editing import save_profile


@admin.register(LabelProfile)
class LabelProfileAdmin(LongListMixin, ModelAdmin):
    """Saving one has the releases looked at again that take their defaults from it."""

    empty_words = (
        "A profile holds label, owners and territories, so that no release needs them typed again."
    )
    form = LabelProfileForm
    fields = ("name", "default", *LabelProfileForm.Meta.fields[1:])
    list_display = ("name", "is_default", "label", "p_owner", "lead_time_days")

    def save_model(
        self, request: HttpRequest, obj: LabelProfile, form: forms.Form, change: bool
    ) -> None:
        obj.is_default = form.cleaned_data["default"]
        if judged := save_profile(obj):
            self.message_user(
                request,
                f"{counted(judged, 'release')} looked at again within minutes.",
                messages.INFO,
            )


@admin.register(IsrcPrefix)
class IsrcPrefixAdmin(LongListMixin, ModelAdmin):
    empty_words = "Enter the prefix your ISRC agency gave you; codes are then drawn from it."
    list_display = ("prefix", "active", "used")

    @display(description="Given out")
    def used(self, prefix: IsrcPrefix) -> str:
        years = prefix.counters.order_by("-year").values_list("year", "last")[:3]
        return ", ".join(f"{last} in {year}" for year, last in years) or "none yet"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not once codes were given out: their numbers must not come again."""
        used = obj is not None and obj.counters.exists()
        return super().has_delete_permission(request, obj) and not used


@admin.register(Code)
class CodeAdmin(LongListMixin, ReadOnlyMixin, ModelAdmin):
    """Who holds which code. The pool is filled by manage.py import_codes."""

    empty_words = (
        "Codes come from an ISRC prefix, from a distributor, or from a file: manage.py "
        "import_codes."
    )
    empty_way = Way("ISRC prefixes", "runs_isrcprefix_changelist", "runs.view_isrcprefix")
    list_display = ("code", "kind", "source", "holder", "taken_at")
    list_filter = (("kind", ChoicesDropdownFilter), ("source", ChoicesDropdownFilter))
    list_filter_submit = True
    list_select_related = ("run", "release")
    search_fields = ("code",)

    @display(description="Holder")
    def holder(self, code: Code) -> str:
        if code.taken_at is None:
            return "free"
        return str(code.release or code.run or "nobody any more")
