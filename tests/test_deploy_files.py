"""Alerts and the dashboard ask for figures that there are."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.conf import settings

from ai_artist.operations.probes import exposition
from tests.factories import NOON

DEPLOY = Path(settings.BASE_DIR) / "deploy"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["alerts.yaml", "grafana.json"])
def test_every_figure_is_told(name: str) -> None:
    told = set(re.findall(r"^# TYPE (\S+)", exposition(now=NOON), re.MULTILINE))

    asked = set(re.findall(r"\bai_artist_\w+", (DEPLOY / name).read_text()))

    assert asked
    assert asked <= told


def test_panels_of_the_dashboard_do_not_overlap() -> None:
    places = [
        panel["gridPos"] for panel in json.loads((DEPLOY / "grafana.json").read_text())["panels"]
    ]
    cells = [
        (column, row)
        for at in places
        for column in range(at["x"], at["x"] + at["w"])
        for row in range(at["y"], at["y"] + at["h"])
    ]
    assert len(cells) == len(set(cells))
