"""The commands of the roster, as a shell sees them."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from artists.models import Artist
from artists.starter_roster import STARTER_ROSTER
from tests.artists.helpers import live
from tests.factories import ArtistFactory

pytestmark = pytest.mark.django_db


def output_of(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def json_of(*arguments: str) -> dict[str, Any]:
    return json.loads(output_of(*arguments, "--json"))


def test_seed_roster_lists_the_starters() -> None:
    report = json_of("seed_roster")

    assert (report["created"], report["kept"]) == (len(STARTER_ROSTER), 0)
    assert {artist["slug"] for artist in report["artists"]} == set(
        Artist.objects.values_list("slug", flat=True)
    )


def test_seed_roster_again_keeps_them() -> None:
    output_of("seed_roster")

    assert output_of("seed_roster").startswith(f"0 artists created, {len(STARTER_ROSTER)} kept.")


def test_create_artist_invents_a_candidate() -> None:
    report = json_of("create_artist", "--genre", "folk", "--seed", "7")

    artist = Artist.objects.get(slug=report["slug"])
    assert (artist.genre, artist.status, report["seed"]) == ("folk", "candidate", 7)
    assert artist.backstory
    assert artist.status_changes.get().reason == "create_artist with seed 7"


def test_create_artist_repeats_itself_by_seed() -> None:
    first = json_of("create_artist", "--seed", "7")
    Artist.objects.all().delete()

    assert json_of("create_artist", "--seed", "7")["name"] == first["name"]


def test_create_artist_takes_a_name() -> None:
    json_of("create_artist", "--name", "Ana Blau", "--seed", "3")

    assert Artist.objects.get().slug == "ana-blau"


def test_create_artist_refuses_a_name_that_exists() -> None:
    ArtistFactory(name="Ana Blau")

    with pytest.raises(CommandError, match="choose another name") as refusal:
        call_command("create_artist", "--name", "ana blau")

    assert refusal.value.returncode == 1


@pytest.mark.parametrize("arguments", [("--genre", "polka"), ("--name", " ")])
def test_create_artist_refuses_bad_usage(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        call_command("create_artist", *arguments)

    assert not Artist.objects.exists()


def test_rebuild_counters_says_how_many_were_wrong() -> None:
    live(ArtistFactory(), "AAR")
    ArtistFactory(approved_count=5)

    assert json_of("rebuild_counters") == {"artists": 2, "changed": 1}


def test_rebuild_counters_can_be_told_one_artist() -> None:
    ArtistFactory(approved_count=5)
    ArtistFactory(slug="ana")

    assert output_of("rebuild_counters", "--artist", "ana") == "1 artist checked, 0 corrected.\n"


def test_rebuild_counters_refuses_an_unknown_artist() -> None:
    with pytest.raises(CommandError, match="no artist 'nobody'") as refusal:
        call_command("rebuild_counters", "--artist", "nobody")

    assert refusal.value.returncode == 2


@pytest.mark.parametrize(
    ("name", "named"), [("𝓥𝓮𝓻𝓪 𝓛𝓾𝓷𝓮", "U+1D4E5"), ("🌙", "U+1F319"), ("Vera ᏣᎳᎩ", "U+13E3")]
)
def test_create_artist_refuses_a_name_no_font_draws(name: str, named: str) -> None:
    with pytest.raises(CommandError) as refusal:
        call_command("create_artist", "--name", name)

    assert refusal.value.returncode == 1 and named in str(refusal.value)
    assert not Artist.objects.exists()


def test_names_that_differ_by_an_emoji_are_two_artists() -> None:
    json_of("create_artist", "--name", "Luna", "--seed", "1")

    assert json_of("create_artist", "--name", "Luna 🌙", "--seed", "2")["name"] == "Luna 🌙"


def test_create_artist_cleans_the_name() -> None:
    report = json_of("create_artist", "--name", " Zoe\u0308\x00\n Blau ", "--seed", "3")

    assert report["name"] == "Zoë Blau"
