"""What tests of announcements share."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from media_tools.publishing.base import Post
from tests.media_tools.publishing.contract import KEY, ChannelCase, KeptMemory
from tests.media_tools.publishing.items import post


class AnnouncementCase(ChannelCase):
    """A channel that shows what it takes at once, and changes nothing afterwards."""

    hides = False
    corrects = False

    @pytest.fixture
    def item(self, tmp_path: Path) -> Post:
        return post(tmp_path)


def about_another(item: Post) -> Post:
    """An announcement of a release whose address begins like the item's."""
    return replace(item, key=f"{KEY}1", address=f"{item.address}1")


class FoundByItsAddress:
    """Instead of the shared test: two announcements have two addresses."""

    def test_a_copy_is_found_by_our_mark_alone(
        self, make: Any, server: Any, item: Post, memory: KeptMemory
    ) -> None:
        adapter = make()
        adapter.send(about_another(item), KeptMemory())
        assert adapter.find(item, KeptMemory()) is None

        sent = adapter.send(item, KeptMemory())

        assert adapter.find(item, memory) == sent
        assert adapter.send(item, memory) == sent
        assert len(server.copies_of(KEY)) == 1
