"""Items to review reach the chat once and stay true."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from runs.models import Artifact, Run, TelegramAccount, TelegramBot, TelegramMessage
from runs.reviewing import reviews
from runs.telegram.notifications import notify_ready
from runs.telegram.sending import WINDOW
from tests.contract_servers.telegram import ANN, Message
from tests.factories import NOON, RunFactory, UserFactory
from tests.runs.telegram.conftest import SOON, Bot

pytestmark = pytest.mark.django_db

BOB = 444555666
GROUP = -100200300
NewRun = Callable[..., Run]
TOO_MANY = {
    "ok": False,
    "error_code": 429,
    "description": "Too Many Requests: retry after 7",
    "parameters": {"retry_after": 7},
}


def decide(run: Run, decision: str = "approve", reasons: tuple[str, ...] = ()) -> None:
    reviewer = UserFactory(username="desk")
    reviews.decide(run_id=run.pk, decision=decision, reasons=reasons, reviewer=reviewer, now=SOON)


def test_item_comes_as_a_video_with_buttons(item: Message) -> None:
    assert item.chat_id == ANN
    assert item.media == "video"
    assert item.files["video"] == Artifact.objects.get(kind="video").path.read_bytes()
    assert "<b>Neon Rivers</b>" in item.words
    assert "The intro is 4 dB quieter." in item.words
    assert [label[-8:] for label in item.buttons] == [" Approve", "Reject …"]


def test_buttons_carry_nothing_but_an_opaque_token(item: Message) -> None:
    run = Run.objects.get()

    for data in item.buttons.values():
        assert len(data.encode()) <= 64
        assert str(run.pk)[:8] not in data
        assert run.artist.slug not in data


def test_second_pass_sends_nothing(bot: Bot, item: Message) -> None:
    assert bot.notify()["sent"] == 0
    assert len(bot.server.messages) == 1


def test_markup_in_names_and_words_is_text(bot: Bot, linked, new_run: NewRun) -> None:
    linked("runs.review_run")
    run = new_run(title="<b>Bold & <script>", artist__name="Nova</b> <i>Ray")
    run.concept |= {"hook": "1 < 2 & 3 > 2"}
    run.save()

    bot.notify()

    assert (
        "<b>&lt;b&gt;Bold &amp; &lt;script&gt;</b> – Nova&lt;/b&gt;" in bot.server.messages[0].words
    )


def test_longest_words_fit_a_caption(bot: Bot, linked, new_run: NewRun) -> None:
    linked("runs.review_run")
    run = new_run(title="🎹" * 120, artist__name="Ж" * 120)
    run.concept |= {"hook": "🎹 " * 300, "theme": "& " * 600}
    run.save()
    warning = {"code": "odd", "severity": "warn", "message": "<" * 500}
    run.steps.filter(name="quality").update(output={"findings": [warning] * 9})

    assert bot.notify()["sent"] == 1


def test_every_linked_reviewer_gets_it_privately(bot: Bot, linked, new_run: NewRun) -> None:
    linked("runs.review_run")
    linked("runs.review_run", telegram_id=BOB)
    linked("runs.view_run", telegram_id=777)
    linked("runs.review_run", telegram_id=888, is_active=False)
    new_run()

    bot.notify()

    assert {message.chat_id for message in bot.server.messages} == {ANN, BOB}


def test_configured_chat_gets_it_instead(bot: Bot, linked, new_run: NewRun, settings) -> None:
    settings.TELEGRAM_CHAT_ID = GROUP
    linked("runs.review_run")
    new_run()

    bot.notify()

    assert [message.chat_id for message in bot.server.messages] == [GROUP]


def test_messages_of_a_pass_are_spaced(bot: Bot, linked, new_run: NewRun) -> None:
    linked("runs.review_run")
    for _ in range(3):
        new_run()

    assert bot.notify()["sent"] == 3
    assert bot.waits == [1.1, 1.1]


def test_backlog_from_before_the_bot_is_left_to_the_panel(bot: Bot, linked, new_run) -> None:
    linked("runs.review_run")
    new_run(finished_at=SOON - WINDOW)

    assert bot.notify()["sent"] == 0


def test_429_is_waited_out_exactly(bot: Bot, linked, new_run: NewRun) -> None:
    linked("runs.review_run")
    new_run()
    new_run()
    bot.server.fault(status=429, body=TOO_MANY)

    assert bot.notify()["sent"] == 0
    assert bot.server.count() == 1
    bot.notify(SOON + timedelta(seconds=6.9))
    assert bot.server.count() == 1
    assert bot.notify(SOON + timedelta(seconds=7))["sent"] == 2


def test_outage_is_retried_later(bot: Bot, linked, new_run: NewRun) -> None:
    linked("runs.review_run")
    new_run()
    bot.server.fault(status=502, body="<html>Bad Gateway</html>")

    bot.notify()
    assert bot.notify(SOON + timedelta(seconds=59))["sent"] == 0
    assert bot.notify(SOON + timedelta(seconds=60))["sent"] == 1


def test_pass_that_died_while_sending_is_made_up_for(
    bot: Bot, linked, new_run, monkeypatch
) -> None:
    linked("runs.review_run")
    new_run()

    def die(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("runs.telegram.sending.upload", die)
        with pytest.raises(KeyboardInterrupt):
            bot.notify()

    assert bot.notify(SOON + timedelta(minutes=9))["sent"] == 0
    assert bot.notify(SOON + timedelta(minutes=10))["sent"] == 1


def test_button_of_a_message_whose_confirmation_was_lost_works(
    bot: Bot, linked, new_run: NewRun
) -> None:
    linked("runs.review_run")
    run = new_run()
    bot.server.fault(reset="after")
    bot.notify()

    bot.press(bot.server.messages[0], "Approve")

    run.refresh_from_db()
    assert run.status == Run.Status.APPROVED
    bot.notify(SOON + timedelta(hours=1))
    assert len(bot.server.messages) == 1
    assert bot.server.messages[0].keyboard == []


def test_person_who_blocked_the_bot_is_left_alone_until_they_write(
    bot: Bot, linked, new_run: NewRun
) -> None:
    linked("runs.review_run", "runs.view_run")
    new_run()
    bot.server.blocked.add(ANN)
    assert bot.notify()["failed"] == 1
    new_run()
    assert bot.notify() == {"sent": 0, "settled": 0, "reopened": 0, "failed": 0}
    assert TelegramAccount.objects.get().unreachable_since == SOON

    bot.server.blocked.clear()
    bot.say("/status")

    assert bot.notify()["sent"] == 1


def test_group_that_became_a_supergroup_is_followed(bot: Bot, new_run: NewRun, settings) -> None:
    settings.TELEGRAM_CHAT_ID = -55
    bot.server.moved[-55] = GROUP
    new_run()
    new_run()

    assert bot.notify()["sent"] == 2
    assert [message.chat_id for message in bot.server.messages] == [GROUP, GROUP]
    assert TelegramBot.objects.get().moved_chats == {"-55": GROUP}


def test_video_too_large_for_the_server_becomes_the_track(bot: Bot, linked, new_run) -> None:
    linked("runs.review_run")
    new_run()
    bot.server.largest_upload = Artifact.objects.get(kind="mp3").bytes

    bot.notify()

    assert bot.server.messages[0].media == "audio"


def test_run_without_files_comes_as_words(bot: Bot, linked) -> None:
    linked("runs.review_run")
    RunFactory(reviewable=True)

    bot.notify()

    assert bot.server.messages[0].media == ""


def test_revoked_token_stops_sending_for_a_while(bot: Bot, linked, new_run, caplog) -> None:
    linked("runs.review_run")
    new_run()
    refusal = {"ok": False, "error_code": 401, "description": "Unauthorized"}
    bot.server.fault(status=401, body=refusal)

    bot.notify()
    bot.notify(SOON + timedelta(minutes=9))
    assert bot.server.count() == 1
    assert "TELEGRAM_BOT_TOKEN" in caplog.text
    assert bot.notify(SOON + timedelta(minutes=10))["sent"] == 1


def test_decision_at_the_desk_takes_the_buttons_away(bot: Bot, item: Message) -> None:
    decide(Run.objects.get(), "reject", ("weak_hook", "other"))

    assert bot.notify()["settled"] == 1
    assert item.keyboard == []
    assert "Rejected by desk: weak hook, other." in item.words
    assert bot.notify()["settled"] == 0


def test_undo_at_the_desk_brings_new_buttons(bot: Bot, item: Message) -> None:
    run = Run.objects.get()
    old = item.data_of("Approve")
    decide(run)
    bot.notify()
    reviews.undo(run_id=run.pk, reviewer=None, now=SOON)

    assert bot.notify()["reopened"] == 1
    assert item.data_of("Approve") != old
    bot.receive(bot.server.press(item, old))
    run.refresh_from_db()
    assert run.status == Run.Status.AWAITING_REVIEW


def test_message_too_old_to_edit_does_not_hold_up_the_rest(
    bot: Bot, item: Message, new_run: NewRun
) -> None:
    bot.server.too_old.add(item.message_id)
    decide(Run.objects.get())
    new_run()

    assert bot.notify()["sent"] == 1
    assert TelegramMessage.objects.filter(state="closed").count() == 1


def test_next_candidate_of_the_same_run_is_a_new_message(bot: Bot, item: Message) -> None:
    Run.objects.update(finished_at=NOON + timedelta(seconds=30))

    assert bot.notify()["sent"] == 1
    assert (item.keyboard, "newer version" in item.words) == ([], True)


def test_run_decided_before_it_was_sent_is_not_sent(bot: Bot, linked, new_run: NewRun) -> None:
    linked("runs.review_run")
    run = new_run()
    bot.server.fault(status=502)
    bot.notify()
    decide(run)

    bot.notify(SOON + timedelta(minutes=5))

    assert bot.server.messages == []
    assert not TelegramMessage.objects.exists()


def test_without_a_bot_nothing_happens(settings, new_run: NewRun) -> None:
    settings.TELEGRAM_BOT_TOKEN = ""
    new_run()

    assert notify_ready(now=SOON)["sent"] == 0
    assert not TelegramMessage.objects.exists()


def test_malformed_token_is_logged_and_stops_nobody(settings, caplog) -> None:
    settings.TELEGRAM_BOT_TOKEN = "not a token"

    assert notify_ready(now=SOON)["sent"] == 0
    assert "@BotFather" in caplog.text


def test_two_passes_at_once_send_each_item_once(
    bot: Bot, linked, new_run: NewRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    linked("runs.review_run")
    for _ in range(3):
        new_run()
    send_video = bot.api.send_video
    others: list[int] = []

    def while_another_pass_runs(*arguments: object, **options: object) -> object:
        monkeypatch.setattr(bot.api, "send_video", send_video)
        others.append(bot.notify()["sent"])
        return send_video(*arguments, **options)

    monkeypatch.setattr(bot.api, "send_video", while_another_pass_runs)

    assert (bot.notify()["sent"], others) == (1, [2])
    assert len(bot.server.messages) == 3


def test_passes_do_not_ask_more_with_a_longer_queue(
    bot: Bot, linked, new_run: NewRun, django_assert_max_num_queries
) -> None:
    linked("runs.review_run")
    for _ in range(8):
        new_run()
    bot.notify()

    with django_assert_max_num_queries(13):
        bot.notify()
