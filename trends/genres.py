"""Maps the names that charts give to genres to one topic each."""

from __future__ import annotations

import re
from dataclasses import dataclass

from media_tools.genres import NAMES


@dataclass(frozen=True)
class GenreTopic:
    """A genre as a topic.

    genre: the composer's name for it, or else its own slug, so that only artists of that genre
    follow it.
    """

    topic: str
    genre: str


# (topic, the composer's genre, names in charts and tags in lower case)
CHART_NAMES = (
    ("synthwave", "synthwave", ("synthwave", "retrowave", "synthpop", "synth-pop", "new wave")),
    ("lofi", "lofi", ("lofi", "lo-fi", "lofi hip hop", "chillout", "chill")),
    ("ambient", "ambient", ("ambient", "new age", "drone")),
    ("house", "house", ("house", "deep house", "house music")),
    ("dance", "house", ("dance", "dance & edm", "edm", "disco")),
    ("techno", "techno", ("techno", "trance", "minimal", "industrial")),
    ("electronic", "techno", ("electronic", "electro", "electronica", "techno/house")),
    ("drum and bass", "drum_and_bass", ("drum and bass", "drum & bass", "dnb", "jungle")),
    ("hip-hop", "trap", ("hip-hop/rap", "rap/hip hop", "hip-hop", "hip hop", "rap")),
    ("trap", "trap", ("trap",)),
    ("indie", "indie_pop", ("indie", "indie pop", "indie rock", "alternative")),
    ("pop", "indie_pop", ("pop", "dance pop", "bedroom pop", "dream pop")),
    ("folk", "folk", ("folk", "singer/songwriter", "singer-songwriter", "acoustic")),
    ("film music", "cinematic", ("soundtrack", "films/games", "film score", "score")),
    ("hyperpop", "hyperpop", ("hyperpop", "pc music", "glitchcore")),
    ("reggaeton", "reggaeton", ("reggaeton", "latin", "latin urban", "urbano latino")),
    ("afrobeats", "afrobeats", ("afrobeats", "afrobeat", "afropop", "african")),
    ("amapiano", "amapiano", ("amapiano",)),
    ("r&b", "rnb", ("r&b", "rnb", "r&b/soul", "soul")),
    ("country", "country", ("country", "americana", "bluegrass")),
    ("metal", "metal", ("metal", "heavy metal", "hard rock")),
    ("piano", "classical_piano", ("piano", "solo piano", "classical piano")),
    ("phonk", "phonk", ("phonk",)),
    ("chillhop", "chillhop", ("chillhop", "jazzhop")),
    ("classical", "cinematic", ("classical", "classical crossover", "orchestral")),
)
_KNOWN = {name: GenreTopic(topic, genre) for topic, genre, names in CHART_NAMES for name in names}


def genre_topic(name: str) -> GenreTopic:
    """Return the topic for the name a chart gives a genre."""
    plain = " ".join(name.lower().split())
    own = GenreTopic(plain, re.sub(r"[\W_]+", "_", plain).strip("_")[:40])
    return _KNOWN.get(plain, own)


def is_composed(name: str) -> bool:
    """Whether the composer can make what a chart calls by this name."""
    return genre_topic(name).genre in NAMES
