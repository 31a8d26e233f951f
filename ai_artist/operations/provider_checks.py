"""Checks every configured provider with one cheap call that costs nothing.

All are called at once, and a provider that does not answer in time is a result too.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial

from django.conf import settings
from django.db import connection

from ai_artist.operations.doctor import Level, Result, first_line
from artists.models import Artist
from media_tools.errors import ProviderError
from media_tools.providers.health import ProviderHealth
from media_tools.stock.base import RemoteFootage
from media_tools.text.chat import ChatModel, Health
from media_tools.text.llm_profiles import Access, ModelName
from runs.providers import engines
from runs.telegram import bot
from trends import collecting
from trends.sources import configured as trend_readers
from trends.sources.base import TrendReader

LONGEST_S = 45.0


@dataclass(frozen=True)
class Answer:
    """What a provider answered. credits: left there; None if it does not say."""

    said: str = ""
    credits: Decimal | None = None
    unit: str = ""
    warning: str = ""


@dataclass(frozen=True)
class Question:
    """A call to a provider. use: what we need it for."""

    provider: str
    use: str
    ask: Callable[[], Answer]


def examine_providers(*, now: datetime, longest_s: float = LONGEST_S) -> list[Result]:
    """Return a row for each provider that the settings or an artist name. Never raises.

    longest_s: how long to wait for an answer.
    """
    try:
        questions = list(questions_for(now))
    except Exception as error:  # the settings or the database themselves are broken
        return [Result("providers", Level.PROBLEM, first_line(error), "Run doctor without it.")]
    if not questions:
        return [Result("providers", Level.OK, "everything is made on this machine; nobody to ask")]
    answers: dict[int, Result] = {}

    def put(number: int, question: Question) -> None:
        try:
            answers[number] = result_of(question)
        finally:
            connection.close()

    threads = [
        # Daemons: a provider that never answers must not keep the command from ending.
        threading.Thread(target=put, args=pair, daemon=True)
        for pair in enumerate(questions)
    ]
    deadline = time.monotonic() + longest_s
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return [
        answers.get(number) or silent(question, longest_s)
        for number, question in enumerate(questions)
    ]


def questions_for(now: datetime) -> Iterator[Question]:
    """Yield the calls, in the order in which a run needs the providers."""
    if settings.WRITER == "llm":
        for model in dict.fromkeys(settings.LLM_MODELS):
            yield Question(model.partition(":")[0], "texts", partial(ask_model, model))
    music = {settings.MUSIC, *Artist.objects.values_list("preferred_music", flat=True)}
    for name in sorted(music - {"", "local"}):
        yield Question(name, "music", partial(ask_music, name))
    for name in settings.FOOTAGE:
        if name != "local":
            yield Question(name, "footage", partial(ask_footage, name))
    if settings.COVER_ART != "local":
        yield Question(settings.COVER_ART, "cover art", ask_cover_art)
    if settings.VOICE:
        yield Question(settings.VOICE, "voice", ask_voice)
    if settings.ACOUSTID["api_key"]:
        yield Question("acoustid", "known recordings", ask_recogniser)
    for reader in trend_readers():
        if reader.name != "local-calendar":
            yield Question(reader.name, "trends", partial(ask_trends, reader, now))
    if bot.enabled():
        yield Question("telegram", "reviews", ask_telegram)


def ask_model(name: str) -> Answer:
    model = ModelName.parse(name)
    key, base_url = settings.LLM_ACCESS.get(model.provider, ("", ""))
    return answer_of(ChatModel(model, Access(api_key=key, base_url=base_url)).health())


def ask_music(name: str) -> Answer:
    return answer_of(engines.music_provider(name).health())


def ask_footage(name: str) -> Answer:
    source = engines.FOOTAGE[name].build()
    assert isinstance(source, RemoteFootage)  # the local folder is not asked
    return answer_of(source.health())


def ask_cover_art() -> Answer:
    return answer_of(engines.COVER_ART[settings.COVER_ART].build().health())


def ask_voice() -> Answer:
    return answer_of(engines.VOICES[settings.VOICE].build().health())


def ask_recogniser() -> Answer:
    return answer_of(engines.RECOGNISER.build().health())


def ask_trends(reader: TrendReader, now: datetime) -> Answer:
    return answer_of(collecting.check(reader, now=now))


def ask_telegram() -> Answer:
    return Answer(f"bot @{bot.configured_api().get_me().username}")


def answer_of(health: Health | ProviderHealth) -> Answer:
    """The same words for every kind of health."""
    if isinstance(health, Health):
        unlisted = health.model_known is False
        return Answer(
            f"model {health.model}",
            health.credit_usd,
            "USD",
            "the provider does not list this model; correct its name" if unlisted else "",
        )
    said = [f"model {health.model}" if health.model else "", health.note]
    return Answer(", ".join(filter(None, said)), health.credits, health.unit)


def result_of(question: Question) -> Result:
    """Ask one provider; a fault becomes a problem with advice."""
    started = time.monotonic()
    try:
        answer = question.ask()
    except ProviderError as error:
        code = f" ({error.code})" if error.code else ""
        text = f"{question.use}: {error.cause}{code}"
        return Result(question.provider, Level.PROBLEM, text, error.action)
    except Exception as error:  # whatever this answer causes, the others are still reported
        text = f"{question.use}: {type(error).__name__}: {first_line(error)}"
        return Result(question.provider, Level.PROBLEM, text, "This was not foreseen.")
    took_ms = (time.monotonic() - started) * 1000
    text = ", ".join(filter(None, [f"{question.use}: answers in {took_ms:.0f} ms", answer.said]))
    if answer.credits is not None:
        text += f", {answer.credits.normalize():,f} {answer.unit or 'credits'} left"
        if answer.credits <= 0:
            return Result(question.provider, Level.PROBLEM, text, "Add credits there.")
    level = Level.WARNING if answer.warning else Level.OK
    return Result(question.provider, level, text, answer.warning)


def silent(question: Question, longest_s: float) -> Result:
    return Result(
        question.provider,
        Level.PROBLEM,
        f"{question.use}: no answer in {longest_s:.0f} s",
        "Look at the provider's status page and at the network; runs try again by themselves.",
    )
