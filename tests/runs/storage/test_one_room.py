"""Only the storage knows where a file lies."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

# The storage itself, and who judges its settings.
KNOWING = {
    "runs/storage/artifacts.py",
    "ai_artist/checks.py",
    "ai_artist/first_steps.py",
    "ai_artist/operations/doctor.py",
}


@pytest.mark.parametrize(
    "way", [r"settings\.MEDIA_ROOT", r"\.file\.(open|path|size|url|delete|save)\b"]
)
def test_nobody_else_looks_for_files(way: str) -> None:
    root = Path(settings.BASE_DIR)
    places = {
        path.relative_to(root).as_posix()
        for app in ("ai_artist", "artists", "experiments", "runs", "trends")
        for path in (root / app).rglob("*.py")
        # The file of an item for a channel is a path that it was handed.
        if re.search(way, path.read_text().replace("item.file.", ""))
    }

    assert places <= KNOWING
