"""Does the loop learn? Rehearsals with and without learning, several seeds, side by side."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from scipy.stats import fisher_exact

from ai_artist.benchmarks.measuring import Result, cost_of_python, scratch_project
from experiments.statistics import Counts, inside_difference
from tests.benchmarks.rehearsal import TASTE, Decided, Story

RUNS = 300
WINDOW = 100  # the first and the last so many runs are compared
SEEDS = (1, 2, 3)
AT_ONCE = 2

REHEARSE = """
import django; django.setup()
import json
from dataclasses import asdict
from datetime import timedelta
from django.utils import timezone
from tests.benchmarks.rehearsal import rehearse
story = rehearse(seed=%(seed)d, runs=%(runs)d, learns=%(learns)r,
                 start=timezone.now() - timedelta(days=31))
print(json.dumps(asdict(story)))
"""


def learning() -> Result:
    """Approval of the first and last WINDOW of RUNS runs, and what the loop did in between."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        stories = list(pool.map(lambda seed: told(seed, learns=True), SEEDS))
        controls = list(pool.map(lambda seed: told(seed, learns=False), SEEDS))
    gains = [gain_points(story) for story in stories]
    promoted = [story.promoted_after for story in stories if story.promoted_after is not None]
    others = [name for story in stories for name in story.retired if name != TASTE.unloved]
    return Result(
        "learning",
        {
            "seeds": len(SEEDS),
            "runs": RUNS,
            f"approved_first_{WINDOW}_percent": mean_percent(first(s) for s in stories),
            f"approved_last_{WINDOW}_percent": mean_percent(last(s) for s in stories),
            "gain_points_least": min(gains),
            "gain_points_inside_artists": statistics.mean(map(inside_points, stories)),
            "fisher_exact_p_largest": max(map(chance_of_no_gain, stories)),
            f"without_learning_first_{WINDOW}_percent": mean_percent(first(s) for s in controls),
            f"without_learning_last_{WINDOW}_percent": mean_percent(last(s) for s in controls),
            "winner_promoted_percent": 100 * len(promoted) / len(SEEDS),
            "runs_until_promotion_median": statistics.median(promoted) if promoted else RUNS,
            "lessons_in_force_mean": statistics.mean(len(s.lessons) for s in stories),
            "unloved_artist_retired_percent": mean_percent(
                [TASTE.unloved in story.retired] for story in stories
            ),
            "other_artists_retired": len(others),
        },
    )


def told(seed: int, *, learns: bool) -> Story:
    """One rehearsal in an empty project of its own."""
    code = REHEARSE % {"seed": seed, "runs": RUNS, "learns": learns}
    with scratch_project() as environment:
        environment["ARTIST_CREATION_PROBABILITY"] = "0"  # the roster stays as it is
        fields = json.loads(cost_of_python(code, environment=environment).stdout)
    return Story(**fields | {"decided": [Decided(**one) for one in fields["decided"]]})


# --- Figures of one rehearsal ---


def first(story: Story) -> list[bool]:
    return [one.approved for one in story.decided[:WINDOW]]


def last(story: Story) -> list[bool]:
    return [one.approved for one in story.decided[-WINDOW:]]


def gain_points(story: Story) -> float:
    """Approval of the last runs less that of the first, in points."""
    return mean_percent([last(story)]) - mean_percent([first(story)])


def chance_of_no_gain(story: Story) -> float:
    """Fisher's exact test, one-sided: p of so many more approvals if nothing had improved."""
    table = [counts(last(story)), counts(first(story))]
    return float(fisher_exact(table, alternative="greater").pvalue)


def inside_points(story: Story) -> float:
    """The gain inside artists (Mantel and Haenszel), in points: retirements add nothing to it."""
    early, late = story.decided[:WINDOW], story.decided[-WINDOW:]
    names = {one.artist for one in story.decided}
    strata = [(counts(of(late, name)), counts(of(early, name))) for name in names]
    return 100 * (inside_difference(strata) or 0.0)


def of(decided: Sequence[Decided], artist: str) -> list[bool]:
    return [one.approved for one in decided if one.artist == artist]


def counts(approved: Sequence[bool]) -> Counts:
    return sum(approved), len(approved) - sum(approved)


def mean_percent(groups: Iterable[Sequence[bool]]) -> float:
    return 100 * statistics.mean(statistics.mean(group) for group in groups)
