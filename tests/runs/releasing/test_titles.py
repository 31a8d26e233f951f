"""What shops refuse in titles."""

from __future__ import annotations

import pytest

from runs.releasing.titles import title_faults
from tests.factories import ArtistFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("title", "word"),
    [
        ("Neon Rivers (Official Video)", "Official"),
        ("Neon Rivers Lyric Video", "Lyric Video"),
        ("Neon Rivers HD", "HD"),
        ("Neon Rivers feat. Luna", "featured"),
        ("Neon Rivers ft. Luna", "featured"),
        ("Neon Rivers @nova", "handles"),
        ("neon.com", "addresses"),
        ("Neon Rivers 🌙", "emoji"),
        ("Neon ★ Rivers", "emoji"),
        ("NEON RIVERS", "mixed case"),
        ("Neon  Rivers", "single spaces"),
        ("Song for Vera Halogen", "Vera Halogen"),
    ],
)
def test_what_shops_refuse_is_named(title: str, word: str) -> None:
    ArtistFactory(name="Vera Halogen")

    (fault,) = title_faults(title, artist="Nova Lane")

    assert word in fault


@pytest.mark.parametrize(
    ("title", "artist"),
    [
        ("Neon Rivers", "Nova Lane"),
        ("NYC", "Nova Lane"),
        ("NEON RIVERS", "NOVA LANE"),
        ("Dancing With Myself", "Nova Lane"),
        ("Officially Over", "Nova Lane"),
        ("Écran bleu – été", "Nova Lane"),
        ("夜のドライブ", "Nova Lane"),
        ("Vera Halogen", "Vera Halogen"),
        ("What's Left?", "Nova Lane"),
    ],
)
def test_what_is_a_title_passes(title: str, artist: str) -> None:
    ArtistFactory(name="Vera Halogen")

    assert title_faults(title, artist=artist) == []
