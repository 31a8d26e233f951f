"""The ledger of provider calls: nothing is asked of a provider without a row here first."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import transaction
from django.utils import timezone

from ai_artist.kit.columns import fitted, reason
from media_tools.errors import ProviderError, SubmissionUnknown
from media_tools.foreign import LONGEST_ID, Refused, amount_usd, clean_text, finite, label
from runs import queue
from runs.errors import Pending, RunRefused
from runs.models import ProviderCall, Run, RunEvent, Step
from runs.providers import budgets

if TYPE_CHECKING:
    from media_tools.text.llm import LlmCall, LlmUsage

Answer = TypeVar("Answer")
Clock = Callable[[], datetime]

# Nobody but an operator ends this wait; the date only keeps the column filled.
UNTIL_RESOLVED = timedelta(days=3650)
# Tokens, songs, pictures: no call has more.
MOST_UNITS = 1e12


def open_call(
    *, run: Run, step: str, purpose: str, provider: str, model: str, now: datetime
) -> ProviderCall:
    """The row for this purpose in this take of the run: made with its intent, or found again.

    A second attempt of the step meets the first one's row and never asks twice. Only after a
    definite failure a new row begins, so that each row is one submission.
    """
    with transaction.atomic():
        latest = (
            ProviderCall.objects.select_for_update()
            .filter(run=run, idempotency_key__startswith=_prefix(run, purpose))
            .order_by("-pk")
            .first()
        )
        if latest and latest.status != ProviderCall.Status.FAILED:
            return latest
        return new_call(
            run=run, step=step, purpose=purpose, provider=provider, model=model, now=now
        )


def new_call(
    *, run: Run | None, step: str, purpose: str, provider: str, model: str, now: datetime
) -> ProviderCall:
    """One more row for a purpose. Its key holds run, take, purpose and a running number."""
    prefix = _prefix(run, purpose)
    number = ProviderCall.objects.filter(idempotency_key__startswith=prefix).count()
    return ProviderCall.objects.create(
        idempotency_key=f"{prefix}{number}",
        run=run,
        created_at=now,
        **fitted(ProviderCall, step=step, purpose=purpose, provider=provider, model=model),
    )


def _prefix(run: Run | None, purpose: str) -> str:
    return f"{run.pk}:{run.take}:{purpose}:" if run else f"roster:{purpose}:"


def submit_once(
    call: ProviderCall,
    submit: Callable[[], str],
    *,
    resubmit_safe: bool,
    now: datetime,
    estimate_usd: Decimal = Decimal(0),
    recover: Callable[[], str | None] = lambda: None,
) -> str:
    """The external id of a job: from the row, or by submitting now.

    The estimate is booked against the budgets first. An intent without an id means that an
    earlier worker died in the middle of submitting, and SubmissionUnknown that the answer was
    lost: the provider may or may not have the job. Where `recover` cannot tell its id for
    certain, it is repeated only if submitting twice does no harm (resubmit_safe); otherwise the
    run waits for an operator (Pending).
    Raises BudgetExhausted, and what `submit` raises.
    """
    with transaction.atomic():
        call = ProviderCall.objects.select_for_update().get(pk=call.pk)
        if call.external_id:
            return call.external_id
        if call.status == ProviderCall.Status.UNKNOWN:
            raise _waits_for_operator(call, now)
        interrupted = call.submitted_at is not None and not resubmit_safe
        if not interrupted:
            budgets.reserve(call, estimate_usd, now=now)
            ProviderCall.objects.filter(pk=call.pk).update(submitted_at=now)
    if interrupted:
        if recovered := recover():
            return _submitted(call, recovered, now=now)
        mark_unknown(call, "the worker died while submitting")
        raise _waits_for_operator(call, now)
    try:
        external_id = submit()
    except SubmissionUnknown as error:
        if resubmit_safe:
            raise
        mark_unknown(call, str(error))
        raise _waits_for_operator(call, now) from error
    except ProviderError as error:
        # A definite refusal: nothing was charged, so a later attempt may submit.
        fail_call(call, str(error), now=now)
        raise
    return _submitted(call, external_id, now=now)


def _submitted(call: ProviderCall, external_id: str, *, now: datetime) -> str:
    """Keep the job's id; with one that cannot be kept only an operator can go on."""
    external_id = clean_text(external_id)
    if not 0 < len(external_id) <= LONGEST_ID:
        mark_unknown(call, f"the job's id has {len(external_id):,} characters and was not kept")
        raise _waits_for_operator(call, now)
    ProviderCall.objects.filter(pk=call.pk).update(
        external_id=external_id, status=ProviderCall.Status.SUBMITTED
    )
    return external_id


def mark_unknown(call: ProviderCall, why: str) -> None:
    """The provider may or may not have the job, and may have charged for it."""
    ProviderCall.objects.filter(pk=call.pk).update(
        status=ProviderCall.Status.UNKNOWN, error=reason(why)
    )


def _waits_for_operator(call: ProviderCall, now: datetime) -> Pending:
    return Pending(
        now + UNTIL_RESOLVED,
        f"{call.provider}: a submission was interrupted and may have been charged. Look it up at "
        f"the provider, then resolve ledger row {call.pk} in the panel.",
        waiting_for=Step.WaitingFor.OPERATOR,
    )


def resolve_unknown(*, call_id: int, external_id: str, paid: bool = False) -> ProviderCall:
    """Write down what became of an interrupted submission; its run goes on.

    external_id: the job's id at the provider, which is then collected. Without one the run
    submits anew; paid says whether the lost job was charged all the same (its estimate then
    stays spent). Raises RunRefused when the row is not "submission unknown" or the id is too long.
    """
    external_id = clean_text(external_id).strip()
    if len(external_id) > LONGEST_ID:
        raise RunRefused(f"A job's id has at most {LONGEST_ID:,} characters; nothing was changed.")
    unknown = ProviderCall.objects.filter(pk=call_id, status=ProviderCall.Status.UNKNOWN)
    with transaction.atomic():
        call = unknown.select_for_update().first()
        if call is None:
            raise RunRefused(
                f"Ledger row {call_id} is not “submission unknown”; nothing was changed."
            )
        if external_id:
            call.status, call.external_id = ProviderCall.Status.SUBMITTED, external_id
            what = f"adopted the provider's job {external_id}"
        else:
            call.status = ProviderCall.Status.FAILED
            call.cost_usd = call.committed_usd if paid else Decimal(0)
            call.committed_usd = call.cost_usd
            what = "charged without a result" if paid else "never arrived; nothing was charged"
        call.save(update_fields=["status", "external_id", "cost_usd", "committed_usd"])
        if call.run_id:
            message = reason(f"Submission to {call.provider} resolved: {what}.")
            RunEvent.objects.log(call.run_id, RunEvent.Kind.RESOLVED, message, now=timezone.now())
            queue.wake_waiting(Step.WaitingFor.OPERATOR, run_id=call.run_id)
    return call


def finish_call(
    call: ProviderCall,
    *,
    now: datetime,
    latency_s: float,
    cost_usd: Decimal | None = None,
    units: float = 0.0,
    unit_name: str = "",
) -> None:
    """Mark a call as answered. cost_usd None: not known, so the estimate stays booked."""
    counted = finite(units, low=0.0, high=MOST_UNITS)
    _close(
        call,
        ProviderCall.Status.SUCCEEDED,
        [f"Its number of {unit_name} was refused."] if counted is None else [],
        now=now,
        cost_usd=cost_usd,
        latency_ms=int(latency_s * 1000),
        units=counted or 0.0,
        unit_name=unit_name,
    )


def fail_call(
    call: ProviderCall, error: str, *, now: datetime, cost_usd: Decimal = Decimal(0)
) -> None:
    """Mark a call as definitely failed; what it cost all the same stays booked."""
    _close(call, ProviderCall.Status.FAILED, [error], now=now, cost_usd=cost_usd)


def _close(
    call: ProviderCall,
    status: str,
    notes: list[str],
    *,
    now: datetime,
    cost_usd: Decimal | None,
    **fields: Any,
) -> None:
    """Write down how a call ended. A cost that cannot be believed is refused and told."""
    cost = {}
    if cost_usd is not None:
        try:
            usd = amount_usd(cost_usd)
            cost = {"cost_usd": usd, "committed_usd": usd}
        except Refused as refused:
            refusal = f"The cost {call.provider} tells was refused: {refused}."
            notes = [refusal, *notes]
            if call.run_id:
                message = reason(f"{refusal} The estimate stays booked.")
                RunEvent.objects.log(call.run_id, RunEvent.Kind.COST, message, now=now)
    ProviderCall.objects.filter(pk=call.pk).update(
        status=status, finished_at=now, error=reason(" ".join(notes)), **cost, **fields
    )


@dataclass
class Book:
    """Where a writer's calls of one step are written down. run None: for the roster."""

    run: Run | None
    step: str
    clock: Clock
    _open: ProviderCall | None = None

    def ask(
        self, purpose: str, provider: str, model: str, question: Callable[[], Answer]
    ) -> Answer:
        """A free call whose answer comes at once."""
        call = self._new(purpose, provider, model)
        started = time.monotonic()
        try:
            answer = question()
        except ProviderError as error:
            fail_call(call, str(error), now=self.clock())
            raise
        finish_call(
            call,
            now=self.clock(),
            latency_s=time.monotonic() - started,
            cost_usd=Decimal(0),
        )
        return answer

    def before_call(self, planned: LlmCall) -> None:
        """Book a language model's call. Raises BudgetExhausted."""
        with transaction.atomic():
            self._open = self._new(planned.purpose, planned.provider, planned.model)
            budgets.reserve(self._open, planned.estimate_usd or Decimal(0), now=self.clock())
            ProviderCall.objects.filter(pk=self._open.pk).update(submitted_at=self.clock())

    def on_usage(self, usage: LlmUsage) -> None:
        """Write down what became of the call booked last."""
        call, self._open = self._open, None
        if call is None:
            return
        latency_s = usage.latency_ms / 1000
        if usage.outcome != "ok":
            fail_call(call, usage.error, now=self.clock(), cost_usd=usage.cost_usd or Decimal(0))
            return
        ProviderCall.objects.filter(pk=call.pk).update(external_id=label(usage.request_id))
        finish_call(
            call,
            now=self.clock(),
            latency_s=latency_s,
            cost_usd=usage.cost_usd,
            units=(usage.prompt_tokens or 0) + (usage.completion_tokens or 0),
            unit_name="tokens",
        )
        if usage.odd:
            self._tell_refused(call, usage)

    def _tell_refused(self, call: ProviderCall, usage: LlmUsage) -> None:
        """Say which figures of a good answer were refused: on its row, and on the run's page."""
        booked = "" if usage.cost_usd is not None else " The estimate stays booked."
        message = f"{call.provider} told figures that cannot be: {usage.odd}.{booked}"
        ProviderCall.objects.filter(pk=call.pk).update(error=message)
        if call.run_id:
            RunEvent.objects.log(call.run_id, RunEvent.Kind.COST, message, now=self.clock())

    def _new(self, purpose: str, provider: str, model: str) -> ProviderCall:
        return new_call(
            run=self.run,
            step=self.step,
            purpose=purpose,
            provider=provider,
            model=model,
            now=self.clock(),
        )
