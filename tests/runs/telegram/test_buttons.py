"""Pressed buttons: by whom, once, and with the review service's word as the last."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from artists.models import Lesson
from runs.models import Review, Run, RunEvent, TelegramBot, TelegramMessage
from runs.reviewing import reviews
from runs.telegram.messages import BUTTONS_LIFE
from tests.contract_servers.telegram import ANN, Message
from tests.factories import UserFactory
from tests.runs.telegram.conftest import SOON, Bot

pytestmark = pytest.mark.django_db

BOB = 444555666
STRANGER = 999


def the_run() -> Run:
    return Run.objects.select_related("artist").get()


def test_approve_decides_in_the_name_of_the_linked_user(bot: Bot, item: Message) -> None:
    answer = bot.press(item, "Approve")

    run, review = the_run(), Review.objects.get()
    assert run.status == Run.Status.APPROVED
    assert review.reviewer is not None
    assert review.reviewer.username == "ann"
    assert run.artist.approved_count == 1
    assert RunEvent.objects.filter(kind="approved", actor=review.reviewer).exists()
    assert answer == "✅ Approved by ann."
    assert (item.keyboard, "Approved by ann" in item.words) == ([], True)


def test_reject_asks_for_the_reason_first(bot: Bot, item: Message) -> None:
    bot.press(item, "Reject")

    assert the_run().status == Run.Status.AWAITING_REVIEW
    assert set(Review.Reason.labels) < set(item.buttons)


def test_second_tap_rejects_with_the_reason(bot: Bot, item: Message) -> None:
    bot.press(item, "Reject")

    answer = bot.press(item, "Lyric cliché")

    assert the_run().status == Run.Status.REJECTED
    assert Review.objects.get().reasons == ["lyric_cliche"]
    assert Lesson.objects.exists()
    assert answer == "❌ Rejected by ann: lyric cliché."
    assert item.keyboard == []


def test_back_returns_to_the_two_buttons(bot: Bot, item: Message) -> None:
    first = item.buttons
    bot.press(item, "Reject")

    bot.press(item, "Back")

    assert item.buttons == first


def test_grace_of_the_desk_applies(bot: Bot, item: Message, settings) -> None:
    settings.REVIEW_GRACE_S = 10

    bot.press(item, "Approve")

    assert the_run().status == Run.Status.APPROVED
    assert the_run().artist.approved_count == 0
    reviews.apply_due(now=SOON + timedelta(seconds=10))
    assert the_run().artist.approved_count == 1


def test_stranger_gets_an_alert_and_changes_nothing(bot: Bot, item: Message, caplog) -> None:
    answer = bot.press(item, "Approve", sender=STRANGER)

    assert the_run().status == Run.Status.AWAITING_REVIEW
    assert bot.server.answers[-1]["show_alert"] is True
    assert "Neon" not in answer
    assert str(STRANGER) in caplog.text


def test_stranger_with_the_name_of_a_reviewer_is_a_stranger(bot: Bot, item: Message) -> None:
    data = item.data_of("Approve")

    bot.receive(bot.server.press(item, data, sender=STRANGER, username="ann", first_name="Ann"))

    assert the_run().status == Run.Status.AWAITING_REVIEW


def test_linked_user_without_the_permission_is_refused(bot: Bot, item: Message, linked) -> None:
    linked("runs.view_run", telegram_id=BOB)

    answer = bot.press(item, "Approve", sender=BOB)

    assert answer == "Your account may not review."
    assert the_run().status == Run.Status.AWAITING_REVIEW


def test_permission_taken_away_later_counts_at_once(bot: Bot, item: Message) -> None:
    User.objects.get(username="ann").user_permissions.clear()

    bot.press(item, "Approve")

    assert the_run().status == Run.Status.AWAITING_REVIEW


def test_another_bot_is_ignored(bot: Bot, item: Message) -> None:
    bot.receive(bot.server.press(item, item.data_of("Approve"), is_bot=True))

    assert the_run().status == Run.Status.AWAITING_REVIEW


@pytest.mark.parametrize(
    "forge",
    [
        lambda data: "rv:AAAAAAAAAAAAAAAAAAAAAA:a",
        lambda data: data.replace(":a", ":delete"),
        lambda data: data.replace(":a", ":x.no_such_reason"),
        lambda data: data.replace("rv:", "rl:"),
        lambda data: data + ":a",
        lambda data: "",
        lambda data: "rv::a",
        lambda data: "rv:" + "A" * 5000 + ":a",
    ],
)
def test_forged_data_is_refused(bot: Bot, item: Message, forge: Callable[[str], str]) -> None:
    bot.receive(bot.server.press(item, forge(item.data_of("Approve"))))

    assert bot.server.answer == "This button is not valid."
    assert the_run().status == Run.Status.AWAITING_REVIEW


@pytest.mark.parametrize("other", [{"chat_id": BOB}, {"message_id": 4711}])
def test_button_carried_to_another_message_is_refused(
    bot: Bot, item: Message, other: dict[str, int]
) -> None:
    forged = Message(**({"chat_id": ANN, "message_id": item.message_id, "words": ""} | other))

    bot.receive(bot.server.press(forged, item.data_of("Approve")))

    assert bot.server.answer == "This button is not valid."
    assert the_run().status == Run.Status.AWAITING_REVIEW


def test_replayed_update_does_nothing(bot: Bot, item: Message) -> None:
    update = bot.server.press(item, item.data_of("Approve"))
    assert bot.receive(update)
    calls = bot.server.count()

    assert not bot.receive(update)

    assert bot.server.count() == calls
    assert Review.objects.count() == 1
    assert the_run().artist.approved_count == 1


def test_same_press_in_a_new_update_does_nothing_twice(bot: Bot, item: Message) -> None:
    data = item.data_of("Approve")
    bot.receive(bot.server.press(item, data))

    bot.receive(bot.server.press(item, data))

    assert bot.server.answer == "Already decided: ✅ Approved by ann."
    assert Review.objects.count() == 1
    assert the_run().artist.approved_count == 1


def test_late_press_after_a_decision_elsewhere_changes_nothing(bot: Bot, item: Message) -> None:
    desk = UserFactory(username="desk")
    reviews.decide(
        run_id=the_run().pk, decision="reject", reasons=["other"], reviewer=desk, now=SOON
    )

    answer = bot.press(item, "Approve")

    assert answer == "Already decided: ❌ Rejected by desk: other."
    assert the_run().status == Run.Status.REJECTED
    assert item.keyboard == []


def test_replay_after_an_undo_does_not_decide_again(bot: Bot, item: Message) -> None:
    data = item.data_of("Approve")
    bot.receive(bot.server.press(item, data))
    reviews.undo(run_id=the_run().pk, reviewer=None, now=SOON)

    bot.receive(bot.server.press(item, data))

    assert the_run().status == Run.Status.AWAITING_REVIEW
    assert the_run().artist.approved_count == 0


def test_undo_before_the_message_was_brought_up_to_date_brings_new_buttons(
    bot: Bot, item: Message
) -> None:
    bot.server.fault(status=502, where="editMessageCaption")
    bot.press(item, "Approve")
    reviews.undo(run_id=the_run().pk, reviewer=None, now=SOON)
    assert bot.press(item, "Approve") == "These buttons no longer work. See the panel."

    bot.notify()

    assert bot.press(item, "Approve") == "✅ Approved by ann."


def test_first_of_two_reviewers_wins(bot: Bot, linked, new_run) -> None:
    linked("runs.review_run", username="ann")
    linked("runs.review_run", telegram_id=BOB, username="bob")
    new_run(artist__approved_count=1)
    bot.notify()
    anns, bobs = bot.server.messages
    bob_pressed = bot.server.press(bobs, bobs.data_of("Approve"), sender=BOB)
    bot.press(anns, "Reject")
    bot.press(anns, "Weak hook")

    bot.receive(bob_pressed)

    assert Review.objects.count() == 1
    assert bot.server.answer == "Already decided: ❌ Rejected by ann: weak hook."
    assert (anns.keyboard, bobs.keyboard) == ([], [])


def test_second_reviewer_is_waited_for_where_two_are_asked_for(
    bot: Bot, linked, new_run, settings
) -> None:
    settings.SECOND_REVIEW_SHARE = 1.0
    settings.TELEGRAM_CHAT_ID = -100
    linked("runs.review_run", username="ann")
    linked("runs.review_run", telegram_id=BOB, username="bob")
    new_run()
    bot.notify()
    item = bot.server.messages[0]

    first = bot.press(item, "Approve")
    again = bot.press(item, "Approve")
    assert (first, again) == ("Noted. Another reviewer judges it too.",) * 2
    assert "ann" not in item.words
    bot.press(item, "Approve", sender=BOB)

    assert the_run().status == Run.Status.APPROVED
    assert Review.objects.count() == 2


def test_changed_content_is_not_decided_by_an_old_message(bot: Bot, item: Message) -> None:
    run = the_run()
    run.concept |= {"hook": "Another hook"}
    run.save()

    answer = bot.press(item, "Approve")

    assert "changed" in answer
    assert the_run().status == Run.Status.AWAITING_REVIEW


def test_expired_buttons_do_nothing(bot: Bot, item: Message) -> None:
    answer = bot.press(item, "Approve", now=SOON + BUTTONS_LIFE)

    assert answer == "These buttons no longer work. See the panel."
    assert the_run().status == Run.Status.AWAITING_REVIEW


def test_message_too_old_to_edit_asks_for_the_reason_in_a_new_one(bot: Bot, item: Message) -> None:
    bot.server.too_old.add(item.message_id)
    bot.press(item, "Reject")
    question = bot.server.messages[-1]
    assert question is not item
    assert "Why is it rejected?" in question.words

    bot.press(question, "Audio fault")

    assert Review.objects.get().reasons == ["audio_fault"]
    assert question.keyboard == []
    assert not TelegramMessage.objects.filter(state="open").exists()


def test_message_too_old_to_edit_can_be_approved_all_the_same(bot: Bot, item: Message) -> None:
    bot.server.too_old.add(item.message_id)

    assert bot.press(item, "Approve") == "✅ Approved by ann."
    assert the_run().status == Run.Status.APPROVED


def test_decision_stands_when_telegram_is_down_and_the_message_follows(
    bot: Bot, item: Message
) -> None:
    update = bot.server.press(item, item.data_of("Approve"))
    bot.server.fault(status=502, times=2)

    bot.receive(update)
    assert the_run().status == Run.Status.APPROVED
    assert item.keyboard != []

    bot.notify()
    assert item.keyboard == []


def test_fault_of_ours_is_answered_and_not_raised(
    bot: Bot, item: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**options: object) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr("runs.reviewing.reviews.decide", broken)

    assert bot.press(item, "Approve").startswith("Something went wrong")


@pytest.mark.parametrize(
    "update",
    [
        {},
        {"update_id": "7"},
        {"update_id": 1},
        {"update_id": 1, "message": "text"},
        {"update_id": 1, "message": {"from": None, "chat": [], "text": "/status"}},
        {"update_id": 1, "callback_query": {"id": 5, "from": {"id": "x"}, "data": None}},
        {"update_id": 1, "callback_query": {"id": "5", "from": {"id": ANN}, "message": []}},
        {"update_id": 1, "edited_message": {"text": "/run"}},
    ],
)
def test_odd_updates_do_no_harm(bot: Bot, item: Message, update: dict) -> None:
    bot.receive(update)

    assert the_run().status == Run.Status.AWAITING_REVIEW
    assert Run.objects.count() == 1


def test_button_from_before_a_group_moved_still_works(bot: Bot, linked, new_run, settings) -> None:
    settings.TELEGRAM_CHAT_ID = -55
    linked("runs.review_run", username="ann")
    new_run()
    bot.notify()
    item = bot.server.messages[0]
    TelegramBot.objects.update(moved_chats={"-55": -100200300})

    bot.press(item, "Approve")

    assert the_run().status == Run.Status.APPROVED


# --- Undo within the grace ---


@pytest.fixture
def grace(settings) -> timedelta:
    settings.REVIEW_GRACE_S = 10
    return timedelta(seconds=10)


def test_decided_message_offers_an_undo_for_the_grace(
    bot: Bot, item: Message, grace: timedelta
) -> None:
    bot.press(item, "Approve")
    assert list(item.buttons) == ["↩ Undo"]

    assert bot.press(item, "Undo") == "Undone. It awaits review again."

    assert the_run().status == Run.Status.AWAITING_REVIEW
    assert list(item.buttons) == ["✅ Approve", "❌ Reject …"]
    assert "Approved" not in item.words


def test_undone_decision_leaves_nothing_and_can_be_taken_again(
    bot: Bot, item: Message, grace: timedelta
) -> None:
    bot.press(item, "Reject")
    bot.press(item, "Weak hook")
    bot.press(item, "Undo")
    reviews.apply_due(now=SOON + 2 * grace)
    assert (the_run().artist.rejected_count, Lesson.objects.count()) == (0, 0)

    bot.press(item, "Approve")
    reviews.apply_due(now=SOON + 2 * grace)

    assert the_run().artist.approved_count == 1


def test_undo_comes_too_late_when_the_grace_is_over(
    bot: Bot, item: Message, grace: timedelta
) -> None:
    bot.press(item, "Approve")

    answer = bot.press(item, "Undo", now=SOON + grace)

    assert answer == "Too late to undo here; open the run in the panel."
    assert the_run().status == Run.Status.APPROVED


def test_undo_goes_away_with_the_grace(bot: Bot, item: Message, grace: timedelta) -> None:
    bot.press(item, "Approve")

    bot.notify(SOON + grace)

    assert item.keyboard == []
    assert "Approved by ann" in item.words


def test_nobody_undoes_the_decision_of_another(
    bot: Bot, linked, new_run, settings, grace: timedelta
) -> None:
    settings.TELEGRAM_CHAT_ID = -100
    linked("runs.review_run", username="ann")
    linked("runs.review_run", telegram_id=BOB, username="bob")
    new_run(artist__approved_count=1)
    bot.notify()
    item = bot.server.messages[0]
    bot.press(item, "Approve")

    assert bot.press(item, "Undo", sender=BOB) == "Only who decided can undo it."
    assert (
        bot.press(item, "Undo", sender=STRANGER)
        == "This Telegram account is not linked to the panel."
    )
    assert the_run().status == Run.Status.APPROVED


def test_replayed_undo_does_not_take_back_a_later_decision(
    bot: Bot, item: Message, grace: timedelta
) -> None:
    bot.press(item, "Approve")
    undo = item.data_of("Undo")
    bot.receive(bot.server.press(item, undo))
    bot.press(item, "Approve")

    bot.receive(bot.server.press(item, undo))

    assert the_run().status == Run.Status.APPROVED


def test_undo_when_telegram_is_down_is_done_and_the_message_follows(
    bot: Bot, item: Message, grace: timedelta
) -> None:
    bot.press(item, "Approve")
    update = bot.server.press(item, item.data_of("Undo"))
    bot.server.fault(status=502, times=2)

    bot.receive(update)
    assert the_run().status == Run.Status.AWAITING_REVIEW

    bot.notify(SOON + grace)
    assert list(item.buttons) == ["✅ Approve", "❌ Reject …"]
