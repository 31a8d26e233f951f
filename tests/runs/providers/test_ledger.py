"""The ledger of provider calls and the budgets."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from media_tools.errors import ProviderRejected, ProviderUnavailable, SubmissionUnknown
from media_tools.text.llm import LlmCall, LlmUsage
from runs.errors import Pending, RunRefused
from runs.models import Budget, ProviderCall, Run, Step
from runs.providers import ledger
from runs.providers.budgets import BudgetExhausted
from runs.providers.ledger import Book
from tests.factories import NOON, RunFactory, StepFactory

pytestmark = pytest.mark.django_db


def open_music_call(run: Run) -> ProviderCall:
    return ledger.open_call(
        run=run, step="music", purpose="music", provider="suno", model="v6", now=NOON
    )


def submit(call: ProviderCall, answer, *, resubmit_safe: bool = False, usd: str = "0") -> str:
    return ledger.submit_once(
        call, answer, resubmit_safe=resubmit_safe, now=NOON, estimate_usd=Decimal(usd)
    )


def interrupted() -> str:
    raise KeyboardInterrupt


def busy() -> str:
    raise ProviderUnavailable("suno", "busy")


def lost() -> str:
    raise SubmissionUnknown("suno", "the connection broke after sending")


def test_a_second_attempt_finds_the_first_ones_row() -> None:
    run = RunFactory()

    assert open_music_call(run) == open_music_call(run)


def test_another_take_has_a_row_of_its_own() -> None:
    run = RunFactory()
    first = open_music_call(run)
    run.take = 1

    assert open_music_call(run) != first


def test_the_external_id_is_saved_and_never_asked_for_again() -> None:
    call = open_music_call(RunFactory())
    asked = []

    def answer() -> str:
        asked.append(1)
        return "job-1"

    first, second = submit(call, answer), submit(call, answer)

    assert (first, second, len(asked)) == ("job-1", "job-1", 1)
    call.refresh_from_db()
    assert call.status == ProviderCall.Status.SUBMITTED


@pytest.mark.parametrize("answer", [interrupted, lost])
def test_a_submission_without_an_answer_waits_for_an_operator(answer) -> None:
    call = open_music_call(RunFactory())
    with pytest.raises((KeyboardInterrupt, Pending)):
        submit(call, answer)

    with pytest.raises(Pending, match="may have been charged") as wait:
        submit(call, lambda: "job-2")

    call.refresh_from_db()
    assert wait.value.waiting_for == Step.WaitingFor.OPERATOR
    assert call.status == ProviderCall.Status.UNKNOWN
    assert call.external_id == ""


def test_a_harmless_submission_is_repeated_after_a_crash() -> None:
    call = open_music_call(RunFactory())
    with pytest.raises(KeyboardInterrupt):
        submit(call, interrupted, resubmit_safe=True)

    assert submit(call, lambda: "job-2", resubmit_safe=True) == "job-2"


def test_a_refused_submission_is_tried_again_on_a_new_row() -> None:
    run = RunFactory()
    refused = open_music_call(run)
    with pytest.raises(ProviderUnavailable):
        submit(refused, busy)

    again = open_music_call(run)

    assert again != refused
    assert submit(again, lambda: "job-2") == "job-2"
    refused.refresh_from_db()
    assert refused.status == ProviderCall.Status.FAILED


@pytest.fixture
def unknown_call() -> ProviderCall:
    """A lost submission of 0.06 USD, its run parked."""
    run = RunFactory(status=Run.Status.WAITING, due_at=NOON + timedelta(days=999))
    StepFactory(
        run=run,
        name="music",
        position=2,
        status=Step.Status.WAITING,
        waiting_for=Step.WaitingFor.OPERATOR,
    )
    call = open_music_call(run)
    with pytest.raises(Pending):
        submit(call, lost, usd="0.06")
    return call


def test_an_adopted_job_is_collected_and_not_submitted_again(unknown_call) -> None:
    ledger.resolve_unknown(call_id=unknown_call.pk, external_id="job-7")

    again = open_music_call(unknown_call.run)
    assert submit(again, interrupted) == "job-7"
    unknown_call.run.refresh_from_db()
    assert unknown_call.run.due_at < NOON + timedelta(days=999)


@pytest.mark.parametrize(("paid", "spent"), [(True, "0.06"), (False, "0")])
def test_a_lost_job_stays_spent_only_if_it_was_charged(unknown_call, paid, spent) -> None:
    ledger.resolve_unknown(call_id=unknown_call.pk, external_id="", paid=paid)

    unknown_call.refresh_from_db()
    assert unknown_call.committed_usd == Decimal(spent)
    assert open_music_call(unknown_call.run) != unknown_call


def test_a_resolved_row_is_not_resolved_again(unknown_call) -> None:
    ledger.resolve_unknown(call_id=unknown_call.pk, external_id="job-7")

    with pytest.raises(RunRefused, match="nothing was changed"):
        ledger.resolve_unknown(call_id=unknown_call.pk, external_id="job-8")


def cap(usd: str, period: str = Budget.Period.DAY, provider: str = "") -> Budget:
    return Budget.objects.create(provider=provider, period=period, cap_usd=Decimal(usd))


def test_a_budget_of_one_dollar_stops_before_the_seventeenth_call_of_six_cents() -> None:
    cap("1.00")
    for number in range(16):
        submit(open_music_call(RunFactory()), lambda: f"job-{number}", usd="0.06")  # noqa: B023

    with pytest.raises(BudgetExhausted, match=r"1\.00 USD each day, 0\.96 are spent"):
        submit(open_music_call(RunFactory()), lambda: "job-17", usd="0.06")


def test_a_refused_reservation_sends_nothing() -> None:
    cap("0.05")
    call = open_music_call(RunFactory())

    with pytest.raises(BudgetExhausted):
        submit(call, interrupted, usd="0.06")

    call.refresh_from_db()
    assert (call.status, call.submitted_at) == (ProviderCall.Status.INTENT, None)


@pytest.mark.parametrize(
    ("period", "provider", "stopped"),
    [("run", "", False), ("day", "", True), ("day", "suno", True), ("day", "openai", False)],
)
def test_budgets_count_what_they_are_for(period, provider, stopped) -> None:
    cap("0.10", period, provider)
    submit(open_music_call(RunFactory()), lambda: "job-1", usd="0.06")
    other_run = open_music_call(RunFactory())

    if stopped:
        with pytest.raises(BudgetExhausted):
            submit(other_run, lambda: "job-2", usd="0.06")
    else:
        assert submit(other_run, lambda: "job-2", usd="0.06") == "job-2"


def test_yesterdays_calls_are_not_todays() -> None:
    cap("0.10")
    submit(open_music_call(RunFactory()), lambda: "job-1", usd="0.06")
    ProviderCall.objects.update(created_at=NOON - timedelta(days=1))

    assert submit(open_music_call(RunFactory()), lambda: "job-2", usd="0.06") == "job-2"


def test_a_failed_call_gives_its_reservation_back() -> None:
    cap("0.10")
    with pytest.raises(ProviderUnavailable):
        submit(open_music_call(RunFactory()), busy, usd="0.06")

    assert submit(open_music_call(RunFactory()), lambda: "job-2", usd="0.06") == "job-2"


def test_the_real_cost_replaces_the_estimate() -> None:
    call = open_music_call(RunFactory())
    submit(call, lambda: "job-1", usd="0.06")

    ledger.finish_call(call, now=NOON, latency_s=1.5, cost_usd=Decimal("0.02"))

    call.refresh_from_db()
    assert (call.cost_usd, call.committed_usd) == (Decimal("0.02"), Decimal("0.02"))
    assert call.latency_ms == 1500


UNBELIEVABLE = [
    Decimal("1e30"),
    Decimal("100000.01"),
    Decimal(10) ** 400,
    Decimal("-0.01"),
    Decimal("NaN"),
    Decimal("Infinity"),
]


@pytest.mark.parametrize("cost_usd", UNBELIEVABLE)
@pytest.mark.parametrize("ended", ["answered", "failed"])
def test_a_cost_nobody_can_believe_is_refused_and_told(cost_usd: Decimal, ended: str) -> None:
    call = open_music_call(RunFactory())
    submit(call, lambda: "job-1", usd="0.06")

    if ended == "answered":
        ledger.finish_call(call, now=NOON, latency_s=1.5, cost_usd=cost_usd)
    else:
        ledger.fail_call(call, "no song", now=NOON, cost_usd=cost_usd)

    call.refresh_from_db()
    told = call.run.events.get(kind="cost").message
    amount = str(cost_usd)[:24]
    assert (call.cost_usd, call.committed_usd) == (Decimal(0), Decimal("0.06"))
    assert amount in told
    assert amount in call.error


def test_the_rosters_unbelievable_cost_is_told_in_the_ledger() -> None:
    writer = book(None)

    writer.before_call(PLANNED)
    writer.on_usage(LlmUsage(PLANNED, "ok", 800, cost_usd=Decimal("1e30")))

    assert "1E+30" in ProviderCall.objects.get().error


@pytest.mark.parametrize("estimate", UNBELIEVABLE)
def test_an_estimate_nobody_can_believe_sends_nothing(estimate: Decimal) -> None:
    call = open_music_call(RunFactory())

    with pytest.raises(ProviderRejected, match="price"):
        ledger.submit_once(call, interrupted, resubmit_safe=False, now=NOON, estimate_usd=estimate)

    call.refresh_from_db()
    assert (call.status, call.submitted_at) == (ProviderCall.Status.INTENT, None)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("t" * 5_000, "t" * 5_000), ("job\x00\ud800-1", "job-1"), ("e\u0301", "\u00e9")],
)
def test_a_jobs_id_is_kept_so_that_it_can_be_collected(sent: str, kept: str) -> None:
    call = open_music_call(RunFactory())

    assert submit(call, lambda: sent) == kept
    assert submit(call, interrupted) == kept


@pytest.mark.parametrize("sent", ["", "\x00", "t" * 8_001])
def test_a_jobs_id_that_cannot_be_kept_waits_for_an_operator(sent: str) -> None:
    call = open_music_call(RunFactory())

    with pytest.raises(Pending) as wait:
        submit(call, lambda: sent)

    call.refresh_from_db()
    assert wait.value.waiting_for == Step.WaitingFor.OPERATOR
    assert call.status == ProviderCall.Status.UNKNOWN


@pytest.mark.parametrize("units", [10**400, float("nan"), float("inf"), -1])
def test_a_count_that_is_none_is_refused_and_told(units: float) -> None:
    call = open_music_call(RunFactory())

    ledger.finish_call(call, now=NOON, latency_s=1.0, units=units, unit_name="tokens")

    call.refresh_from_db()
    assert (call.status, call.units) == (ProviderCall.Status.SUCCEEDED, 0.0)
    assert "tokens" in call.error


ODD = "a\x00b\ud800 " + "long " * 2000


def test_odd_labels_are_cut_to_the_ledgers_columns() -> None:
    run = RunFactory()
    call = ledger.new_call(
        run=run, step="music", purpose="music", provider=ODD, model=ODD, now=NOON
    )
    ledger.fail_call(call, ODD, now=NOON)
    writer = book(run)
    writer.before_call(LlmCall("concept", "openai", ODD, "first", None))
    writer.on_usage(LlmUsage(PLANNED, "ok", 800, request_id=ODD))

    call.refresh_from_db()
    written = ProviderCall.objects.latest("pk")
    assert (len(call.provider), len(call.error)) == (40, 1000)
    assert (len(written.model), len(written.external_id)) == (80, 200)


def test_an_adopted_id_that_is_too_long_changes_nothing(unknown_call) -> None:
    with pytest.raises(RunRefused, match="8,000"):
        ledger.resolve_unknown(call_id=unknown_call.pk, external_id="t" * 8_001)

    unknown_call.refresh_from_db()
    assert unknown_call.status == ProviderCall.Status.UNKNOWN


PLANNED = LlmCall("concept", "openai", "gpt-6-luna", "first", Decimal("0.01"))


def book(run: Run | None) -> Book:
    return Book(run, "concept", lambda: NOON)


def test_a_language_models_call_is_booked_before_and_written_down_after() -> None:
    run = RunFactory()
    writer = book(run)

    writer.before_call(PLANNED)
    before = ProviderCall.objects.get()
    writer.on_usage(
        LlmUsage(
            PLANNED, "ok", 800, prompt_tokens=10, completion_tokens=5, cost_usd=Decimal("0.002")
        )
    )
    after = ProviderCall.objects.get()

    assert (before.status, before.committed_usd) == (ProviderCall.Status.INTENT, Decimal("0.01"))
    assert (after.status, after.cost_usd) == (ProviderCall.Status.SUCCEEDED, Decimal("0.002"))
    assert (after.units, after.unit_name) == (15, "tokens")


def test_each_call_of_a_language_model_is_a_row() -> None:
    writer = book(RunFactory())

    for outcome in ("timeout", "ok"):
        writer.before_call(PLANNED)
        writer.on_usage(LlmUsage(PLANNED, outcome, 800, error="" if outcome == "ok" else "slow"))

    statuses = ProviderCall.objects.order_by("pk").values_list("status", flat=True)
    assert list(statuses) == [ProviderCall.Status.FAILED, ProviderCall.Status.SUCCEEDED]


def test_a_call_over_budget_leaves_no_row() -> None:
    cap("0.001")

    with pytest.raises(BudgetExhausted):
        book(RunFactory()).before_call(PLANNED)

    assert not ProviderCall.objects.exists()


def test_the_rosters_calls_have_no_run() -> None:
    assert (
        book(None).ask("persona", "offline", "offline-writer-3", lambda: "somebody") == "somebody"
    )

    call = ProviderCall.objects.get()
    assert (call.run, call.status) == (None, ProviderCall.Status.SUCCEEDED)
