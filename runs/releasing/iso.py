"""Codes of countries and languages, by the ISO lists."""

from __future__ import annotations

from functools import cache, lru_cache

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


# Bounded: what people type wrongly comes here too.
@lru_cache(maxsize=1024)
def country_code(text: str) -> str:
    """The code of two letters of a country by its name or code; empty if there is none."""
    text = text.strip()
    if country_name(text.upper()):
        return text.upper()
    try:
        return str(pycountry.countries.lookup(text).alpha_2)
    except LookupError:
        return ""


@lru_cache(maxsize=1024)
def language_code(text: str) -> str:
    """The code of a language by its name or code; empty if there is none."""
    text = text.strip()
    # A code first: there is a language whose name is En.
    if language_name(text.lower()):
        return text.lower()
    try:
        language = pycountry.languages.lookup(text)
    except LookupError:
        return ""
    return str(getattr(language, "alpha_2", "") or language.alpha_3)


@cache
def countries() -> list[tuple[str, str]]:
    """All countries as (code, name), by name."""
    return sorted(((row.alpha_2, row.name) for row in pycountry.countries), key=_name)


@cache
def languages() -> list[tuple[str, str]]:
    """The languages with a code of two letters as (code, name), by name."""
    known = [row for row in pycountry.languages if hasattr(row, "alpha_2")]
    return sorted(((row.alpha_2, row.name) for row in known), key=_name)


def _name(pair: tuple[str, str]) -> str:
    return pair[1]
