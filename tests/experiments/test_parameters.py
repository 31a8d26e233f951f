"""Values fit their parameter, and names are those the engines know."""

from __future__ import annotations

import pytest

from experiments import parameters
from experiments.models import Experiment
from experiments.parameters import PARAMETERS, ValueRefused, checked, in_words
from media_tools.images.families import FAMILIES
from media_tools.text.llm_profiles import PROFILES
from runs.steps import NAMES


def test_every_parameter_is_registered_and_names_its_step() -> None:
    assert set(PARAMETERS) == set(Experiment.Parameter)
    assert {entry.step for entry in PARAMETERS.values()} <= set(NAMES)


def test_names_are_those_of_the_engines() -> None:
    assert set(parameters.COVER_STYLES) == set(FAMILIES)
    assert set(parameters.LLM_PROVIDERS) == set(PROFILES)


@pytest.mark.parametrize(
    ("name", "value", "stored"),
    [
        ("music_prompt_prefix", "  warm   tape ", "warm tape"),
        ("music_prompt_prefix", "", ""),
        ("tempo_range", [80, 96], [80, 96]),
        ("tempo_range", {"min": 80, "max": 96}, [80, 96]),
        ("visual_style", "paper cut-outs", "paper cut-outs"),
        ("cover_style", "bauhaus", "bauhaus"),
        ("lyric_form", "verse chorus verse chorus", ["verse", "chorus", "verse", "chorus"]),
        ("temperature", 1, 1.0),
        ("trend_probability", 0.5, 0.5),
        ("llm_model", "openai:gpt-4.1-mini", "openai:gpt-4.1-mini"),
        ("singing", "instrumental", "instrumental"),
        ("tempo_range", None, None),
    ],
)
def test_good_values(name: str, value: object, stored: object) -> None:
    assert checked(name, value) == stored
    assert in_words(name, checked(name, value))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("music_prompt_prefix", 3),
        ("music_prompt_prefix", "w" * 201),
        ("music_prompt_prefix", "a\0b"),
        ("visual_style", "a\ud800b"),
        ("llm_model", "openai:a\0b"),
        ("lyric_form", [{}, "chorus"]),
        ("temperature", float("nan")),
        ("temperature", 10**400),
        ("tempo_range", [96, 80]),
        ("tempo_range", [30, 80]),
        ("tempo_range", [80.5, 96]),
        ("tempo_range", [True, 96]),
        ("tempo_range", {"min": 80}),
        ("tempo_range", "80-96"),
        ("visual_style", " "),
        ("cover_style", "watercolour"),
        ("lyric_form", "verse verse verse verse"),
        ("lyric_form", "verse chorus"),
        ("lyric_form", "verse chorus solo chorus"),
        ("temperature", 2.1),
        ("temperature", True),
        ("trend_probability", "often"),
        ("llm_model", "gpt-4.1-mini"),
        ("llm_model", "nobody:model"),
        ("llm_model", 4),
        ("singing", True),
    ],
)
def test_bad_values(name: str, value: object) -> None:
    with pytest.raises(ValueRefused):
        checked(name, value)
    assert in_words(name, value).endswith("does not fit")
