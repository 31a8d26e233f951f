"""Families of generated pictures, and which genres and style words each belongs to."""

from __future__ import annotations

import re

from media_tools.images.families.canvas import Canvas, Family
from media_tools.images.families.fluid import aurora, colour_fields, contours, nebula, silk, strands
from media_tools.images.families.geometry import bauhaus, halftone_orb, orbits, stained_glass
from media_tools.images.families.landscape import retro_sun, ridges
from media_tools.seeds import stream

__all__ = ["FAMILIES", "Canvas", "Family", "choose_family"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        Family(
            "retro_sun",
            retro_sun,
            ("top", "top-left", "bottom", "split", "print"),
            frozenset({"synthwave", "house", "trap", "hyperpop", "reggaeton", "phonk"}),
            _words("retro neon sun sunset grid 80s eighties outrun vapor chrome arcade"),
        ),
        Family(
            "ridges",
            ridges,
            ("top", "top-left", "bottom-left", "print"),
            frozenset({"folk", "cinematic", "lofi", "ambient", "country", "classical_piano"}),
            _words("mountain mountains paper landscape forest nature hills mist valley moon"),
        ),
        Family(
            "silk",
            silk,
            ("center", "bottom-left", "top-left", "split", "print"),
            frozenset(
                {
                    "ambient",
                    "house",
                    "indie_pop",
                    "trap",
                    "cinematic",
                    "synthwave",
                    "rnb",
                    "amapiano",
                    "hyperpop",
                    "afrobeats",
                }
            ),
            _words("silk fluid liquid smooth gradient satin dream soft velvet waves"),
            grain=9.0,
        ),
        Family(
            "nebula",
            nebula,
            ("center", "bottom", "top", "split", "top-left"),
            frozenset(
                {"ambient", "cinematic", "synthwave", "drum_and_bass", "metal", "classical_piano"}
            ),
            _words("space cosmic nebula stars night galaxy dark cloud deep void"),
        ),
        Family(
            "aurora",
            aurora,
            ("top", "bottom-left", "center", "split"),
            frozenset({"ambient", "cinematic", "synthwave", "lofi", "chillhop", "rnb"}),
            _words("aurora night north polar ice cold winter northern sky light"),
        ),
        Family(
            "colour_fields",
            colour_fields,
            ("center-small", "band", "bottom-left"),
            frozenset(
                {
                    "lofi",
                    "folk",
                    "indie_pop",
                    "ambient",
                    "chillhop",
                    "rnb",
                    "classical_piano",
                    "afrobeats",
                }
            ),
            _words("abstract painting painted minimal warm canvas muted washed film"),
            grain=11.0,
        ),
        Family(
            "strands",
            strands,
            ("plate", "top-left", "bottom", "print"),
            frozenset(
                {"indie_pop", "techno", "drum_and_bass", "folk", "afrobeats", "metal", "amapiano"}
            ),
            _words("organic lines flow hair thread motion wind swirling ink ribbons"),
        ),
        Family(
            "contours",
            contours,
            ("top-left", "bottom-left", "plate", "label", "print"),
            frozenset({"techno", "ambient", "lofi", "drum_and_bass", "chillhop", "metal"}),
            _words("map topographic contour contours terrain technical field lines"),
        ),
        Family(
            "bauhaus",
            bauhaus,
            ("print", "band", "plate"),
            frozenset(
                {"house", "indie_pop", "techno", "lofi", "amapiano", "afrobeats", "reggaeton"}
            ),
            _words("bauhaus geometric shapes modernist bold flat swiss collage poster"),
        ),
        Family(
            "orbits",
            orbits,
            ("split", "bottom-left", "top-left", "band", "print"),
            frozenset(
                {"techno", "house", "drum_and_bass", "synthwave", "amapiano", "hyperpop", "phonk"}
            ),
            _words("rings circles vinyl orbit radial hypnotic futuristic minimal"),
        ),
        Family(
            "halftone_orb",
            halftone_orb,
            ("split", "bottom-left", "top-left", "print"),
            frozenset(
                {
                    "trap",
                    "techno",
                    "drum_and_bass",
                    "indie_pop",
                    "house",
                    "phonk",
                    "reggaeton",
                    "metal",
                    "hyperpop",
                }
            ),
            _words("halftone print grit urban street punk zine dots monochrome bold"),
        ),
        Family(
            "stained_glass",
            stained_glass,
            ("label", "plate", "band", "print"),
            frozenset(
                {"folk", "cinematic", "indie_pop", "trap", "country", "metal", "classical_piano"}
            ),
            _words("glass mosaic cathedral crystal stained church jewel gothic facets"),
        ),
    )
}


def choose_family(genre: str, style: str, seed: int) -> Family:
    """A family by weight: the genre's own count more, each asked for by a style word far more."""
    words = set(re.findall(r"[a-z0-9]+", style.lower()))
    key = re.sub(r"[^a-z0-9]+", "_", genre.lower()).strip("_")
    weights = [
        0.15 + (2.0 if key in family.genres else 0.0) + 4.0 * len(words & family.words)
        for family in FAMILIES.values()
    ]
    total = sum(weights)
    shares = [weight / total for weight in weights]
    names = list(FAMILIES)
    return FAMILIES[str(stream("cover-family", seed).choice(names, p=shares))]
