"""Footage in the visuals and video steps, through real HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest

from experiments.models import Experiment
from runs.models import Artifact, ProviderCall, Run, RunEvent
from runs.outputs import MasterOutput, VisualsOutput
from runs.steps import video, visuals
from tests.contract_servers import media
from tests.contract_servers.stock import PEXELS_KEY, PexelsServer
from tests.factories import CONCEPT
from tests.outputs import analysis
from tests.runs.steps.conftest import done, sound

pytestmark = pytest.mark.django_db


@pytest.fixture
def pexels(serve, settings) -> PexelsServer:
    server = serve(PexelsServer())
    settings.FOOTAGE = ["pexels"]
    settings.PEXELS = {"api_key": PEXELS_KEY, "base_url": server.base_url, "file_hosts": []}
    return server


@pytest.fixture
def film(context_of, keep, add_file):
    """Do the visuals step of a run and keep what it made."""

    def do(run: Run) -> Run:
        add_file(run, Artifact.Kind.MASTER, sound(), ".wav")
        keep(run, visuals.STEP, visuals.perform(context_of(run, "visuals")))
        return run

    return do


def clips_of(run: Run) -> list[Artifact]:
    return list(run.artifacts.filter(kind=Artifact.Kind.FOOTAGE).order_by("name"))


def keys_of(run: Run) -> set[str]:
    return {f"{clip.provenance['provider']}:{clip.provenance['model']}" for clip in clips_of(run)}


def test_clips_are_stored_with_source_author_and_licence(run, film, pexels) -> None:
    film(run)

    clips = clips_of(run)
    assert [clip.name for clip in clips] == ["clip 1", "clip 2"]
    for clip in clips:
        assert (clip.width, clip.height, clip.media_type) == (270, 480, "video/mp4")
        assert clip.provenance["licence"] == "Pexels License"
        assert clip.provenance["author"] == "Jane Doe"
        assert clip.provenance["source_url"].startswith("https://www.pexels.com/video/")
        assert clip.provenance["generator"] == "human"


def test_the_step_remembers_credits_and_books_its_searches(run, film, pexels) -> None:
    film(run)

    output = run.output(VisualsOutput)
    assert output.plan.kind == "footage"
    assert output.plan.footage == ("clip 1", "clip 2")
    assert output.footage.clips[0].credit == "Video by Jane Doe on Pexels"
    searches = ProviderCall.objects.filter(run=run, purpose="footage", provider="pexels")
    assert searches.count() == pexels.count("GET /v1/videos/search")
    assert set(searches.values_list("status", flat=True)) == {ProviderCall.Status.SUCCEEDED}


def test_the_video_is_cut_from_the_stored_clips_and_names_their_sources(
    run, film, pexels, context_of
) -> None:
    film(run)

    result = video.perform(context_of(run, "video"))

    made_by = result.artifacts[0].provenance
    # The last is the sound's.
    assert made_by.licence == "operator; fonts OFL-1.1; Pexels License; CC0-1.0"
    assert made_by.author == "Video by Jane Doe on Pexels"
    assert made_by.provider == "local; pexels"
    assert result.output.info.duration_s == pytest.approx(4.0, abs=0.1)


def test_a_clip_of_the_roster_is_not_used_again_soon(new_run, film, pexels) -> None:
    first, second = film(new_run()), film(new_run())

    assert keys_of(first)
    assert keys_of(second)
    assert not keys_of(first) & keys_of(second)


def test_a_replay_of_the_same_seed_has_the_same_clips(new_run, film, pexels) -> None:
    first = film(new_run())

    again = film(new_run(artist=first.artist, seed=first.seed))

    assert keys_of(again) == keys_of(first)


def test_clips_of_a_refused_take_are_not_tried_again(run, film, pexels, now) -> None:
    film(run)
    refused = keys_of(run)
    run.artifacts.update(superseded_at=now)

    assert visuals.used_lately(run) == refused


def test_without_any_clip_pictures_are_generated_and_the_operator_is_told(
    new_run, film, pexels
) -> None:
    concept = CONCEPT | {
        "visual_prompt": "nothing",
        "theme": "nothing",
        "keywords": ["nothing"],
    }
    run = new_run()
    run.concept = concept
    run.save()

    film(run)

    assert run.output(VisualsOutput).plan.kind == "generated"
    assert "no clip that fits" in RunEvent.objects.get(run=run, kind="fallback").message


def test_a_refused_key_is_told_and_does_not_stop_the_run(run, film, pexels, settings) -> None:
    settings.PEXELS = settings.PEXELS | {"api_key": "wrong-key-0123456789"}

    film(run)

    assert run.output(VisualsOutput).plan.kind == "generated"
    assert "check PEXELS_API_KEY" in RunEvent.objects.get(run=run).message
    call = ProviderCall.objects.get()
    assert call.status == ProviderCall.Status.FAILED
    assert "wrong-key" not in call.error


def test_the_operators_own_folder_needs_no_network(run, film, settings, tmp_path: Path) -> None:
    settings.FOOTAGE, settings.FOOTAGE_DIR = ["local"], tmp_path / "own"
    settings.FOOTAGE_DIR.mkdir()
    for name, seconds in (("neon street", 4.0), ("river night", 4.5)):
        clip = media.video(duration_s=seconds)
        (settings.FOOTAGE_DIR / f"{name}.mp4").write_bytes(clip)

    film(run)

    assert keys_of(run) == {"local:neon street.mp4", "local:river night.mp4"}
    assert str(tmp_path) not in str([clip.provenance for clip in clips_of(run)])


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Parameters of experiments that a step noted as used."""
    names: list[str] = []
    monkeypatch.setattr(
        "runs.steps.context.mark_exposed", lambda **given: names.append(given["parameter"])
    )
    return names


def test_without_footage_the_look_of_an_experiment_counts(run, film, settings, used) -> None:
    settings.FOOTAGE = []

    film(run)

    assert used == [Experiment.Parameter.VISUAL_STYLE]
    assert run.output(VisualsOutput).footage is None


def test_with_footage_a_scene_of_an_experiment_does_not_count(new_run, film, pexels, used) -> None:
    run = new_run(artist__visual_style="aurora")

    film(run)

    assert run.output(VisualsOutput).plan.kind == "footage"
    assert used == []


def test_credit_that_cannot_be_read_is_told_and_its_clip_left_out(
    run, film, settings, tmp_path: Path
) -> None:
    folder = tmp_path / "footage"
    folder.mkdir()
    for name in ("neon river night", "one", "two"):
        (folder / f"{name}.mp4").write_bytes(media.video(duration_s=4))
    (folder / "neon river night.mp4.json").write_text('{"licence": "CC BY 4.0", "author": 7}')
    (folder / "ONE.MP4.JSON").write_text('{"licence": "CC BY 4.0", "author": "Zoë"}', "utf-8-sig")
    settings.FOOTAGE = ["local"]
    settings.FOOTAGE_DIR = folder
    # So long that every clip is tried.
    done(run, MasterOutput(analysis=analysis(duration_s=60.0)))

    film(run)

    licences = {clip.provenance["model"]: clip.provenance["licence"] for clip in clips_of(run)}
    assert licences == {"one.mp4": "CC BY 4.0", "two.mp4": "operator"}
    told = RunEvent.objects.get(run=run, kind="footage").message
    assert "neon river night.mp4.json: author has to be a text" in told
