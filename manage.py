#!/usr/bin/env python
"""Command line of AI Artist Platform."""

import gc
import os
import sys
from contextlib import suppress

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import ManagementUtility, handle_default_options
from django.core.management.base import CommandError, CommandParser
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


def take_options(arguments: list[str]) -> None:
    """Obey --settings and --pythonpath before the settings are loaded."""
    parser = CommandParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--settings")
    parser.add_argument("--pythonpath")
    with suppress(CommandError):  # a missing value, which Django complains of
        handle_default_options(parser.parse_known_args(arguments)[0])


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ai_artist.settings")
    take_options(sys.argv[2:])
    utility = ManagementUtility(sys.argv)
    try:
        load_apps()
        if sys.argv[1:2] == ["version"]:  # Django would tell its own
            utility.fetch_command("version").run_from_argv(sys.argv)
        else:
            utility.execute()
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
