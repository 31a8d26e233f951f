"""Asks every kind of thing that this person may see, and ranks the answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from django.http import HttpRequest

from ai_artist.palette import actions, things
from ai_artist.palette.result import Page, Result
from media_tools.foreign import label

SHORTEST, LONGEST = 2, 80
MOST = 40
# What each kind shows at most.
SONGS, OTHERS = 8, 5


@dataclass(frozen=True)
class Kind:
    """Something the palette finds: the right to see it, and how it is looked for."""

    permission: str
    look_up: Callable[[str, int], Iterable[Result]]
    most: int = OTHERS


# In the order in which equally good answers are shown.
KINDS = (
    Kind("artists.view_artist", things.artists),
    Kind("runs.view_run", things.songs, SONGS),
    Kind("runs.view_release", things.releases),
    Kind("experiments.view_experiment", things.experiments),
    Kind("artists.view_lesson", things.lessons),
    Kind("trends.view_topic", things.topics),
    Kind("runs.view_channel", things.channels),
    Kind("runs.view_batch", things.batches),
)


def find(request: HttpRequest, given: str, pages: Iterable[Page]) -> list[Result]:
    """Return what this person may open or do, the best first.

    given: as typed. pages: those of the menu that this person may open.
    """
    words = label(given, longest=LONGEST)
    if len(words) < SHORTEST:
        return []
    may: Callable[[str], bool] = request.user.has_perm
    found = [
        *actions.offered(words, may),
        *(Result(page.title, "Page", page.link, page.icon) for page in pages if fits(page, words)),
    ]
    for kind in KINDS:
        if may(kind.permission):
            found += kind.look_up(words, kind.most)
    return ranked(found, words)[:MOST]


def fits(page: Page, words: str) -> bool:
    return words.lower() in page.title.lower()


def ranked(found: Iterable[Result], words: str) -> list[Result]:
    """Put first what begins with the words; otherwise keep the order of kinds, newest first."""
    start = words.lower()
    marked = [
        replace(one, begins=one.begins or one.title.lower().startswith(start)) for one in found
    ]
    return sorted(marked, key=lambda one: not one.begins)
