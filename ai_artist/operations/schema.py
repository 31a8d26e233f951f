"""Compares the models with the tables that are really there.

A database can count as migrated and lack a column all the same: after a restore of another
version's rows, or when its migrations were not those of this code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Model

ADVICE = (
    "The database was migrated by other code than this. Go back to that version, or restore a "
    "backup of this one (docs/operating.md, Upgrade)."
)

# What SQLite keeps of a constraint is the text of its table.
NAMED = re.compile(r'\bCONSTRAINT "([^"]+)"')

Constraints = Mapping[str, Mapping[str, Any]]


def pending_migrations() -> int:
    """How many migrations of this code the database has not seen."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def schema_faults() -> list[str]:
    """Return a sentence for each table, column, index or rule that a model has and the database
    lacks; empty if all are there.

    Meant for a database without unapplied migrations. Some hundred small queries.
    """
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        return [
            fault
            for model in apps.get_models(include_auto_created=True)
            if model._meta.managed and not model._meta.proxy
            for fault in _of_model(cursor, tables, model)
        ]


def _of_model(cursor: Any, tables: set[str], model: type[Model]) -> Iterator[str]:
    meta = model._meta
    if meta.db_table not in tables:
        yield f"the table {meta.db_table} is missing"
        return
    columns, constraints = found(cursor, meta.db_table)
    fields: dict[str, Any] = {str(field.column): field for field in meta.local_concrete_fields}
    if lacking := [column for column in fields if column not in columns]:
        yield from (f"{meta.db_table} lacks the column {column}" for column in lacking)
        return  # what lies over them is missing too
    for named in (*meta.indexes, *meta.constraints):
        if named.name not in constraints and _supported(named):
            yield f"{meta.db_table} lacks {named.name}"
    for column, field in fields.items():
        if field.primary_key:
            continue  # it came with the table
        if field.unique:
            if not _covered(constraints, [column], unique=True):
                yield f"{meta.db_table} does not keep {column} unique"
        elif field.db_index and not _covered(constraints, [column]):
            yield f"{meta.db_table} lacks the index of {column}"
    for names in meta.unique_together:
        together = [column for column, field in fields.items() if field.name in names]
        if not _covered(constraints, together, unique=True):
            yield f"{meta.db_table} does not keep {', '.join(together)} unique together"


def found(cursor: Any, table: str) -> tuple[set[str], Constraints]:
    """Return the columns of a table, and its indexes and constraints by name."""
    if connection.vendor == "sqlite":
        return _found_on_sqlite(cursor, table)
    described = connection.introspection.get_table_description(cursor, table)
    return (
        {column.name for column in described},
        connection.introspection.get_constraints(cursor, table),
    )


def _found_on_sqlite(cursor: Any, table: str) -> tuple[set[str], Constraints]:
    """As Django finds them, without its parser of SQL, which takes most of a second for all."""
    cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = %s", [table])
    (sql,) = cursor.fetchone()
    constraints: dict[str, dict[str, Any]] = {
        name: {"columns": [], "unique": False, "index": False} for name in NAMED.findall(sql)
    }
    cursor.execute(
        """
        SELECT listed.name, listed."unique", listed.origin = 'c', info.name
          FROM pragma_index_list(%s) listed, pragma_index_info(listed.name) info
          WHERE listed.origin <> 'pk' ORDER BY listed.seq, info.seqno
        """,
        [table],
    )
    for name, unique, index, column in cursor.fetchall():
        made = {"columns": [], "unique": bool(unique), "index": bool(index)}
        constraints.setdefault(name, made)["columns"].append(column)
    cursor.execute("SELECT name FROM pragma_table_xinfo(%s)", [table])
    return {name for (name,) in cursor.fetchall()}, constraints


def _supported(named: Any) -> bool:
    """Whether this kind of database gets it at all; some indexes are PostgreSQL's alone."""
    features = connection.features
    if getattr(named, "deferrable", None) and not features.supports_deferrable_unique_constraints:
        return False
    module = type(named).__module__
    return connection.vendor == "postgresql" or not module.startswith("django.contrib.postgres")


def _covered(constraints: Constraints, columns: Sequence[str], *, unique: bool = False) -> bool:
    """Whether an index leads with these columns; for unique, one that is of them alone."""
    for constraint in constraints.values():
        found = constraint["columns"] or []
        if unique and constraint["unique"] and sorted(found) == sorted(columns):
            return True
        if not unique and constraint["index"] and found[: len(columns)] == list(columns):
            return True
    return False
