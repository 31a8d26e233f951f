"""The table of hostile answers: nothing paid is lost, nothing escapes, everything is told."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from tests.contract_servers.hostile import ROWS, Outcome, Row
from tests.runs.hostile_stage import Played, hostile_servers, play, speakable

__all__ = ["hostile_servers", "play"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_hostile_answer(
    row: Row,
    play: Callable[[Row], Played],
    caplog: pytest.LogCaptureFixture,
    record_property: Callable[[str, object], None],
) -> None:
    with caplog.at_level(logging.ERROR):
        played = play(row)

    record_property("row", row.name)
    record_property("told", played.told if row.outcome is not Outcome.KEPT else "")
    escaped = [record.message for record in caplog.records if record.exc_info]
    assert (played.outcome, played.kept) == (row.outcome, row.kept), played.reasons
    assert escaped == []
    assert [reason for reason in played.reasons if not speakable(reason)] == []
    assert played.reasons or row.outcome is Outcome.KEPT
