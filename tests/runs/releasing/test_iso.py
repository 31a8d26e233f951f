"""Names and codes of countries and languages."""

from __future__ import annotations

import pytest

from runs.releasing.iso import countries, country_code, language_code, languages


@pytest.mark.parametrize(
    ("text", "code"),
    [("Germany", "DE"), ("de", "DE"), ("Bolivia, Plurinational State of", "BO"), ("Nowhere", "")],
)
def test_country_is_found_by_name_or_code(text: str, code: str) -> None:
    assert country_code(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [("English", "en"), ("EN", "en"), ("german", "de"), ("gsw", "gsw"), ("qq", "")],
)
def test_language_is_found_by_name_or_code(text: str, code: str) -> None:
    assert language_code(text) == code


def test_every_code_of_the_lists_is_found_again() -> None:
    assert all(country_code(code) == code for code, _ in countries())
    assert all(language_code(code) == code for code, _ in languages())
