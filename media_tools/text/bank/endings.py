"""Phrases that end a line, grouped by rhyme; every theme may use them."""

from __future__ import annotations

from media_tools.assets import read_toml
from media_tools.text.bank.model import Ending

# One group per rhyme. model.py explains T, N, V, A.
RHYME_GROUPS: tuple[tuple[Ending, ...], ...] = tuple(
    tuple(Ending(kind, text) for kind, texts in group.items() for text in texts)
    for group in read_toml("words", "endings")["rhyme"]
)
# Without duplicates, in order.
SHARED_ENDINGS = tuple(dict.fromkeys(ending for group in RHYME_GROUPS for ending in group))
