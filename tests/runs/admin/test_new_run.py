"""The form for one run with chosen settings, and what else an operator starts from a run."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from runs.models import Batch, Run, Step
from runs.reviewing.reviews import decide
from tests.factories import NOON, ArtistFactory, RunFactory

pytestmark = pytest.mark.django_db
NEW = "admin:runs_run_new"


def test_settings_of_a_decided_run_fill_the_form(boss: Client, new_run: Callable[..., Run]) -> None:
    run = new_run(seed=77)
    Step.objects.filter(run=run, name="concept").update(
        output={"parameters": {"tempo_range": [80, 90]}}
    )
    decide(run_id=run.pk, decision="approve", reviewer=None, now=NOON)

    form = boss.get(reverse(NEW), {"from": run.pk}).context["form"]

    assert form["artist"].value() == run.artist_id
    assert form["seed"].value() == 77
    assert form["tempo_range"].value() == [80, 90]
    assert 'value="90"' in str(form["tempo_range"])


def test_arm_of_an_undecided_run_stays_hidden(boss: Client, new_run: Callable[..., Run]) -> None:
    run = new_run()
    Step.objects.filter(run=run, name="concept").update(
        output={"parameters": {"music_prompt_prefix": "warm arm"}}
    )

    page = boss.get(reverse(NEW), {"from": run.pk}).content.decode()

    assert "warm arm" not in page
    assert "shown when it is decided" in page


@pytest.mark.parametrize("odd", ["[" * 100_000, "9" * 5_000, "NaN", "1e999"])
def test_form_refuses_odd_values(boss: Client, odd: str) -> None:
    artist = ArtistFactory()

    page = boss.post(
        reverse(NEW),
        {"artist": artist.pk, "seed": "12", "tempo_range_0": "80", "tempo_range_1": odd},
    )

    assert page.context["form"].errors.keys() == {"tempo_range"}
    assert not Run.objects.exists()


def test_form_starts_a_batch_of_one_with_its_values(boss: Client) -> None:
    artist = ArtistFactory()

    response = boss.post(
        reverse(NEW),
        {
            "artist": artist.pk,
            "seed": "12",
            "tempo_range_0": "80",
            "tempo_range_1": "90",
            "visual_style": "paper cut-outs",
            "lyric_form": "Verse, chorus, verse, chorus",
            "trend_probability": "25",
            "llm_model_0": "openai",
            "llm_model_1": "small",
        },
    )

    run = Run.objects.get()
    assert response["Location"] == reverse("admin:runs_run_change", args=[run.pk])
    assert (run.artist, run.seed, run.batch.size) == (artist, 12, 1)
    assert run.overrides == {
        "tempo_range": [80, 90],
        "visual_style": "paper cut-outs",
        "lyric_form": ["verse", "chorus", "verse", "chorus"],
        "trend_probability": 0.25,
        "llm_model": "openai:small",
    }
    assert run.batch.requested_by is not None


@pytest.mark.parametrize(
    ("posted", "message"),
    [
        ({"tempo_range_0": "200", "tempo_range_1": "100"}, "must not be above the second"),
        ({"tempo_range_1": "100"}, "Enter both numbers"),
        ({"cover_style": "crayon"}, "Select a valid choice"),
        ({"temperature": "NaN"}, "Enter a number"),
        ({"temperature": "1e999"}, "Enter a number"),
        ({"temperature": "2.5"}, "less than or equal to 2"),
        ({"trend_probability": "101"}, "less than or equal to 100"),
        ({"lyric_form": "verse, solo"}, "a chorus among them"),
        ({"llm_model_0": "openai"}, "go together"),
        ({"llm_model_0": "nobody", "llm_model_1": "x"}, "Select a valid choice"),
        ({"seed": "-1"}, "greater than or equal to 0"),
        ({"artist": ""}, "This field is required"),
    ],
)
def test_value_that_does_not_fit_is_explained(
    boss: Client, posted: dict[str, str], message: str
) -> None:
    artist = ArtistFactory()

    page = boss.post(reverse(NEW), {"artist": artist.pk, **posted}).content.decode()

    assert message in page
    assert not Batch.objects.exists()


def test_retired_artist_is_not_offered(boss: Client) -> None:
    artist = ArtistFactory(status="retired")

    page = boss.post(reverse(NEW), {"artist": artist.pk}).content.decode()

    assert "Select a valid choice" in page
    assert not Run.objects.exists()


def test_replay_leads_to_the_new_run(boss: Client) -> None:
    run = RunFactory(seed=5)

    response = boss.post(reverse("admin:runs_run_replay", args=[run.pk]))

    again = Run.objects.get(replay_of=run)
    assert response["Location"] == reverse("admin:runs_run_change", args=[again.pk])
    assert again.seed == 5


def test_replay_of_a_retired_artist_is_refused_in_words(boss: Client) -> None:
    run = RunFactory(artist=ArtistFactory(status="retired"), status="failed", error="x")

    response = boss.post(reverse("admin:runs_run_replay", args=[run.pk]))

    assert "retired" in " ".join(str(m) for m in get_messages(response.wsgi_request))


def test_run_is_done_again_from_a_chosen_step(boss: Client, new_run: Callable[..., Run]) -> None:
    run = new_run()
    page = boss.get(reverse("admin:runs_run_change", args=[run.pk])).content.decode()
    assert "Redo from a step" in page

    boss.post(reverse("admin:runs_run_retry", args=[run.pk]), {"from_step": "video", "anew": "yes"})

    run.refresh_from_db()
    assert (run.status, run.take) == (Run.Status.QUEUED, 1)
    assert run.steps.get(name="cover").status == Step.Status.DONE
    assert run.steps.get(name="video").status == Step.Status.PENDING


@pytest.mark.parametrize("view", ["retry", "replay", "cancel", "new"])
def test_operating_needs_the_right(browser_of: Callable[[str], Client], view: str) -> None:
    run = RunFactory(status="failed", error="x")
    address = reverse(NEW) if view == "new" else reverse(f"admin:runs_run_{view}", args=[run.pk])

    response = browser_of("Reviewer").post(address, {"artist": run.artist_id})

    run.refresh_from_db()
    assert response.status_code == 403
    assert run.status == Run.Status.FAILED
    assert Run.objects.count() == 1
