"""Forms of the review queue and of a run's page."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django import forms

from runs.errors import ReleaseRefused
from runs.models import Review
from runs.releasing.releases import checked_isrc, checked_upc

MAX_TOGETHER = 25


class DecisionForm(forms.Form):
    """A verdict on one run, or on several at once."""

    decision = forms.ChoiceField(choices=Review.Decision)
    reasons = forms.MultipleChoiceField(choices=Review.Reason, required=False)
    comment = forms.CharField(max_length=2000, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        rejects = cleaned.get("decision") == Review.Decision.REJECT
        if rejects and "reasons" not in self.errors and not cleaned.get("reasons"):
            self.add_error("reasons", "A rejection needs at least one reason.")
        return cleaned


class RunDecisionForm(DecisionForm):
    content_hash = forms.CharField(max_length=64, required=False)


class CodesForm(forms.Form):
    """The codes of a release, in their stored form if valid."""

    isrc = forms.CharField(label="ISRC", required=False, max_length=20)
    upc = forms.CharField(label="UPC or EAN", required=False, max_length=20)

    def clean_isrc(self) -> str:
        return self._checked("isrc", checked_isrc)

    def clean_upc(self) -> str:
        return self._checked("upc", checked_upc)

    def _checked(self, name: str, check: Callable[[str], str]) -> str:
        try:
            return check(self.cleaned_data[name])
        except ReleaseRefused as error:
            raise forms.ValidationError(str(error)) from error


class PublishForm(CodesForm):
    """The codes, and the confirmation that the bundle is published."""

    confirmed = forms.BooleanField(
        label="The bundle is with the distributor, and I went through the checklist.",
        error_messages={"required": "Tick this first: nothing was published."},
    )


class RunIdsField(forms.Field):
    """Ids of the ticked cards, at most MAX_TOGETHER."""

    widget = forms.MultipleHiddenInput
    default_error_messages = {"required": "Tick at least one run."}

    def to_python(self, value: Any) -> list[uuid.UUID]:
        try:
            ids = [uuid.UUID(item) for item in value or []]
        except ValueError as error:
            raise forms.ValidationError("That is not a run's id; reload the page.") from error
        if len(ids) > MAX_TOGETHER:
            raise forms.ValidationError(
                f"{len(ids)} runs are ticked; decide at most {MAX_TOGETHER} together."
            )
        return ids


class BulkDecisionForm(DecisionForm):
    """A verdict on all ticked cards of the queue."""

    runs = RunIdsField()
