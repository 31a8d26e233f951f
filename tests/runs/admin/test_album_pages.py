"""Pages of EPs and albums, label profiles, prefixes and codes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from artists.models import Artist
from runs.models import Code, IsrcCounter, IsrcPrefix, LabelProfile, Packing, Release, Run, Track
from runs.releasing.albums import AlbumOrder, make_album
from tests.factories import NOON, ArtistFactory, single_of

pytestmark = pytest.mark.django_db

WRITERS = "Erika Example: composer, lyricist\nMax Muster: producer"


@pytest.fixture
def artist() -> Artist:
    return ArtistFactory(name="Vera Halogen", slug="vera-halogen")


@pytest.fixture
def songs(new_run: Callable[..., Run], artist: Artist) -> list[Run]:
    """Approved songs with their singles."""
    runs = [
        new_run(title=title, artist=artist, status="approved", decided_at=NOON)
        for title in ("Glass Harbour", "Slow Lanterns", "Third")
    ]
    for run in runs:
        single_of(run)
    return runs


@pytest.fixture
def album(songs: list[Run]) -> Release:
    order = AlbumOrder("ep", "Harbour Lights", [run.pk for run in songs[:2]])
    return make_album(order, actor=None, now=NOON)


def address(name: str, release: Release) -> str:
    return reverse(f"admin:runs_release_{name}", args=[release.pk])


def numbers(*runs: Run) -> dict[str, str]:
    """What a form of songs posts: these in this order."""
    return {f"number-{run.pk}": str(place) for place, run in enumerate(runs, start=1)}


def titles(release: Release) -> list[str]:
    return list(release.tracks.values_list("title", flat=True))


def test_numbered_songs_make_an_album(songs: list[Run], artist: Artist, boss: Client) -> None:
    page = reverse("admin:runs_release_album")
    first = boss.get(page).content.decode()
    chosen = f"{page}?artist={artist.pk}"

    assert artist.name in first
    assert all(run.title in boss.get(chosen).content.decode() for run in songs)
    typed = {"kind": "album", "title": "Night Ferry", **numbers(songs[2], songs[0])}
    answer = boss.post(chosen, typed)

    made = Release.objects.get(kind="album")
    assert answer["Location"] == address("change", made)
    assert titles(made) == ["Third", "Glass Harbour"]
    assert made.events.filter(kind="drafted").count() == 2


def test_a_refused_album_keeps_what_was_typed(
    songs: list[Run], artist: Artist, boss: Client
) -> None:
    chosen = reverse("admin:runs_release_album") + f"?artist={artist.pk}"

    answer = boss.post(chosen, {"kind": "ep", "title": "Night Ferry", **numbers(songs[1])})

    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Choose 2 to 50 songs" in page
    assert 'value="Night Ferry"' in page
    numbered = {song["run"].pk: song["number"] for song in answer.context["songs"]}
    assert numbered[songs[1].pk] == "1"
    assert not Release.objects.exclude(kind="single").exists()


def test_an_album_is_arranged_and_taken_apart_on_its_page(
    album: Release, songs: list[Run], boss: Client
) -> None:
    page = boss.get(address("change", album)).content.decode()
    assert page.count("<audio") == 2

    boss.post(address("arrange", album), numbers(songs[2], songs[1]))
    assert titles(album) == ["Third", "Slow Lanterns"]
    boss.post(address("take_apart", album))

    assert not Release.objects.exclude(kind="single").exists()


def test_tracks_of_an_album_have_values_of_their_own(album: Release, boss: Client) -> None:
    typed = {
        "title": "Harbour Lights",
        "credits": WRITERS,
        "track-1-title": "Glass Harbour",
        "track-1-version_title": "Acoustic",
        "track-1-featured": "Luna, Sol",
        "track-1-explicit": "true",
        "track-1-isrc": "QZABC2600001",
        "track-2-title": "Slow Lanterns",
        "track-2-credits": "Ina Other: composer, lyricist, producer",
    }

    boss.post(address("edit", album), typed)

    first, second = album.tracks.all()
    assert (first.version_title, first.featured, first.explicit) == (
        "Acoustic",
        ["Luna", "Sol"],
        True,
    )
    assert second.credits[0] == {"legal_name": "Ina Other", "role": "Composer"}
    # The recording has its code on its single too.
    assert set(Track.objects.filter(run=first.run).values_list("isrc", flat=True)) == {
        "QZABC2600001"
    }
    album.refresh_from_db()
    assert album.revision == 1
    assert Packing.objects.filter(release=album).exists()
    response = boss.get(address("change", album))
    page = response.content.decode()
    assert "Glass Harbour (Acoustic)" not in page  # the header has the release's title
    assert ("Writers and producers", WRITERS) in response.context["facts"]


def test_what_is_missing_links_to_its_field(album: Release, boss: Client) -> None:
    page = boss.get(address("change", album)).content.decode()

    for anchor in ("id_label", "id_credits", "id_track-1-isrc", "id_upc"):
        assert f'href="#{anchor}"' in page
        assert f'id="{anchor}"' in page


def test_legal_names_are_for_those_who_operate(
    album: Release, boss: Client, browser_of: Callable[[str], Client]
) -> None:
    boss.post(
        address("edit", album),
        {
            "title": "Harbour Lights",
            "credits": WRITERS,
            "track-1-title": "Glass Harbour",
            "track-2-title": "Slow Lanterns",
        },
    )

    seen = {
        role: "Erika Example" in browser_of(role).get(address("change", album)).content.decode()
        for role in ("Reviewer", "Producer")
    }

    assert seen == {"Reviewer": False, "Producer": True}


def test_the_list_finds_what_is_missing(album: Release, songs: list[Run], boss: Client) -> None:
    single = Release.objects.singles_of(songs[0].pk).get()
    single.upc, single.label = "036000291452", "Night"
    single.save()
    single.tracks.update(isrc="QZABC2600001")

    def found(missing: str) -> set[str]:
        answer = boss.get(reverse("admin:runs_release_changelist"), {"missing": missing})
        return {release.title for release in answer.context["cl"].result_list}

    assert found("bundle") == {"Harbour Lights"}
    others = {"Harbour Lights", "Slow Lanterns", "Third"}
    assert [found(name) for name in ("isrc", "upc", "label")] == [others] * 3


def test_codes_are_drawn_on_the_page_and_for_many(songs: list[Run], boss: Client) -> None:
    IsrcPrefix.objects.create(prefix="QZABC")
    Code.objects.create(code="036000291452", kind="upc", source="pool")
    first, second, third = (Release.objects.singles_of(run.pk).get() for run in songs)

    boss.post(address("draw_codes", first))
    boss.post(
        reverse("admin:runs_release_changelist"),
        {"action": "draw_codes_of_selected", "_selected_action": [second.pk, third.pk]},
    )

    first.refresh_from_db()
    assert first.upc == "036000291452"
    isrcs = Track.objects.order_by("isrc").values_list("isrc", "video_isrc")
    numbers_given = sorted(code for row in isrcs for code in row)
    year = f"{IsrcCounter.objects.get().year % 100:02d}"
    assert numbers_given == [f"QZABC{year}{number:05d}" for number in range(1, 7)]


def test_a_profile_is_written_in_words_and_one_is_the_default(boss: Client) -> None:
    def save(name: str, **more: Any) -> None:
        boss.post(
            reverse("admin:runs_labelprofile_add"),
            {
                "name": name,
                "default": "on",
                "label": "Night Label",
                "credits": WRITERS,
                "territories": "de, at",
                "language": "EN",
                "recording_country": "de",
                "lead_time_days": "28",
                "sub_genres": "synthwave: Electronic / Synthpop",
                **more,
            },
        )

    save("First")
    save("Second")

    first, second = LabelProfile.objects.order_by("name")
    assert (first.is_default, second.is_default) == (False, True)
    assert second.territories == ["DE", "AT"]
    assert (second.language, second.recording_country) == ("en", "DE")
    assert second.sub_genres == {"synthwave": ["Electronic", "Synthpop"]}
    assert [(credit.legal_name, credit.role) for credit in second.own_credits] == [
        ("Erika Example", "Composer"),
        ("Erika Example", "Lyricist"),
        ("Max Muster", "Producer"),
    ]
    page = boss.get(reverse("admin:runs_labelprofile_change", args=[second.pk]))
    assert "Erika Example: composer, lyricist" in page.content.decode()


def test_a_prefix_that_was_used_stays(boss: Client) -> None:
    prefix = IsrcPrefix.objects.create(prefix="QZABC")
    IsrcCounter.objects.create(prefix=prefix, year=2026, last=3)

    boss.post(reverse("admin:runs_isrcprefix_delete", args=[prefix.pk]), {"post": "yes"})

    assert IsrcPrefix.objects.get() == prefix
