"""Whole texts through a server that fails at 40 % and judges how its client retries.

`llmock` sees each attempt with its time: an error is a retry before Retry-After, of what no retry
can mend, or more than ten; `gave_up` warns of a failure that was not retried at all.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest
import requests
from llmock.chaos import ChaosSettings
from llmock.scenarios import Match, Reply
from llmock.testing import LLMockServer

from media_tools.errors import ProviderUnavailable
from media_tools.providers.http import RetryPolicy
from media_tools.text.base import ConceptBrief, LyricsBrief, ReflectionBrief
from media_tools.text.chat import AbilityMemory
from media_tools.text.llm import LlmUsage, LlmWriter
from media_tools.text.llm_profiles import Access
from media_tools.text.prompts import concept, lyrics, reflection
from tests.contract_servers.llm import written

ROUNDS = 10
RATES = {429: 0.2, 500: 0.1, 503: 0.1}


@pytest.fixture(scope="module")
def failing_server() -> Iterator[LLMockServer]:
    with LLMockServer(chaos=ChaosSettings(error_rates=RATES)) as server:
        yield server


def test_forty_percent_of_failures_leave_a_clean_verdict(
    failing_server: LLMockServer,
    concept_brief: ConceptBrief,
    lyrics_brief: LyricsBrief,
    reflection_brief: ReflectionBrief,
) -> None:
    for task in (
        concept.task(concept_brief),
        lyrics.task(lyrics_brief),
        reflection.task(reflection_brief),
    ):
        answer = written({"messages": task.messages})
        failing_server.state.scenarios.add(
            Reply(text=answer, times=None, match=Match(model=task.purpose))
        )
    ends: list[LlmUsage] = []
    access = {"openai": Access("sk-test", failing_server.base_url("openai"))}

    def writer(purpose: str) -> LlmWriter:
        return LlmWriter(
            [f"openai:{purpose}"],
            access,
            on_usage=ends.append,
            abilities=AbilityMemory(),
            retry=RetryPolicy(base_s=0.01),  # what the server asks for is still waited for
        )

    random.seed(11)  # the server draws its failures from it, one a request
    texts = parked = 0
    for seed in range(ROUNDS):
        for ask in (
            lambda seed: writer("concept").concept(replace(concept_brief, seed=seed)),
            lambda seed: writer("lyrics").lyrics(replace(lyrics_brief, seed=seed)),
            lambda seed: writer("reflection").reflection(replace(reflection_brief, seed=seed)),
        ):
            try:
                ask(seed)
            except ProviderUnavailable:
                parked += 1  # three failures in a row: a run would be parked
            else:
                texts += 1

    verdict = requests.get(f"{failing_server.url}/_llmock/verdict", timeout=10).json()
    assert verdict["errors"] == 0
    assert [f for f in verdict["findings"] if f["code"] == "gave_up"] == []
    assert verdict["faults_injected"] >= ROUNDS
    assert verdict["attempts"] == len(ends)
    assert texts > 8 * parked
