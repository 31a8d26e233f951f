"""How words are looked for in names and titles.

Long tables are read by an index: on PostgreSQL by trigrams of the title (runs/migrations), on
SQLite by the index of titles by time, without the rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Case, Q, QuerySet, Value, When

# With fewer letters nearly everything contains the words, and no trigram can be looked up.
SHORTEST_INSIDE = 3


def best(rows: QuerySet[Any], field: str, words: str, most: int) -> list[Any]:
    """Return rows whose field begins with the words, then others with the words inside.

    For tables of thousands of rows: all are read once. rows: in the order among equals.
    """
    starts = spelt(field, "istartswith", words)
    if len(words) < SHORTEST_INSIDE:
        return list(rows.filter(starts)[:most])
    place = Case(When(starts, then=Value(0)), default=Value(1))
    inside = rows.filter(spelt(field, "icontains", words))
    return list(inside.order_by(place, *rows.query.order_by)[:most])


def best_ids(rows: QuerySet[Any], field: str, words: str, most: int) -> list[Any]:
    """Return the ids of the best rows of a long table."""
    ids = rows.values_list("pk", flat=True)
    starts = spelt(field, "istartswith", words)
    first = list(ids.filter(starts)[:most])
    if len(first) == most or len(words) < SHORTEST_INSIDE:
        return first
    inside = ids.filter(spelt(field, "icontains", words)).exclude(starts)
    return first + list(inside[: most - len(first)])


def in_order(rows: QuerySet[Any], ids: list[Any]) -> list[Any]:
    """Return the rows with these ids, in the order of the ids."""
    found = {row.pk: row for row in rows.filter(pk__in=ids)} if ids else {}
    return [found[row_id] for row_id in ids if row_id in found]


def spelt(field: str, lookup: str, words: str) -> Q:
    """Match a field, ignoring case.

    SQLite ignores case only for ASCII letters, so other words are tried in several spellings.
    """
    spellings = {words}
    if not words.isascii():
        spell: tuple[Callable[[str], str], ...] = (str.lower, str.upper, str.title, str.capitalize)
        spellings |= {change(words) for change in spell}
    condition = Q()
    for spelling in sorted(spellings):
        condition |= Q(**{f"{field}__{lookup}": spelling})
    return condition
