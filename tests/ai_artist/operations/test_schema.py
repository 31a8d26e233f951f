"""A database that counts as migrated and lacks something is told before it is used."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from django.core.checks import Tags, run_checks
from django.db import connection

from ai_artist.operations.doctor import Level, examine
from ai_artist.operations.schema import found, schema_faults
from tests.factories import NOON

pytestmark = pytest.mark.django_db

# Names that Django gives on SQLite to what has none.
INVENTED = re.compile(r"__|fk_\d")


def test_a_migrated_database_has_all_that_the_models_need() -> None:
    assert schema_faults() == []
    assert run_checks(tags=[Tags.database], databases=["default"]) == []


def test_what_is_found_is_what_django_finds() -> None:
    """Names of constraints and indexes, and columns by whether they are unique or an index."""
    django, names, kept = connection.introspection, 0, 0
    with connection.cursor() as cursor:
        for table in django.table_names(cursor):
            columns, ours = found(cursor, table)
            theirs = django.get_constraints(cursor, table)
            assert columns == {row.name for row in django.get_table_description(cursor, table)}
            ours_named = {name for name in ours if not name.startswith("sqlite_")}
            assert ours_named == {name for name in theirs if not INVENTED.match(name)}, table
            assert kinds(ours) == kinds(theirs), table
            names, kept = names + len(ours_named), kept + len(kinds(ours))
    assert names > 200
    assert kept > 200


def kinds(constraints: Mapping[str, Mapping[str, Any]]) -> set[tuple[Any, ...]]:
    return {
        (*one["columns"], bool(one["unique"]), bool(one["index"]))
        for one in constraints.values()
        if one["unique"] or one["index"]
    }


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        ("ALTER TABLE runs_spentday DROP COLUMN cost_usd", "runs_spentday lacks the column"),
        ("DROP INDEX fingerprintkey_by_key", "runs_fingerprintkey lacks fingerprintkey_by_key"),
        ("DROP TABLE runs_wordkey", "the table runs_wordkey is missing"),
    ],
)
def test_what_is_missing_is_named(broken: str, fault: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(broken)

    (told,) = schema_faults()
    assert fault in told
    (message,) = run_checks(tags=[Tags.database], databases=["default"])
    assert told in message.msg
    worst = [row for row in examine(["database"], now=NOON) if row.level is Level.PROBLEM]
    assert [told in row.found for row in worst] == [True]
