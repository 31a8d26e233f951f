"""Checks the requests of the desk's page before any service sees them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, RawPostDataException

from media_tools.foreign import Refused, digits, read_strict_json, whole
from runs.models import TimedComment
from runs.reviewing.forms import DecisionForm
from runs.reviewing.leases import TOGETHER, Scope

MAX_BODY_BYTES = 64 * 1024
MAX_IDS = 200


class BadRequest(Exception):
    """A request that the page never makes; the message says what is wrong with it."""


class Conflict(Exception):
    """A decision that is no longer possible. standing: the present verdict on the run."""

    def __init__(self, message: str, standing: dict[str, Any] | None) -> None:
        super().__init__(message)
        self.standing = standing


class VerdictForm(DecisionForm):
    """A decision on one run at the desk."""

    key = forms.UUIDField()
    run = forms.UUIDField()
    content_hash = forms.RegexField(r"^[0-9a-f]{64}$")
    active_seconds = forms.FloatField(required=False, min_value=0, max_value=86_400)


class TogetherForm(DecisionForm):
    """A decision on several runs."""

    group = forms.UUIDField()


class ReasonsForm(forms.Form):
    """A correction of a decision's reasons."""

    key = forms.UUIDField()
    reasons = DecisionForm.base_fields["reasons"]
    comment = DecisionForm.base_fields["comment"]


class CommentForm(forms.Form):
    """A comment at a second; with `comment`, new words for it, or none to remove it."""

    run = forms.UUIDField()
    comment = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    at_s = forms.FloatField(required=False, min_value=0, max_value=TimedComment.LATEST_S)
    text = forms.CharField(required=False, max_length=TimedComment.LONGEST)


def body_of(request: HttpRequest) -> dict[str, Any]:
    """Return the JSON object in a request. Raises BadRequest."""
    try:
        body = read_strict_json(request.body or b"{}", max_bytes=MAX_BODY_BYTES)
    except (Refused, RawPostDataException) as refused:
        raise BadRequest(f"The request cannot be used: {refused}.") from refused
    if not isinstance(body, dict):
        raise BadRequest("The request is no JSON object.")
    return body


def clean_form(form: forms.Form) -> dict[str, Any]:
    """Return the form's values. Raises BadRequest with the faults."""
    if form.is_valid():
        return form.cleaned_data
    errors = [f"{name}: {' '.join(map(str, faults))}" for name, faults in form.errors.items()]
    raise BadRequest(" ".join(errors))


def parse_ids(body: dict[str, Any], name: str) -> list[UUID]:
    """Return a list of run ids. Raises BadRequest."""
    values = body.get(name, [])
    if not isinstance(values, list) or len(values) > MAX_IDS:
        raise BadRequest(f"“{name}” must be a list of at most {MAX_IDS} ids.")
    return [parse_id(value) for value in values]


def parse_id(value: Any) -> UUID:
    """Return a run's id or a key. Raises BadRequest."""
    try:
        return UUID(str(value))
    except ValueError as error:
        raise BadRequest("That is not an id.") from error


def scope_of(body: dict[str, Any]) -> Scope:
    """Return the part of the queue a request is about. Raises BadRequest."""
    scope = body.get("scope") or {}
    if not isinstance(scope, dict):
        raise BadRequest("“scope” must be an object.")
    return Scope(
        artist=row_number(scope.get("artist")),
        batch=row_number(scope.get("batch")),
        genre=str(scope.get("genre") or ""),
    )


def row_number(value: Any) -> int | None:
    """Return a row's number, given as a number or text; None for None. Raises BadRequest."""
    if not value:
        return None
    number = digits(value) if isinstance(value, str) else whole(value)
    if number is None:
        raise BadRequest("“scope” names an artist or a batch by its number.")
    return number


def items_together(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the runs decided together, each {run, key, content_hash}. Raises BadRequest."""
    items = body.get("items")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise BadRequest("“items” must be a list of objects.")
    if not 1 <= len(items) <= TOGETHER:
        raise BadRequest(f"Decide 1 to {TOGETHER} runs together.")
    return [
        {
            "run_id": parse_id(item.get("run")),
            "key": parse_id(item.get("key")),
            "content_hash": str(item.get("content_hash")),
        }
        for item in items
    ]
