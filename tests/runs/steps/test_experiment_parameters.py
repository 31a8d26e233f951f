"""What an experiment sets reaches the step that honours it, and is noted only where it did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from experiments.models import Assignment, Experiment
from experiments.parameters import PARAMETERS
from experiments.promotion import promote
from media_tools.errors import MediaInvalid
from media_tools.records import to_json
from media_tools.text.base import Concept, Lyrics, LyricsSection
from media_tools.text.offline import OfflineWriter
from runs.models import ProviderCall, Run, Step
from runs.outputs import LyricsOutput
from runs.providers import engines
from runs.providers.ledger import Book
from runs.steps import NAMES, concept, lyrics, music
from runs.steps.context import StepContext
from runs.work.batches import create_runs
from runs.work.operating import cancel_run
from tests.factories import (
    CONCEPT,
    NOON,
    ArtistFactory,
    BatchFactory,
    ExperimentFactory,
    RunFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db

Parameter = Experiment.Parameter


class Writer(OfflineWriter):
    """The offline writer under the name of a language model."""

    name = "openai"
    model = "gpt-test"


@pytest.fixture
def step_of(tmp_path: Path) -> Callable[..., StepContext]:
    def make(run: Run, step: str = "concept", writer: Any = OfflineWriter) -> StepContext:
        def maker(*_: Any) -> Any:
            return writer()

        return StepContext(
            run=run,
            step=step,
            workdir=tmp_path,
            engines=engines.Engines(
                writer=maker, music=engines.music_provider, writer_led_by=lambda model: maker
            ),
            clock=lambda: NOON,
            report=lambda share: None,
            cancelled=lambda: False,
        )

    return make


def run_with(parameter: str, value: Any) -> Run:
    """A run whose only experiment sets this value; None: the arm as it is."""
    experiment = ExperimentFactory(parameter=parameter)
    VariantFactory(experiment=experiment, value=value)
    run = create_runs(BatchFactory(seed=11), [ArtistFactory()], now=NOON)[0]
    assert Assignment.objects.filter(run_id=run.pk).exists()
    return run


def exposed(run: Run) -> bool:
    return Assignment.objects.get(run_id=run.pk).exposed_at is not None


def with_concept(run: Run, **fields: Any) -> Run:
    run.concept = CONCEPT | fields
    run.save()
    return run


def test_every_step_of_the_registry_can_note_an_exposure() -> None:
    assert {entry.step for entry in PARAMETERS.values()} <= set(NAMES)


@pytest.mark.parametrize(("chance", "followed"), [(0.0, 0), (1.0, 1)])
def test_trend_following_is_drawn_with_the_variants_chance(
    step_of: Callable[..., StepContext],
    monkeypatch: pytest.MonkeyPatch,
    chance: float,
    followed: int,
) -> None:
    asked = []
    monkeypatch.setattr(concept, "choose_topic", lambda **given: asked.append(given))
    run = run_with(Parameter.TREND_PROBABILITY, chance)

    concept.perform(step_of(run))

    assert [given["probability"] for given in asked] == [chance]
    assert exposed(run)


def test_the_tempo_range_replaces_the_artists(step_of: Callable[..., StepContext]) -> None:
    run = run_with(Parameter.TEMPO_RANGE, [60, 64])

    planned = Concept.from_json(concept.perform(step_of(run)).fields["concept"])

    assert 60 <= planned.tempo_bpm <= 64


def test_the_look_replaces_the_artists(step_of: Callable[..., StepContext]) -> None:
    context = step_of(run_with(Parameter.VISUAL_STYLE, "paper cut-outs"))

    assert context.persona.visual_style == "paper cut-outs"


def test_the_arm_as_it_is_changes_nothing(step_of: Callable[..., StepContext]) -> None:
    run = run_with(Parameter.TEMPO_RANGE, None)

    context = step_of(run)

    assert context.parameters == {}
    assert context.persona.tempo_min_bpm == run.artist.tempo_min_bpm


def test_the_form_of_the_lyrics_is_kept(step_of: Callable[..., StepContext]) -> None:
    form = ["verse", "verse", "chorus", "bridge", "chorus"]
    run = with_concept(run_with(Parameter.LYRIC_FORM, form))

    result = lyrics.perform(step_of(run, "lyrics"))

    assert list(result.output.lyrics.form) == form
    assert exposed(run)


def test_another_form_than_asked_for_is_no_exposure(step_of: Callable[..., StepContext]) -> None:
    class Stubborn(OfflineWriter):
        def lyrics(self, brief: Any) -> Lyrics:
            return super().lyrics(replace(brief, form=()))

    form = ["chorus", "verse", "chorus", "verse", "chorus"]
    run = with_concept(run_with(Parameter.LYRIC_FORM, form))

    lyrics.perform(step_of(run, "lyrics", Stubborn))

    assert not exposed(run)


@pytest.mark.parametrize(
    ("parameter", "value", "writer", "noted"),
    [
        (Parameter.TEMPERATURE, 0.4, Writer, True),
        (Parameter.TEMPERATURE, 0.4, OfflineWriter, False),
        (Parameter.LLM_MODEL, "openai:gpt-test", Writer, True),
        (Parameter.LLM_MODEL, "mistral:small", Writer, False),
        (Parameter.LLM_MODEL, None, Writer, True),
        (Parameter.LLM_MODEL, "openai:gpt-test", OfflineWriter, False),
    ],
)
def test_a_model_counts_only_where_it_answered(
    step_of: Callable[..., StepContext], parameter: str, value: Any, writer: Any, noted: bool
) -> None:
    run = with_concept(run_with(parameter, value))

    lyrics.perform(step_of(run, "lyrics", writer))

    assert exposed(run) is noted


@pytest.mark.parametrize(
    ("parameter", "value", "fields", "noted"),
    [
        (Parameter.MUSIC_PROMPT_PREFIX, "warm tape", {"music_prompt": "Warm tape, pads"}, True),
        (Parameter.MUSIC_PROMPT_PREFIX, "warm tape", {"music_prompt": "pads"}, False),
        (Parameter.MUSIC_PROMPT_PREFIX, None, {}, True),
        (Parameter.TEMPO_RANGE, [80, 90], {"tempo_bpm": 90}, True),
        (Parameter.TEMPO_RANGE, [80, 90], {"tempo_bpm": 104}, False),
    ],
)
def test_music_counts_where_the_request_holds_the_wish(
    step_of: Callable[..., StepContext],
    parameter: str,
    value: Any,
    fields: dict[str, Any],
    noted: bool,
) -> None:
    run = with_concept(run_with(parameter, value), **fields)
    words = Lyrics((LyricsSection("verse", ("One line",)),))
    Step.objects.filter(run=run, name="lyrics").update(
        status=Step.Status.DONE, finished_at=NOON, output=to_json(LyricsOutput(lyrics=words))
    )
    context = step_of(run, "music")

    music.note_exposure(context, music.music_request(context, context.engines.music("local")))

    assert exposed(run) is noted


def test_a_promotion_in_the_middle_of_a_run_changes_nothing(
    step_of: Callable[..., StepContext],
) -> None:
    run = RunFactory()
    Step.objects.create(
        run=run,
        name="concept",
        status=Step.Status.DONE,
        finished_at=NOON,
        output={"parameters": {}},
        position=0,
    )
    won = VariantFactory(
        experiment=ExperimentFactory(parameter=Parameter.TEMPO_RANGE, status="concluded"),
        value=[60, 64],
    )
    promote(won.experiment, won, actor=None, now=NOON)

    assert step_of(run, "music").parameters == {}
    assert step_of(RunFactory(), "concept").parameters == {Parameter.TEMPO_RANGE: [60, 64]}


def test_a_replay_uses_what_the_original_used(step_of: Callable[..., StepContext]) -> None:
    original = RunFactory()
    Step.objects.create(
        run=original,
        name="concept",
        position=0,
        status=Step.Status.DONE,
        finished_at=NOON,
        output={"parameters": {Parameter.TEMPO_RANGE: [60, 64]}},
    )
    replay = RunFactory(artist=original.artist, replay_of=original)

    assert step_of(replay).parameters == {Parameter.TEMPO_RANGE: [60, 64]}


def test_the_named_model_is_asked_first(settings) -> None:
    settings.WRITER = "llm"
    settings.LLM_MODELS = ("openai:usual",)
    settings.LLM_ACCESS = {}

    writer = engines.writer_led_by("mistral:small")(Book(None, "", lambda: NOON), 0.5)

    assert [str(name) for name in writer.models] == ["mistral:small", "openai:usual"]


def test_without_language_models_the_offline_writer_stays(settings) -> None:
    settings.WRITER = "offline"

    assert engines.writer_led_by("mistral:small") is engines.WRITERS["offline"]


# --- What became of a run ---


def test_a_cancelled_run_leaves_its_arm_without_a_decision() -> None:
    run = run_with(Parameter.TEMPO_RANGE, None)

    cancel_run(run_id=run.pk, actor=None, now=NOON)

    assert Assignment.objects.get(run_id=run.pk).outcome == Assignment.Outcome.CANCELLED


def test_a_failed_run_costs_its_arm_what_was_spent(work, fake_steps) -> None:
    run = run_with(Parameter.TEMPO_RANGE, None)
    ProviderCall.objects.create(
        run=run, purpose="music", provider="x", idempotency_key="k", committed_usd=Decimal("0.30")
    )

    def refuse(_: StepContext) -> None:
        raise MediaInvalid("mix.wav", "truncated")

    fake_steps.before["music"] = refuse
    work(run)

    row = Assignment.objects.get(run_id=run.pk)
    assert (row.outcome, row.cost_usd) == ("failed", Decimal("0.30"))
