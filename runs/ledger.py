"""The ledger of provider calls: nothing is asked of a provider without a row here first."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from django.db import transaction
from django.utils import timezone

from media_tools.errors import ProviderError, ProviderRejected
from runs.errors import RunRefused
from runs.models import ProviderCall, Run

Answer = TypeVar("Answer")


def open_call(
    *, run: Run, step: str, purpose: str, provider: str, model: str, now: datetime
) -> ProviderCall:
    """The row for this purpose in this take of the run: made with its intent, or found again.

    The key names run, take and purpose, so that a second attempt of the step meets the first
    one's row and never asks twice.
    """
    call, _ = ProviderCall.objects.get_or_create(
        idempotency_key=f"{run.pk}:{run.take}:{purpose}",
        defaults={
            "run": run,
            "step": step,
            "purpose": purpose,
            "provider": provider,
            "model": model,
            "created_at": now,
        },
    )
    return call


def submit_once(call: ProviderCall, submit: Callable[[], str], *, resubmit_safe: bool) -> str:
    """The external id of a job: from the row, or by submitting now.

    An intent without an id means that an earlier worker died in the middle of submitting: the
    provider may or may not have the job. Only where submitting twice does no harm
    (resubmit_safe) is it repeated; otherwise the row becomes "submission unknown" for a person.
    Raises ProviderRejected in that case, and whatever `submit` raises.
    """
    with transaction.atomic():
        call = ProviderCall.objects.select_for_update().get(pk=call.pk)
        if call.external_id:
            return call.external_id
        first = call.submitted_at is None
        if not first and not resubmit_safe:
            call.status = ProviderCall.Status.UNKNOWN
            call.save(update_fields=["status"])
        else:
            call.submitted_at = timezone.now()
            call.save(update_fields=["submitted_at"])
    if call.status == ProviderCall.Status.UNKNOWN:
        raise ProviderRejected(
            call.provider,
            "an earlier submission was interrupted and may have been charged",
            action=f"look it up at the provider, then resolve ledger row {call.pk} in the panel",
        )
    try:
        external_id = submit()
    except ProviderError as error:
        # A definite refusal: nothing was charged, so a later attempt may submit.
        ProviderCall.objects.filter(pk=call.pk).update(
            status=ProviderCall.Status.FAILED, error=str(error), submitted_at=None
        )
        raise
    ProviderCall.objects.filter(pk=call.pk).update(
        external_id=external_id, status=ProviderCall.Status.SUBMITTED
    )
    return external_id


def resolve_unknown(*, call_id: int, external_id: str) -> ProviderCall:
    """Write down what became of an interrupted submission, after looking at the provider.

    external_id: the job's id there; empty when the provider has no such job. The run's retry then
    collects the job, or submits anew. Raises RunRefused when the row is not "submission unknown".
    """
    found = bool(external_id)
    changed = ProviderCall.objects.filter(pk=call_id, status=ProviderCall.Status.UNKNOWN).update(
        status=ProviderCall.Status.SUBMITTED if found else ProviderCall.Status.INTENT,
        external_id=external_id,
        **({} if found else {"submitted_at": None}),
    )
    if not changed:
        raise RunRefused(f"Ledger row {call_id} is not “submission unknown”; nothing was changed.")
    return ProviderCall.objects.get(pk=call_id)


def finish_call(call: ProviderCall, *, started: float) -> None:
    """Mark a call as answered; `started` is time.monotonic() at its start."""
    ProviderCall.objects.filter(pk=call.pk).update(
        status=ProviderCall.Status.SUCCEEDED,
        finished_at=timezone.now(),
        latency_ms=int((time.monotonic() - started) * 1000),
        error="",
    )


def ask(call: ProviderCall, question: Callable[[], Answer]) -> Answer:
    """Make a call whose answer comes at once, with its outcome and latency in the ledger."""
    started = time.monotonic()
    ProviderCall.objects.filter(pk=call.pk).update(submitted_at=timezone.now())
    try:
        answer = question()
    except ProviderError as error:
        ProviderCall.objects.filter(pk=call.pk).update(
            status=ProviderCall.Status.FAILED, error=str(error), finished_at=timezone.now()
        )
        raise
    finish_call(call, started=started)
    return answer
