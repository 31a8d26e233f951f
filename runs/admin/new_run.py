"""The form that starts one run with chosen settings."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django import forms
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget
from unfold.widgets import UnfoldAdminTextInputWidget as TextInput

from artists.models import Artist
from experiments.parameters import PARAMETERS, ValueRefused, checked
from media_tools.foreign import Refused, clean_text, digits, read_strict_json
from runs.models import Run
from runs.outputs import ConceptOutput
from runs.presentation import BLIND
from runs.work.batches import MAX_SEED


class ParameterField(forms.CharField):
    """The value of one parameter as JSON, or as plain words; empty: as it is."""

    def __init__(self, name: str) -> None:
        parameter = PARAMETERS[name]
        self.name, self.listed = name, bool(parameter.choices)
        super().__init__(
            required=False,
            label=parameter.label,
            max_length=400,
            help_text=parameter.help
            if self.listed
            else f"{parameter.help} Such as {parameter.example}. Empty: {parameter.unset}.",
            widget=UnfoldAdminSelectWidget(
                choices=[("", parameter.unset.capitalize())]
                + [(choice, parameter.says(choice).capitalize()) for choice in parameter.choices]
            )
            if self.listed
            else TextInput(attrs={"autocomplete": "off"}),
        )

    def prepare_value(self, value: Any) -> Any:
        return value if value is None or isinstance(value, str) else json.dumps(value)

    def clean(self, value: Any) -> Any:
        """The value as a run stores it, None when the field is empty."""
        text = super().clean(value).strip()
        if not text:
            return None
        try:
            return checked(self.name, _parsed(text))
        except ValueRefused as error:
            raise forms.ValidationError(str(error)) from error


def _parsed(text: str) -> Any:
    try:
        return read_strict_json(text)
    except Refused:
        return clean_text(text)


class NewRunForm(forms.Form):
    """Whose run it is, its seed, and values for some of the parameters."""

    artist = forms.ModelChoiceField(
        Artist.objects.selectable().order_by("name"), widget=UnfoldAdminSelectWidget
    )
    seed = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=MAX_SEED,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="Everything random derives from it. Empty: a new one.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in PARAMETERS:
            self.fields[name] = ParameterField(name)

    def settings(self) -> dict[str, Any]:
        """Of a valid form: artist, seed and overrides, as operating.start_run takes them."""
        cleaned = self.cleaned_data
        return {
            "artist": cleaned["artist"],
            "seed": cleaned["seed"],
            "overrides": {name: cleaned[name] for name in PARAMETERS if cleaned[name] is not None},
        }


def settings_of(request: HttpRequest) -> tuple[dict[str, Any], str]:
    """What the form begins with, and a note on it: of the run `from`, or the artist `artist`.

    The values an undecided run got from an experiment stay hidden, as everywhere.
    """
    run = _run(request.GET.get("from", ""))
    if run is None:
        artist = digits(request.GET.get("artist", ""))
        return ({} if artist is None else {"artist": artist}), ""
    initial: dict[str, Any] = {"artist": run.artist_id, "seed": run.seed}
    if run.status in BLIND:
        return initial | run.overrides, (
            f"Artist and seed of {run}. What an experiment set for it is shown when it is decided."
        )
    concept = run.shown_output(ConceptOutput)
    values = (concept and concept.parameters) or run.overrides
    return initial | values, f"The settings of {run}."


def _run(run_id: str) -> Run | None:
    try:
        return Run.objects.select_related("artist").filter(pk=uuid.UUID(run_id)).first()
    except ValueError:
        return None
