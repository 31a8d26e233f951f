"""Which of the songs' measures people preferred; what is sure of it chooses among candidates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice
from uuid import UUID

from ai_artist.kit.portions import in_portions
from experiments.models import Ranking
from experiments.ranking import DecidedSong, train
from experiments.statistics import Counts, difference_interval, mean
from runs.models import Review, Step
from runs.outputs import LyricsOutput, MusicOutput

# The newest decisions: taste changes, and a night's work must not grow with the years.
SONGS = 2_000
# Of the newest decisions, however few were on songs of this machine.
_LOOKED_AT = 20_000
_AT_ONCE = 500

# Where a song's measures are, by subject: the step and the path in its output.
_KEPT = {
    Ranking.Subject.MUSIC: (MusicOutput.step, "output__facts__features"),
    Ranking.Subject.WORDS: (LyricsOutput.step, "output__measures"),
}
# What more of a measure means; those of Features and SongMeasures.
NAMES = {
    "step_share": "A melody that moves by steps",
    "largest_leap": "A large leap in the melody",
    "range": "A melody of a wide range",
    "strong_tone_share": "Chord tones on strong beats",
    "repeat_share": "Repeated notes in the melody",
    "clash_share": "Long notes that rub against the chord",
    "chorus_lift": "A melody that rises in the chorus",
    "chorus_density": "More notes in the chorus than elsewhere",
    "chord_motion": "Chords that move far",
    "melody_share": "A melody that seldom rests",
    "scale_margin": "A key that is clearly heard",
    "even": "Lines of the same length",
    "singable": "Stresses that are easy to sing",
    "varied": "Words that do not come again",
}


@dataclass(frozen=True)
class Preference:
    """A measure in words. more, less: (approved, rejected) of songs with more and less of it."""

    name: str
    more: Counts
    less: Counts

    @property
    def rates(self) -> tuple[float, float]:
        """The estimated approval rates with more and with less of it."""
        return mean(self.more), mean(self.less)

    @cached_property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the rates' difference, from -1 to 1."""
        return difference_interval(self.more, self.less)

    @property
    def points(self) -> str:
        low, high = self.interval
        return f"{100 * low:+.0f} to {100 * high:+.0f} points"

    @property
    def verdict(self) -> str:
        low, high = self.interval
        return "preferred" if low > 0 else "not liked" if high < 0 else "no clear difference"


@dataclass(frozen=True)
class Table:
    """What is known of one subject, the clearest preferences first."""

    title: str
    sentence: str
    rows: tuple[Preference, ...]


def learn_preferences(*, now: datetime) -> int:
    """Learn from the newest decisions of people. Returns how many rankings are in use."""
    newest = (
        Review.objects.standing()
        .by_people()
        .filter(at__lte=now)
        .order_by("-at", "-pk")
        .values_list("run_id", "run__artist_id", "decision")[:_LOOKED_AT]
    )
    decisions = list(newest)
    # Oldest first: a ranking is tested on songs that came later.
    songs = {subject: list(islice(_songs(subject, decisions), SONGS))[::-1] for subject in _KEPT}
    return sum(train(subject, of_subject, now=now) for subject, of_subject in songs.items())


def _songs(
    subject: Ranking.Subject, decisions: Iterable[tuple[UUID, int, str]]
) -> Iterator[DecidedSong]:
    """Yield the decided songs with measures: those composed or written on this machine."""
    step, path = _KEPT[subject]
    for some in in_portions(decisions, _AT_ONCE):
        done = Step.objects.filter(
            run__in=[run_id for run_id, *_ in some], name=step, status=Step.Status.DONE
        )
        measures = dict(done.values_list("run_id", path))
        for run_id, artist_id, decision in some:
            if measures.get(run_id):
                approved = decision == Review.Decision.APPROVE
                yield DecidedSong(artist_id, approved, measures[run_id])


def preferences() -> list[Table]:
    """Return the tables of the page, one for each subject."""
    rankings = {ranking.subject: ranking for ranking in Ranking.objects.all()}
    return [_table(subject, rankings.get(subject)) for subject in Ranking.Subject]


def _table(subject: Ranking.Subject, ranking: Ranking | None) -> Table:
    title = f"What people preferred in the {subject.label.lower()}"
    if ranking is None:
        return Table(title, "", ())
    rows = [
        Preference(NAMES[name], tuple(more), tuple(less))
        for name, (more, less) in ranking.halves.items()
        if name in NAMES
    ]
    rows.sort(key=lambda row: -abs(row.rates[0] - row.rates[1]))
    return Table(title, _sentence(ranking), tuple(rows))


def _sentence(ranking: Ranking) -> str:
    found = (
        f"Learnt from {ranking.songs} songs, {ranking.approved} of them approved. Tested on later"
        f" songs: of an approved and a rejected one by the same artist, it ranked the approved one"
        f" higher in {ranking.order:.0%} of all pairs"
    )
    if ranking.in_use:
        return f"{found}. That is more than chance: in use, for every new run."
    return f"{found}. Chance alone can do that, so it is not in use."
