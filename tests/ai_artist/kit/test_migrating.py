"""A migration that was cut off can be repeated."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from ai_artist.kit.migrating import AddIndexInUse
from artists.models import Artist

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def test_an_index_that_an_attempt_left_behind_is_built_again() -> None:
    (index,) = (index for index in Artist._meta.indexes if index.name == "artist_by_name")
    state = SimpleNamespace(apps=apps)
    operation = AddIndexInUse("artist", index)

    with connection.schema_editor(atomic=False) as editor:
        operation.database_forwards("artists", editor, state, state)

    with connection.cursor() as cursor:
        table = Artist._meta.db_table
        assert index.name in connection.introspection.get_constraints(cursor, table)
