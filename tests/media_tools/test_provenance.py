"""A file made out of others carries their terms."""

from __future__ import annotations

from media_tools.provenance import Provenance, made_from

OWN = Provenance(provider="local", model="mastering-1", licence="operator", prompt="calm", seed=7)
SONG = Provenance(provider="suno", model="v6", licence="unverified", generator="ai", prompt="x")
CLIP = Provenance(
    provider="pexels",
    model="1",
    licence="Pexels License",
    generator="human",
    author="Jane Doe",
    source_url="https://www.pexels.com/video/1/",
)


def test_every_source_and_licence_is_named() -> None:
    made = made_from(OWN, SONG, CLIP)

    assert made.provider == "local; suno; pexels"
    assert made.licence == "operator; unverified; Pexels License"
    assert (made.author, made.source_url) == (CLIP.author, CLIP.source_url)


def test_nothing_is_named_twice() -> None:
    once = made_from(OWN, SONG)

    assert made_from(once, once, SONG) == once


def test_what_a_model_made_stays_ai() -> None:
    assert made_from(OWN, SONG).generator == "ai"
    assert made_from(OWN, CLIP).generator == "algorithm"


def test_the_making_keeps_its_own_model_prompt_and_seed() -> None:
    made = made_from(OWN, SONG)

    assert (made.model, made.prompt, made.seed) == (OWN.model, OWN.prompt, OWN.seed)
