from dataclasses import replace

import pytest

from media_tools.music.brief import Breach, Brief, Element, read_brief
from media_tools.music.local.compose import compose
from media_tools.music.local.genres import GENRES
from media_tools.music.local.obeying import breaches_of, elements_of, sound_for
from media_tools.music.local.patches import KITS, PATCHES, SampledKit, SampledPatch
from media_tools.music.local.score import Note
from media_tools.music.local.sound import sound_of

from .conftest import MakeOrder

genres = pytest.mark.parametrize("genre", GENRES, ids=lambda genre: genre.name)


@genres
def test_acoustic_only_plays_samples_of_instruments(genre: object) -> None:
    sound = sound_for(sound_of("Neon Fox", genre), genre, read_brief("acoustic only"))
    kit = KITS[sound.patches["kit"]]
    assert isinstance(kit, SampledKit)
    tuned = [patch for role, patch in sound.patches.items() if role != "kit"]
    assert all(isinstance(PATCHES[patch], SampledPatch) for patch in tuned)


def test_an_asked_instrument_gets_a_part_that_plays(order: MakeOrder) -> None:
    asked = (("a lone saxophone", Element.SAX), ("a cello and a church organ", Element.ORGAN))
    for text, element in asked:
        for genre in ("ambient", "synthwave", "folk"):
            wanted = order(genre, brief=read_brief(text))
            heard = {
                found
                for part in compose(wanted).parts
                if part in wanted.sound.patches
                for found in elements_of(wanted.sound.patches[part])
            }
            assert element in heard


@pytest.mark.parametrize(
    "text", ["no drums", "no bass", "solo piano", "no claps", "no risers", "no synths", "no pads"]
)
def test_what_is_forbidden_does_not_play(text: str, order: MakeOrder) -> None:
    for genre in ("house", "cinematic"):
        wanted = order(genre, brief=read_brief(text))
        assert breaches_of(compose(wanted), wanted.sound, wanted.brief) == ()


def test_a_breach_is_counted(order: MakeOrder) -> None:
    wanted = order("house")
    score = replace(compose(wanted), parts={"kick": (Note(0.0, 1.0, 36, 0.8),) * 3})
    brief = Brief(without=(Element.DRUMS,))
    assert breaches_of(score, wanted.sound, brief) == (Breach("kick", 3),)


def test_half_time_and_one_idea(order: MakeOrder) -> None:
    score = compose(order("house", brief=read_brief("half-time, no fills")))
    section = next(section for section in score.form if section.kind in ("drop", "verse"))
    claps = [
        round((note.start - section.start) * 4) % 16
        for note in score.parts["snare"]
        if section.start <= note.start < section.start + 12 and note.pitch in (38, 39)
    ]
    assert set(claps) == {8}
