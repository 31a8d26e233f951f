"""The bot's commands and who may give them."""

from __future__ import annotations

import pytest

from artists.models import Artist, StatusChange
from runs.models import Batch, Run, TelegramAccount
from runs.telegram import linking
from runs.telegram.commands import parse
from tests.contract_servers.telegram import ANN
from tests.factories import ArtistFactory, RunFactory, UserFactory
from tests.runs.telegram.conftest import SOON, Bot

pytestmark = pytest.mark.django_db

STRANGER = 999
GROUP = -100


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("/run 3", ("run", "3")),
        ("/RUN@Our_Bot  3 ", ("run", "3")),
        ("/run@other_bot 3", None),
        ("/pause Nova Ray", ("pause", "Nova Ray")),
        ("run 3", None),
        ("/", None),
        ("", None),
    ],
)
def test_parse(text: str, parsed: tuple[str, str] | None) -> None:
    assert parse(text, username="our_bot") == parsed


def test_start_with_a_code_links_the_sender(bot: Bot) -> None:
    user = UserFactory(username="ann")
    code = linking.new_code(user=user, now=SOON)

    answer = bot.say(f"/start {code}")

    assert answer.startswith("Linked to ann.")
    account = TelegramAccount.objects.get()
    assert (account.user, account.telegram_id, account.name) == (user, ANN, "Ann (@ann)")


def test_start_with_a_used_code_is_refused(bot: Bot) -> None:
    code = linking.new_code(user=UserFactory(), now=SOON)
    bot.say(f"/start {code}")

    answer = bot.say(f"/start {code}", sender=STRANGER)

    assert "does not work" in answer
    assert linking.account_of(STRANGER) is None


def test_code_posted_in_a_group_links_nobody(bot: Bot) -> None:
    code = linking.new_code(user=UserFactory(), now=SOON)

    bot.say(f"/start {code}", chat=GROUP)

    assert not TelegramAccount.objects.exists()


@pytest.mark.parametrize("text", ["/status", "/run", "/pause Nova", "/help", "hello"])
def test_stranger_gets_no_answer_and_starts_nothing(bot: Bot, text: str) -> None:
    ArtistFactory(name="Nova")

    assert bot.say(text, sender=STRANGER) == ""
    assert not Run.objects.exists()
    assert not StatusChange.objects.exists()


def test_stranger_who_presses_start_is_told_how_to_link(bot: Bot) -> None:
    assert "not linked" in bot.say("/start", sender=STRANGER)


def test_status_counts(bot: Bot, linked) -> None:
    linked("runs.view_run")
    RunFactory(reviewable=True)
    RunFactory()
    RunFactory()

    answer = bot.say("/status")

    assert "Awaiting review: 1 (the oldest for 1 minute)" in answer.replace("\xa0", " ")
    assert "Queued: 2" in answer


def test_run_starts_a_batch_in_the_name_of_the_user(bot: Bot, linked) -> None:
    account = linked("runs.operate_run")
    ArtistFactory(name="Nova <Ray>")

    answer = bot.say("/run 2")

    batch = Batch.objects.get()
    assert (batch.size, batch.origin, batch.requested_by) == (2, "telegram", account.user)
    assert Run.objects.filter(batch=batch, status=Run.Status.QUEUED).count() == 2
    assert f"Batch {batch.pk}: 2 runs queued for " in answer


def test_run_for_a_named_artist(bot: Bot, linked) -> None:
    linked("runs.operate_run")
    ArtistFactory()
    nova = ArtistFactory(name="Nova Ray")

    bot.say("/run nova ray")

    assert Run.objects.get().artist == nova


@pytest.mark.parametrize("argument", ["0", "11", "nobody", "-1", "²"])
def test_run_refuses_what_it_cannot_do(bot: Bot, linked, argument: str) -> None:
    linked("runs.operate_run")
    ArtistFactory()

    assert bot.say(f"/run {argument}")
    assert not Batch.objects.exists()


def test_run_for_a_paused_artist_is_refused_with_the_reason(bot: Bot, linked) -> None:
    linked("runs.operate_run")
    ArtistFactory(name="Nova", status=Artist.Status.PAUSED)

    assert "paused" in bot.say("/run Nova")
    assert not Run.objects.exists()


def test_repeated_update_starts_no_second_batch(bot: Bot, linked) -> None:
    linked("runs.operate_run")
    ArtistFactory()
    update = bot.server.say("/run")

    bot.receive(update)
    bot.receive(update)

    assert Batch.objects.count() == 1


def test_pause_is_noted_with_its_author(bot: Bot, linked) -> None:
    account = linked("artists.change_artist")
    artist = ArtistFactory(name="Nova Ray")

    answer = bot.say("/pause nova ray")

    artist.refresh_from_db()
    change = StatusChange.objects.get()
    assert artist.status == Artist.Status.PAUSED
    assert (change.actor, change.reason) == (account.user, "Paused through Telegram.")
    assert "Nova Ray is paused" in answer


def test_pause_of_a_paused_artist_says_so(bot: Bot, linked) -> None:
    linked("artists.change_artist")
    ArtistFactory(name="Nova", status=Artist.Status.PAUSED)

    assert "is paused" in bot.say("/pause Nova")
    assert not StatusChange.objects.exists()


def test_unknown_artist_is_answered_with_near_names(bot: Bot, linked) -> None:
    linked("artists.change_artist")
    ArtistFactory(name="Nova <Ray>")

    assert bot.say("/pause nova") == "There is no artist “nova”. Is it Nova &lt;Ray&gt;?"


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("/status", "artists.change_artist"),
        ("/run", "runs.review_run"),
        ("/pause Nova", "runs.operate_run"),
    ],
)
def test_permission_of_another_command_is_not_enough(bot: Bot, linked, text: str, other) -> None:
    linked(other)
    artist = ArtistFactory(name="Nova")

    answer = bot.say(text)

    artist.refresh_from_db()
    assert "may not" in answer
    assert artist.status == Artist.Status.ACTIVE
    assert not Run.objects.exists()


def test_user_who_left_is_a_stranger(bot: Bot, linked) -> None:
    linked("runs.operate_run", is_active=False)
    ArtistFactory()

    assert bot.say("/run") == ""
    assert not Run.objects.exists()


def test_unknown_command_shows_the_help(bot: Bot, linked) -> None:
    linked()

    assert "/pause ARTIST" in bot.say("/dance")


def test_command_in_a_group_is_answered_there(bot: Bot, linked) -> None:
    linked("runs.view_run")

    bot.say("/status", chat=GROUP)

    assert bot.server.messages[-1].chat_id == GROUP


@pytest.mark.parametrize("status", [429, 403])
def test_stranger_cannot_silence_the_bot(bot: Bot, linked, new_run, status: int) -> None:
    linked("runs.review_run")
    new_run()
    limit = {"ok": False, "error_code": status, "parameters": {"retry_after": 3600}}
    bot.server.fault(status=status, body=limit)

    bot.say("/start", sender=STRANGER)

    assert bot.notify()["sent"] == 1
