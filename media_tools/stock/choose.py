"""Which clips suit a song's frame, and which file of a clip to fetch."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from media_tools.seeds import stream
from media_tools.stock.base import ClipFile, FootageRequest, StockClip
from media_tools.text.base import Concept
from media_tools.video.probe import FOOTAGE_LIMITS, Limits

# Of a landscape clip a portrait frame would show less than a third; of a square one, 56 %.
LEAST_KEPT = 0.5
SHORTEST_S = 3.0
# A cut lasts about eight seconds; a longer clip is fetched in vain.
ENOUGH_S = 8.0
# Relevance falls slowly down a library's list, so that draws of different songs differ.
HALF_WEIGHT_RANK = 8
GOOD_FPS = (23.0, 61.0)
QUERY_CHARACTERS = 100  # Pixabay's limit
QUERY_WORDS = 4
SCENES = 2  # phrases of a picture prompt that say what is seen; the rest is manner

_WORD = re.compile(r"[^\W\d_]{3,}")
# Words of picture prompts that describe a manner, not a thing one can film.
_MANNER = (
    "and the with from into over under for his her its their our your this that these those are "
    "was were not but one two three all very more most style mood look image picture album cover "
    "art artwork poster design color colour colors colours palette tone tones soft bold deep text"
)
_EMPTY_WORDS = frozenset(_MANNER.split())


@dataclass(frozen=True)
class Choice:
    """A clip with the file to fetch."""

    clip: StockClip
    file: ClipFile


def queries_for(concept: Concept, *, sections: Sequence[Sequence[str]] = ()) -> tuple[str, ...]:
    """Search words for a song: what its picture shows, its theme, then each of its sections.

    sections: the lines of each. Of a section only words that the plan knows are taken (a lyric's
    other words find anything but its subject), with the theme beside them. Queries are lower
    case, at most QUERY_WORDS words, and each comes once.
    """
    scenes = [_words(phrase) for phrase in re.split(r"[,.;:\n]", concept.visual_prompt)][:SCENES]
    theme = _words(concept.theme)[:2]
    keywords = [word for keyword in concept.keywords for word in _words(keyword)]
    known = {*keywords, *theme, *(word for scene in scenes for word in scene)}
    queries = [*scenes, theme or keywords]
    for lines in sections:
        own = [word for word in _words(" ".join(lines)) if word in known]
        queries.append([*own[:2], *theme])
    return tuple(dict.fromkeys(_query(words) for words in queries if words))


def normalised(query: str) -> str:
    """A query as it is sent and cached: lower case, single spaces, within the length limit."""
    text = " ".join(query.lower().split())
    if len(text) <= QUERY_CHARACTERS:
        return text
    return text[: QUERY_CHARACTERS + 1].rsplit(" ", 1)[0][:QUERY_CHARACTERS]


def choices(
    clips: Sequence[StockClip], request: FootageRequest, query: str, limits: Limits = FOOTAGE_LIMITS
) -> list[Choice]:
    """Clips that fit, in a drawn order: the better the rank and the shape, the likelier early.

    The same clips, request and query give the same order.
    """
    fitting: list[tuple[float, Choice]] = []
    draw = stream("footage", request.seed, query)
    for rank, clip in enumerate(clips):
        ticket = float(draw.random())
        file = best_file(clip, request, limits)
        if file is None or clip.key in request.excluded:
            continue
        weight = 2.0 ** (-rank / HALF_WEIGHT_RANK) * kept_share(file, request) ** 2
        weight *= min(clip.duration_s, ENOUGH_S) / ENOUGH_S
        # Weighted order without replacement: Efraimidis and Spirakis 2006, keys u**(1/w).
        fitting.append((ticket ** (1 / weight), Choice(clip, file)))
    fitting.sort(key=lambda pair: -pair[0])
    return [choice for _, choice in fitting]


def best_file(
    clip: StockClip, request: FootageRequest, limits: Limits = FOOTAGE_LIMITS
) -> ClipFile | None:
    """The smallest file that fills the frame without enlargement, or None.

    Among those an ordinary frame rate goes first, then fewer pixels, then fewer bytes.
    """
    if not max(SHORTEST_S, limits.min_duration_s) <= clip.duration_s <= limits.max_duration_s:
        return None
    fitting = [file for file in clip.files if _fits(file, request, limits)]
    return min(
        fitting,
        key=lambda file: (
            file.fps is not None and not GOOD_FPS[0] <= file.fps <= GOOD_FPS[1],
            file.width * file.height,
            file.size_bytes or 0,
            file.link,
        ),
        default=None,
    )


def kept_share(file: ClipFile, request: FootageRequest) -> float:
    """Share of the picture that is seen when it fills the frame, 0..1."""
    wide, tall = file.width * request.height, file.height * request.width
    return min(wide, tall) / max(wide, tall)


def _fits(file: ClipFile, request: FootageRequest, limits: Limits) -> bool:
    if file.width < request.width or file.height < request.height:
        return False
    if max(file.width, file.height) > limits.max_side_px:
        return False
    if file.width * file.height > limits.max_pixels:
        return False
    if file.fps is not None and not limits.min_fps <= file.fps <= limits.max_fps:
        return False
    return kept_share(file, request) >= LEAST_KEPT


def _words(text: str) -> list[str]:
    found = (word.lower() for word in _WORD.findall(text))
    return list(dict.fromkeys(word for word in found if word not in _EMPTY_WORDS))


def _query(words: Sequence[str]) -> str:
    return normalised(" ".join(dict.fromkeys(words[:QUERY_WORDS])))
