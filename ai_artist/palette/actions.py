"""What a person may do: each leads to its form, or to the question before it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.urls import reverse

from ai_artist.palette.matching import best, best_ids, in_order
from ai_artist.palette.result import Result
from artists.lifecycle import MOVES
from artists.models import Artist
from runs.models import Release

MOST = 5
# A shorter beginning of a verb would offer actions beside nearly every search.
SHORTEST_VERB = 3
FILLERS = {"a", "an", "the", "artist", "artists", "release", "releases", "now", "of", "with", "for"}
May = Callable[[str], bool]


@dataclass(frozen=True)
class Action:
    """Something that is always there to do. anchor: what the address goes on with."""

    title: str
    permission: str
    address: str
    icon: str
    anchor: str = ""
    also: str = ""


ACTIONS = (
    Action(
        "Start a batch",
        "runs.operate_run",
        "index",
        "play_arrow",
        "#batch-size",
        also="run new make songs",
    ),
    Action(
        "Start a run with settings",
        "runs.operate_run",
        "runs_run_new",
        "tune",
        also="new make song",
    ),
    Action(
        "Open the review desk",
        "runs.review_run",
        "desk",
        "headphones",
        also="start judge approve reject decide",
    ),
    Action(
        "Open the review queue", "runs.view_run", "review_queue", "fact_check", also="waiting judge"
    ),
    Action(
        "Plan a release",
        "runs.publish_release",
        "runs_release_changelist",
        "event",
        "?status__exact=ready",
        also="publish date",
    ),
    Action(
        "Make an EP or album",
        "runs.operate_run",
        "runs_release_album",
        "library_music",
        also="new release add",
    ),
    Action(
        "Open the calendar",
        "runs.view_publication",
        "calendar",
        "calendar_month",
        also="dates planned",
    ),
    Action(
        "Add an artist",
        "artists.add_artist",
        "artists_artist_add",
        "person_add",
        also="new create candidate",
    ),
    Action(
        "Write a lesson", "artists.add_lesson", "artists_lesson_add", "edit_note", also="new add"
    ),
    Action(
        "Start an experiment",
        "experiments.add_experiment",
        "experiments_experiment_add",
        "science",
        also="new add create test compare",
    ),
    Action(
        "Add a channel",
        "runs.connect_channel",
        "channel_new",
        "cell_tower",
        also="new connect account platform",
    ),
    Action(
        "Add a series",
        "runs.add_series",
        "runs_series_add",
        "event_repeat",
        also="new weekly standing order",
    ),
    Action(
        "Set a budget",
        "runs.add_budget",
        "runs_budget_add",
        "savings",
        also="new add limit cap money",
    ),
    Action(
        "Add a user", "auth.add_user", "auth_user_add", "person_add", also="new account role create"
    ),
    Action("Change my password", "", "password_change", "key", also="account"),
)


@dataclass(frozen=True)
class Verb:
    """Something to do with one artist. statuses: those that allow it."""

    icon: str
    permission: str
    statuses: tuple[str, ...]


ICONS = {"pause": "pause", "resume": "play_arrow", "retire": "archive", "reinstate": "unarchive"}
ARTIST_VERBS = {
    **{
        verb: Verb(ICONS[verb], "artists.change_artist", move.statuses)
        for verb, move in MOVES.items()
    },
    "run": Verb("play_arrow", "runs.operate_run", Artist.SELECTABLE),
}
PLAN, MAY_PLAN = "plan", "runs.publish_release"


def offered(words: str, may: May) -> Iterator[Result]:
    """Yield the actions that the words mean and this person may do."""
    typed = words.lower().split()
    for action in ACTIONS:
        if means(action, typed) and (not action.permission or may(action.permission)):
            link = reverse(f"admin:{action.address}") + action.anchor
            yield Result(action.title, "Action", link, action.icon, begins=True)
    if len(typed[0]) < SHORTEST_VERB:
        return
    about = " ".join(word for word in typed[1:] if word not in FILLERS)
    for verb, what in ARTIST_VERBS.items():
        if verb.startswith(typed[0]) and may(what.permission):
            yield from on_artists(verb, what, about)
    if PLAN.startswith(typed[0]) and may(MAY_PLAN):
        yield from plans(about)


def means(action: Action, typed: list[str]) -> bool:
    """Tell whether each typed word begins a word of the action."""
    known = f"{action.title} {action.also}".lower().split()
    return all(any(word.startswith(one) for word in known) for one in typed)


def on_artists(verb: str, what: Verb, about: str) -> Iterator[Result]:
    """Yield the verb for the artists whose names fit, as far as their status allows it."""
    able = Artist.objects.filter(status__in=what.statuses)
    rows = able.order_by("-last_run_at", "name").only("name", "status")
    for artist in best(rows, "name", about, MOST) if about else rows[:MOST]:
        link = reverse("admin:artists_artist_confirm", args=[artist.pk])
        yield Result(
            f"{verb.capitalize()} {artist.name}",
            f"Action, asks first; now {artist.get_status_display().lower()}",
            f"{link}?verb={verb}",
            what.icon,
            begins=True,
        )


def plans(about: str) -> Iterator[Result]:
    """Yield planning for the releases whose titles fit, the newest first."""
    rows = Release.objects.unpublished().order_by("-created_at", "-pk")
    ids = best_ids(rows, "title", about, MOST) if about else []
    for release in in_order(Release.objects.select_related("artist"), ids):
        link = reverse("admin:runs_release_plan", args=[release.pk])
        told = f"Action; {release.get_kind_display().lower()} of {release.artist.name}"
        yield Result(f"Plan {release.title}", told, link, "event", begins=True)
