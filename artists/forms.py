"""Forms of the artists' admin pages."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from unfold.forms import ActionForm
from unfold.widgets import (
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from artists.models import Artist
from media_tools.foreign import clean_text


class LinesField(forms.CharField):
    """A list of short texts, edited one a line."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 4})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(str(item) for item in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        return [line.strip() for line in text.splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        if isinstance(initial, str):
            initial = json.loads(initial)
        return bool(self.to_python(data) != (initial or []))


class ArtistForm(forms.ModelForm):  # type: ignore[type-arg]
    """The profile, with a word on why it was changed for the history."""

    themes = LinesField(required=False, help_text="One a line.")
    keys = LinesField(required=False, help_text='One a line, such as "A minor".')
    change_reason = forms.CharField(
        required=False,
        max_length=100,
        widget=UnfoldAdminTextInputWidget,
        help_text="Kept in the history beside your name.",
    )

    class Meta:
        model = Artist
        fields = "__all__"  # noqa: DJ007 - the admin's fieldsets choose
        widgets = {
            name: UnfoldAdminTextareaWidget(attrs={"rows": 3})
            for name in ("backstory", "voice", "audience", "style_notes", "visual_style")
        }

    def clean_name(self) -> str:
        return " ".join(clean_text(self.cleaned_data["name"]).split())


class ReasonActionForm(ActionForm):
    """The bar of list actions, with room for a reason."""

    reason = forms.CharField(
        required=False,
        max_length=200,
        label="",
        widget=forms.TextInput(
            attrs={
                "placeholder": "Reason, kept with the change",
                "aria-label": "Reason",
                "class": "panel-action-reason",
            }
        ),
    )
