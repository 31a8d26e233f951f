"""Forms of the review queue and of a run's page."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms

from runs.models import Review

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


class RunIdsField(forms.Field):
    """Ids of the ticked cards, MAX_TOGETHER at most."""

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
