"""The Bot API client against the contract server."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from media_tools.errors import ProviderError, ProviderRejected, ProviderUnavailable
from media_tools.messaging.telegram import (
    BotRefused,
    Button,
    ChatMoved,
    ChatUnreachable,
    FileUnreadable,
    MessageGone,
    Sent,
    TelegramApi,
    UpdatesTaken,
    UploadTooLarge,
    keyboard_json,
)
from media_tools.providers.http import Timeouts
from tests.contract_servers.telegram import (
    ANN,
    BOT_ID,
    GOOD_TOKEN,
    REVOKED_TOKEN,
    USERNAME,
    TelegramServer,
)

KEYBOARD = [[Button("Yes", "rv:abc:a"), Button("No", "rv:abc:r", "danger")]]
SECRET = GOOD_TOKEN.partition(":")[2]


@pytest.fixture(scope="module")
def started() -> Iterator[TelegramServer]:
    with TelegramServer() as server:
        yield server


@pytest.fixture
def server(started: TelegramServer) -> TelegramServer:
    started.clear()
    return started


@pytest.fixture
def api(server: TelegramServer) -> TelegramApi:
    return TelegramApi(GOOD_TOKEN, base_url=server.url, timeouts=Timeouts(2.0, 1.5, 4.0))


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"frames" * 50)
    return path


def test_bot_is_known_by_its_token(api: TelegramApi) -> None:
    me = api.get_me()

    assert (me.id, me.username, api.bot_id) == (BOT_ID, USERNAME, BOT_ID)


def test_message_is_sent_with_its_buttons(api: TelegramApi, server: TelegramServer) -> None:
    sent = api.send_message(ANN, "Hello <b>you</b>", keyboard=KEYBOARD)

    assert server.messages[0].buttons == {"Yes": "rv:abc:a", "No": "rv:abc:r"}
    assert sent == Sent(ANN, server.messages[0].message_id)


def test_video_is_uploaded_whole(api: TelegramApi, server: TelegramServer, clip: Path) -> None:
    api.send_video(
        ANN, clip, caption="“Grüße”", keyboard=KEYBOARD, duration_s=80.4, size_px=(1080, 1920)
    )

    message = server.messages[0]
    assert message.files["video"] == clip.read_bytes()
    assert (message.fields["duration"], message.fields["width"]) == (80, 1080)
    assert message.words == "“Grüße”"
    assert message.buttons


def test_audio_is_sent_with_its_names_and_picture(
    api: TelegramApi, server: TelegramServer, clip: Path
) -> None:
    api.send_audio(ANN, clip, caption="x", performer="Nova", title="Rivers", thumbnail=clip)

    message = server.messages[0]
    assert (message.fields["performer"], message.fields["title"]) == ("Nova", "Rivers")
    assert message.files["thumbnail"] == clip.read_bytes()


def test_upload_is_not_held_in_memory(
    api: TelegramApi, server: TelegramServer, tmp_path: Path
) -> None:
    path = tmp_path / "large.mp4"
    path.write_bytes(bytes(20_000_000))
    server.fault(reset="before")
    tracemalloc.start()

    with pytest.raises(ProviderUnavailable):
        api.send_video(ANN, path)

    # The server, in this process too, reads the whole body: one copy, where the usual form
    # encoder would hold two more.
    assert tracemalloc.get_traced_memory()[1] < 45_000_000
    tracemalloc.stop()


def test_file_that_is_gone_is_named_as_the_cause(api: TelegramApi, tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable):
        api.send_video(ANN, tmp_path / "gone.mp4")


def test_same_content_again_is_a_success(api: TelegramApi) -> None:
    sent = api.send_message(ANN, "Hello")

    api.edit_text(sent, "Hello")


def test_edit_without_keyboard_takes_the_buttons_away(
    api: TelegramApi, server: TelegramServer, clip: Path
) -> None:
    sent = api.send_video(ANN, clip, caption="Hello", keyboard=KEYBOARD)

    api.edit_caption(sent, "Done")

    assert (server.messages[0].words, server.messages[0].keyboard) == ("Done", [])


def test_message_too_old_to_edit_is_told_apart(api: TelegramApi, server: TelegramServer) -> None:
    sent = api.send_message(ANN, "Hello")
    server.too_old.add(sent.message_id)

    with pytest.raises(MessageGone):
        api.edit_text(sent, "Done")


def test_late_answer_to_a_press_is_harmless(api: TelegramApi) -> None:
    api.answer_callback("long-gone", "Too late")


def test_429_says_how_long_to_wait(api: TelegramApi, server: TelegramServer) -> None:
    body = {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 7",
        "parameters": {"retry_after": 7},
    }
    server.fault(status=429, body=body)

    with pytest.raises(ProviderUnavailable) as caught:
        api.send_message(ANN, "Hello")

    assert caught.value.retry_after_s == 7.0
    assert server.count() == 1


def test_blocked_bot_is_unreachable(api: TelegramApi, server: TelegramServer) -> None:
    server.blocked.add(ANN)

    with pytest.raises(ChatUnreachable):
        api.send_message(ANN, "Hello")


def test_group_that_moved_gives_its_new_id(api: TelegramApi, server: TelegramServer) -> None:
    server.moved[-5] = -1005

    with pytest.raises(ChatMoved) as caught:
        api.send_message(-5, "Hello")

    assert caught.value.chat_id == -1005


def test_offset_confirms_updates(api: TelegramApi, server: TelegramServer) -> None:
    first, second = server.say("/status"), server.say("/run")

    found = api.get_updates(second["update_id"], timeout_s=0)

    assert [update["update_id"] for update in found] == [second["update_id"]]
    assert first not in server.updates


def test_polling_beside_a_webhook_is_refused(api: TelegramApi) -> None:
    api.set_webhook("https://panel.example.org/telegram/webhook/", "s3cret")

    with pytest.raises(UpdatesTaken, match="--delete-webhook"):
        api.get_updates(0, timeout_s=0)

    api.delete_webhook()
    assert api.get_updates(0, timeout_s=0) == []


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"status": 502, "body": "<html>Bad Gateway</html>"}, ProviderUnavailable),
        ({"status": 200, "body": '{"ok": true}'}, ProviderUnavailable),
        ({"status": 200, "body": "{not json"}, ProviderUnavailable),
        ({"status": 413, "body": {"ok": False, "error_code": 413}}, UploadTooLarge),
        ({"reset": "after"}, ProviderUnavailable),
    ],
)
def test_troubled_answer_has_its_error(
    api: TelegramApi, server: TelegramServer, fault: dict, kind: type[ProviderError]
) -> None:
    server.fault(**fault)

    with pytest.raises(kind):
        api.send_message(ANN, "Hello")


TROUBLES: list[Callable[[TelegramServer], object]] = [
    lambda server: server.fault(status=500, body="<html>500</html>"),
    lambda server: server.fault(status=400, body={"description": f"no {GOOD_TOKEN}", "ok": False}),
    lambda server: server.fault(status=302, headers={"Location": f"/bot{GOOD_TOKEN}/x"}),
    lambda server: server.fault(reset="before"),
    lambda server: server.fault(truncate_at=3),
    lambda server: server.stop(),
]


@pytest.mark.parametrize("trouble", TROUBLES)
def test_token_is_in_no_error_and_no_log(
    trouble: Callable[[TelegramServer], object], caplog: pytest.LogCaptureFixture
) -> None:
    with TelegramServer() as server:
        api = TelegramApi(GOOD_TOKEN, base_url=server.url, timeouts=Timeouts(2.0, 1.5, 4.0))
        trouble(server)

        with pytest.raises(ProviderError) as caught:
            api.send_message(ANN, "Hello")

    error: BaseException | None = caught.value
    while error is not None:
        assert SECRET not in f"{error!r} {error}"
        error = error.__cause__ or error.__context__
    assert SECRET not in caplog.text


def test_revoked_token_is_the_bots_fault(server: TelegramServer) -> None:
    with pytest.raises(BotRefused, match="TELEGRAM_BOT_TOKEN"):
        TelegramApi(REVOKED_TOKEN, base_url=server.url).get_me()


def test_malformed_token_is_refused_before_it_is_sent_and_not_shown() -> None:
    with pytest.raises(ProviderRejected) as caught:
        TelegramApi("my secret token")

    assert "my secret" not in str(caught.value)


@pytest.mark.parametrize("data", ["x" * 64, "ü" * 32])
def test_64_bytes_of_data_fit(data: str) -> None:
    assert keyboard_json([[Button("Yes", data)]])


@pytest.mark.parametrize("data", ["", "x" * 65, "ü" * 33])
def test_more_than_64_bytes_do_not(data: str) -> None:
    with pytest.raises(ValueError, match="64"):
        keyboard_json([[Button("Yes", data)]])
