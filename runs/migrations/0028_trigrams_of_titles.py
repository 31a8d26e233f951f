"""Lets PostgreSQL find words inside titles without reading all of them.

pg_trgm comes with PostgreSQL. Where it is not installed, or this account may not add it, the palette
looks through the index of titles instead, which is slower.
"""

from django.db import ProgrammingError, migrations, transaction

TABLES = ("run", "release")
AVAILABLE = "SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'"
ADD = "CREATE EXTENSION IF NOT EXISTS pg_trgm"
# As Django asks when the case is ignored.
INDEX = (
    "CREATE INDEX {table}_title_trigrams ON runs_{table} USING gin (UPPER(title::text) gin_trgm_ops)"
)


def add_indexes(apps, schema_editor):
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(AVAILABLE)
        if cursor.fetchone() is None:
            return
        try:
            with transaction.atomic(connection.alias):
                cursor.execute(ADD)
        except ProgrammingError:
            return
        for table in TABLES:
            cursor.execute(INDEX.format(table=table))


def remove_indexes(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for table in TABLES:
            schema_editor.execute(f"DROP INDEX IF EXISTS {table}_title_trigrams")


class Migration(migrations.Migration):
    dependencies = [("runs", "0027_find")]
    operations = [migrations.RunPython(add_indexes, remove_indexes)]
