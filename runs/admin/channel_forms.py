"""Forms of channels: what is sent there, in which words, and how often."""

from __future__ import annotations

from typing import Any

from django import forms

from media_tools.foreign import label
from runs.admin.release_forms import PLAIN, LineField, LinesField
from runs.models import Channel, Part
from runs.publishing.channels import KINDS, ItemKind, kind_of
from runs.publishing.wording import NAMES, template_faults

LONGEST_TAG = 60
SECRET = {**PLAIN, "autocomplete": "new-password", "spellcheck": "false"}


class NewChannelForm(forms.Form):
    """What a channel begins with; the rest follows from its kind."""

    kind = forms.ChoiceField(
        choices=[(kind, Channel.Kind(kind).label) for kind in KINDS],
        widget=forms.Select(attrs={"class": "panel-input"}),
        help_text="“By hand” is any distributor or platform a person serves.",
    )
    name = LineField(longest=80, required=True, help_text="As people here call it.")
    address = forms.URLField(
        required=False,
        assume_scheme="https",
        max_length=200,
        widget=forms.URLInput(attrs=PLAIN),
        help_text="Of the instance: PeerTube and Mastodon. Empty for the others.",
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        row = KINDS.get(cleaned.get("kind", ""))
        if row and row.address_option and not cleaned.get("address"):
            self.add_error("address", "This kind has many instances; say which one is meant.")
        return cleaned


class ChannelForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a person may change of a channel."""

    parts = forms.MultipleChoiceField(
        label="Sends",
        widget=forms.CheckboxSelectMultiple,
        help_text="What of a release it gets; a part that a release lacks is left out.",
    )
    tags = LinesField(rows=3, help_text="One a line, beside the artist's genre.")

    class Meta:
        model = Channel
        fields = (
            "name",
            "artists",
            "parts",
            "privacy",
            "title_template",
            "description_template",
            "tags",
            "public_after_days",
            "public_time",
            "lead_time_h",
            "artist_most",
            "artist_days",
            "account_most",
            "account_days",
            "gap_h",
            "jitter_min",
        )
        labels = {
            "title_template": "Title",
            "description_template": "Description",
            "public_after_days": "Days after the release date",
            "public_time": "Time of day",
            "lead_time_h": "Sent so many hours before",
            "artist_most": "Of one artist at most",
            "artist_days": "in so many days",
            "account_most": "Of the account at most",
            "account_days": "in so many days",
            "gap_h": "Hours between two of an artist",
            "jitter_min": "Minutes a found time may be later",
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "title_template" not in self.fields:
            return  # Who may only look gets no fields.
        parts = kind_of(self.instance).parts
        choices = [(str(part), Part(part).label) for part in parts]
        self.fields["parts"].choices = choices  # type: ignore[attr-defined]
        self.initial["tags"] = "\n".join(self.instance.tags)
        if kind_of(self.instance).item is ItemKind.POST:
            lead = self.fields["lead_time_h"]
            lead.disabled, lead.help_text = True, "A post is out as soon as it is sent."
            self.initial["lead_time_h"] = 0
        for name in ("title_template", "description_template"):
            self.fields[name].help_text = f"In braces may stand: {', '.join(NAMES)}."

    def clean_title_template(self) -> str:
        return self._clean_words("title_template")

    def clean_description_template(self) -> str:
        return self._clean_words("description_template")

    def _clean_words(self, name: str) -> str:
        words = str(self.cleaned_data[name])
        if faults := template_faults(words):
            raise forms.ValidationError(faults)
        return words

    def clean_tags(self) -> list[str]:
        lines = self.fields["tags"].lines(self.cleaned_data["tags"])  # type: ignore[attr-defined]
        return [label(line, longest=LONGEST_TAG) for line in lines]


class TokenForm(forms.Form):
    """What a person made at the channel: a token, an app password, or a webhook's address."""

    secret = forms.CharField(
        label="Token",
        max_length=4000,
        widget=forms.PasswordInput(attrs=SECRET),
        help_text="Kept encrypted, shown to nobody.",
    )


class PasswordForm(TokenForm):
    """A user name and password, where a channel knows no better."""

    user = LineField(longest=200, required=True, label="User name")
    code = LineField(longest=20, help_text="Of the second factor, if it asks for one.")

    field_order = ("user", "secret", "code")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["secret"].label = "Password"


class ReturnedForm(forms.Form):
    """The address a browser ended at, where it cannot come back to the panel by itself."""

    returned = forms.CharField(
        label="Address",
        max_length=8000,
        widget=forms.TextInput(attrs=SECRET),
        help_text="The whole of it, from the browser's address bar. It works once.",
    )
