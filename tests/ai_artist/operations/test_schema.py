"""A database that counts as migrated and lacks something is told before it is used."""

from __future__ import annotations

import pytest
from django.core.checks import Tags, run_checks
from django.db import connection

from ai_artist.operations.doctor import Level, examine
from ai_artist.operations.schema import schema_faults
from tests.factories import NOON

pytestmark = pytest.mark.django_db


def test_a_migrated_database_has_all_that_the_models_need() -> None:
    assert schema_faults() == []
    assert run_checks(tags=[Tags.database], databases=["default"]) == []


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
