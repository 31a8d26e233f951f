"""What a track can be compared with: other songs of its artist, and other takes of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.urls import reverse

from ai_artist.kit.values import moment
from media_tools.music.base import Section
from runs.models import Artifact, Run, Step
from runs.outputs import MusicOutput

MOST_SONGS, MOST_TAKES = 30, 12
FINISHED = (Run.Status.AWAITING_REVIEW, Run.Status.REJECTED, *Run.KEPT)


@dataclass(frozen=True)
class Sound:
    """A track to compare with. lufs: None if it was never measured.

    sections: empty where they are not known; the two are then compared at the same second.
    """

    name: str
    audio: str
    lufs: float | None
    sections: tuple[Section, ...] = ()


def comparison_of(run: Run) -> dict[str, Any]:
    """Return the run's own loudness and sections, and by group what it can be compared with.

    The artist's last approved song comes first. Takes eight queries, however much there is.
    """
    others = with_sound(Run.objects.filter(artist=run.artist_id).exclude(pk=run.pk))
    approved = list(others.filter(status__in=Run.KEPT).order_by("-decided_at")[:1])
    newest = others.filter(status__in=FINISHED).order_by("-created_at", "-pk")[:MOST_SONGS]
    groups = {
        "Last approved song": sounds_of(approved),
        "Other songs of the artist": sounds_of(song for song in newest if song not in approved),
        "Other takes of this song": takes_of(run),
    }
    music = run.shown_output(MusicOutput)
    return {
        "lufs": run.lufs,
        "sections": [asdict(section) for section in music.sections] if music else [],
        "groups": [
            {"label": label, "sounds": found}
            for label, sounds in groups.items()
            if (found := [asdict(sound) for sound in sounds])
        ],
    }


def with_sound(runs: QuerySet[Run]) -> QuerySet[Run]:
    """Load with the runs their streaming copy and their music step."""
    copies = Artifact.objects.current().filter(kind=Artifact.Kind.MP3, purged_at=None)
    music = Step.objects.filter(name=MusicOutput.step, status=Step.Status.DONE)
    return runs.defer("concept").prefetch_related(
        Prefetch("artifacts", queryset=copies, to_attr="copies"),
        Prefetch("steps", queryset=music, to_attr="music_steps"),
    )


def sounds_of(runs: Iterable[Run]) -> Iterator[Sound]:
    """Yield the tracks of runs loaded by `with_sound`; a run without one is left out."""
    for run in runs:
        for copy in run.copies[:1]:  # type: ignore[attr-defined]
            steps = run.music_steps  # type: ignore[attr-defined]
            music = steps[0].shown(MusicOutput) if steps else None
            yield Sound(
                name=f"{run.title or 'Untitled'} ({run.get_status_display().lower()})",
                audio=reverse("artifact", args=[copy.pk]),
                lufs=run.lufs,
                sections=music.sections if music else (),
            )


def takes_of(run: Run) -> Iterator[Sound]:
    """Yield the other takes of a run: those a provider made along, and masters of before."""
    earlier = Q(kind=Artifact.Kind.MP3, superseded_at__isnull=False)
    along = Q(kind=Artifact.Kind.TAKE, superseded_at=None)
    files = run.artifacts.filter(earlier | along, purged_at=None).order_by("-created_at", "name")
    for file in files[:MOST_TAKES]:
        words = f"Master of {moment(file.created_at)}"
        if file.kind == Artifact.Kind.TAKE:
            words = f"{file.name.capitalize()}, not mastered"
        yield Sound(name=words, audio=reverse("artifact", args=[file.pk]), lufs=file.lufs)
