"""A form field for the value of each parameter: people choose and type words, never codes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from ai_artist.kit.fields import (
    ChoiceOrOwnField,
    NamedPairField,
    NumberInput,
    PercentField,
    RangeField,
)
from ai_artist.kit.values import words
from artists.checking import TEMPERATURE_LIMITS, TEMPO_LIMITS_BPM
from experiments.models import Experiment
from experiments.parameters import (
    LYRIC_FORMS,
    PARAMETERS,
    TEXT_LENGTH,
    Parameter,
    ValueRefused,
    checked,
)
from media_tools.foreign import clean_text
from media_tools.text.llm_profiles import PROFILES

Name = Experiment.Parameter


class CheckedMixin:
    """Cleans to the value as a run stores it; None if the field is empty."""

    parameter: str

    def clean(self, value: Any) -> Any:
        written = super().clean(value)  # type: ignore[misc]
        if written in (None, "", []):
            return None
        try:
            return checked(self.parameter, written)
        except ValueRefused as error:
            raise forms.ValidationError(str(error)) from error


class TextControl(CheckedMixin, forms.CharField):
    def __init__(self, parameter: Parameter, **options: Any) -> None:
        widget = UnfoldAdminTextInputWidget({"autocomplete": "off"})
        super().__init__(max_length=TEXT_LENGTH, widget=widget, **options)

    def to_python(self, value: Any) -> str:
        return clean_text(super().to_python(value) or "")


class ChoiceControl(CheckedMixin, forms.ChoiceField):
    def __init__(self, parameter: Parameter, **options: Any) -> None:
        listed = [(name, words(parameter.says(name))) for name in parameter.choices]
        choices = [("", words(parameter.unset)), *listed]
        super().__init__(choices=choices, widget=UnfoldAdminSelectWidget, **options)


class NumberControl(CheckedMixin, forms.FloatField):
    def __init__(self, parameter: Parameter, **options: Any) -> None:
        low, high = TEMPERATURE_LIMITS
        widget = NumberInput({"step": "0.1", "inputmode": "decimal"})
        super().__init__(min_value=low, max_value=high, widget=widget, **options)


class ShareControl(CheckedMixin, PercentField):
    def __init__(self, parameter: Parameter, **options: Any) -> None:
        super().__init__(**options)


class TempoControl(CheckedMixin, RangeField):
    def __init__(self, parameter: Parameter, **options: Any) -> None:
        super().__init__(limits=TEMPO_LIMITS_BPM, unit="BPM", **options)


class FormControl(CheckedMixin, ChoiceOrOwnField):
    """A form of lyrics: one of the usual ones, or its sections typed in their order."""

    def __init__(self, parameter: Parameter, **options: Any) -> None:
        listed = [(form, words(form.replace(" ", ", "))) for form in LYRIC_FORMS]
        super().__init__(choices=[("", words(parameter.unset)), *listed], **options)

    def prepare_value(self, value: Any) -> Any:
        return " ".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value) or "").replace(",", " ").lower()


class ModelControl(CheckedMixin, NamedPairField):
    def __init__(self, parameter: Parameter, **options: Any) -> None:
        listed = [(name, profile.label) for name, profile in PROFILES.items()]
        choices = [("", words(parameter.unset)), *listed]
        super().__init__(choices=choices, labels=("Provider", "Model"), **options)


CONTROLS: dict[str, Callable[..., forms.Field]] = {
    Name.MUSIC_PROMPT_PREFIX: TextControl,
    Name.TEMPO_RANGE: TempoControl,
    Name.VISUAL_STYLE: TextControl,
    Name.COVER_STYLE: ChoiceControl,
    Name.LYRIC_FORM: FormControl,
    Name.TEMPERATURE: NumberControl,
    Name.TREND_PROBABILITY: ShareControl,
    Name.LLM_MODEL: ModelControl,
    Name.SINGING: ChoiceControl,
}


def control(name: str, **options: Any) -> forms.Field:
    """Return the field for a parameter's value; empty means as it is without an experiment."""
    parameter = PARAMETERS[name]
    defaults = {"required": False, "label": parameter.label, "help_text": parameter.help}
    field = CONTROLS[name](parameter, **{**defaults, **options})
    field.parameter = name  # type: ignore[attr-defined]
    return field
