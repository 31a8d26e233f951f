"""What answers of language models, good ones in odd dress and unusable ones, make of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest

from media_tools.text.chat import AbilityMemory
from media_tools.text.llm import LlmWriter
from media_tools.text.llm_profiles import Access, parse_prices
from runs.models import ProviderCall, Run, RunEvent
from runs.providers.ledger import Book
from runs.steps import concept, lyrics, reflection
from runs.work import pipeline
from runs.work.claims import claim_run
from tests.contract_servers.llm import GOOD_KEY, LlmServer
from tests.factories import NOON

CHAT = "POST /v1/chat/completions"
Perform = Callable[..., Run]


@pytest.fixture(scope="module")
def started_server() -> Iterator[LlmServer]:
    with LlmServer() as server:
        yield server


@pytest.fixture
def server(started_server: LlmServer) -> LlmServer:
    started_server.clear()
    return started_server


@pytest.fixture
def perform(fake_steps, monkeypatch, server: LlmServer, queued_run: Run) -> Perform:
    """Do a run whose texts are real and whose media take no time; attempts: how often it is due."""
    fake_steps.others |= {
        "concept": concept.STEP,
        "lyrics": lyrics.STEP,
        "reflection": reflection.STEP,
    }
    # What the instant steps have not measured.
    monkeypatch.setattr(reflection, "facts", lambda context: {"lufs": -14.0})

    def do(model: str, *, attempts: int = 1) -> Run:
        def writer(book: Book, temperature: float) -> LlmWriter:
            return LlmWriter(
                [f"openai:{model}"],
                {"openai": Access(GOOD_KEY, server.base_url)},
                prices=parse_prices([f"openai:{model}=1/2"]),
                before_call=book.before_call,
                on_usage=book.on_usage,
                abilities=AbilityMemory(),
            )

        for attempt in range(attempts):
            now = NOON + timedelta(hours=attempt)
            claim = claim_run(queued_run.pk, now=now)
            assert claim is not None, "the run was not due"
            pipeline.perform_steps(claim, SimpleNamespace(writer=writer), clock=lambda now=now: now)
        queued_run.refresh_from_db()
        return queued_run

    return do


@pytest.mark.parametrize(
    "dress", ["gptoss", "surrogate", "nul", "nan", "huge-number", "emoji-title", "directions"]
)
def test_good_answer_in_odd_dress_brings_the_run_to_review(dress: str, perform: Perform) -> None:
    run = perform(dress)

    assert (run.status, run.error) == (Run.Status.AWAITING_REVIEW, "")
    assert run.title.isascii() and run.title.isprintable()
    assert 0 <= run.reflection.alignment <= 1
    assert ProviderCall.objects.filter(run=run).count() == 3


@pytest.mark.parametrize("model", ["invalid", "script-title"])
def test_unusable_answers_fail_the_run_after_three_rounds(
    model: str, perform: Perform, server: LlmServer
) -> None:
    run = perform(model, attempts=3)

    assert run.status == Run.Status.FAILED
    assert "3 attempts" in run.error and f"model {model} gave no usable concept" in run.error
    assert server.count(CHAT) == 3 * 2  # each round asks once more, with what was wrong


def test_unusable_answer_between_good_ones_costs_one_attempt(
    perform: Perform, server: LlmServer
) -> None:
    server.fault(status=200, body={"choices": [{"message": {"content": "Sorry!"}}]}, times=2)

    run = perform("good", attempts=2)

    assert run.status == Run.Status.AWAITING_REVIEW


def test_outage_is_still_waited_for(perform: Perform, server: LlmServer) -> None:
    server.fault(status=503, headers={"Retry-After": "40"})

    run = perform("good")

    assert (run.status, run.due_at) == (Run.Status.WAITING, NOON + timedelta(seconds=40))


def test_one_429_parks_no_run(perform: Perform, server: LlmServer) -> None:
    server.fault(status=429, headers={"Retry-After": "1"})

    run = perform("good")

    assert run.status == Run.Status.AWAITING_REVIEW
    outcomes = ProviderCall.objects.filter(run=run, purpose="concept").order_by("pk")
    assert [call.status for call in outcomes] == ["failed", "succeeded"]


def test_refused_cost_keeps_the_estimate_and_tells_the_operator(
    perform: Perform, server: LlmServer
) -> None:
    server.usage_told = {"prompt_tokens": 10, "completion_tokens": 10**400, "cost": 1e30}

    run = perform("good")

    assert run.status == Run.Status.AWAITING_REVIEW
    call = ProviderCall.objects.filter(run=run).first()
    assert call is not None and call.status == ProviderCall.Status.SUCCEEDED
    assert 0 < call.committed_usd < 1 and "1e+30 USD" in call.error
    assert RunEvent.objects.filter(run=run, kind="cost", message__contains="1e+30").count() == 3


def test_artist_that_cannot_be_drawn_fails_before_anything_is_made(
    perform: Perform, queued_run: Run
) -> None:
    type(queued_run.artist).objects.update(name="𝓥𝓮𝓻𝓪 𝓛𝓾𝓷𝓮")

    run = perform("good")

    assert run.status == Run.Status.FAILED and "U+1D4E5" in run.error
    assert ProviderCall.objects.filter(run=run).count() == 0
