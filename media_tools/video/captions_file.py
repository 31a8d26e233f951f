"""Reads captions from a JSON file that somebody else wrote."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from media_tools import foreign
from media_tools.foreign import Refused
from media_tools.video.captions import SHORTEST_S
from media_tools.video.plan import Caption

MAX_BYTES = 2 * 1024 * 1024
MOST_CAPTIONS = 2000
LONGEST_TEXT = 500
# Longer than any sound that is read: a larger time must be in milliseconds.
LATEST_S = 3600.0

FORM = '{"start": seconds, "end": seconds, "text": words}'


def read_captions(path: Path) -> list[Caption]:
    """Return the captions of a JSON list of FORM, with or without "word_starts", ordered by time.

    Raises Refused that names the place and the fault; OSError.
    """
    with path.open("rb") as source:
        data = foreign.read_strict_json(source.read(MAX_BYTES + 1), max_bytes=MAX_BYTES)
    if not isinstance(data, list):
        raise Refused(f"it is no list of {FORM}")
    if len(data) > MOST_CAPTIONS:
        raise Refused(f"{len(data)} captions are more than {MOST_CAPTIONS}")
    numbered = []
    for number, entry in enumerate(data, 1):
        try:
            numbered.append((number, _caption(entry)))
        except ValueError as error:
            raise Refused(f"caption {number}: {error}") from None
    numbered.sort(key=lambda pair: pair[1].start_s)
    _check_room(numbered)
    return [caption for _, caption in numbered]


def _caption(entry: Any) -> Caption:
    """Read one caption. Raises ValueError."""
    if not isinstance(entry, dict):
        raise Refused(f"it is not {FORM}")
    text = entry.get("text")
    if not isinstance(text, str):
        raise Refused('"text" has to be text')
    if len(text) > LONGEST_TEXT:
        raise Refused(f"its text has {len(text)} characters; {LONGEST_TEXT} are the most")
    if "\ufffd" in text:
        raise Refused("its text holds bytes that are not UTF-8")
    start_s, end_s = _time(entry, "start"), _time(entry, "end")
    if end_s <= start_s:
        raise Refused(f"it ends at {end_s:g} s and begins at {start_s:g} s")
    starts = entry.get("word_starts", [])
    if not isinstance(starts, list):
        raise Refused('"word_starts" is no list of seconds')
    return Caption(start_s, end_s, text, tuple(_seconds(at, "word_starts") for at in starts))


def _time(entry: dict[str, Any], name: str) -> float:
    if name not in entry:
        raise Refused(f'it has no "{name}"')
    return _seconds(entry[name], name)


def _seconds(value: object, name: str) -> float:
    if isinstance(value, str):  # as many tools write them
        try:
            value = float(value)
        except ValueError:
            value = None
    seconds = foreign.finite(value, low=0.0, high=LATEST_S)
    if seconds is None:
        raise Refused(f'"{name}" has to be a number of seconds from 0 to {LATEST_S:g}')
    return seconds


def _check_room(numbered: Sequence[tuple[int, Caption]]) -> None:
    """Raise Refused if a caption begins so soon after another that the first one is not seen.

    A shorter overlap is common: the earlier caption ends where the later one begins.
    """
    for (number, caption), (next_number, following) in pairwise(numbered):
        overlaps = following.start_s < caption.end_s
        if overlaps and following.start_s - caption.start_s < SHORTEST_S:
            raise Refused(
                f"captions {number} and {next_number} overlap: both begin at "
                f"{caption.start_s:g} s or less than {SHORTEST_S:g} s later"
            )
