"""Providers that fail at random: whatever happens, no song is paid for twice."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from media_tools.errors import ProviderUnavailable, SubmissionUnknown
from media_tools.music.base import MusicProvider, MusicRequest
from media_tools.music.elevenlabs import ElevenLabsMusic, ElevenLabsMusicOptions
from media_tools.music.replicate import ReplicateMusic, ReplicateMusicOptions
from media_tools.music.suno import SunoMusic, SunoOptions
from tests.contract_servers import elevenlabs, replicate, suno
from tests.contract_servers.base import EVERYDAY_FAULTS, Fault
from tests.media_tools.music.conftest import QUICK

Asked = Callable[..., MusicRequest]
JOBS = 40
ENVELOPES = tuple(
    Fault(status=200, body=suno.envelope(code, "no").body) for code in (430, 455, 500, 501, 504)
)


def submitted(provider: MusicProvider, request: MusicRequest) -> str:
    """The job's id, or "" when the answer was lost; retries as the ledger would."""
    while True:
        try:
            return provider.submit(request, idempotency_key=f"{request.title}:1:music:0")
        except SubmissionUnknown:
            return ""
        except ProviderUnavailable:
            continue


def collected(provider: MusicProvider, job: str, request: MusicRequest, workdir: Path) -> bool:
    """Whether the song arrived within many polls of a troubled provider."""
    for _ in range(100):
        try:
            if provider.collect(job, request, workdir) is not None:
                return True
        except ProviderUnavailable:
            continue
    return False


@pytest.mark.parametrize("seed", range(2))
def test_suno_is_never_paid_twice(
    suno_server: suno.SunoServer, asked: Asked, tmp_path: Path, seed: int
) -> None:
    provider = SunoMusic(SunoOptions(api_key=suno.KEY, base_url=suno_server.url), QUICK)
    suno_server.credits = 1e9
    suno_server.chaos(0.5, seed=seed, faults=EVERYDAY_FAULTS + ENVELOPES)
    requests = [asked(title=f"song {number}") for number in range(JOBS)]

    jobs = [submitted(provider, request) for request in requests]

    paid = Counter(task.body["title"] for task in suno_server.tasks.values())
    assert max(paid.values()) == 1
    assert len(set(filter(None, jobs))) + jobs.count("") == JOBS
    assert suno_server.paid >= len(list(filter(None, jobs)))
    job = next(job for job in jobs if job)
    suno_server.credits = 0
    assert collected(provider, job, requests[0], tmp_path)


def test_replicate_is_never_paid_twice(
    replicate_server: replicate.ReplicateServer, asked: Asked, tmp_path: Path
) -> None:
    provider = ReplicateMusic(
        ReplicateMusicOptions(api_token=replicate.TOKEN, base_url=replicate_server.base_url), QUICK
    )
    replicate_server.chaos(0.5, seed=3)
    requests = [asked(prompt=f"song {number}") for number in range(JOBS)]

    jobs = [submitted(provider, request) for request in requests]

    made = replicate_server.predictions.values()
    paid = Counter(prediction.body["input"]["prompt"] for prediction in made)
    assert max(paid.values()) == 1
    assert collected(provider, next(filter(None, jobs)), requests[0], tmp_path)


def test_elevenlabs_is_never_paid_twice(
    elevenlabs_server: elevenlabs.ElevenLabsServer, asked: Asked, tmp_path: Path
) -> None:
    provider = ElevenLabsMusic(
        ElevenLabsMusicOptions(
            api_key=elevenlabs.KEY, spool=tmp_path / "spool", base_url=elevenlabs_server.url
        ),
        QUICK,
    )
    elevenlabs_server.limit = 10**9
    elevenlabs_server.chaos(0.5, seed=4)
    shuffled = random.Random(4).sample(range(JOBS), JOBS)
    requests = [asked(title=f"song {number}", seed=number) for number in range(JOBS)]

    jobs = [submitted(provider, request) for request in requests]
    paid_once = elevenlabs_server.paid
    again = {number: submitted(provider, requests[number]) for number in shuffled if jobs[number]}

    sent = Counter(request.json["seed"] for request in elevenlabs_server.seen("POST /v1/music"))
    lost = [number for number, job in enumerate(jobs) if not job]
    assert all(again[number] == job for number, job in enumerate(jobs) if job)
    assert elevenlabs_server.paid == paid_once
    assert paid_once <= JOBS
    assert set(sent) == set(range(JOBS))
    assert lost, "the chaos never lost an answer"
