"""Controls take what people write and give what is stored."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.http import QueryDict

from ai_artist.kit.fields import (
    ChipsField,
    GenreField,
    MoneyField,
    NamedPairField,
    PercentField,
    RangeField,
)


class Form(forms.Form):
    share = PercentField(required=False)
    cap = MoneyField(required=False, max_digits=10)
    tempo = RangeField(required=False, limits=(40, 220), unit="BPM")
    model = NamedPairField(
        required=False, choices=[("", "–"), ("openai", "OpenAI")], labels=("Provider", "Model")
    )
    themes = ChipsField(required=False)
    genre = GenreField(required=False, nothing="Every genre")


STORED: dict[str, Any] = {
    "share": 0.07,
    "tempo": [80, 96],
    "model": "openai:a:b",
    "themes": ["rain", "neon"],
    "genre": "lofi",
}
SHOWN = (
    "share=7&tempo_0=80&tempo_1=96&model_0=openai&model_1=a:b&themes=rain&themes=neon&genre=lofi"
)


def test_what_is_shown_comes_back_as_it_was_stored() -> None:
    form = Form(QueryDict(SHOWN), initial=STORED)

    assert form.is_valid()
    assert {name: form.cleaned_data[name] for name in STORED} == STORED
    assert form.changed_data == []
    page = Form(initial=STORED).as_p()
    for shown in ('value="7"', 'value="96"', 'value="a:b"', '"neon" selected', '"lofi" selected'):
        assert shown in page


def test_nothing_is_stored_as_nothing() -> None:
    form = Form(QueryDict(""))

    assert form.is_valid()
    assert list(form.cleaned_data.values()) == [None, None, None, "", [], ""]


@pytest.mark.parametrize(
    "posted",
    [
        "share=101",
        "share=-1",
        "share=nan",
        "cap=-0.01",
        "cap=1.005",
        "tempo_0=96&tempo_1=80",
        "tempo_0=80",
        "tempo_0=39&tempo_1=80",
        "model_0=openai",
        "model_1=small",
        "model_0=nobody&model_1=small",
    ],
)
def test_what_does_not_fit_is_refused_at_its_field(posted: str) -> None:
    form = Form(QueryDict(posted))

    assert list(form.errors) == [posted.partition("=")[0].partition("_")[0]]


def test_without_javascript_words_are_added_one_a_line() -> None:
    form = Form(QueryDict("themes=rain&themes_more=%0A+night++trains%0Arain"))

    assert form.is_valid()
    assert form.cleaned_data["themes"] == ["rain", "night trains"]


def test_a_stored_word_that_is_no_choice_is_kept_in_the_list() -> None:
    page = str(Form(initial={"genre": "sea shanty"})["genre"])

    assert '<option value="sea shanty" selected>' in page
    assert "Lo-fi hip hop" in page
    assert "sea shanty" not in str(Form()["genre"])
