"""The things the palette finds, each as a line with its kind and status in words."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from ai_artist.kit.hexadecimal import uuid_in
from ai_artist.kit.values import counted, day, percent
from ai_artist.palette.matching import best, best_ids, in_order
from ai_artist.palette.result import Result
from artists.models import Artist, Lesson
from experiments.models import Experiment
from media_tools.foreign import digits
from runs.models import Batch, Channel, Release, Run
from runs.presentation import release_pictures, thumbnails
from runs.releasing.codes import releases_with_code
from trends.models import Topic


def page_of(row: Any) -> str:
    """Return the address of a row's page."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def artists(words: str, most: int) -> Iterator[Result]:
    """Yield artists by name, those at work first."""
    rows = Artist.objects.order_by("-last_run_at", "name").only("name", "status")
    found = best(rows, "name", words, most)
    pictures = newest_pictures(found)
    for artist in found:
        told = f"Artist, {artist.get_status_display().lower()}"
        yield Result(artist.name, told, page_of(artist), "artist", pictures.get(artist.pk))


def songs(words: str, most: int) -> Iterator[Result]:
    """Yield runs by title, or the one with exactly this id."""
    newest = Run.objects.order_by("-created_at", "-pk")
    wanted = uuid_in(words)
    ids = [wanted] if wanted else best_ids(newest, "title", words, most)
    found = in_order(
        Run.objects.select_related("artist").only("title", "status", "artist__name"), ids
    )
    pictures = thumbnails(run.pk for run in found)
    for run in found:
        yield Result(
            run.title or f"Untitled {str(run.pk)[:8]}",
            f"Song of {run.artist.name}, {run.get_status_display().lower()}",
            page_of(run),
            "music_note",
            pictures.get(run.pk),
            begins=wanted is not None,
        )


def releases(words: str, most: int) -> Iterator[Result]:
    """Yield releases by title, or by a code as people write it."""
    newest = Release.objects.order_by("-created_at", "-pk")
    coded = releases_with_code(words)
    ids = coded or best_ids(newest, "title", words, most)
    rows = Release.objects.select_related("artist").prefetch_related("tracks")
    found = in_order(rows.defer("disclosure", "marks"), ids)
    pictures = release_pictures(found)
    for release in found:
        yield Result(
            release.title or "Untitled",
            f"{release.get_kind_display()} of {release.artist.name}, "
            f"{release.get_status_display().lower()}",
            page_of(release),
            "album",
            pictures.get(release.pk),
            begins=bool(coded),
        )


def experiments(words: str, most: int) -> Iterator[Result]:
    for experiment in best(Experiment.objects.order_by("-created_at", "-pk"), "name", words, most):
        told = f"Experiment, {experiment.get_status_display().lower()}"
        yield Result(experiment.name, told, page_of(experiment), "science")


def lessons(words: str, most: int) -> Iterator[Result]:
    rows = Lesson.objects.select_related("artist").order_by("-last_seen_at", "-pk")
    for lesson in best(rows, "text", words, most):
        told = f"Lesson for {lesson.scope}, {lesson.get_status_display().lower()}"
        yield Result(lesson.text, told, page_of(lesson), "school")


def topics(words: str, most: int) -> Iterator[Result]:
    """Yield topics, the strongest first."""
    for topic in best(Topic.objects.order_by("-score", "pk"), "name", words, most):
        told = "Topic, blocked" if topic.blocked else f"Topic, momentum {percent(topic.score)}"
        yield Result(topic.name, told, page_of(topic), "trending_up")


def channels(words: str, most: int) -> Iterator[Result]:
    for channel in best(Channel.objects.order_by("name", "pk"), "name", words, most):
        told = f"Channel, {channel.get_state_display().lower()}"
        yield Result(channel.name, told, page_of(channel), "cell_tower")


def batches(words: str, most: int) -> Iterator[Result]:
    """Yield batches by note, or the one of this number: "batch 12"."""
    newest = Batch.objects.order_by("-pk")
    number = digits(words.lower().removeprefix("batch").strip())
    if number is not None:
        found: QuerySet[Batch] | list[Batch] = newest.filter(pk=number)
    else:
        found = best(newest, "note", words, most)
    for batch in found:
        told = f"{counted(batch.size, 'run')}, {day(batch.created_at)}"
        told += f": {batch.note}" if batch.note else ""
        yield Result(f"Batch {batch.pk}", told, page_of(batch), "stacks", begins=number is not None)


def newest_pictures(artists: list[Artist]) -> dict[int, uuid.UUID]:
    """Return the small picture of each artist's newest song that has one, by the artist's id."""
    ids = [artist.pk for artist in artists]
    newest = {
        artist_id: list(
            Run.objects.filter(artist=artist_id)
            .order_by("-created_at", "-pk")
            .values_list("pk", flat=True)[:3]
        )
        for artist_id in ids
    }
    pictures = thumbnails(run_id for runs in newest.values() for run_id in runs)
    shown = {
        artist_id: next((pictures[run_id] for run_id in runs if run_id in pictures), None)
        for artist_id, runs in newest.items()
    }
    return {artist_id: picture for artist_id, picture in shown.items() if picture}
