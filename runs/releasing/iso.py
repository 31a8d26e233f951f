"""Codes of countries and languages, by the ISO lists."""

from __future__ import annotations

from functools import cache

import pycountry


@cache
def country_name(code: str) -> str:
    """The name of a country by its code of two letters (ISO 3166-1); empty if there is none."""
    country = pycountry.countries.get(alpha_2=code) if len(code) == 2 else None
    return str(country.name) if country else ""


@cache
def language_name(code: str) -> str:
    """The name of a language by its code (ISO 639-1, or 639-3 where that has none)."""
    by = {2: "alpha_2", 3: "alpha_3"}.get(len(code))
    language = pycountry.languages.get(**{by: code}) if by else None
    return str(language.name) if language else ""
