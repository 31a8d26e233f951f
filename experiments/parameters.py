"""What an experiment can vary: every parameter, the values it takes and the step that uses it.

A variant's value of None means "as it is without the experiment": the artist's profile, the genre's
habit, the installation's setting. So the present state can always be the control.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from artists.checking import TEMPERATURE_LIMITS, TEMPO_LIMITS_BPM
from experiments.models import Experiment
from media_tools.text.base import SECTION_LINES
from media_tools.video.plan import STYLES

Name = Experiment.Parameter

TEXT_LENGTH = 200
# Control characters and lone surrogates, which no database column takes.
CONTROLS = ("Cc", "Cs")
# Built-in pictures of covers, named as in media_tools.
COVER_STYLES = (
    "retro_sun",
    "ridges",
    "silk",
    "nebula",
    "aurora",
    "colour_fields",
    "strands",
    "contours",
    "bauhaus",
    "orbits",
    "halftone_orb",
    "stained_glass",
)
LLM_PROVIDERS = (
    "openai",
    "deepseek",
    "gemini",
    "xai",
    "mistral",
    "anthropic",
    "openrouter",
    "ollama",
    "llamacpp",
    "vllm",
)
# The quality gate refuses lyrics of fewer lines, and a form must not grow without limit.
FEWEST_LINES = 16
MOST_SECTIONS = 12
# Usual forms of lyrics, which forms of the panel offer.
LYRIC_FORMS = (
    "verse chorus verse chorus",
    "verse chorus verse chorus bridge chorus",
    "verse prechorus chorus verse prechorus chorus",
    "verse chorus verse chorus outro",
    "chorus verse chorus verse chorus",
    "verse verse chorus verse chorus",
)
# The steps of a run as headings over the parameters they use.
GROUPS = {
    "music": "Sound",
    "visuals": "Look",
    "cover": "Look",
    "lyrics": "Words",
    "concept": "Idea",
}


class ValueRefused(ValueError):
    """A variant's value does not fit its parameter; the message says what would."""


@dataclass(frozen=True)
class Parameter:
    """One thing an experiment can vary."""

    name: str
    step: str  # the step of a run that uses the value and marks the exposure
    help: str
    unset: str  # what None stands for
    # Returns the value as it is stored; raises ValueRefused.
    check: Callable[[Any], Any]
    # Returns the value in words.
    says: Callable[[Any], str] = field(default=str)
    # Returns the fields of the artist's profile a value sets, so that the winner of an artist's own
    # experiment can be written there; None for parameters outside the profile.
    profile: Callable[[Any], dict[str, Any]] | None = None
    # All values there are, if they can be listed.
    choices: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return str(Name(self.name).label)

    @property
    def group(self) -> str:
        return GROUPS[self.step]


def parameter(name: str) -> Parameter:
    """Return the parameter with this name. Raises KeyError if it is not registered."""
    return PARAMETERS[name]


def grouped() -> dict[str, list[Parameter]]:
    """Return all parameters by their heading, in the order of the registry."""
    groups: dict[str, list[Parameter]] = {}
    for entry in PARAMETERS.values():
        groups.setdefault(entry.group, []).append(entry)
    return groups


def checked(name: str, value: Any) -> Any:
    """Return the value as a variant of this parameter stores it. Raises ValueRefused."""
    return None if value is None else parameter(name).check(value)


def in_words(name: str, value: Any) -> str:
    """Return a value as text, even one that does not fit (a draft may still hold it)."""
    if value is None:
        return parameter(name).unset
    try:
        return parameter(name).says(checked(name, value))
    except ValueRefused:
        return "a value that does not fit"


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > TEXT_LENGTH:
        raise ValueRefused(f"It must be words, at most {TEXT_LENGTH} characters.")
    words = " ".join(value.split())
    if any(unicodedata.category(char) in CONTROLS for char in words):
        raise ValueRefused("It must not hold control characters.")
    return words


def _words(value: Any) -> str:
    text = _text(value)
    if not text:
        raise ValueRefused("It must not be empty; leave the field empty for “as it is”.")
    return text


def _one_of(names: tuple[str, ...]) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        name = str(value).strip().lower().replace(" ", "_")
        if name not in names:
            known = ", ".join(names).replace("_", " ")
            raise ValueRefused(f"It must be one of: {known}.")
        return name

    return check


def _tempo_range(value: Any) -> list[int]:
    lowest, highest = TEMPO_LIMITS_BPM
    wrong = ValueRefused(
        f"It must be two whole numbers of BPM, {lowest} to {highest}, the lower first."
    )
    if isinstance(value, Mapping):
        if set(value) != {"min", "max"}:
            raise wrong
        value = [value["min"], value["max"]]
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise wrong
    if not all(isinstance(bpm, int) and not isinstance(bpm, bool) for bpm in value):
        raise wrong
    if not lowest <= value[0] <= value[1] <= highest:
        raise wrong
    return list(value)


def _number(lowest: float, highest: float) -> Callable[[Any], float]:
    def check(value: Any) -> float:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not lowest <= value <= highest:
            raise ValueRefused(f"It must be a number from {lowest:g} to {highest:g}.")
        return float(value)

    return check


def _form(value: Any) -> list[str]:
    kinds = value.split() if isinstance(value, str) else value
    known = isinstance(kinds, list) and all(
        isinstance(kind, str) and kind in SECTION_LINES for kind in kinds
    )
    if not known or "chorus" not in kinds or len(kinds) > MOST_SECTIONS:
        raise ValueRefused(
            f"It must be at most {MOST_SECTIONS} sections in their order, a chorus among them, "
            f"of: {', '.join(SECTION_LINES)}."
        )
    if (lines := sum(SECTION_LINES[kind] for kind in kinds)) < FEWEST_LINES:
        raise ValueRefused(f"It has {lines} lines; a song needs {FEWEST_LINES}: add sections.")
    return list(kinds)


def _model(value: Any) -> str:
    provider, _, model = value.partition(":") if isinstance(value, str) else ("", "", "")
    if provider not in LLM_PROVIDERS or not re.fullmatch(r"[!-~]{1,100}", model):
        raise ValueRefused(
            "It must be a model of one of these providers, without spaces: "
            f"{', '.join(LLM_PROVIDERS)}."
        )
    return f"{provider}:{model}"


PARAMETERS: dict[str, Parameter] = {
    entry.name: entry
    for entry in (
        Parameter(
            name=Name.MUSIC_PROMPT_PREFIX,
            step="music",
            help="Words put before every music prompt.",
            unset="as without the experiment",
            check=_text,
            says=lambda value: f"“{value}”" if value else "no prefix",
        ),
        Parameter(
            name=Name.TEMPO_RANGE,
            step="music",
            help="Lowest and highest tempo, instead of the artist's.",
            unset="the artist's own range",
            check=_tempo_range,
            says=lambda value: f"{value[0]} to {value[1]} BPM",
            profile=lambda value: {"tempo_min_bpm": value[0], "tempo_max_bpm": value[1]},
        ),
        Parameter(
            name=Name.VISUAL_STYLE,
            step="visuals",
            help=(
                "Look of cover and video in words, instead of the artist's; the name of a "
                f"built-in scene ({', '.join(STYLES)}) draws that scene."
            ),
            unset="the artist's own look",
            check=_words,
            says=lambda value: f"“{value}”",
            profile=lambda value: {"visual_style": value},
        ),
        Parameter(
            name=Name.COVER_STYLE,
            step="cover",
            help="Kind of picture on the cover.",
            unset="whatever suits genre and style",
            check=_one_of(COVER_STYLES),
            choices=COVER_STYLES,
            says=lambda value: str(value).replace("_", " "),
        ),
        Parameter(
            name=Name.LYRIC_FORM,
            step="lyrics",
            help=f"Sections of the lyrics in their order: {', '.join(SECTION_LINES)}.",
            unset="a form of the genre",
            check=_form,
            says=", ".join,
        ),
        Parameter(
            name=Name.TEMPERATURE,
            step="lyrics",
            help="Freedom of the language model from 0 to 2, instead of the artist's.",
            unset="the artist's own",
            check=_number(*TEMPERATURE_LIMITS),
            says=lambda value: f"{value:g}",
            profile=lambda value: {"temperature": value},
        ),
        Parameter(
            name=Name.TREND_PROBABILITY,
            step="concept",
            help="Chance that a concept follows a trend.",
            unset="as configured",
            check=_number(0, 1),
            says=lambda value: f"{value:.0%}",
        ),
        Parameter(
            name=Name.LLM_MODEL,
            step="lyrics",
            help="Language model that is asked first.",
            unset="as configured",
            check=_model,
        ),
        Parameter(
            name=Name.SINGING,
            step="music",
            help="Whether the lyrics are sung, or there is no voice.",
            unset="the artist's own way",
            check=_one_of(("sung", "instrumental")),
            profile=lambda value: {"sings": value == "sung"},
        ),
    )
}
