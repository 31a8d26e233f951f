"""What steps of an earlier version stored reads back as today's outputs."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing

import pytest

from media_tools.records import from_json, to_json
from runs.outputs import (
    ConceptOutput,
    CoverOutput,
    LyricsOutput,
    MasterOutput,
    MusicOutput,
    Output,
    QualityOutput,
    ReflectionOutput,
    VideoOutput,
    VisualsOutput,
)
from runs.steps import NAMES
from tests.upgrades.test_upgrade import dump_of

KINDS: tuple[type[Output], ...] = (
    ConceptOutput,
    LyricsOutput,
    MusicOutput,
    MasterOutput,
    CoverOutput,
    VisualsOutput,
    VideoOutput,
    QualityOutput,
    ReflectionOutput,
)


# Figures that nothing has read since they were stored.
NO_LONGER_READ = {
    "master": (
        "report",
        *(f"tag.{name}" for name in ("start_s", "end_s", "tag_gain_db", "duck_db", "voice")),
    ),
    "visuals": ("poster_contrast",),
}


@pytest.fixture(scope="module")
def rows() -> dict[str, list[dict]]:
    """Outputs of finished steps by the step's name."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.create_function(
            "REGEXP", 2, lambda pattern, text: bool(re.search(pattern, str(text)))
        )
        database.executescript(dump_of("sqlite"))
        found: dict[str, list[dict]] = {name: [] for name in NAMES}
        query = "SELECT name, output FROM runs_step WHERE status = 'done'"
        for name, output in database.execute(query):
            found[name].append(json.loads(output))
    return found


def test_every_step_has_one_output() -> None:
    assert tuple(kind.step for kind in KINDS) == NAMES


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.step)
def test_stored_outputs_read_back_with_all_that_they_held(
    kind: type[Output], rows: dict[str, list[dict]]
) -> None:
    assert len(rows[kind.step]) >= 3
    for row in rows[kind.step]:
        output = from_json(kind, row)

        again = json.loads(json.dumps(to_json(output)))
        assert from_json(kind, again) == output
        # Nothing else is lost or renamed; what is new since then has its default.
        assert held_by(without(row, NO_LONGER_READ.get(kind.step, ())), again)


def without(row: dict, paths: Sequence[str]) -> dict:
    """The row without fields, each named by its path."""
    kept = dict(row)
    for path in paths:
        first, _, rest = path.partition(".")
        if rest and isinstance(kept.get(first), dict):
            kept[first] = without(kept[first], [rest])
        elif not rest:
            kept.pop(first, None)
    return kept


def held_by(old: object, new: object) -> bool:
    """Whether all that the old JSON says stands in the new one."""
    if isinstance(old, dict) and isinstance(new, dict):
        return all(key in new and held_by(value, new[key]) for key, value in old.items())
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(held_by, old, new))
    return old == new
