"""Forms of the artists' admin pages."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from ai_artist.kit.fields import ChipsField, GenreField, NumberInput, PercentField
from ai_artist.kit.once import OnceActionForm
from ai_artist.kit.values import percent
from artists.models import Artist, Lesson, LifecyclePolicy
from media_tools import music
from media_tools.foreign import clean_text
from media_tools.text.base import KEY_PATTERN

# The keys that people write, by scale; others are shown as they are stored.
NOTES = (
    "C",
    "C#",
    "Db",
    "D",
    "D#",
    "Eb",
    "E",
    "F",
    "F#",
    "Gb",
    "G",
    "G#",
    "Ab",
    "A",
    "A#",
    "Bb",
    "B",
)
SCALES = ("major", "minor", "dorian", "lydian", "mixolydian", "phrygian")
KEYS = [
    (scale.capitalize(), [(f"{note} {scale}", f"{note} {scale}") for note in NOTES])
    for scale in SCALES
]


class KeysField(ChipsField):
    """Musical keys; "f#  Minor" and "B♭ major" are stored in the usual spelling."""

    def to_python(self, value: Any) -> list[str]:
        return list(dict.fromkeys(spelt_key(key) for key in super().to_python(value)))


def spelt_key(text: str) -> str:
    """Return a key in the spelling profiles use; return text that is not a key unchanged."""
    words = text.replace("♯", "#").replace("♭", "b").split()
    spelt = " ".join([*(word.capitalize() for word in words[:1]), *map(str.lower, words[1:])])
    return spelt if re.fullmatch(KEY_PATTERN, spelt) else text


class ArtistForm(forms.ModelForm):  # type: ignore[type-arg]
    """The profile, and a field for the reason of the change, which the history shows."""

    genre = GenreField(
        max_length=40,
        nothing="Choose a genre",
        help_text="Choose one, or type another: the local engine plays it as the nearest of these.",
    )
    themes = ChipsField(
        required=False, help_text="What the songs are about. Type a word or phrase, then Enter."
    )
    keys = KeysField(
        required=False, free=False, choices=KEYS, help_text="One of these is drawn for each song."
    )
    # No choices here: the model checks the value, and a second list could differ from it.
    preferred_music = forms.CharField(
        required=False,
        label="Who makes the music",
        widget=UnfoldAdminSelectWidget(
            choices=[("", "As for the whole roster"), *music.NAMES.items()]
        ),
    )
    change_reason = forms.CharField(
        required=False,
        max_length=100,
        label="Why this change",
        widget=UnfoldAdminTextInputWidget,
        help_text="Kept in the history beside your name.",
    )

    class Meta:
        model = Artist
        fields = "__all__"  # noqa: DJ007 - the admin's fieldsets choose
        labels = {
            "parent": "Continues",
            "tempo_min_bpm": "Tempo from",
            "tempo_max_bpm": "Tempo to",
            "sings": "Sings the lyrics",
            "sound_identity": "Name of its sound",
            "slug": "Name in addresses",
        }
        help_texts = {
            "parent": "The artist this one came from, if any.",
            "sings": "With the local engine; needs the voice (make voice).",
            "temperature": "Freedom of the language model: 0 is dry, 2 is wild.",
            "sound_identity": "Instruments and habits follow from it. Another name: a new sound.",
            "autopilot": "Its songs are approved without a person, within the autopilot's limits.",
            "tempo_min_bpm": "",
            "policy": "",
        }
        widgets = {
            **{
                name: UnfoldAdminTextareaWidget(attrs={"rows": 3})
                for name in ("backstory", "voice", "audience", "style_notes", "visual_style")
            },
            **{
                name: NumberInput({"suffix": "BPM", "inputmode": "numeric"})
                for name in ("tempo_min_bpm", "tempo_max_bpm")
            },
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A tab has some of the fields; Django keeps the declared ones on every form.
        wanted = self._meta.fields
        for name in set(self.declared_fields) - set(wanted or self.declared_fields):
            del self.fields[name]
        if policy := self.fields.get("policy"):
            policy.empty_label = "The default policy"  # type: ignore[attr-defined]
        field, stored = self.fields.get("preferred_music"), self.instance.preferred_music
        # A name stored before names were checked is still shown, so that it can be corrected.
        if field and stored not in ("", *music.PROVIDERS):
            wrong = (stored, f"{stored} (no such provider)")
            field.widget.choices = [*field.widget.choices, wrong]

    def clean_name(self) -> str:
        return " ".join(clean_text(self.cleaned_data["name"]).split())


class LessonForm(forms.ModelForm):  # type: ignore[type-arg]
    genre = GenreField(
        required=False,
        max_length=40,
        nothing="Every genre",
        help_text="For whom it holds, if no artist is named.",
    )

    class Meta:
        model = Lesson
        fields = "__all__"  # noqa: DJ007 - the admin's fieldsets choose
        labels = {"text": "Lesson", "keeps": "Does not expire"}
        help_texts = {"artist": "Empty: it holds for the genre, or for everybody."}


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]
    """A policy, its rates in percent."""

    consecutive_rejections = forms.IntegerField(
        min_value=2, label="Rejections in a row", widget=NumberInput, help_text="At least 2."
    )
    pause_below_rate = PercentField(label="Paused below a rate of")
    evolve_below_rate = PercentField(label="Evolves below a rate of")
    explore_above_rate = PercentField(label="Tries bold variants above")
    pause_above_error_rate = PercentField(label="Paused above a share of failed runs of")
    keep_evolution_chance = PercentField(
        label="Chance that keeps a changed profile",
        help_text="That the new rate is higher. 50%: it did not fall.",
    )

    class Meta:
        model = LifecyclePolicy
        fields = "__all__"  # noqa: DJ007 - the admin's fieldsets choose
        labels = {
            "is_default": "The default policy",
            "retirement_mode": "After rejections in a row",
            "probation_runs": "Reviewed runs on probation",
            "retire_failed_evolutions": "Retired after failed evolutions",
            "retire_paused_days": "Retired after days paused",
            "min_runs": "Reviewed runs before a rate counts",
            "promote_after_approvals": "Approvals that promote a candidate",
            "evaluation_period_days": "Days that are counted",
            "pause_inactivity_days": "Paused after days without a run",
            "evolution_mode": "A proposed change of the profile",
            "evolution_trial_runs": "Reviewed runs of its trial",
            "offspring_min_approvals": "Approvals before offspring",
        }
        help_texts = {
            "is_default": "Of artists without one of their own; there is one default.",
            "probation_runs": "",
            "min_runs": "",
            "promote_after_approvals": "",
            "evolution_mode": "Of an evolving artist.",
            "evolution_trial_runs": "Then it is kept or rolled back.",
            "offspring_min_approvals": "Of an artist above the rate for bold variants.",
        }

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        rising = ("pause_below_rate", "evolve_below_rate", "explore_above_rate")
        for lower, higher in pairwise(rising):
            low, high = cleaned.get(lower), cleaned.get(higher)
            if low is not None and high is not None and low > high:
                self.add_error(
                    higher, f"It must not be below “{self.fields[lower].label}”, {percent(low)}."
                )
        if self.initial.get("is_default") and not cleaned.get("is_default"):
            self.add_error("is_default", "One must be the default: make another one it instead.")
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        # One that becomes the default takes over from another, which the admin page sees to.
        return {*super()._get_validation_exclusions(), "is_default"}  # type: ignore[misc]


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
