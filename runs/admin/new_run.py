"""The form that starts one run with chosen settings."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget

from artists.models import Artist
from experiments.controls import control
from experiments.parameters import PARAMETERS, grouped
from media_tools.foreign import digits
from runs.models import Run
from runs.outputs import ConceptOutput
from runs.work.batches import MAX_SEED


class NewRunForm(forms.Form):
    """Whose run it is, its seed, and values for some of the parameters."""

    artist = forms.ModelChoiceField(
        Artist.objects.selectable().order_by("name"),
        empty_label="Choose an artist",
        widget=UnfoldAdminSelectWidget,
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
        for name, parameter in PARAMETERS.items():
            field = self.fields[name] = control(name)
            if not hasattr(field.widget, "choices"):  # a list says what empty means
                field.help_text = f"{parameter.help} Empty: {parameter.unset}."

    def groups(self) -> dict[str, list[forms.BoundField]]:
        """Return the fields of the parameters by their heading."""
        return {
            heading: [self[parameter.name] for parameter in parameters]
            for heading, parameters in grouped().items()
        }

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
    if run.status in Run.UNDECIDED:
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
