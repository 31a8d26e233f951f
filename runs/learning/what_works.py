"""How looks, covers, clips and trends fared: approved runs, and the audience of those released."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from ai_artist.kit.portions import in_portions
from ai_artist.kit.values import words
from experiments.statistics import Counts, interval
from media_tools.foreign import label
from runs.audience.outcomes import outcomes
from runs.models import Artifact, Run, Step
from runs.outputs import CoverOutput, VisualsOutput

# The newest decided runs: taste changes, and the page must not grow with the years.
RUNS = 5_000
ROWS = 12
# Less says nothing about a rate.
FEWEST_RUNS = 5
DECIDED = (*Run.KEPT, Run.Status.REJECTED)
_AT_ONCE = 500

LED, FREE = "Led by a trend", "Free"


@dataclass(frozen=True)
class Row:
    """Something runs used. kept, liked: (so many, others) of its runs and of its measured songs.

    liked counts songs that did better than half of the roster's.
    """

    name: str
    kept: Counts
    liked: Counts

    @property
    def runs(self) -> int:
        return sum(self.kept)

    @property
    def rate(self) -> float:
        return self.kept[0] / self.runs

    @property
    def kept_interval(self) -> tuple[float, float]:
        return interval(self.kept)

    @property
    def songs(self) -> int:
        return sum(self.liked)

    @property
    def liked_interval(self) -> tuple[float, float]:
        return interval(self.liked)


@dataclass(frozen=True)
class Table:
    """One kind of thing. others: how many rows have too few runs, or did not fit."""

    title: str
    rows: tuple[Row, ...]
    others: int


@dataclass(frozen=True)
class _Evidence:
    """The newest decided runs, and the ranks of those measured."""

    kept: dict[UUID, bool]
    ranks: dict[UUID, float]

    def row(self, name: str, run_ids: Iterable[UUID]) -> Row:
        runs = set(run_ids)
        approved = sum(self.kept[run_id] for run_id in runs)
        ranks = [self.ranks[run_id] for run_id in runs if run_id in self.ranks]
        liked = sum(rank > 0.5 for rank in ranks)
        return Row(name, (approved, len(runs) - approved), (liked, len(ranks) - liked))


Used = Iterator[tuple[UUID, str]]  # a run, and what it used


def what_works(now: datetime) -> list[Table]:
    """The tables of the page, best first; one of trends against none comes first."""
    newest = Run.objects.filter(status__in=DECIDED, decided_at__lte=now).order_by("-decided_at")
    runs = list(newest.values_list("pk", "status", "topic__name")[:RUNS])
    evidence = _Evidence(
        kept={run_id: status in Run.KEPT for run_id, status, _ in runs},
        ranks={outcome.song.run_id: outcome.rank for outcome in outcomes(now)},
    )
    run_ids = [run_id for run_id, *_ in runs]
    return [
        _table("Trends or none", ((pk, LED if topic else FREE) for pk, _, topic in runs), evidence),
        _table("Trends", ((run_id, topic) for run_id, _, topic in runs if topic), evidence),
        _table("Looks of videos", _in_chunks(_looks, run_ids), evidence),
        _table("Styles of covers", _in_chunks(_covers, run_ids), evidence),
        _table("Clips", _in_chunks(_clips, run_ids), evidence),
    ]


def _table(title: str, used: Iterable[tuple[UUID, str]], evidence: _Evidence) -> Table:
    by_name: dict[str, set[UUID]] = defaultdict(set)
    for run_id, name in used:
        if name:
            by_name[name].add(run_id)
    rows = [evidence.row(name, run_ids) for name, run_ids in by_name.items()]
    told = [row for row in rows if row.runs >= FEWEST_RUNS]
    # By what the rate is at least: few runs do not lead the table by luck.
    told.sort(key=lambda row: (-row.kept_interval[0], row.name))
    return Table(title, tuple(told[:ROWS]), others=len(rows) - len(told[:ROWS]))


def _in_chunks(find: Callable[[Sequence[UUID]], Used], run_ids: Sequence[UUID]) -> Used:
    for some in in_portions(run_ids, _AT_ONCE):
        yield from find(some)


def _looks(run_ids: Sequence[UUID]) -> Used:
    """The generated scene of a video; those of clips have none."""
    steps = _done(VisualsOutput.step, run_ids).filter(output__plan__kind="generated")
    for run_id, style in steps.values_list("run_id", "output__plan__style"):
        yield run_id, words(style or "")


def _covers(run_ids: Sequence[UUID]) -> Used:
    for run_id, family in _done(CoverOutput.step, run_ids).values_list("run_id", "output__family"):
        yield run_id, words(family or "")


def _clips(run_ids: Sequence[UUID]) -> Used:
    clips = Artifact.objects.current().filter(run__in=run_ids, kind=Artifact.Kind.FOOTAGE)
    for run_id, made_by in clips.values_list("run_id", "provenance"):
        author = label(made_by.get("author", "")) or "unknown author"
        yield run_id, f"{made_by.get('provider', '')} {made_by.get('model', '')}, {author}"


def _done(step: str, run_ids: Sequence[UUID]) -> QuerySet[Step]:
    return Step.objects.filter(run__in=run_ids, name=step, status=Step.Status.DONE)
