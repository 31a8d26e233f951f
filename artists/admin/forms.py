"""Forms of the artists' admin pages."""

from __future__ import annotations

import json
import re
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from ai_artist.kit.once import OnceActionForm
from artists.models import Artist
from media_tools import music
from media_tools.foreign import clean_text
from media_tools.genres import GENRES
from media_tools.text.base import KEY_PATTERN


class LinesField(forms.CharField):
    """A list of short texts, edited one per line."""

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


class KeysField(LinesField):
    """Musical keys, one per line; "f#  Minor" and "B♭ major" are stored in the usual spelling."""

    def to_python(self, value: Any) -> Any:
        return [spelt_key(line) for line in super().to_python(value)]


def spelt_key(text: str) -> str:
    """Return a key in the spelling profiles use; return text that is not a key unchanged."""
    words = text.replace("♯", "#").replace("♭", "b").split()
    spelt = " ".join([*(word.capitalize() for word in words[:1]), *map(str.lower, words[1:])])
    return spelt if re.fullmatch(KEY_PATTERN, spelt) else text


class ArtistForm(forms.ModelForm):  # type: ignore[type-arg]
    """The profile, and a field for the reason of the change, which the history shows."""

    themes = LinesField(required=False, help_text="One a line.")
    keys = KeysField(
        required=False,
        help_text=(
            "One a line, such as “A minor” or “F# dorian”. Scales: major, minor, dorian, lydian, "
            "mixolydian, phrygian."
        ),
    )
    # No choices here: the model checks the value, and a second list could differ from it.
    preferred_music = forms.CharField(
        required=False,
        widget=UnfoldAdminSelectWidget(
            choices=[("", "The roster's"), *((name, name) for name in music.PROVIDERS)]
        ),
        help_text="Who makes the music.",
    )
    change_reason = forms.CharField(
        required=False,
        max_length=100,
        widget=UnfoldAdminTextInputWidget,
        help_text="Kept in the history beside your name.",
    )

    class Meta:
        model = Artist
        fields = "__all__"  # noqa: DJ007 - the admin's fieldsets choose
        help_texts = {
            "genre": (
                "Of the local engine: "
                + ", ".join(genre.title for genre in GENRES)
                + ". It plays another word as the nearest of these."
            )
        }
        widgets = {
            name: UnfoldAdminTextareaWidget(attrs={"rows": 3})
            for name in ("backstory", "voice", "audience", "style_notes", "visual_style")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field, stored = self.fields.get("preferred_music"), self.instance.preferred_music
        # A name stored before names were checked is still shown, so that it can be corrected.
        if field and stored not in ("", *music.PROVIDERS):
            wrong = (stored, f"{stored} (no such provider)")
            field.widget.choices = [*field.widget.choices, wrong]

    def clean_name(self) -> str:
        return " ".join(clean_text(self.cleaned_data["name"]).split())


class ArtistActionForm(OnceActionForm):
    """The bar of list actions, with a field for the reason."""

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
