"""Bold variants: a popular artist tries something besides its usual way.

The lifecycle rule "explore" asks for some. Such a run goes beyond the artist's usual tempo and
freedom. It is marked, takes no part in experiments, does not change the profile, and is judged like
any other run.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from typing import Any

from artists.checking import TEMPO_LIMITS_BPM
from artists.lifecycle.history import changes_of, in_force
from artists.lifecycle.rules import Rule
from artists.models import Artist, StatusChange
from experiments.models import Experiment
from media_tools.seeds import derive_seed
from runs.models import Run

# Bold runs per hint to explore.
BOLD_RUNS = 2
TEMPO_LEAP = 0.25
MORE_FREEDOM, MOST_FREEDOM = 0.3, 2.0


def bold_runs_left(artists: Iterable[Artist]) -> dict[int, int]:
    """Return how many bold runs are still to come, of artists that were hinted to explore."""
    active = {artist.pk for artist in artists if artist.status == Artist.Status.ACTIVE}
    hinted = StatusChange.objects.filter(artist__in=active, rule=Rule.EXPLORE).order_by()
    newest = {}
    for pk, changes in changes_of(list(hinted.values_list("artist", flat=True).distinct())).items():
        hints = [change for change in in_force(changes) if change.rule == Rule.EXPLORE]
        if hints:
            newest[pk] = hints[-1].at
    if not newest:
        return {}
    bold = Run.objects.filter(
        artist__in=newest, explores=True, created_at__gte=min(newest.values())
    )
    made = Counter(pk for pk, at in bold.values_list("artist", "created_at") if at >= newest[pk])
    return {pk: BOLD_RUNS - made[pk] for pk in newest}


def bold_values(artist: Artist, seed: int) -> dict[str, Any]:
    """Return overrides by parameter: a tempo range far from the usual one, and more freedom."""
    rng = random.Random(derive_seed(seed, "bold"))
    width = artist.tempo_max_bpm - artist.tempo_min_bpm
    leap = max(width, round(artist.tempo_min_bpm * TEMPO_LEAP))
    lowest, highest = TEMPO_LIMITS_BPM
    up = artist.tempo_max_bpm + leap <= highest
    down = artist.tempo_min_bpm - leap >= lowest
    step = leap if up and (not down or rng.random() < 0.5) else -leap
    low = max(lowest, artist.tempo_min_bpm + step)
    return {
        Experiment.Parameter.TEMPO_RANGE: [low, min(highest, low + width)],
        Experiment.Parameter.TEMPERATURE: min(
            MOST_FREEDOM, round(artist.temperature + MORE_FREEDOM, 2)
        ),
    }


def in_words(run: Run) -> str:
    """Say what the run tries, for its log."""
    low, high = run.overrides[Experiment.Parameter.TEMPO_RANGE]
    artist = run.artist
    return (
        f" A bold variant: {low} to {high} BPM instead of {artist.tempo_min_bpm} to "
        f"{artist.tempo_max_bpm}, freedom {run.overrides[Experiment.Parameter.TEMPERATURE]:g} "
        f"instead of {artist.temperature:g}."
    )
