"""The music step with providers that take their time and cost money."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from media_tools.audio.io import write_wav24
from media_tools.errors import (
    JobFailed,
    PartlyMade,
    ProviderRejected,
    ProviderUnavailable,
    SubmissionUnknown,
)
from media_tools.marking.sources import keep_source
from media_tools.music.base import MusicProvider, MusicRequest, MusicTrack, Section
from media_tools.music.brief import Breach, Element
from media_tools.provenance import Provenance
from media_tools.records import from_json, to_json
from runs.errors import Pending
from runs.models import Artifact, ProviderCall, Run, Step
from runs.outputs import MusicOutput
from runs.steps import music
from runs.steps.context import StepContext
from runs.steps.jobs import MISSING_PATIENCE_S
from tests.factories import CONCEPT, NOON, RunFactory, StepFactory

pytestmark = pytest.mark.django_db

MADE_BY = Provenance(provider="patient", model="m1", licence="unverified", generator="ai")


class Patient(MusicProvider):
    """Answers as told: each entry of `answers` is what one collect gives or raises."""

    name = "patient"
    model = "m1"
    resubmit_safe = False
    sings = True
    deadline_s = 600.0

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.submitted: list[str] = []
        self.requests: list[MusicRequest] = []

    def submit(self, request: MusicRequest, *, idempotency_key: str) -> str:
        self.submitted.append(idempotency_key)
        self.requests.append(request)
        return f"job-{len(self.submitted)}"

    def collect(self, external_id: str, request: MusicRequest, workdir: Path) -> MusicTrack | None:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[return-value]

    def estimate_cost(self, request: MusicRequest) -> Decimal | None:
        return Decimal("0.06")


@pytest.fixture
def run(db) -> Run:
    """Concept and lyrics are done."""
    run = RunFactory(concept=dict(CONCEPT))
    words = {"sections": [{"kind": "verse", "lines": ["One line"]}]}
    StepFactory(
        run=run,
        name="lyrics",
        status=Step.Status.DONE,
        finished_at=NOON,
        output={"lyrics": words | {"explicit": False, "language": "en"}},
    )
    return run


@pytest.fixture
def perform(run: Run, tmp_path: Path):
    def do(provider: MusicProvider, after_s: float = 0.0):
        context = StepContext(
            run=run,
            step="music",
            workdir=tmp_path,
            engines=SimpleNamespace(music=lambda name: provider),
            clock=lambda: NOON + timedelta(seconds=after_s),
            report=lambda fraction: None,
            cancelled=lambda: False,
        )
        return music.perform(context)

    return do


def track(folder: Path, *takes: MusicTrack, name: str = "mix") -> MusicTrack:
    audio = folder / f"{name}.wav"
    write_wav24(audio, np.zeros((800, 2), np.float32), 8_000)
    return MusicTrack(
        audio=audio,
        duration_s=80.0,
        tempo_bpm=None,
        key=None,
        sections=(Section("verse", 0.0, 80.0),),
        provenance=MADE_BY,
        takes=takes,
    )


def test_a_job_in_progress_parks_the_run_and_is_submitted_once(perform, tmp_path) -> None:
    provider = Patient(None, None, track(tmp_path))

    for after_s in (0, 20):
        with pytest.raises(Pending) as wait:
            perform(provider, after_s)
        assert wait.value.wake_at == NOON + timedelta(seconds=after_s + 5)
    result = perform(provider, 40)

    assert len(provider.submitted) == 1
    assert result.output.provider == "patient"
    call = ProviderCall.objects.get()
    assert (call.status, call.cost_usd) == (ProviderCall.Status.SUCCEEDED, Decimal("0.06"))


def test_the_brief_of_persona_and_concept_reaches_the_provider(run, perform, tmp_path) -> None:
    run.artist.style_notes = "Slow swells, no drums, glassy bells."
    run.artist.save()
    run.concept["music_prompt"] = "ambient, no vocals"
    song = replace(track(tmp_path), breaches=(Breach("kick", 2),), unheard=("bells",))
    provider = Patient(song)

    output = perform(provider).output

    assert provider.requests[0].instrumental
    assert set(output.brief.without) == {Element.DRUMS, Element.VOCALS}
    assert output.brief.asked == (Element.BELLS,)
    assert from_json(MusicOutput, json.loads(json.dumps(to_json(output)))) == output


def test_both_songs_of_an_answer_are_kept(perform, tmp_path) -> None:
    other = replace(track(tmp_path, name="other"), lufs=-17.5)

    result = perform(Patient(track(tmp_path, other)))

    kinds = [(new.kind, new.name) for new in result.artifacts]
    assert kinds == [(Artifact.Kind.MIX, ""), (Artifact.Kind.TAKE, "take 2")]
    assert [new.lufs for new in result.artifacts] == [None, -17.5]
    assert {(new.path.suffix, new.media_type) for new in result.artifacts} == {
        (".flac", "audio/flac")
    }


def test_a_song_with_credentials_of_the_provider_is_kept_as_it_came(perform, tmp_path) -> None:
    song = track(tmp_path)
    raw = tmp_path / "raw.download"
    raw.write_bytes(b"ID3 jumdc2pa\x00\x11\x00\x10 sound")
    keep_source(raw, song.audio)

    (_, source) = perform(Patient(song)).artifacts

    assert (source.kind, source.name) == (Artifact.Kind.SOURCE, "music")
    assert source.media_type == "audio/mpeg"
    assert source.path.read_bytes() == raw.read_bytes()


def test_a_failed_job_is_paid_for_and_the_next_attempt_submits_anew(perform, tmp_path) -> None:
    provider = Patient(JobFailed("patient", "generation failed"), track(tmp_path))
    with pytest.raises(JobFailed):
        perform(provider)

    perform(provider)

    assert len(provider.submitted) == 2
    assert len(set(provider.submitted)) == 2
    failed, succeeded = ProviderCall.objects.order_by("pk")
    assert (failed.status, failed.committed_usd) == (ProviderCall.Status.FAILED, Decimal("0.06"))
    assert succeeded.status == ProviderCall.Status.SUCCEEDED


def test_a_take_that_cannot_be_had_is_waited_for_and_then_done_without(perform, tmp_path) -> None:
    late = PartlyMade(ProviderUnavailable("patient", "the second song is late"), track(tmp_path))
    provider = Patient(late, late)
    with pytest.raises(ProviderUnavailable, match="second song is late"):
        perform(provider)

    result = perform(provider, after_s=MISSING_PATIENCE_S)

    assert [new.kind for new in result.artifacts] == [Artifact.Kind.MIX]
    assert ProviderCall.objects.get().status == ProviderCall.Status.SUCCEEDED
    assert len(provider.submitted) == 1


def test_a_job_past_its_deadline_is_given_up_without_a_second_charge(perform) -> None:
    provider = Patient(None, None)
    with pytest.raises(Pending):
        perform(provider)

    with pytest.raises(ProviderRejected, match="not finished after 11 min"):
        perform(provider, after_s=660)

    assert ProviderCall.objects.get().status == ProviderCall.Status.SUBMITTED


def test_a_lost_submission_that_can_be_recovered_needs_no_operator(perform, tmp_path) -> None:
    provider = Patient(track(tmp_path))
    provider.submit = killed  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        perform(provider)
    provider.recover = lambda key: "job-found"  # type: ignore[method-assign]

    perform(provider)

    assert ProviderCall.objects.get().external_id == "job-found"


def test_a_lost_submission_waits_for_the_operator(perform) -> None:
    provider = Patient()
    provider.submit = lost  # type: ignore[method-assign]

    with pytest.raises(Pending) as wait:
        perform(provider)

    assert wait.value.waiting_for == Step.WaitingFor.OPERATOR


def test_a_provider_that_sings_gets_the_words(perform, tmp_path) -> None:
    provider = Patient(track(tmp_path))

    perform(provider)

    assert provider.requests[0].instrumental is False
    assert "One line" in provider.requests[0].lyrics


def test_singing_is_noted_for_the_disclosure(perform, tmp_path) -> None:
    assert perform(Patient(track(tmp_path))).output.vocals == "synthetic"


def test_what_an_imported_file_sings_is_undeclared(perform, tmp_path) -> None:
    provider = Patient(track(tmp_path))
    provider.name = "import"

    assert perform(provider).output.vocals == "undeclared"


def test_of_the_local_voice_only_real_singing_counts(perform, tmp_path) -> None:
    provider = Patient(track(tmp_path))
    provider.name = "local"

    assert perform(provider).output.vocals == "none"


@pytest.mark.parametrize(
    ("usual", "wish", "sung"),
    [
        (True, None, True),
        (False, None, False),
        (True, "instrumental", False),
        (False, "sung", True),
    ],
)
def test_a_run_can_be_sung_or_not_whatever_its_artist_does(
    run: Run, perform, tmp_path, usual: bool, wish: str | None, sung: bool
) -> None:
    run.artist.sings = usual
    run.overrides = {} if wish is None else {"singing": wish}
    provider = Patient(track(tmp_path))
    provider.name = "local"

    perform(provider)

    assert provider.requests[0].instrumental is not sung


def killed(request: MusicRequest, *, idempotency_key: str) -> str:
    raise KeyboardInterrupt


def lost(request: MusicRequest, *, idempotency_key: str) -> str:
    raise SubmissionUnknown("patient", "the connection broke")


def test_a_song_made_again_is_collected_and_bought_only_when_asked(perform, run, tmp_path) -> None:
    provider = Patient(*[track(tmp_path)] * 3)
    perform(provider)

    perform(provider)
    assert len(provider.submitted) == 1

    run.take += 1  # what an operator's “another take” does
    perform(provider)
    assert len(provider.submitted) == 2
