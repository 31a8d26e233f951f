"""Plays one row of the table of hostile answers: a run, a collection, or messages.

A run's only step to do is the one that asks the row's provider, over HTTP; those before it are done
already. Hours of waiting pass in no time: the clock goes to the moment the run is due.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from media_tools.foreign import clean_json, clean_text
from media_tools.messaging.telegram import TelegramApi
from media_tools.provenance import Provenance
from media_tools.providers.breaker import CircuitBreaker
from media_tools.providers.http import RetryPolicy
from media_tools.records import to_json
from runs.models import (
    Artifact,
    ProviderCall,
    Run,
    Step,
    TelegramMessage,
    TelegramUpdate,
)
from runs.outputs import CoverOutput, MasterOutput, VisualsOutput
from runs.providers import engines, trend_calls
from runs.providers.breakers import DatabaseBreakerStore
from runs.steps import NAMES, tag
from runs.steps.context import StepContext
from runs.steps.definition import StepDefinition
from runs.storage import NewArtifact, StepResult, artifact_row, store_file
from runs.telegram import polling
from runs.telegram.notifications import notify_ready
from runs.telegram.polling import Poller
from runs.work import claims, pipeline
from tests.contract_servers import charts, media, songs
from tests.contract_servers import llm as llm_server
from tests.contract_servers.acestep import KEY as ACESTEP_KEY
from tests.contract_servers.acestep import AceStepServer
from tests.contract_servers.base import ContractServer, Reply, Request, route
from tests.contract_servers.elevenlabs import KEY as ELEVENLABS_KEY
from tests.contract_servers.elevenlabs import ElevenLabsServer
from tests.contract_servers.elevenlabs_voice import ElevenLabsVoiceServer
from tests.contract_servers.hostile import Outcome, Row
from tests.contract_servers.openai_images import OpenAiImagesServer
from tests.contract_servers.replicate import TOKEN, ReplicateServer
from tests.contract_servers.replicate_images import ReplicateImagesServer
from tests.contract_servers.speech import KEY as SPEECH_KEY
from tests.contract_servers.speech import SpeechServer
from tests.contract_servers.stock import PEXELS_KEY, PIXABAY_KEY, PexelsServer, PixabayServer
from tests.contract_servers.suno import KEY as SUNO_KEY
from tests.contract_servers.suno import SunoServer
from tests.contract_servers.telegram import ANN, GOOD_TOKEN, TelegramServer
from tests.contract_servers.x import TOKEN as X_TOKEN
from tests.contract_servers.x import XServer
from tests.factories import CONCEPT, RunFactory
from tests.outputs import OUTPUTS, analysis
from trends.models import Collection, Observation, TrendSource
from trends.sources.transport import LINE, Transport

MADE_BY = Provenance(provider="local", model="test", licence="CC0-1.0")
SONG_S = 1.5
SOUNDS = {"music": Artifact.Kind.MIX, "master": Artifact.Kind.MASTER}
# A tag has to fit into the music.
LENGTH_S = {"music": 6.0, "master": SONG_S}
MOST_TURNS = 24
# After these the clock makes leaps: a wait of hours needs no more turns than one of minutes.
SMALL_TURNS, LEAP = 2, timedelta(hours=6)

# What no operator should have to read.
UNSPEAKABLE = re.compile(
    r"Traceback|psycopg|sqlite|\bSELECT\b|\bINSERT\b|\bUPDATE\b|\b\w+(Error|Exception|Warning)\b"
    r"|object at 0x|NoneType|<class|File \""
)


@dataclass
class Clock:
    """Goes on only when it is told to."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True)
class Played:
    """What became of a row. kept: what there is in the end; reasons: all that people may read."""

    outcome: Outcome
    kept: int
    reasons: tuple[str, ...]

    @property
    def told(self) -> str:
        """The one line of the page."""
        return self.reasons[0] if self.reasons else ""


# Servers, with ids as a row wants them


class OddSuno(SunoServer):
    """task: the id it gives to a task."""

    def reset_state(self) -> None:
        super().reset_state()
        self.task: Any = ""
        self.stages = ()

    @route("POST", "/api/v1/generate")
    def generate(self, request: Request) -> Reply:
        reply = super().generate(request)
        if self.task:
            self.tasks[str(self.task)] = self.tasks.pop(reply.body["data"]["taskId"])
            reply.body["data"]["taskId"] = self.task
        return reply

    @route("GET", "/files/{name}")
    def file(self, request: Request) -> Reply:
        number = int(request.parts["name"].removesuffix(".mp3").rpartition("_")[2])
        return Reply(songs.song(number, SONG_S), content_type="audio/mpeg")


class OddReplicate(ReplicateServer):
    """job: the id of its prediction. lenient: takes any input."""

    def reset_state(self) -> None:
        super().reset_state()
        self.job = ""
        self.lenient = False
        self.polls_needed = 0

    @route("POST", "/v1/predictions")
    def predict(self, request: Request) -> Reply:
        if self.lenient:
            known = dict(request.json, input={"prompt": "night"})
            request = replace(request, body=json.dumps(known).encode())
        reply = super().predict(request)
        return _renamed(reply, self.predictions, self.job)

    @route("GET", "/files/{name}")
    def file(self, request: Request) -> Reply:
        return Reply(songs.song(3, SONG_S), content_type="audio/mpeg")


class OddReplicateImages(ReplicateImagesServer):
    """job: the id of its prediction."""

    def reset_state(self) -> None:
        super().reset_state()
        self.job = ""

    @route("POST", "/v1/models/black-forest-labs/{model}/predictions")
    def create(self, request: Request) -> Reply:
        return _renamed(super().create(request), self.predictions, self.job)


class OddAceStep(AceStepServer):
    """job: the id it gives to a task."""

    def reset_state(self) -> None:
        super().reset_state()
        self.job = ""
        self.polls_needed = 0

    @route("POST", "/release_task")
    def release_task(self, request: Request) -> Reply:
        reply = super().release_task(request)
        if self.job:
            self.tasks[self.job] = self.tasks.pop(reply.body["data"]["task_id"])
            reply.body["data"]["task_id"] = self.job
        return reply

    @route("GET", "/v1/audio")
    def audio(self, request: Request) -> Reply:
        return Reply(songs.song(4, SONG_S, ".flac"), content_type="audio/flac")


def _renamed(reply: Reply, jobs: dict[str, Any], name: str) -> Reply:
    if name:
        jobs[name] = jobs.pop(reply.body["id"])
        if isinstance(jobs[name], dict):
            jobs[name]["id"] = name
        reply.body["id"] = name
    return reply


# Settings that send the product to a server


def _suno(server: Any, settings: Any) -> None:
    settings.MUSIC = "suno"
    settings.SUNO = settings.SUNO | {"api_key": SUNO_KEY, "base_url": server.url}


def _elevenlabs(server: Any, settings: Any) -> None:
    server.song_s = SONG_S
    settings.MUSIC = "elevenlabs"
    settings.ELEVENLABS_MUSIC = settings.ELEVENLABS_MUSIC | {
        "api_key": ELEVENLABS_KEY,
        "base_url": server.url,
    }


def _elevenlabs_voice(server: Any, settings: Any) -> None:
    settings.VOICE = "elevenlabs"
    settings.ELEVENLABS_VOICE = settings.ELEVENLABS_VOICE | {
        "api_key": ELEVENLABS_KEY,
        "base_url": server.url,
        "voice": "v_stock",
    }


def _speech(server: Any, settings: Any) -> None:
    settings.VOICE = "speech"
    settings.SPEECH = settings.SPEECH | {
        "api_key": SPEECH_KEY,
        "base_url": server.base_url,
        "paid": True,
    }


def _replicate(server: Any, settings: Any) -> None:
    settings.MUSIC = "replicate"
    settings.REPLICATE_MUSIC = settings.REPLICATE_MUSIC | {
        "api_token": TOKEN,
        "base_url": server.base_url,
    }


def _replicate_images(server: Any, settings: Any) -> None:
    settings.COVER_ART = "replicate"
    settings.REPLICATE_IMAGES = settings.REPLICATE_IMAGES | {
        "api_token": TOKEN,
        "base_url": server.base_url,
    }


def _acestep(server: Any, settings: Any) -> None:
    settings.MUSIC = "acestep"
    settings.ACESTEP = settings.ACESTEP | {"api_key": ACESTEP_KEY, "base_url": server.url}


def _openai_images(server: Any, settings: Any) -> None:
    server.answers = "other-size"
    settings.COVER_ART = "openai"
    settings.OPENAI_IMAGES = {
        "api_key": llm_server.GOOD_KEY,
        "model": "gpt-image-2",
        "quality": "high",
        "base_url": server.base_url,
    }


def _pexels(server: Any, settings: Any) -> None:
    settings.FOOTAGE = ["pexels"]
    settings.PEXELS = settings.PEXELS | {"api_key": PEXELS_KEY, "base_url": server.base_url}


def _pixabay(server: Any, settings: Any) -> None:
    settings.FOOTAGE = ["pixabay"]
    settings.PIXABAY = settings.PIXABAY | {"api_key": PIXABAY_KEY, "base_url": server.base_url}


def _llm(server: Any, settings: Any) -> None:
    settings.WRITER = "llm"
    settings.LLM_MODELS = ("openai:costed",)
    settings.LLM_OFFLINE_FALLBACK = False
    settings.LLM_ACCESS = {"openai": (llm_server.GOOD_KEY, server.base_url)}


def _trends(name: str, server: Any, settings: Any) -> None:
    settings.TRENDS = settings.TRENDS | {
        "sources": [name],
        "countries": ["us"],
        "apple_base_url": server.url,
        "deezer_base_url": server.url,
        "lastfm_api_key": charts.LASTFM_KEY,
        "lastfm_base_url": f"{server.url}/2.0/",
        "youtube_api_key": charts.YOUTUBE_KEY,
        "youtube_base_url": f"{server.url}/youtube/v3",
        "chartmetric_refresh_token": charts.REFRESH_TOKEN,
        "chartmetric_base_url": server.url,
        "chartmetric_charts": ["spotify"],
        "x_bearer_token": X_TOKEN,
        "x_base_url": server.url,
        "x_queries": ["synthwave=#synthwave"],
        "x_sampled_queries": 1,
        "x_sample_posts": 20,
    }


def _telegram(server: Any, settings: Any) -> None:
    settings.TELEGRAM_BOT_TOKEN = GOOD_TOKEN
    settings.TELEGRAM_BASE_URL = server.url
    settings.TELEGRAM_CHAT_ID = ANN


# What is played


@dataclass(frozen=True)
class Stage:
    """server: a provider. lead: the settings that lead to it. step: the run's that asks it, "" for
    what is no run. kinds: artifacts that come from it."""

    server: type[ContractServer]
    lead: Callable[[Any, Any], None]
    step: str = ""
    kinds: tuple[str, ...] = ()


SONGS = (Artifact.Kind.MIX, Artifact.Kind.TAKE)
STAGES: dict[str, Stage] = {
    "suno": Stage(OddSuno, _suno, "music", SONGS),
    "elevenlabs": Stage(ElevenLabsServer, _elevenlabs, "music", SONGS),
    "replicate": Stage(OddReplicate, _replicate, "music", SONGS),
    "acestep": Stage(OddAceStep, _acestep, "music", SONGS),
    "elevenlabs-voice": Stage(
        ElevenLabsVoiceServer, _elevenlabs_voice, "master", (Artifact.Kind.VOICE_TAG,)
    ),
    "speech": Stage(SpeechServer, _speech, "master", (Artifact.Kind.VOICE_TAG,)),
    "openai-images": Stage(OpenAiImagesServer, _openai_images, "cover", (Artifact.Kind.COVER,)),
    "replicate-images": Stage(
        OddReplicateImages, _replicate_images, "cover", (Artifact.Kind.COVER,)
    ),
    "pexels": Stage(PexelsServer, _pexels, "visuals", (Artifact.Kind.FOOTAGE,)),
    "pixabay": Stage(PixabayServer, _pixabay, "visuals", (Artifact.Kind.FOOTAGE,)),
    "llm": Stage(llm_server.LlmServer, _llm, "concept"),
    "apple": Stage(charts.AppleServer, partial(_trends, "apple")),
    "deezer": Stage(charts.DeezerServer, partial(_trends, "deezer")),
    "lastfm": Stage(charts.LastfmServer, partial(_trends, "lastfm")),
    "youtube": Stage(charts.YoutubeServer, partial(_trends, "youtube")),
    "chartmetric": Stage(charts.ChartmetricServer, partial(_trends, "chartmetric")),
    "x": Stage(XServer, partial(_trends, "x")),
    "telegram": Stage(TelegramServer, _telegram),
}


def begun_run(last: str, now: datetime) -> Run:
    """A run whose steps before the last are done; music and master left a real sound."""
    *before, _ = names = NAMES[: NAMES.index(last) + 1]
    written = {"concept": dict(CONCEPT), "title": "Neon Rivers"} if before else {}
    run: Run = RunFactory(due_at=now, **written)
    Step.objects.bulk_create(
        Step(run=run, name=name, position=position)
        if name == last
        else Step(
            run=run,
            name=name,
            position=position,
            status=Step.Status.DONE,
            attempts=1,
            output=to_json(OUTPUTS[name]),
            finished_at=now,
        )
        for position, name in enumerate(names)
    )
    Artifact.objects.bulk_create(
        _sound(run, name, kind) for name, kind in SOUNDS.items() if name in before
    )
    return run


def _sound(run: Run, step: str, kind: Artifact.Kind) -> Artifact:
    path = Path(settings.WORK_DIR) / f"{run.pk}-{step}.wav"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(media.audio(".wav", duration_s=LENGTH_S[step]))
    return artifact_row(run, step, NewArtifact(path, kind, "audio/wav", MADE_BY), store_file(path))


def tagged_step(context: StepContext) -> StepResult[Any]:
    """The master step with nothing real but the spoken tag."""
    spoken = tag.spoken_tag(context)
    output = MasterOutput(analysis=analysis(), tag=spoken.place)
    return StepResult(output, artifacts=spoken.artifacts)


@pytest.fixture(scope="module")
def hostile_servers() -> Iterator[dict[str, ContractServer]]:
    """Each provider's server, started when it is first asked for."""
    started: dict[str, ContractServer] = {}
    yield started
    for server in started.values():
        server.stop()


@pytest.fixture
def play(
    db: None,
    hostile_servers: dict[str, ContractServer],
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[Row], Played]:
    """Plays a row."""

    def do(row: Row) -> Played:
        stage = STAGES[row.provider]
        if row.provider not in hostile_servers:
            hostile_servers[row.provider] = stage.server().start()
        server = hostile_servers[row.provider]
        server.clear()
        for name, value in row.setup.items():
            setattr(server, name, value)
        settings.STEP_ATTEMPTS = 1
        settings.COVER_PX = 300
        settings.VIDEO = {"side": 270, "fps": 12, "preset": "ultrafast", "crf": 30}
        settings.COVER_ART, settings.VOICE, settings.FOOTAGE = "local", "", []
        stage.lead(server, settings)
        server.stand(*row.faults)
        clock = Clock(timezone.now())
        _hurry(monkeypatch, clock)
        if not stage.step:
            played = _message(row, server) if row.provider == "telegram" else _collection()
            return _checked(played, row, server)
        if stage.step == "master":
            monkeypatch.setattr(pipeline, "step_named", lambda name: StepDefinition(tagged_step))
        return _checked(_run(row, stage, server, clock), row, server)

    return do


def _checked(played: Played, row: Row, server: ContractServer) -> Played:
    edits = [fault for fault in row.faults if fault.edit]
    assert server.edited or not edits, "no answer was changed: the row says nothing"
    return played


def _hurry(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    """No wait of ours takes time; breakers go by the clock of the stage."""
    monkeypatch.setattr(RetryPolicy, "wait_s", lambda self, attempt, *, asked_s, jitter: 0.0)
    for module in (engines, trend_calls):
        monkeypatch.setattr(
            module,
            "breaker_for",
            lambda provider: CircuitBreaker(
                provider,
                store=DatabaseBreakerStore(),
                clock=lambda: clock.now.timestamp(),
            ),
        )
    # The poller's own; here it would be the test's.
    monkeypatch.setattr(polling, "close_old_connections", lambda: None)
    monkeypatch.setattr(
        trend_calls, "Transport", partial(Transport, replace(LINE, sleep=lambda seconds: None))
    )


def _run(row: Row, stage: Stage, server: Any, clock: Clock) -> Played:
    run = begun_run(stage.step, clock.now)
    tools = engines.configured()
    for turn in range(MOST_TURNS):
        claim = claims.claim_run(run.pk, now=clock.now)
        assert claim is not None
        pipeline.perform_steps(claim, tools, clock=clock)
        run.refresh_from_db()
        for_person = run.steps.filter(waiting_for=Step.WaitingFor.OPERATOR).exists()
        if run.status not in (Run.Status.QUEUED, Run.Status.WAITING) or for_person:
            break
        clock.now = run.due_at + (LEAP if turn >= SMALL_TURNS else timedelta(seconds=1))
    paid = getattr(server, "paid", 0)
    assert paid <= 1, f"it was paid {paid} times"
    calls = ProviderCall.objects.filter(run=run)
    files = run.artifacts.filter(kind__in=stage.kinds)
    kept = sum(made.provenance["provider"] != "local" for made in files)
    if stage.step == "concept":
        kept = calls.filter(status=ProviderCall.Status.SUCCEEDED).count() if run.concept else 0
    return Played(_outcome(run, kept, calls), kept, tuple(_reasons(run, calls)))


def _outcome(run: Run, kept: int, calls: Any) -> Outcome:
    statuses = set(calls.values_list("status", flat=True))
    if run.status == Run.Status.AWAITING_REVIEW:
        return Outcome.KEPT if kept else Outcome.WITHOUT
    if run.status == Run.Status.WAITING and ProviderCall.Status.UNKNOWN in statuses:
        return Outcome.PERSON
    if run.status == Run.Status.WAITING:
        return Outcome.LATER
    assert run.status == Run.Status.FAILED, f"the run is {run.status}: {_step_error(run)}"
    if ProviderCall.Status.SUBMITTED in statuses:
        return Outcome.OPEN
    return Outcome.FAILED


def _step_error(run: Run) -> str:
    return " ".join(run.steps.exclude(error="").values_list("error", flat=True))


def _reasons(run: Run, calls: Any) -> Iterator[str]:
    """What people may read of a run, the most telling first."""
    cover, master = run.output(CoverOutput), run.output(MasterOutput)
    visuals = run.output(VisualsOutput)
    told = [
        cover and cover.fallback,
        master and master.tag.missing,
        *(visuals.footage.troubles if visuals and visuals.footage else ()),
        *run.events.exclude(kind__in=["finished", "waiting", "retry"]).values_list(
            "message", flat=True
        ),
        run.error,
        *calls.values_list("error", flat=True),
        *run.steps.values_list("error", flat=True),
        *run.events.values_list("message", flat=True),
    ]
    for made in run.artifacts.all():
        assert made.provenance == clean_json(made.provenance)
    yield from filter(None, told)


def _collection() -> Played:
    now = timezone.now()
    trend_calls.collect_trends(now=now)
    source = TrendSource.objects.get()
    topics = Observation.objects.filter(source=source).values("topic").distinct().count()
    errors = [source.last_error, *Collection.objects.values_list("error", flat=True)]
    errors += ProviderCall.objects.values_list("error", flat=True)
    kept = int(topics > 0)
    return Played(
        Outcome.KEPT if kept else Outcome.LATER, kept, tuple(error for error in errors if error)
    )


def _message(row: Row, server: Any) -> Played:
    now = timezone.now()
    if row.faults[0].where == "/getUpdates":
        server.say("/start")
        server.say("/help")
        Poller(TelegramApi(GOOD_TOKEN, base_url=server.url), clock=timezone.now).run(once=True)
        kept = int(TelegramUpdate.objects.exists())
        return Played(Outcome.KEPT if kept else Outcome.LATER, kept, ())
    RunFactory(reviewable=True, finished_at=now)
    notify_ready(now=now, sleep=lambda seconds: None)
    message = TelegramMessage.objects.get()
    state = TelegramMessage.State
    outcome = {state.OPEN: Outcome.KEPT, state.FAILED: Outcome.FAILED}.get(
        message.state, Outcome.LATER
    )
    return Played(outcome, int(outcome is Outcome.KEPT), (message.error,) if message.error else ())


def speakable(reason: str) -> bool:
    """Whether a reason is a sentence for people."""
    return not UNSPEAKABLE.search(reason) and clean_text(reason) == reason and len(reason) <= 1_100
