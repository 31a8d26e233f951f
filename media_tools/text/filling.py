"""Small repairs and checks of lines: articles, capitals, words that carry meaning."""

from __future__ import annotations

import re

from media_tools.text import grammar
from media_tools.text.bank.model import tokens
from media_tools.text.phonemes import WEAK_WORDS, clean_words

_ARTICLE = re.compile(r"\b([Aa]) (?=([\w'-]+))")
_SMALL_IN_TITLES = frozenset(tokens("a an and at but by for from in of on or the to with"))


def with_articles(text: str) -> str:
    """Correct articles by sound: "a amber key" -> "an amber key"."""

    if " a " not in text and not text.startswith(("a ", "A ")):
        return text

    def fixed(match: re.Match[str]) -> str:
        chosen = grammar.article(match.group(2))
        return f"{chosen.capitalize() if match.group(1) == 'A' else chosen} "

    return _ARTICLE.sub(fixed, text)


def title_case(text: str) -> str:
    """Return "the paper cup" as "The Paper Cup", "coast of glass" as "Coast of Glass"."""
    parts = text.split()
    return " ".join(
        part
        if index and index < len(parts) - 1 and part.lower() in _SMALL_IN_TITLES
        else part[:1].upper() + part[1:]
        for index, part in enumerate(parts)
    )


def sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]


def content_words(text: str) -> tuple[str, ...]:
    """Return the words that carry meaning, in order."""
    return tuple(word for word in clean_words(text) if word not in WEAK_WORDS)
