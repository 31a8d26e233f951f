"""The page of an experiment: its results, its moves, and what is fixed once it runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from artists.models import Artist, PerformanceEntry
from experiments.models import Experiment, Promotion
from experiments.parameters import COVER_STYLES, PARAMETERS
from tests.experiments.rows import experiment_with
from tests.factories import ArtistFactory, ExperimentFactory, VariantFactory

pytestmark = pytest.mark.django_db


def draft(arms: int = 2) -> Experiment:
    experiment: Experiment = ExperimentFactory(status="draft", started_at=None)
    for number in range(arms):
        VariantFactory(experiment=experiment, value=f"arm {number}", is_control=number == 0)
    return experiment


def move(client: Client, experiment: Experiment, verb: str) -> Any:
    address = reverse("admin:experiments_experiment_move", args=[experiment.pk])
    response = client.post(address, {"verb": verb})
    experiment.refresh_from_db()
    return response


def post(client: Client, experiment: Experiment, name: str, **data: Any) -> Any:
    address = reverse(f"admin:experiments_experiment_{name}", args=[experiment.pk])
    response = client.post(address, data)
    experiment.refresh_from_db()
    return response


def page_of(client: Client, experiment: Experiment) -> str:
    address = reverse("admin:experiments_experiment_change", args=[experiment.pk])
    return client.get(address).content.decode()


def test_life_of_an_experiment(boss: Client) -> None:
    experiment = draft()
    seen = []

    for verb in ("start", "pause", "start"):
        move(boss, experiment, verb)
        seen.append(experiment.status)

    assert seen == ["running", "paused", "running"]


def test_experiment_of_one_arm_does_not_start(boss: Client) -> None:
    experiment = draft(arms=1)

    response = move(boss, experiment, "start")

    assert experiment.status == Experiment.Status.DRAFT
    assert list(get_messages(response.wsgi_request))


def test_unknown_move_is_not_found(boss: Client) -> None:
    assert move(boss, draft(), "explode").status_code == 404


def test_results_are_shown_by_arm(boss: Client) -> None:
    experiment = draft()

    page = page_of(boss, experiment)

    for variant in experiment.variants.all():
        assert variant.name in page
    assert "95% range" in page
    assert "With 50 runs per arm (100 in all)" in page


def test_the_verdict_comes_first_with_counts_and_health(boss: Client) -> None:
    experiment = experiment_with("AR" * 10, "AAAR" * 5)

    page = page_of(boss, experiment)

    verdict = page.index("Keep going: B is ahead with 15 of 20 approved, 20 of 50 runs per arm")
    assert verdict < page.index("Chance that B is best:") < page.index("10 of 20")
    assert "acts at 99.9% now, at 98% at 50 runs" in page
    assert "Ratio of the arms: fine" in page
    assert "p-value" not in page


def test_the_chart_of_chances_appears_with_the_tenth_review_of_each_arm(boss: Client) -> None:
    early = experiment_with("AR" * 4, "AR" * 4)
    shown = experiment_with("AR" * 5, "AA" * 5, parameter="temperature")

    assert "Chance to be best, over time" not in page_of(boss, early)
    page = page_of(boss, shown)
    assert "Chance to be best, over time" in page
    assert "&quot;Needed to act&quot;" in page


def test_a_person_concludes_uses_and_takes_back(boss: Client) -> None:
    experiment = experiment_with("AR", "RA")
    chosen = experiment.variants.get(name="B")

    post(boss, experiment, "conclude", use=chosen.pk)
    assert Promotion.objects.standing().get().variant == chosen
    assert "In use since" in page_of(boss, experiment)

    post(boss, experiment, "undo")
    assert not Promotion.objects.standing().exists()


def test_concluding_twice_is_refused(boss: Client) -> None:
    experiment = experiment_with("AR", "RA")
    post(boss, experiment, "conclude")

    response = post(boss, experiment, "conclude")

    assert "is concluded" in str(list(get_messages(response.wsgi_request))[-1])


@pytest.mark.parametrize("name", ["move", "conclude", "undo"])
def test_who_may_not_change_does_nothing(browser_of: Callable[[str], Client], name: str) -> None:
    experiment = experiment_with("AR", "RA")

    response = post(browser_of("Reviewer"), experiment, name, verb="pause")

    assert response.status_code == 403
    assert experiment.status == Experiment.Status.RUNNING


def test_promotions_are_listed(boss: Client) -> None:
    experiment = experiment_with("AR", "RA")
    post(boss, experiment, "conclude", use=experiment.variants.get(name="B").pk)

    page = boss.get(reverse("admin:experiments_promotion_changelist")).content.decode()

    assert "Music prompt prefix of the roster" in page


ADD = "admin:experiments_experiment_add"


def plan(client: Client, parameter: str = "tempo_range", verb: str = "draft", **data: Any) -> Any:
    """The guided form as a browser sends it."""
    posted = {"planned_runs_per_arm": "50", "error_margin": "10", "cost_margin": "25", "do": verb}
    return client.post(f"{reverse(ADD)}?parameter={parameter}", posted | data)


SLOW = {"arm-1-value_0": "80", "arm-1-value_1": "96"}


def test_parameters_are_offered_in_groups(boss: Client) -> None:
    experiment_with("AR", "RA", parameter="tempo_range", name="Slower?")

    page = boss.get(reverse(ADD)).content.decode()

    assert page.count("?parameter=") == len(PARAMETERS)
    assert "Running: Slower?" in page


@pytest.mark.parametrize("parameter", list(PARAMETERS))
def test_each_parameter_has_a_form_of_its_own(boss: Client, parameter: str) -> None:
    response = boss.get(reverse(ADD), {"parameter": parameter})

    assert len(response.context["forms"].arms) == 6
    assert "What is in use today" in response.content.decode()


def test_a_plan_is_started_with_one_press(boss: Client) -> None:
    plan(boss, verb="start", acts_by_itself="on", **SLOW)

    experiment = Experiment.objects.get()
    control, slow = experiment.variants.order_by("pk")
    assert (experiment.status, experiment.name) == ("running", "Tempo range: 80 to 96 BPM")
    assert (control.name, control.value, control.is_control) == ("As today", None, True)
    assert (slow.name, slow.value, slow.is_control) == ("80 to 96 BPM", [80, 96], False)
    assert (experiment.error_margin, experiment.cost_margin) == (0.1, 0.25)
    assert experiment.acts_by_itself
    assert len(experiment.salt) >= 8


def test_looking_saves_nothing_and_says_what_it_means(boss: Client) -> None:
    artist = ArtistFactory(name="Vera")
    for _ in range(8):
        PerformanceEntry.objects.create(artist=artist, kind="approved", at=timezone.now())

    page = plan(boss, verb="look", whose=f"artist:{artist.pk}", **SLOW).content.decode()

    assert "80 to 96 BPM" in page
    assert "100 reviewed songs in all (50 for each of 2 arms)" in page
    assert "At 2 a week of Vera that takes about 50 weeks" in page
    assert not Experiment.objects.exists()


def test_a_genre_takes_part_by_its_name(boss: Client) -> None:
    ArtistFactory.create_batch(2, genre="lofi")
    ArtistFactory(genre="techno")
    page = boss.get(reverse(ADD), {"parameter": "tempo_range"}).content.decode()

    plan(boss, verb="start", whose="genre:lofi", **SLOW)

    experiment = Experiment.objects.get()
    assert "All Lo-fi hip hop (2 artists)" in page
    assert (experiment.genre, experiment.status) == ("lofi", "running")
    assert not experiment.artists.exists()
    assert "Tempo range of all Lo-fi hip hop artists" in page_of(boss, experiment)


def test_several_artists_are_chosen_and_told_wherever_the_plan_is(boss: Client) -> None:
    vera, nova, _ = (ArtistFactory(name=name) for name in ("Vera", "Nova", "Other"))
    for artist in (vera, nova) * 4:
        PerformanceEntry.objects.create(artist=artist, kind="approved", at=timezone.now())
    chosen = [f"artist:{vera.pk}", f"artist:{nova.pk}"]

    looked = plan(boss, verb="look", whose=chosen, **SLOW).content.decode()
    plan(boss, verb="draft", whose=chosen, **SLOW)

    experiment = Experiment.objects.get()
    edited = boss.get(reverse("admin:experiments_experiment_plan", args=[experiment.pk]))
    assert "At 2 a week of Nova and Vera that takes" in looked
    assert set(experiment.artists.all()) == {vera, nova}
    assert set(edited.context["forms"].main["whose"].value()) == set(chosen)
    assert "Tempo range of Nova and Vera" in page_of(boss, experiment)
    exported = boss.get(reverse("admin:list_export", args=["experiments", "experiment"]))
    assert "Nova and Vera" in b"".join(exported).decode()


@pytest.mark.parametrize("whose", ["artist:{}", "genre:lofi"])
def test_a_draft_keeps_whose_it_is_after_its_artist_retired(boss: Client, whose: str) -> None:
    artist = ArtistFactory(name="Vera", genre="lofi")
    chosen = whose.format(artist.pk)
    plan(boss, whose=chosen, **SLOW)
    Artist.objects.update(status="retired")

    address = reverse("admin:experiments_experiment_plan", args=[Experiment.objects.get().pk])
    main = boss.get(address).context["forms"].main

    assert main["whose"].value() == [chosen] == main.scope.codes


def test_a_genre_beside_artists_is_refused(boss: Client) -> None:
    artist = ArtistFactory(genre="lofi")

    response = plan(boss, whose=["genre:lofi", f"artist:{artist.pk}"], **SLOW)

    assert list(response.context["forms"].main.errors) == ["whose"]


@pytest.mark.parametrize("odd", ["artist:0", "genre:none", "artist:x", "genre:\0", "x" * 5_000])
def test_who_is_no_choice_is_refused(boss: Client, odd: str) -> None:
    response = plan(boss, whose=odd, **SLOW)

    assert list(response.context["forms"].main.errors) == ["whose"]


def test_a_cover_style_is_shown(boss: Client) -> None:
    page = plan(boss, "cover_style", "look", **{"arm-1-value": "bauhaus"}).content.decode()

    assert "panel/covers/bauhaus" in page


def test_every_cover_style_has_a_picture() -> None:
    assert all(finders.find(f"panel/covers/{name}.webp") for name in COVER_STYLES)


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"arm-1-value_0": "80"}, "value"),
        ({"arm-1-value_0": "96", "arm-1-value_1": "80"}, "value"),
        ({"arm-1-value_0": "9", "arm-1-value_1": "80"}, "value"),
        ({"arm-1-value_0": "fast", "arm-1-value_1": "9" * 5_000}, "value"),
        ({}, "value"),
        ({"arm-1-name": "slow"}, "value"),
    ],
    ids=["half", "turned", "low", "odd", "nothing", "only a name"],
)
def test_a_fault_of_an_arm_is_told_at_it(boss: Client, data: dict[str, str], field: str) -> None:
    response = plan(boss, **data)

    assert list(response.context["forms"].arms[1].errors) == [field]
    assert not Experiment.objects.exists()


def test_faults_are_told_at_once_and_nothing_typed_is_lost(boss: Client) -> None:
    ExperimentFactory(name="Slower?")

    response = plan(
        boss,
        name="slower?",
        error_margin="-5",
        **SLOW,
        **{"arm-2-value_0": "80", "arm-2-value_1": "300"},
    )

    forms = response.context["forms"]
    assert set(forms.main.errors) == {"name", "error_margin"}
    assert list(forms.arms[2].errors) == ["value"]
    page = response.content.decode()
    assert 'value="300"' in page
    assert "slower?" in page


def test_arms_of_one_value_are_refused(boss: Client) -> None:
    response = plan(boss, **SLOW, **{"arm-2-value_0": "80", "arm-2-value_1": "96"})

    assert list(response.context["forms"].arms[2].errors) == ["value"]


def test_a_draft_is_edited_and_a_running_one_is_not(boss: Client) -> None:
    plan(boss, **SLOW)
    experiment = Experiment.objects.get()
    address = reverse("admin:experiments_experiment_plan", args=[experiment.pk])
    shown = boss.get(address).context["forms"]
    changed = {"name": "Faster?", "arm-1-value_0": "120", "arm-1-value_1": "140"}

    boss.post(
        address, {"planned_runs_per_arm": "100", "error_margin": "10", "do": "draft"} | changed
    )
    experiment.refresh_from_db()
    values = list(experiment.variants.order_by("pk").values_list("value", flat=True))
    move(boss, experiment, "start")
    late = boss.get(address)

    assert shown.arms[1]["value"].value() == [80, 96]
    assert shown.main["whose"].value() == []
    assert (experiment.name, experiment.planned_runs_per_arm) == ("Faster?", 100)
    assert experiment.cost_margin is None
    assert values == [None, [120, 140]]
    assert late.status_code == 302


def test_a_draft_keeps_the_arms_that_are_posted_as_they_were(boss: Client) -> None:
    plan(boss, **SLOW)
    experiment = Experiment.objects.get()
    address = reverse("admin:experiments_experiment_plan", args=[experiment.pk])

    boss.post(
        address,
        {
            "name": "Renamed",
            "planned_runs_per_arm": "100",
            "error_margin": "10",
            "do": "draft",
            "arm-1-name": experiment.variants.get(is_control=False).name,
            "arm-1-value_0": "80",
            "arm-1-value_1": "96",
        },
    )

    experiment.refresh_from_db()
    assert experiment.name == "Renamed"
    values = list(experiment.variants.order_by("pk").values_list("value", flat=True))
    assert values == [None, [80, 96]]


def test_a_plan_whose_parameter_is_taken_stays_a_draft(boss: Client) -> None:
    experiment_with("AR", "RA", parameter="tempo_range", name="Slower?")

    response = plan(boss, verb="start", **SLOW)

    assert "Slower? is running" in str(next(iter(get_messages(response.wsgi_request))))
    assert Experiment.objects.get(name__startswith="Tempo range").status == "draft"


@pytest.mark.usefixtures("bell")
def test_page_takes_few_queries_however_many_artists(
    boss: Client, django_assert_max_num_queries: Any
) -> None:
    ArtistFactory.create_batch(20)

    with django_assert_max_num_queries(12):
        boss.get(reverse(ADD), {"parameter": "tempo_range"})


def test_started_experiment_is_not_deleted(boss: Client) -> None:
    experiment = draft()
    move(boss, experiment, "start")

    address = reverse("admin:experiments_experiment_delete", args=[experiment.pk])

    assert boss.post(address, {"post": "yes"}).status_code == 403
