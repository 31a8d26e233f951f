"""`manage.py serve`: the panel and a worker cluster on one machine, started and ended together."""

from __future__ import annotations

import secrets
import socket
import sys
from io import StringIO
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from ai_artist.supervision import run_together

# Enough for requests and short tasks. A worker in the middle of a step is ended after this; the
# next start goes on with the run at that step.
GRACE_S = 15


class Command(BaseCommand):
    help = (
        "Prepares the database, then runs the panel and a worker cluster until Ctrl-C. For one "
        "machine; docs/deploying.md tells how to run them as services."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="Address to listen on.")
        parser.add_argument("--port", type=int, default=8000, help="Port to listen on.")

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        refuse_taken_port(host, port)
        call_command("migrate", interactive=False, verbosity=0)
        for command in ("create_roles", "install_schedules"):
            call_command(command, stdout=StringIO())
        if password := create_first_administrator():
            self.stdout.write(
                f"Created the first administrator. User: admin  Password: {password}\n"
                "It is shown this once; `manage.py changepassword admin` sets another."
            )
        connections.close_all()
        self.stdout.write(f"Panel: http://{host}:{port}/  Ctrl-C ends the panel and the workers.")
        self.stdout.flush()
        ended = run_together(
            {"panel": web_command(host, port), "worker cluster": worker_command()},
            cwd=settings.BASE_DIR,
            grace_s=GRACE_S,
        )
        if ended.first:
            self.stderr.write(
                f"The {ended.first} ended by itself (exit code {ended.code}), so the rest was "
                "stopped too; its output above says why."
            )
            sys.exit(1)
        self.stdout.write("Stopped.")


def refuse_taken_port(host: str, port: int) -> None:
    """Raises CommandError if nobody could listen there."""
    try:
        # As gunicorn does: a port whose last connections are still closing is free.
        with socket.create_server((host, port), reuse_port=False):
            pass
    except (OSError, OverflowError) as error:
        raise CommandError(
            f"Cannot listen on {host}:{port} ({error}). Is another panel running? "
            f"Take another port: make serve PORT={port + 1}"
        ) from error


def create_first_administrator() -> str | None:
    """Make the user `admin` when there is no superuser yet; returns its random password."""
    users = get_user_model().objects
    if users.filter(is_superuser=True).exists() or users.filter(username="admin").exists():
        return None
    password = secrets.token_urlsafe(12)
    users.create_superuser(username="admin", password=password)
    return password


def web_command(host: str, port: int) -> list[str]:
    return [
        sys.executable,
        *("-m", "gunicorn", "ai_artist.wsgi"),
        *("--bind", f"{host}:{port}"),
        # One process with threads: a panel for a few people, most of whom stream media.
        *("--workers", "1", "--threads", "8"),
        *("--graceful-timeout", "5", "--log-level", "warning", "--no-control-socket"),
    ]


def worker_command() -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), "qcluster"]
