"""The pages of artists: the profile, the moves through life, and starting work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from artists.admin.artists import moves_of
from artists.admin.tabs import NEW, TABS, names_in, tab_with
from artists.lifecycle import TRANSITIONS
from artists.lifecycle.rules import Rule
from artists.models import Artist, Lesson, LifecyclePolicy, StatusChange
from artists.versions import SHOWN
from runs.models import Batch, Run
from tests.factories import ArtistFactory, PolicyFactory

pytestmark = pytest.mark.django_db
LIST = "admin:artists_artist_changelist"


def said(response: HttpResponse) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def form_of(artist: Artist, **changes: Any) -> dict[str, Any]:
    """The change form as a browser would send it."""
    return {
        "name": artist.name,
        "slug": artist.slug,
        "genre": artist.genre,
        "backstory": artist.backstory,
        "voice": artist.voice,
        "themes": artist.themes,
        "audience": artist.audience,
        "style_notes": artist.style_notes,
        "tempo_min_bpm": artist.tempo_min_bpm,
        "tempo_max_bpm": artist.tempo_max_bpm,
        "keys": artist.keys,
        "temperature": artist.temperature,
        "sound_identity": artist.sound_identity,
        "visual_style": artist.visual_style,
        **changes,
    }


def change(client: Client, artist: Artist, **changes: Any) -> HttpResponse:
    """Save the tab of the first changed field."""
    tab = tab_with(next(iter(changes)))
    address = reverse("admin:artists_artist_change", args=[artist.pk])
    return client.post(f"{address}?tab={tab}", form_of(artist, **changes))


# --- The profile ---


def test_change_keeps_who_and_why(boss: Client) -> None:
    artist = ArtistFactory()

    change(boss, artist, voice="Louder now", change_reason="Too shy on stage")

    version = artist.history.latest()
    assert version.voice == "Louder now"
    assert version.history_change_reason == "Too shy on stage"
    assert version.history_user is not None


def test_lists_are_chosen_typed_and_without_javascript_added_one_a_line(boss: Client) -> None:
    artist = ArtistFactory()

    change(boss, artist, themes=["rain", "rain"], themes_more="\n  empty stations \n")
    change(boss, artist, keys=["C major"])

    artist.refresh_from_db()
    assert artist.themes == ["rain", "empty stations"]
    assert artist.keys == ["C major"]


def test_a_tab_leaves_the_other_fields_alone_and_is_come_back_to(boss: Client) -> None:
    artist = ArtistFactory(voice="Calm", keys=["A minor"])
    address = reverse("admin:artists_artist_change", args=[artist.pk])

    response = boss.post(f"{address}?tab=look", {"visual_style": "chalk", "voice": "Loud"})

    artist.refresh_from_db()
    assert response["Location"] == f"{address}?tab=look"
    assert (artist.visual_style, artist.voice, artist.keys) == ("chalk", "Calm", ["A minor"])


def test_every_field_a_person_decides_is_on_one_tab() -> None:
    edited = [name for tab in TABS.values() for name in tab.fields if name != "change_reason"]
    new = [name for _, options in NEW for name in names_in(options["fields"])]

    assert len(edited) == len(set(edited))
    assert set(edited) == set(new)
    assert set(SHOWN) <= set(edited)


def test_a_genre_is_stored_by_its_name_and_another_word_as_it_is(boss: Client) -> None:
    artist = ArtistFactory()
    seen = []

    for typed in ("Lo-fi hip hop", "sea shanty"):
        change(boss, artist, genre=typed)
        artist.refresh_from_db()
        seen.append(artist.genre)
    page = boss.get(reverse("admin:artists_artist_change", args=[artist.pk]), {"tab": "persona"})

    assert seen == ["lofi", "sea shanty"]
    assert '<option value="sea shanty" selected>' in page.content.decode()


def test_status_and_counters_are_not_edited(boss: Client) -> None:
    artist = ArtistFactory(status="paused")

    change(boss, artist, status="active", approved_count="99", consecutive_rejections="0")

    artist.refresh_from_db()
    assert (artist.status, artist.approved_count) == ("paused", 0)


@pytest.mark.parametrize(
    ("field", "value", "names"),
    [
        ("keys", ["H minor"], "F# dorian"),
        ("keys", ["A minor", "C sharp minor"], "C sharp minor"),
        ("preferred_music", "nosuch", "elevenlabs"),
        ("tempo_min_bpm", "39", "40 to 220"),
        ("tempo_max_bpm", "60", "lowest tempo"),
        ("temperature", "2.5", "0 to 2"),
        ("temperature", "nan", "number"),
        ("genre", "synth\twave", "one line"),
        ("themes", ["x" * 121], "120"),
        ("style_notes", "x" * 1001, "1000"),
        ("backstory", "x" * 4001, "4000"),
    ],
)
def test_fault_of_a_field_is_told_at_the_field(
    boss: Client, field: str, value: Any, names: str
) -> None:
    artist = ArtistFactory()

    response = change(boss, artist, **{field: value})

    errors = response.context["errors"]
    form = response.context["adminform"].form
    assert list(form.errors) == [field], errors
    assert names in form.errors[field][0]


def test_all_faults_are_told_at_once_and_nothing_typed_is_lost(boss: Client) -> None:
    artist = ArtistFactory()

    response = change(
        boss,
        artist,
        keys=["A minor", "H minor"],
        preferred_music="nosuch",
        temperature="9",
        tempo_max_bpm="500",
        style_notes="Typed with care",
    )

    form = response.context["adminform"].form
    assert set(form.errors) == {"keys", "preferred_music", "temperature", "tempo_max_bpm"}
    text = response.content.decode()
    assert '<option value="H minor" selected>' in text
    assert "Typed with care" in text
    artist.refresh_from_db()
    assert artist.keys == ["A minor", "D minor"]


def test_keys_are_spelt_as_everywhere(boss: Client) -> None:
    artist = ArtistFactory()

    change(boss, artist, keys=["f#  Minor", "B♭ MAJOR"])

    artist.refresh_from_db()
    assert artist.keys == ["F# minor", "Bb major"]


def test_stored_provider_that_is_none_is_shown_and_refused(boss: Client) -> None:
    artist = ArtistFactory(preferred_music="nosuch")
    page = reverse("admin:artists_artist_change", args=[artist.pk])

    shown = boss.get(page, {"tab": "sound"}).content.decode()
    response = change(boss, artist, preferred_music="nosuch")

    assert "nosuch (no such provider)" in shown
    assert list(response.context["adminform"].form.errors) == ["preferred_music"]


def test_name_no_font_draws_is_refused_at_its_field(boss: Client) -> None:
    artist = ArtistFactory(name="Vera")

    response = change(boss, artist, name="𝓥𝓮𝓻𝓪")

    assert response.status_code == 200
    (message,) = response.context["adminform"].form.errors["name"]
    assert "U+1D4E5" in message
    artist.refresh_from_db()
    assert artist.name == "Vera"


def test_name_is_cleaned(boss: Client) -> None:
    artist = ArtistFactory(name="Vera")

    change(boss, artist, name="Zoe\u0308   Blau 🌙")

    artist.refresh_from_db()
    assert artist.name == "Zoë Blau 🌙"


def test_reviewer_reads_and_does_not_write(browser_of: Callable[[str], Client]) -> None:
    artist = ArtistFactory()
    client = browser_of("Reviewer")

    assert client.get(reverse("admin:artists_artist_change", args=[artist.pk])).status_code == 200
    assert change(client, artist, voice="x").status_code == 403


def test_artists_are_never_deleted(boss: Client) -> None:
    artist = ArtistFactory()

    response = boss.post(reverse("admin:artists_artist_delete", args=[artist.pk]), {"post": "yes"})

    assert response.status_code == 403


# --- Moves ---


@pytest.mark.parametrize("status", Artist.Status.values)
def test_every_move_offered_is_possible(boss: Client, status: str) -> None:
    for verb in moves_of(ArtistFactory.build(status=status)):
        artist = ArtistFactory(status=status)

        boss.post(
            reverse("admin:artists_artist_move", args=[artist.pk]),
            {"verb": verb, "reason": "Because"},
        )

        artist.refresh_from_db()
        assert artist.status in TRANSITIONS[status]
        assert StatusChange.objects.get(artist=artist).reason == "Because"


def test_impossible_move_is_explained(boss: Client) -> None:
    artist = ArtistFactory(status="retired")

    response = boss.post(reverse("admin:artists_artist_move", args=[artist.pk]), {"verb": "pause"})

    assert artist.name in said(response)
    artist.refresh_from_db()
    assert artist.status == "retired"


def test_chosen_artists_are_paused_with_a_reason(boss: Client) -> None:
    artists = ArtistFactory.create_batch(2)
    page = boss.get(reverse(LIST))
    assert {"reason", "form_key"} <= set(page.context["action_form"].fields)

    boss.post(
        reverse(LIST),
        {
            "action": "pause",
            "_selected_action": [artist.pk for artist in artists],
            "reason": "Holidays",
        },
    )

    assert set(Artist.objects.values_list("status", flat=True)) == {"paused"}
    change = StatusChange.objects.first()
    assert change is not None
    assert change.reason == "Holidays"
    assert change.actor is not None


def test_proposal_to_retire_is_shown(boss: Client) -> None:
    artist = ArtistFactory()
    StatusChange.objects.create(
        artist=artist,
        from_status="active",
        to_status="active",
        rule=Rule.RETIRE_PROPOSED,
        reason="five rejections in a row; retirement proposed to a person",
    )

    page = boss.get(reverse("admin:artists_artist_change", args=[artist.pk])).content.decode()

    assert "Five rejections in a row; retirement proposed to a person. Do so above" in page


# --- Starting work ---


def test_run_now_queues_a_run_of_the_artist(boss: Client) -> None:
    artist = ArtistFactory()

    boss.post(reverse("admin:artists_artist_run", args=[artist.pk]))

    run = Run.objects.get()
    assert run.artist == artist
    assert run.batch.origin == Batch.Origin.PANEL
    assert run.batch.requested_by is not None


def test_retired_artist_is_not_run(boss: Client) -> None:
    artist = ArtistFactory(status="retired")

    response = boss.post(reverse(LIST), {"action": "run_now", "_selected_action": [artist.pk]})

    assert not Run.objects.exists()
    assert artist.name in said(response)


def test_batch_is_started(boss: Client) -> None:
    ArtistFactory.create_batch(2)

    boss.post(reverse("admin:start_batch"), {"size": "3"})

    assert Run.objects.count() == 3


@pytest.mark.parametrize("size", ["0", "101", "many", ""])
def test_batch_of_a_wrong_size_is_refused(boss: Client, size: str) -> None:
    response = boss.post(reverse("admin:start_batch"), {"size": size})

    assert "1 to 100" in said(response)
    assert not Batch.objects.exists()


def test_candidate_is_created(boss: Client) -> None:
    response = boss.post(reverse("admin:artists_artist_candidate"))

    artist = Artist.objects.get()
    assert artist.status == Artist.Status.CANDIDATE
    assert response["Location"] == reverse("admin:artists_artist_change", args=[artist.pk])


def test_starter_roster_is_added_once(boss: Client) -> None:
    boss.post(reverse("admin:artists_artist_starter"))
    count = Artist.objects.count()
    boss.post(reverse("admin:artists_artist_starter"))

    assert count >= 6
    assert Artist.objects.count() == count


# --- Lessons and policies ---


@pytest.mark.parametrize(("verdict", "status"), [("accept", "accepted"), ("dismiss", "dismissed")])
def test_lesson_is_judged(boss: Client, verdict: str, status: str) -> None:
    lesson = Lesson.objects.create(artist=ArtistFactory(), text="Shorter intros")

    boss.post(reverse("admin:artists_lesson_judge", args=[lesson.pk]), {"verdict": verdict})

    lesson.refresh_from_db()
    assert lesson.status == status


def test_chosen_lessons_are_accepted(boss: Client) -> None:
    lesson = Lesson.objects.create(artist=ArtistFactory(), text="Shorter intros")

    boss.post(
        reverse("admin:artists_lesson_changelist"),
        {"action": "accept", "_selected_action": [lesson.pk]},
    )

    lesson.refresh_from_db()
    assert lesson.status == Lesson.Status.ACCEPTED


def test_default_policy_is_not_deleted(boss: Client) -> None:
    policy = PolicyFactory(is_default=True)

    boss.post(reverse("admin:artists_lifecyclepolicy_delete", args=[policy.pk]), {"post": "yes"})

    assert LifecyclePolicy.objects.filter(pk=policy.pk).exists()


def test_default_policy_survives_the_mass_deletion(boss: Client) -> None:
    policy = PolicyFactory(is_default=True)

    boss.post(
        reverse("admin:artists_lifecyclepolicy_changelist"),
        {"action": "delete_selected", "_selected_action": [policy.pk], "post": "yes"},
    )

    assert LifecyclePolicy.objects.filter(pk=policy.pk).exists()


def test_a_version_of_the_history_is_shown_whole(boss: Client) -> None:
    artist = ArtistFactory(voice="Calm and close")
    version = artist.history.latest().pk

    page = boss.get(reverse("admin:artists_artist_simple_history", args=[artist.pk, version]))

    assert {"voice", "keys", "visual_style"} <= set(page.context["adminform"].form.fields)
    assert "Calm and close" in page.content.decode()


@pytest.mark.parametrize("number", ["x", "²", "9" * 30, "9" * 5_000, "1e5", "_00"])
def test_history_of_what_is_no_number_is_not_found(boss: Client, number: str) -> None:
    artist = ArtistFactory()
    version = artist.history.latest().pk
    name = "admin:artists_artist"
    pages = [
        reverse(f"{name}_history", args=[number]),
        reverse(f"{name}_simple_history", args=[number, version]),
        reverse(f"{name}_simple_history", args=[artist.pk, number]),
    ]

    assert [boss.get(page).status_code for page in pages] == [404] * 3
