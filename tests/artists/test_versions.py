"""Versions of a profile: what changed, and the way back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from artists.models import Artist, Evolution, StatusChange
from artists.profiles import ProfileRefused
from artists.versions import roll_back, versions_of
from tests.factories import NOON, ArtistFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def artist() -> Artist:
    """Its profile was changed twice."""
    made: Artist = ArtistFactory(voice="Calm", tempo_min_bpm=96, themes=["night"])
    for voice, why in (("Loud", "Too shy"), ("Louder", "Still too shy")):
        made.voice = voice
        made._change_reason = why  # type: ignore[attr-defined]
        made.save()
    return made


def first_version(artist: Artist) -> int:
    number: int = artist.history.order_by("history_id").first().history_id
    return number


def test_versions_say_what_changed_and_why(artist: Artist) -> None:
    newest, middle, first = versions_of(artist, limit=8)

    assert [(c.field, c.old, c.new) for c in newest.changes] == [("voice", "Loud", "Louder")]
    assert middle.why == "Too shy"
    assert first.changes == ()
    assert [version.differs for version in (newest, middle, first)] == [False, True, True]


def test_save_without_a_change_of_the_profile_is_no_version(artist: Artist) -> None:
    artist.autopilot = True
    artist.save()

    assert len(versions_of(artist, limit=8)) == 3


def test_rollback_is_a_new_version_with_who_and_why(artist: Artist) -> None:
    who = UserFactory()

    roll_back(artist_id=artist.pk, version=first_version(artist), actor=who, why="It was better")

    artist.refresh_from_db()
    newest = versions_of(artist, limit=1)[0]
    assert artist.voice == "Calm"
    assert newest.who == who
    assert newest.why.startswith("Back to the version of 20")
    assert newest.why.endswith(": It was better")


def test_version_that_no_run_could_use_is_not_restored(artist: Artist) -> None:
    artist.keys = ["H minor"]
    artist.save()
    wrong = artist.profile_version
    artist.keys = ["C minor"]
    artist.save()

    with pytest.raises(ProfileRefused, match="Keys: “H minor”"):
        roll_back(artist_id=artist.pk, version=wrong, actor=None)

    artist.refresh_from_db()
    assert artist.keys == ["C minor"]


def test_wrong_field_does_not_stop_the_change_of_another(artist: Artist) -> None:
    artist.preferred_music = "nosuch"
    artist.save()

    roll_back(artist_id=artist.pk, version=first_version(artist), actor=None)


def test_rollback_leaves_status_counters_and_name(artist: Artist) -> None:
    Artist.objects.filter(pk=artist.pk).update(
        status="paused", approved_count=4, consecutive_rejections=2, name="New Name"
    )

    roll_back(artist_id=artist.pk, version=first_version(artist), actor=None)

    artist.refresh_from_db()
    kept = (artist.status, artist.approved_count, artist.consecutive_rejections, artist.name)
    assert kept == ("paused", 4, 2, "New Name")
    assert not StatusChange.objects.exists()


def test_rollback_to_what_is_today_is_refused(artist: Artist) -> None:
    with pytest.raises(ProfileRefused, match="nothing to do"):
        roll_back(artist_id=artist.pk, version=artist.profile_version or 0, actor=None)


def test_version_of_another_artist_is_refused(artist: Artist) -> None:
    with pytest.raises(ProfileRefused, match="no such version"):
        roll_back(artist_id=artist.pk, version=first_version(ArtistFactory()), actor=None)


def test_profile_on_trial_is_not_rolled_back(artist: Artist) -> None:
    on_trial(artist)

    with pytest.raises(ProfileRefused, match="on trial"):
        roll_back(artist_id=artist.pk, version=first_version(artist), actor=None)


def on_trial(artist: Artist) -> Evolution:
    return Evolution.objects.create(
        artist=artist,
        state=Evolution.State.TRIAL,
        source=Evolution.Source.OFFLINE,
        diff={"voice": ["Louder", "Quiet"]},
        trial_runs=10,
        started_at=NOON,
    )


# --- From the page ---


def page_of(client: Client, artist: Artist, tab: str = "versions") -> str:
    address = reverse("admin:artists_artist_change", args=[artist.pk])
    return client.get(address, {"tab": tab}).content.decode()


def test_page_goes_back_to_a_version(boss: Client, artist: Artist) -> None:
    assert "Still too shy" in page_of(boss, artist)

    boss.post(
        reverse("admin:artists_artist_version", args=[artist.pk]),
        {"version": first_version(artist), "why": "It was better"},
    )

    artist.refresh_from_db()
    assert artist.voice == "Calm"


@pytest.mark.parametrize("view", ["version", "evolution", "offspring"])
def test_reader_of_profiles_changes_none(
    browser_of: Callable[[str], Client], artist: Artist, view: str
) -> None:
    client = browser_of("Reviewer")

    response = client.post(
        reverse(f"admin:artists_artist_{view}", args=[artist.pk]),
        {"version": first_version(artist), "evolution": "1", "verb": "begin"},
    )

    artist.refresh_from_db()
    assert response.status_code == 403
    assert artist.voice == "Louder"


def test_proposed_evolution_is_dismissed_from_the_page(boss: Client, artist: Artist) -> None:
    one = on_trial(artist)
    Evolution.objects.update(state=Evolution.State.PROPOSED, started_at=None)
    assert "Try it" in page_of(boss, artist)

    boss.post(
        reverse("admin:artists_artist_evolution", args=[artist.pk]),
        {"evolution": one.pk, "verb": "dismiss"},
    )

    one.refresh_from_db()
    assert one.state == Evolution.State.DISMISSED


@pytest.mark.parametrize("posted", [{"verb": "begin"}, {"verb": "explode"}, {"evolution": "x"}])
def test_move_of_no_evolution_is_not_found(
    boss: Client, artist: Artist, posted: dict[str, str]
) -> None:
    address = reverse("admin:artists_artist_evolution", args=[artist.pk])

    assert boss.post(address, posted).status_code == 404


def test_weak_artist_has_no_offspring(boss: Client, artist: Artist) -> None:
    response = boss.post(reverse("admin:artists_artist_offspring", args=[artist.pk]))

    said = " ".join(str(message) for message in get_messages(response.wsgi_request))
    assert "not strong enough" in said
    assert not artist.offspring.exists()


def test_strong_artist_has_offspring_that_the_page_shows(boss: Client, artist: Artist) -> None:
    Artist.objects.filter(pk=artist.pk).update(approved_count=40)

    response = boss.post(reverse("admin:artists_artist_offspring", args=[artist.pk]))

    child = artist.offspring.get()
    assert response["Location"] == reverse("admin:artists_artist_change", args=[child.pk])
    assert child.name in page_of(boss, artist, "history")
    assert artist.name in page_of(boss, child, "history")
