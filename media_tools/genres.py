"""The genres the embedded engines know: one table of names, and which of them a free text means.

Composer, writer, cover, video and trends each keep what they know of a genre by its name; a test
holds every one of those tables to the names here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from media_tools.seeds import stream


@dataclass(frozen=True)
class GenreName:
    """title: as people write it. words: in a free text, they mean this genre."""

    name: str
    title: str
    words: tuple[str, ...]
    sung: float = 0.0  # share of its artists who sing


GENRES: tuple[GenreName, ...] = (
    GenreName(
        "synthwave",
        "Synthwave",
        ("synthwave", "retrowave", "outrun", "80s", "eighties", "synth pop", "synthpop"),
        sung=1.0,
    ),
    GenreName(
        "lofi",
        "Lo-fi hip hop",
        ("lofi", "lo fi", "study", "boom bap", "hip hop", "jazz"),
    ),
    GenreName(
        "ambient",
        "Ambient",
        ("ambient", "drone", "meditation", "sleep", "new age", "soundscape", "calm", "chill"),
    ),
    GenreName(
        "house",
        "House",
        ("house", "deep house", "disco", "dance", "edm", "garage", "club"),
        sung=1.0,
    ),
    GenreName(
        "techno", "Techno", ("techno", "industrial", "minimal", "acid", "trance", "rave", "electro")
    ),
    GenreName(
        "drum_and_bass",
        "Drum and bass",
        ("drum and bass", "drum & bass", "drum n bass", "dnb", "jungle", "liquid", "breakbeat"),
    ),
    GenreName("trap", "Trap", ("trap", "drill", "rap", "cloud"), sung=0.5),
    GenreName(
        "indie_pop",
        "Indie pop",
        ("indie", "pop", "rock", "alternative", "dream pop", "shoegaze", "funk"),
        sung=1.0,
    ),
    GenreName(
        "folk",
        "Folk",
        ("folk", "acoustic", "singer songwriter", "celtic"),
        sung=1.0,
    ),
    GenreName(
        "cinematic",
        "Cinematic",
        ("cinematic", "orchestral", "epic", "soundtrack", "score", "trailer", "classical", "film"),
    ),
    GenreName(
        "hyperpop",
        "Hyperpop",
        ("hyperpop", "hyper pop", "pc music", "glitchcore", "digicore", "bubblegum bass"),
        sung=1.0,
    ),
    GenreName(
        "reggaeton",
        "Reggaeton",
        ("reggaeton", "dembow", "perreo", "urbano", "moombahton", "latin"),
        sung=1.0,
    ),
    GenreName(
        "afrobeats",
        "Afrobeats",
        ("afrobeats", "afrobeat", "afropop", "afro pop", "afroswing", "highlife", "afro"),
        sung=1.0,
    ),
    GenreName("amapiano", "Amapiano", ("amapiano", "log drum", "private school", "gqom"), sung=0.5),
    GenreName(
        "rnb",
        "R&B",
        ("r&b", "rnb", "rhythm and blues", "soul", "neo soul", "slow jam"),
        sung=1.0,
    ),
    GenreName(
        "country",
        "Country",
        ("country", "americana", "bluegrass", "honky tonk", "nashville", "western"),
        sung=1.0,
    ),
    GenreName("metal", "Metal", ("metal", "metalcore", "thrash", "djent", "doom", "hard rock")),
    GenreName(
        "classical_piano",
        "Classical piano",
        ("classical piano", "solo piano", "piano solo", "nocturne", "etude", "neoclassical"),
    ),
    GenreName("phonk", "Phonk", ("phonk", "memphis", "cowbell")),
    GenreName("chillhop", "Chillhop", ("chillhop", "chill hop", "jazz hop", "jazzhop")),
)
BY_NAME: dict[str, GenreName] = {genre.name: genre for genre in GENRES}
NAMES: tuple[str, ...] = tuple(BY_NAME)
# The most general arrangement.
FALLBACK = "indie_pop"


def is_sung(genre: str, identity: str) -> bool:
    """Tell whether an artist of a genre (free text) sings; the same identity always does or not."""
    share = {entry.name: entry.sung for entry in GENRES}[genre_for(genre)]
    return bool(stream("sings", identity).random() < share)


def genre_for(text: str, hint: str = "") -> str:
    """The name of the genre nearest to a free text.

    An exact name or title wins; else the longest of the words found whole in the text, then in the
    hint (a prompt); else FALLBACK.
    """
    plain = f" {_plain(text)} "
    for genre in GENRES:
        if plain.strip() in (_plain(genre.name), _plain(genre.title)):
            return genre.name
    found = [
        (len(word), genre.name) for genre in GENRES for word in genre.words if f" {word} " in plain
    ]
    # The longest is the most specific; among equals the first genre listed.
    if found:
        return max(found, key=lambda hit: hit[0])[1]
    return genre_for(hint) if hint else FALLBACK


def _plain(text: str) -> str:
    """Lower-case words of letters, digits and "&", single spaces between."""
    return re.sub(r"[^a-z0-9&]+", " ", text.lower()).strip()
