#!/usr/bin/env python
"""Command line of AI Artist Platform."""

import gc
import os
import sys

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db.utils import DatabaseError, OperationalError, ProgrammingError

# The database itself is at fault: unreachable, no database file, tables missing. Other database
# errors (a broken constraint, bad data) are faults of the program and keep their traceback.
DATABASE_FAULTS = (OperationalError, ProgrammingError, DatabaseError)


def load_apps() -> None:
    """Load settings and apps; the garbage collector leaves alone what stays to the end anyway.

    To look through it again and again, and once more at the end, took half of a short command.
    """
    gc.disable()
    django.setup()
    gc.freeze()
    gc.enable()


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ai_artist.settings")
    try:
        load_apps()
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.stderr.write(f"Configuration error: {error}\n")
        sys.exit(2)
    except DatabaseError as error:
        if type(error) not in DATABASE_FAULTS or "--traceback" in sys.argv:
            raise
        cause = str(error).strip().splitlines()[0]
        sys.stderr.write(
            f"Database error: {cause}. `manage.py migrate` creates missing tables, "
            "`manage.py doctor` says what else is wrong; --traceback shows where.\n"
        )
        sys.exit(1)


if __name__ == "__main__":
    main()
