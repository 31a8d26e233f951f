"""Operations of migrations on tables that may be large and in use."""

from __future__ import annotations

from typing import Any

from django.db import ProgrammingError, migrations, transaction


class AddIndexInUse(migrations.AddIndex):
    """Add an index while others write: PostgreSQL builds it beside them.

    Its migration is not atomic. What an attempt that was cut off left behind is built again.
    """

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return
        name = schema_editor.quote_name(self.index.name)
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            schema_editor.add_index(model, self.index, concurrently=True)
        else:
            schema_editor.execute(f"DROP INDEX IF EXISTS {name}")
            schema_editor.add_index(model, self.index)


def add_trigrams(schema_editor: Any, table: str, column: str) -> None:
    """Let PostgreSQL find words inside a column by trigrams.

    Where pg_trgm is not installed, or this account may not add it, and on other databases the
    column is read in the order of an index instead, which is slower.
    """
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    name = f"{table.partition('_')[2]}_{column}_trigrams"
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'")
        if cursor.fetchone() is None:
            return
        try:
            with transaction.atomic(connection.alias):
                cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        except ProgrammingError:
            return
        # As Django asks when the case is ignored.
        columns = f"USING gin (UPPER({column}::text) gin_trgm_ops)"
        if connection.in_atomic_block:  # a test's tables, which are empty
            cursor.execute(f"CREATE INDEX {name} ON {table} {columns}")
            return
        cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        cursor.execute(f"CREATE INDEX CONCURRENTLY {name} ON {table} {columns}")


def remove_trigrams(schema_editor: Any, table: str, column: str) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX IF EXISTS {table.partition('_')[2]}_{column}_trigrams")
