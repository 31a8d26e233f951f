"""Take away the second factor of somebody who lost it and cannot sign in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError, CommandParser

from ai_artist.kit.commands import JsonCommand, Report
from ai_artist.second_factor import reset


class Command(JsonCommand):
    help = (
        "Remove the one-time codes, passkeys and recovery codes of an account and end its "
        "sessions. The person signs in with the password alone then, and sets up new ones."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("username", help="Name of the account.")

    def perform(self, **options: Any) -> Report:
        name = options["username"]
        user = User.objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"There is no account “{name}”.", returncode=1)
        had = reset(user, by=user, how=" by the command")
        did = "signs in with the password alone now" if had else "had no second factor"
        return Report({"username": name, "reset": had}, f"{name} {did}; all sessions ended.")
