"""A form field for a provider: a list with names, where another can be typed."""

from __future__ import annotations

from typing import Any

from ai_artist.kit.fields import ChoiceOrOwnField
from ai_artist.kit.values import words
from media_tools import music
from media_tools.text.llm_profiles import PROFILES
from runs.providers import engines

# What costs nothing and asks nobody.
OURS = ("local", "import", "espeak")
OTHERS = {"pexels": "Pexels", "pixabay": "Pixabay", "speech": "Speech server"}
NAMES = {
    **{name: profile.label for name, profile in PROFILES.items()},
    **music.NAMES,
    **OTHERS,
}


def provider_name(provider: str) -> str:
    """Return a provider as people write it; of none, "All providers"."""
    return NAMES.get(provider) or words(provider) or "All providers"


class ProviderField(ChoiceOrOwnField):
    """nobody: what an empty field stands for."""

    def __init__(self, *, nobody: str, **options: Any) -> None:
        tables = (engines.MUSIC, engines.FOOTAGE, engines.COVER_ART, engines.VOICES, PROFILES)
        known = {name for table in tables for name in table} - set(OURS)
        listed = sorted(((name, provider_name(name)) for name in known), key=lambda pair: pair[1])
        super().__init__(choices=[("", nobody), *listed], max_length=40, **options)
