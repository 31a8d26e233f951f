"""Every page stays light and asks the database little, however full its tables are."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.benchmarks import pages

pytestmark = pytest.mark.django_db

# More than a page of each list holds, and enough for every kind of row.
RUNS = 80
# All alike, and searched lists are lists.
LEFT_OUT = ("_history", "_delete", "_add", " search")
LARGEST_KB = 250
MOST_QUERIES = 25
# Pages made of many parts, each of which asks once.
OF_MANY_PARTS = {
    "dashboard": 60,
    "artists_artist_change": 60,
    "artists_lifecyclepolicy_change": 60,
    "runs_release_change": 60,
    "runs_release_hand_over": 45,
    "runs_run_change": 30,
}


@pytest.mark.usefixtures("bell")
def test_pages_are_light_and_ask_little(boss: Client) -> None:
    pages.populate(RUNS)

    opened = [
        page
        for name, address in pages.page_addresses()
        if not name.endswith(LEFT_OUT)
        if (page := pages.opened(boss, name, address, rounds=0))
    ]

    heavy = {page.name: round(page.kb) for page in opened if page.kb > LARGEST_KB}
    asking = {
        page.name: page.queries
        for page in opened
        if page.queries > OF_MANY_PARTS.get(page.name, MOST_QUERIES)
    }
    assert heavy == {}
    assert asking == {}
    assert len(opened) > 60
