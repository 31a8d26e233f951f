"""What the master's MP3 says of itself."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from runs.steps.master import tags_of


@pytest.mark.parametrize(
    ("vocals", "lyrics"), [("synthetic", "One line"), ("undeclared", "One line"), ("none", "")]
)
def test_words_are_in_the_tags_only_if_somebody_may_sing_them(vocals: str, lyrics: str) -> None:
    context = SimpleNamespace(
        concept=SimpleNamespace(title="Night Drive", key="A minor"),
        run=SimpleNamespace(artist=SimpleNamespace(name="Neon Fox")),
        persona=SimpleNamespace(genre="folk"),
        lyrics=SimpleNamespace(as_text=lambda: "One line"),
        output=lambda kind: SimpleNamespace(vocals=vocals, tempo_bpm=90.0),
    )

    tags = tags_of(context, SimpleNamespace(tempo_bpm=91.0))  # type: ignore[arg-type]

    assert (tags.lyrics, tags.bpm, tags.genre) == (lyrics, 90.0, "folk")
