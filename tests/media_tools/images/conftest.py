from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from media_tools.images.cover import CoverRequest, render_cover


@pytest.fixture
def request_for() -> Callable[..., CoverRequest]:
    def build(**changes: object) -> CoverRequest:
        fields: dict[str, object] = {
            "title": "Glass Harbour",
            "artist": "Mara Lind",
            "genre": "synthwave",
            "palette": ("#150a2e", "#5b1a8b", "#e0348b", "#ffb45e"),
            "style": "",
            "seed": 7,
            "size_px": 360,
        }
        return CoverRequest(**(fields | changes))  # type: ignore[arg-type]

    return build


@pytest.fixture
def cover(tmp_path: Path, request_for: Callable[..., CoverRequest]) -> Path:
    path = tmp_path / "cover.jpg"
    render_cover(request_for(), path)
    return path
