"""Painted covers, through real HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from PIL import Image

from media_tools.marking.certificates import local_certificate
from media_tools.marking.credentials import sign
from media_tools.marking.mark import Mark
from media_tools.provenance import digital_source_type
from runs.errors import GateFailed, Pending
from runs.models import Artifact, Budget, ProviderCall, Run, RunEvent
from runs.outputs import CoverOutput
from runs.providers.budgets import BudgetExhausted
from runs.steps import cover
from tests.contract_servers.llm import GOOD_KEY
from tests.contract_servers.media import image
from tests.contract_servers.openai_images import OpenAiImagesServer
from tests.contract_servers.replicate import TOKEN
from tests.contract_servers.replicate_images import ReplicateImagesServer

pytestmark = pytest.mark.django_db

MODERATED = {
    "error": {
        "message": "Your request was rejected by the safety system.",
        "type": "image_generation_user_error",
        "code": "moderation_blocked",
    }
}


@pytest.fixture
def openai(serve, settings) -> OpenAiImagesServer:
    server = serve(OpenAiImagesServer())
    settings.COVER_ART = "openai"
    settings.OPENAI_IMAGES = {
        "api_key": GOOD_KEY,
        "model": "gpt-image-2.5-flare",
        "quality": "high",
        "base_url": server.base_url,
    }
    return server


@pytest.fixture
def replicate(serve, settings) -> ReplicateImagesServer:
    server = serve(ReplicateImagesServer())
    settings.COVER_ART = "replicate"
    settings.REPLICATE_IMAGES = settings.REPLICATE_IMAGES | {
        "api_token": TOKEN,
        "base_url": server.base_url,
    }
    return server


@pytest.fixture
def paint(context_of, keep):
    """Do the cover step of a run and keep what it made."""

    def do(run: Run, after_s: float = 0.0) -> Artifact:
        keep(run, cover.STEP, cover.perform(context_of(run, "cover", after_s)))
        made = run.artifact(Artifact.Kind.COVER)
        assert made is not None
        return made

    return do


def test_the_picture_is_painted_and_its_price_booked(run, paint, openai) -> None:
    made = paint(run)

    assert made.provenance["model"] == "gpt-image-2.5-flare"
    assert made.provenance["generator"] == "ai"
    assert "fonts OFL-1.1" in made.provenance["licence"]
    with Image.open(made.path) as picture:
        assert picture.size == (400, 400)
    call = ProviderCall.objects.get(run=run, purpose="cover art")
    assert (call.status, call.cost_usd) == (ProviderCall.Status.SUCCEEDED, Decimal("0.10"))


def test_a_step_done_again_does_not_ask_again(run, paint, openai, context_of) -> None:
    cover.perform(context_of(run, "cover"))  # the worker died before its result was kept

    paint(run)

    assert openai.count("POST /v1/images/generations") == 1
    assert ProviderCall.objects.count() == 1


def test_a_slow_job_parks_the_run_and_is_submitted_once(run, paint, replicate) -> None:
    replicate.polls = 1

    with pytest.raises(Pending, match="painting"):
        paint(run)
    made = paint(run, after_s=5)

    assert made.provenance["provider"] == "replicate"
    assert replicate.count("POST") == 1


def test_a_moderated_prompt_gives_a_drawn_cover_and_a_note(run, paint, openai) -> None:
    openai.fault(status=400, body=MODERATED)

    made = paint(run)

    assert made.provenance["provider"] == "local"
    output = run.output(CoverOutput)
    assert "safety rules refused" in output.fallback
    assert [finding.code for finding in output.findings] == ["cover_fallback"]
    assert "safety rules refused" in RunEvent.objects.get(run=run, kind="fallback").message
    call = ProviderCall.objects.get()
    assert (call.status, call.committed_usd) == (ProviderCall.Status.FAILED, 0)


def test_a_lost_picture_stays_paid_and_the_cover_is_drawn(run, paint, replicate) -> None:
    replicate.ending = "nsfw"

    made = paint(run)

    assert made.provenance["provider"] == "local"
    call = ProviderCall.objects.get()
    assert (call.status, call.committed_usd) == (ProviderCall.Status.FAILED, Decimal("0.04"))


def test_a_job_past_its_deadline_is_closed_and_the_cover_drawn(run, paint, replicate) -> None:
    replicate.polls = 9
    with pytest.raises(Pending):
        paint(run)

    made = paint(run, after_s=4000)

    assert made.provenance["provider"] == "local"
    call = ProviderCall.objects.get()
    assert (call.status, call.committed_usd) == (ProviderCall.Status.FAILED, Decimal("0.04"))


def test_without_a_key_the_cover_is_drawn(run, paint, openai, settings) -> None:
    settings.OPENAI_IMAGES = settings.OPENAI_IMAGES | {"api_key": ""}

    made = paint(run)

    assert made.provenance["provider"] == "local"
    assert "OPENAI_API_KEY" in run.output(CoverOutput).fallback


def test_a_budget_stops_the_picture_before_it_is_asked_for(run, paint, openai) -> None:
    Budget.objects.create(provider="openai", period=Budget.Period.DAY, cap_usd=Decimal("0.05"))

    with pytest.raises(BudgetExhausted):
        paint(run)

    assert openai.count() == 0


def test_a_picture_too_small_is_not_used(run, paint, openai, settings, monkeypatch) -> None:
    settings.COVER_PX = 900
    small = image(".png", width=288, height=288)
    monkeypatch.setattr("tests.contract_servers.media.image", lambda *args, **more: small)

    made = paint(run)

    assert made.provenance["provider"] == "local"
    assert "enlarged" in run.output(CoverOutput).fallback


def test_a_painted_cover_like_an_earlier_one_is_not_used(new_run, paint, openai) -> None:
    paint(new_run())
    second = new_run(artist__name="Somebody Else")

    made = paint(second)

    assert made.provenance["provider"] == "local"
    assert "looks like the cover of “Neon Rivers”" in second.output(CoverOutput).fallback


def test_a_drawn_cover_like_an_earlier_one_wants_another_take(new_run, paint) -> None:
    first = new_run()
    paint(first)

    with pytest.raises(GateFailed, match="looks like the cover") as gate:
        # The name looks the same: another one would have another typeface and mark.
        paint(new_run(artist__name=f"{first.artist.name}\u200b", seed=first.seed))

    assert gate.value.redo_from == "cover"
    assert gate.value.retryable


def test_a_cover_whose_look_was_never_taken_is_like_no_other(new_run, paint) -> None:
    paint(first := new_run())
    step = first.steps.get(name="cover")
    step.output["look"] = ""
    step.save()

    assert paint(new_run(artist__name="Somebody Else"))


def test_covers_of_rejected_runs_and_of_replays_do_not_count(new_run, paint) -> None:
    first = new_run()
    paint(first)
    assert list(cover.earlier_looks(new_run()))

    assert not list(cover.earlier_looks(new_run(artist=first.artist, seed=first.seed)))
    Run.objects.filter(pk=first.pk).update(status=Run.Status.CANCELLED)
    assert not list(cover.earlier_looks(new_run()))


def test_credentials_of_the_painter_are_kept(
    run, paint, openai, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, signed = tmp_path / "plain.png", tmp_path / "signed.png"
    plain.write_bytes(image(".png", width=1024, height=1024))
    now = datetime.now(UTC)
    mark = Mark("Painted", digital_source_type("ai"), "By a model.", {})
    sign(plain, signed, mark, local_certificate(tmp_path / "theirs", now=now))
    monkeypatch.setattr(
        "tests.contract_servers.media.image", lambda *args, **more: signed.read_bytes()
    )

    paint(run)

    kept = run.artifact(Artifact.Kind.SOURCE, "cover")
    assert kept.media_type == "image/png"
    assert kept.path.read_bytes() == signed.read_bytes()
