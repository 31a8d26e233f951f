"""Have a provider do paid work for a step: submit once, then collect without holding a worker."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import TypeVar, cast

from media_tools.errors import JobFailed, JobRefused, PartlyMade
from media_tools.music.declaration import NAME as IMPORT
from media_tools.providers.job import JobProvider, check_deadline
from runs.errors import Pending
from runs.models import ProviderCall
from runs.providers import ledger
from runs.steps.context import StepContext
from runs.storage import sharing

# How long after the submission a part of its result that cannot be had is asked for again.
MISSING_PATIENCE_S = 1800.0

Asked = TypeVar("Asked")
Made = TypeVar("Made")


def have_made(
    context: StepContext,
    provider: JobProvider[Asked, Made],
    request: Asked,
    *,
    purpose: str,
    unit_name: str,
    cost_of: Callable[[Made], Decimal | None] = lambda made: None,
) -> Made:
    """What the provider makes of the request, its files in the step's work folder.

    The ledger has one row for each submission of this purpose. cost_of: USD the result cost, None
    where it does not tell: then the estimate counts.
    Raises Pending while the provider works on it, BudgetExhausted, ProviderError.
    """
    call = ledger.open_call(
        run=context.run,
        step=context.step,
        purpose=purpose,
        provider=provider.name,
        model=provider.model,
        now=context.clock(),
    )
    external_id = ledger.submit_once(
        call,
        lambda: sharing.share_answer(
            provider.submit(request, idempotency_key=call.idempotency_key)
        ),
        resubmit_safe=provider.resubmit_safe,
        now=context.clock(),
        estimate_usd=provider.estimate_cost(request) or Decimal(0),
        recover=lambda: _recovered(provider, call.idempotency_key),
    )
    started = time.monotonic()
    made = _collected(context, provider, call, external_id, request)
    call.refresh_from_db()
    cost_usd = cost_of(made)
    ledger.finish_call(
        call,
        now=context.clock(),
        latency_s=time.monotonic() - started,
        cost_usd=call.committed_usd if cost_usd is None else cost_usd,
        units=1,
        unit_name=unit_name,
    )
    return made


def _recovered(provider: JobProvider[Asked, Made], idempotency_key: str) -> str | None:
    """The id of a submission that nobody wrote down, if its answer lies here or was shared."""
    sharing.bring_answer_to(idempotency_key)
    return provider.recover(idempotency_key)


def give_up(context: StepContext, *, purpose: str, why: str) -> None:
    """Close the submissions whose result nobody waits for any more; what they cost stays booked."""
    for call in ProviderCall.objects.filter(
        run=context.run,
        step=context.step,
        purpose=purpose,
        status=ProviderCall.Status.SUBMITTED,
    ):
        ledger.fail_call(call, why, now=context.clock(), cost_usd=call.committed_usd)


def _collected(
    context: StepContext,
    provider: JobProvider[Asked, Made],
    call: ProviderCall,
    external_id: str,
    request: Asked,
) -> Made:
    """The finished work. Raises Pending while the provider is at it.

    A job that is over without a result closes its ledger row, so that the next attempt submits
    anew; what it was booked with stays spent, since providers charge when they take a job.
    """
    call.refresh_from_db(fields=["submitted_at", "committed_usd"])
    now = context.clock()
    waited_s = (now - (call.submitted_at or now)).total_seconds()
    # Another machine may have had the answer, or the operator's song.
    sharing.bring_answer(external_id)
    if provider.name == IMPORT:
        sharing.bring_song(external_id)
    try:
        made = provider.collect(external_id, request, context.workdir)
        if made is not None:
            return made
        check_deadline(provider, external_id, waited_s=waited_s)
    except PartlyMade as error:
        if waited_s < MISSING_PATIENCE_S:
            raise
        return cast("Made", error.made)
    except (JobFailed, JobRefused) as error:
        ledger.fail_call(call, str(error), now=context.clock(), cost_usd=call.committed_usd)
        raise
    wake_at = now + timedelta(seconds=provider.poll_after_s(waited_s))
    raise Pending(wake_at, provider.waits_for(external_id))
