"""`manage.py serve`: start all processes on one machine and end them together."""

from __future__ import annotations

import secrets
import socket
import sys
from collections.abc import Iterable
from io import StringIO
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import Tags
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from ai_artist.operations.supervision import run_together

# Enough for requests and short tasks. A worker in the middle of a step is killed after this; the
# next start continues the run at that step.
GRACE_S = 15
# A refused token, or an outage of Telegram, must not end the panel.
TELEGRAM_BOT = "Telegram bot"


class Command(BaseCommand):
    help = (
        "Prepares the database, then runs the panel, a worker cluster and, with a bot's token, the "
        "Telegram bot until Ctrl-C. For one machine; docs/deploying.md says how to run them as "
        "services."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="Address to listen on.")
        parser.add_argument("--port", type=int, default=8000, help="Port to listen on.")

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        refuse_taken_port(host, port)
        call_command("migrate", interactive=False, verbosity=0)
        self.check(tags=[Tags.database], databases=["default"])
        for command in ("create_roles", "install_schedules"):
            call_command(command, stdout=StringIO())
        try:
            call_command("make_signing_cert", stdout=StringIO())
        except CommandError as error:  # all but bundles works without
            self.stderr.write(str(error))
        if password := create_first_administrator():
            self.stdout.write(
                f"Created the first administrator. User: admin  Password: {password}\n"
                "It is shown this once; `manage.py changepassword admin` sets another."
            )
        commands = commands_of(host, port)
        connections.close_all()
        self.stdout.write(f"Panel: http://{host}:{port}/  Ctrl-C ends {listed(commands)}.")
        self.stdout.flush()
        ended = run_together(
            commands, cwd=settings.BASE_DIR, grace_s=GRACE_S, restarted=[TELEGRAM_BOT]
        )
        if ended.first:
            self.stderr.write(
                f"The {ended.first} ended by itself (exit code {ended.code}), so the rest was "
                "stopped too; its output above says why."
            )
            sys.exit(1)
        self.stdout.write("Stopped.")


def refuse_taken_port(host: str, port: int) -> None:
    """Raise CommandError if the port cannot be used."""
    try:
        # Like gunicorn: a port whose last connections are still closing counts as free.
        with socket.create_server((host, port), reuse_port=False):
            pass
    except (OSError, OverflowError) as error:
        raise CommandError(
            f"Cannot listen on {host}:{port} ({error}). Is another panel running? "
            f"Take another port: make serve PORT={port + 1}"
        ) from error


def create_first_administrator() -> str | None:
    """Create the user `admin` if there is no superuser yet. Returns its random password."""
    users = get_user_model().objects
    if users.filter(is_superuser=True).exists() or users.filter(username="admin").exists():
        return None
    password = secrets.token_urlsafe(12)
    users.create_superuser(username="admin", password=password)
    return password


def commands_of(host: str, port: int) -> dict[str, list[str]]:
    """Return what runs together: the panel, its workers, and a configured Telegram bot."""
    commands = {"panel": web_command(host, port), "worker cluster": manage_command("qcluster")}
    if settings.TELEGRAM_BOT_TOKEN and not settings.TELEGRAM_WEBHOOK_SECRET:
        commands[TELEGRAM_BOT] = manage_command("run_telegram")
    return commands


def listed(names: Iterable[str]) -> str:
    """Return names such as "the panel and the worker cluster"."""
    *first, last = (f"the {name}" for name in names)
    return f"{', '.join(first)} and {last}"


def web_command(host: str, port: int) -> list[str]:
    return [
        sys.executable,
        *("-m", "gunicorn", "ai_artist.wsgi"),
        *("--bind", f"{host}:{port}"),
        # One process with threads: the panel serves few people, most of whom stream media.
        *("--workers", "1", "--threads", "8"),
        *("--graceful-timeout", "5", "--log-level", "warning", "--no-control-socket"),
    ]


def manage_command(name: str) -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), name]
