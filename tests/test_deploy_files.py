"""Alerts and the dashboard ask for figures that there are; the proxy fetches from one place."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.conf import settings

from ai_artist.media import STORE_LOCATION
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


def test_the_proxy_fetches_files_from_the_configured_store_only() -> None:
    text = (DEPLOY / "nginx.conf").read_text()

    location = re.search(
        rf"location /protected-media/{STORE_LOCATION}/ {{(.*?)\n    }}", text, re.DOTALL
    )

    assert location
    assert "internal;" in location[1]
    (target,) = re.findall(r"proxy_pass (.*);", location[1])
    assert re.fullmatch(r"https?://[\w.:-]+/", target), "a part of it comes from a request"
