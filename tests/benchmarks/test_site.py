"""The benchmark of the public site works on the tables as they are, on a small scale."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs.site.export import export_site, site_at
from tests.benchmarks import site

pytestmark = pytest.mark.django_db


def test_each_export_writes_what_changed() -> None:
    figures = site.export_songs(12)

    # Twelve pages; pages and feeds of ten artists; first page, feed, two sitemaps, robots, style.
    assert figures["whole_written"] == 12 + 2 * 10 + 6
    assert figures["unchanged_written"] == 0
    # Its page, its artist's page and feed, first page, feed; then a notice, and the sitemap.
    assert (figures["edited_written"], figures["recalled_written"]) == (5, 6)


def test_songs_cost_no_queries_of_their_own() -> None:
    def queries(songs: int) -> int:
        site.populate(songs)
        with CaptureQueriesContext(connection) as captured:
            export_site(
                Path(settings.MEDIA_ROOT) / "site", site_at("https://music.example.org", "Music")
            )
        return len(captured)

    assert queries(2) == queries(20)
