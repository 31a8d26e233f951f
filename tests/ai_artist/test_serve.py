"""What `manage.py serve` starts, and for whom; tests/processes/test_serve.py runs it."""

from __future__ import annotations

import socket

import pytest
from django.contrib.auth import get_user_model
from django.core.management.base import CommandError

from ai_artist.management.commands.serve import (
    commands_of,
    create_first_administrator,
    listed,
    refuse_taken_port,
)
from tests.factories import UserFactory


def test_a_taken_port_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(CommandError, match=f"make serve PORT={port + 1}"):
            refuse_taken_port("127.0.0.1", port)


@pytest.mark.parametrize(
    ("token", "secret", "runs"), [("", "", False), ("1:a", "", True), ("1:a", "word", False)]
)
def test_the_bot_is_polled_for_where_there_is_one_without_a_webhook(
    settings, token: str, secret: str, runs: bool
) -> None:
    settings.TELEGRAM_BOT_TOKEN, settings.TELEGRAM_WEBHOOK_SECRET = token, secret

    commands = commands_of("127.0.0.1", 8000)

    assert ("run_telegram" in commands.get("Telegram bot", [])) is runs


def test_what_ctrl_c_ends_is_named() -> None:
    assert listed(["panel", "worker cluster"]) == "the panel and the worker cluster"


@pytest.mark.django_db
def test_the_first_administrator_gets_a_random_password() -> None:
    password = create_first_administrator()

    admin = get_user_model().objects.get(username="admin")
    assert password
    assert admin.is_superuser
    assert admin.check_password(password)


@pytest.mark.django_db
def test_no_administrator_is_made_beside_another() -> None:
    UserFactory(is_superuser=True)

    assert create_first_administrator() is None
    assert get_user_model().objects.count() == 1
