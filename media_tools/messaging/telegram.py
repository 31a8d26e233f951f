"""The Telegram Bot API: sends and edits messages, media and buttons, and fetches updates.

The token is a part of every address there. The session adds it at the last moment, so that no
address or error of the layers above holds it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import requests
from pydantic import AfterValidator, AliasPath, BeforeValidator, Field

from media_tools import foreign
from media_tools.errors import ProviderError, ProviderRejected, ProviderUnavailable
from media_tools.providers.http import Call, HttpClient, HttpReply, Line, Timeouts
from media_tools.providers.multipart import FilePart, MultipartBody
from media_tools.providers.replies import Finite, Label, LongLabel, Read, Reply, Whole, at, rows
from media_tools.providers.wire import LONGEST_RETRY_AFTER_S

NAME = "telegram"
BASE_URL = "https://api.telegram.org"

# Of the Bot API; characters after the markup is taken out, bytes of a button's data.
CAPTION_CHARACTERS = 1024
CALLBACK_DATA_BYTES = 64
ALERT_CHARACTERS = 200
UPLOAD_BYTES = 50_000_000
THUMBNAIL_BYTES = 200_000
UPDATES_AT_ONCE = 100
ALLOWED_UPDATES = ("message", "callback_query")

_TOKEN = re.compile(r"(?P<bot_id>\d{3,20}):[\w-]{20,}\Z", re.ASCII)
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}\Z")
_UPLOAD = Timeouts(connect_s=5.0, read_s=90.0, total_s=180.0)
# Beyond the seconds a long poll may take by itself.
_POLL_MARGIN_S = 10.0
# Telegram promises ids of at most 52 bits.
_LARGEST_ID = 2**53

# Parts of Telegram's descriptions, in lower case; the codes alone do not tell these apart.
_NOT_MODIFIED = ("message is not modified",)
_QUERY_OVER = ("query is too old", "query id is invalid")
_GONE = (
    "message can't be edited",
    "message to edit not found",
    "message_id_invalid",
    "there is no text in the message to edit",
    "there is no caption in the message to edit",
)
_NO_CHAT = ("chat not found", "peer_id_invalid", "user not found")


class ChatUnreachable(ProviderRejected):
    """The person blocked the bot or never started it, or the bot is not in the group."""


class MessageGone(ProviderRejected):
    """The message can no longer be edited: it was deleted, or it is too old."""


class UpdatesTaken(ProviderRejected):
    """Another poller fetches this bot's updates, or a webhook is set."""


class BotRefused(ProviderRejected):
    """The token is wrong or revoked, or the base URL is not that of a Bot API server."""


class ChatMoved(ProviderRejected):
    """A group became a supergroup and now has another id."""

    def __init__(self, chat_id: int) -> None:
        super().__init__(
            NAME,
            f"the group is a supergroup now, with the id {chat_id}",
            code="HTTP 400",
            action="set TELEGRAM_CHAT_ID to that id",
        )
        self.chat_id = chat_id


class UploadTooLarge(ProviderRejected):
    """The file is larger than the server takes."""


class FileUnreadable(ProviderRejected):
    """A file to send is missing or cannot be opened."""


class _Harmless(ProviderRejected):
    """Refused because there is nothing left to do."""


def _is_id(value: object) -> bool:
    return foreign.whole(value, high=_LARGEST_ID) is not None


_MessageId = Annotated[Whole, Field(le=_LARGEST_ID)]
_ChatId = Annotated[
    int, BeforeValidator(lambda value: foreign.whole(value, low=-_LARGEST_ID, high=_LARGEST_ID))
]


class _Done(Reply):
    """The answer of every method that succeeded."""

    ok: Literal[True]
    result: Any


class _Message(_Done):
    chat_id: _ChatId = Field(validation_alias=AliasPath("result", "chat", "id"))
    message_id: _MessageId = Field(validation_alias=AliasPath("result", "message_id"))


class _Me(_Done):
    bot_id: Whole = Field(validation_alias=AliasPath("result", "id"))
    username: Label = at("result", "username")


class _Updates(_Done):
    # A number beyond the bound would be confirmed as the last one for ever.
    result: Annotated[
        list[dict[str, Any]],
        rows(UPDATES_AT_ONCE),
        AfterValidator(lambda found: [one for one in found if _is_id(one.get("update_id"))]),
    ]


class _Webhook(_Done):
    result: dict[str, Any]


class _Failed(Reply):
    ok: bool = True
    error_code: Annotated[Whole, Field(le=999)] = 0
    description: LongLabel = ""
    wait_s: Annotated[Finite | None, Field(ge=0.0, le=LONGEST_RETRY_AFTER_S)] = at(
        "parameters", "retry_after", default=None
    )
    moved_to: _ChatId = at("parameters", "migrate_to_chat_id", default=0)


@dataclass(frozen=True)
class Button:
    """A button under a message. data: 1 to 64 bytes, comes back when it is pressed.

    style: "success", "danger", "primary" or "" (older servers ignore it).
    """

    text: str
    data: str
    style: str = ""


Keyboard = Sequence[Sequence[Button]]


@dataclass(frozen=True)
class Bot:
    """Who the token belongs to."""

    id: int
    username: str


@dataclass(frozen=True)
class Sent:
    """Where a message is now."""

    chat_id: int
    message_id: int


def bot_id_of(token: str) -> int:
    """Return the bot's number, with which its token begins. Raises ProviderRejected if none."""
    match = _TOKEN.match(token)
    if match is None:
        raise ProviderRejected(
            NAME,
            "the bot token does not look like one (123456789:letters)",
            code="configuration",
            action="copy TELEGRAM_BOT_TOKEN again from @BotFather",
        )
    return int(match["bot_id"])


def is_webhook_secret(text: str) -> bool:
    """Whether Telegram accepts it as a webhook's secret token."""
    return bool(_SECRET.match(text))


def keyboard_json(keyboard: Keyboard) -> dict[str, Any]:
    """Make `reply_markup` of an inline keyboard. Raises ValueError if data is too long."""
    rows = []
    for row in keyboard:
        buttons = []
        for button in row:
            size = len(button.data.encode())
            if not 1 <= size <= CALLBACK_DATA_BYTES:
                raise ValueError(
                    f"The data of the button “{button.text}” has {size} bytes; 1 to "
                    f"{CALLBACK_DATA_BYTES} are possible."
                )
            style = {"style": button.style} if button.style else {}
            buttons.append({"text": button.text, "callback_data": button.data, **style})
        rows.append(buttons)
    return {"inline_keyboard": rows}


class TelegramApi:
    """One bot. Texts and captions are HTML: the caller escapes `<`, `>` and `&` in what it quotes.

    base_url: of the Bot API server, without the token. Methods raise ProviderUnavailable (429
    with the seconds to wait, time-outs, 5xx) and ProviderRejected or one of its kinds above.
    Nothing is repeated here. If the answer to a sent message is lost, that is ProviderUnavailable
    too, so a caller that sends again may send twice.
    """

    def __init__(
        self, token: str, *, base_url: str = BASE_URL, timeouts: Timeouts | None = None
    ) -> None:
        self.bot_id = bot_id_of(token)
        self._http = HttpClient(
            NAME,
            base_url or BASE_URL,
            secrets=(token,),
            classify=self._classify,
            line=Line(timeouts=timeouts, session=_TokenSession(token)),
        )

    def close(self) -> None:
        """Close pooled connections. The client can still be used."""
        self._http.close()

    # --- Sending ---

    def send_message(self, chat_id: int, text: str, *, keyboard: Keyboard = ()) -> Sent:
        """Send a text of 1 to 4096 characters."""
        body = {"text": text, "link_preview_options": {"is_disabled": True}}
        return _sent(self._call("sendMessage", _addressed(chat_id, body, keyboard), _Message))

    def send_audio(
        self,
        chat_id: int,
        path: Path,
        *,
        caption: str = "",
        keyboard: Keyboard = (),
        duration_s: float | None = None,
        performer: str = "",
        title: str = "",
        thumbnail: Path | None = None,
    ) -> Sent:
        """Send an MP3 or M4A of at most 50 MB. caption: up to 1024 characters. thumbnail: a JPEG of
        at most 320 px and 200 kB."""
        body: dict[str, Any] = {"caption": caption, "performer": performer, "title": title}
        if duration_s is not None:
            body["duration"] = round(duration_s)
        files = [FilePart("audio", path, "preview.mp3", "audio/mpeg")]
        return self._upload("sendAudio", _addressed(chat_id, body, keyboard), files, thumbnail)

    def send_video(
        self,
        chat_id: int,
        path: Path,
        *,
        caption: str = "",
        keyboard: Keyboard = (),
        duration_s: float | None = None,
        size_px: tuple[int, int] | None = None,
    ) -> Sent:
        """Send an MP4 of at most 50 MB. size_px: width and height. Others as in send_audio()."""
        body: dict[str, Any] = {"caption": caption, "supports_streaming": True}
        if duration_s is not None:
            body["duration"] = round(duration_s)
        if size_px is not None:
            body["width"], body["height"] = size_px
        files = [FilePart("video", path, "preview.mp4", "video/mp4")]
        return self._upload("sendVideo", _addressed(chat_id, body, keyboard), files)

    # --- Changing what was sent; all of it may be repeated ---

    def edit_text(self, sent: Sent, text: str, *, keyboard: Keyboard = ()) -> None:
        """Change a text message and its buttons; no keyboard removes the buttons."""
        self._edit("editMessageText", sent, {"text": text}, keyboard)

    def edit_caption(self, sent: Sent, caption: str, *, keyboard: Keyboard = ()) -> None:
        """Change a caption and the buttons below it; no keyboard removes the buttons."""
        self._edit("editMessageCaption", sent, {"caption": caption}, keyboard)

    def edit_keyboard(self, sent: Sent, keyboard: Keyboard) -> None:
        """Change only the buttons."""
        self._edit("editMessageReplyMarkup", sent, {}, keyboard)

    def answer_callback(
        self, callback_query_id: str, text: str = "", *, alert: bool = False
    ) -> None:
        """End the spinner on a pressed button. text: up to 200 plain characters. Does nothing if it
        is too late."""
        body = {
            "callback_query_id": callback_query_id,
            "text": text[:ALERT_CHARACTERS],
            "show_alert": alert,
        }
        self._done("answerCallbackQuery", body)

    # --- Receiving ---

    def get_me(self) -> Bot:
        """Return who the token belongs to, which proves it."""
        me = self._call("getMe", {}, _Me)
        return Bot(me.bot_id, me.username)

    def get_updates(self, offset: int, *, timeout_s: int) -> list[Mapping[str, Any]]:
        """Return updates from `offset` on. Confirms all before it, and waits timeout_s for one.

        Raises UpdatesTaken.
        """
        waiting = Timeouts(
            self._http.timeouts.connect_s,
            timeout_s + _POLL_MARGIN_S,
            timeout_s + 2 * _POLL_MARGIN_S,
        )
        body = {
            "offset": offset,
            "limit": UPDATES_AT_ONCE,
            "timeout": timeout_s,
            "allowed_updates": list(ALLOWED_UPDATES),
        }
        return list(self._call("getUpdates", body, _Updates, timeouts=waiting).result)

    def set_webhook(self, url: str, secret: str) -> None:
        """Let Telegram POST updates to an https address, with the secret in each."""
        body = {"url": url, "secret_token": secret, "allowed_updates": list(ALLOWED_UPDATES)}
        self._call("setWebhook", body, _Done)

    def delete_webhook(self) -> None:
        """Return to polling. Waiting updates are kept."""
        self._call("deleteWebhook", {"drop_pending_updates": False}, _Done)

    def webhook_info(self) -> Mapping[str, Any]:
        """Return `url` ("" if there is none), `pending_update_count`, `last_error_message`."""
        return self._call("getWebhookInfo", {}, _Webhook).result

    # --- Underneath ---

    def _call(
        self, method: str, body: Mapping[str, Any], model: type[Read], **options: Any
    ) -> Read:
        return self._http.read(Call("POST", method, json=body, **options), model)

    def _done(self, method: str, body: Mapping[str, Any]) -> None:
        try:
            self._call(method, body, _Done)
        except _Harmless:
            return

    def _edit(self, method: str, sent: Sent, body: Mapping[str, Any], keyboard: Keyboard) -> None:
        message = {"message_id": sent.message_id, **body}
        self._done(method, _addressed(sent.chat_id, message, keyboard))

    def _upload(
        self,
        method: str,
        body: Mapping[str, Any],
        files: list[FilePart],
        thumbnail: Path | None = None,
    ) -> Sent:
        fields = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in body.items()
            if value != ""
        }
        try:
            if thumbnail is not None and thumbnail.stat().st_size <= THUMBNAIL_BYTES:
                files = [*files, FilePart("thumbnail", thumbnail, "thumb.jpg", "image/jpeg")]
            data = MultipartBody(fields, files)
        except OSError as error:
            raise FileUnreadable(
                NAME,
                f"a file to send cannot be read ({error.strerror})",
                code="file",
                action="restore the media folder from its backup",
            ) from error
        upload = Call(
            "POST",
            method,
            data=data,
            headers={"Content-Type": data.content_type},
            timeouts=_UPLOAD,
        )
        return _sent(self._http.read(upload, _Message))

    def _classify(self, reply: HttpReply) -> ProviderError | None:
        failed = _Failed.of(reply.data)
        if failed.ok:
            return None
        said = self._http.words(failed.description) or "no message"
        return _error(failed.error_code or reply.status, said, failed)


class _TokenSession(requests.Session):
    """Sends "…/sendMessage" to "…/bot<token>/sendMessage"."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self._token = token

    def request(
        self, method: str | bytes, url: str | bytes, *args: Any, **options: Any
    ) -> requests.Response:
        address = url.decode() if isinstance(url, bytes) else url
        folder, _, name = address.rpartition("/")
        return super().request(method, f"{folder}/bot{self._token}/{name}", *args, **options)


def _addressed(chat_id: int, body: Mapping[str, Any], keyboard: Keyboard) -> dict[str, Any]:
    message = {"chat_id": chat_id, **body}
    if "text" in body or "caption" in body:
        message["parse_mode"] = "HTML"
    if keyboard:
        message["reply_markup"] = keyboard_json(keyboard)
    return message


def _sent(message: _Message) -> Sent:
    return Sent(message.chat_id, message.message_id)


def _error(status: int, said: str, failed: _Failed) -> ProviderError:
    """Return the error for an answer with `"ok": false`."""
    code, low = f"HTTP {status}", said.lower()
    if status == 429 or status >= 500:
        return ProviderUnavailable(
            NAME,
            f"put off: {said}",
            code=code,
            action="it is tried again later",
            retry_after_s=failed.wait_s,
        )
    if failed.moved_to:
        return ChatMoved(failed.moved_to)
    if any(words in low for words in (*_NOT_MODIFIED, *_QUERY_OVER)):
        return _Harmless(NAME, said, code=code)
    if any(words in low for words in _GONE):
        return MessageGone(
            NAME, said, code=code, action="a new message is sent where one is needed"
        )
    if status == 403 or any(words in low for words in _NO_CHAT):
        return ChatUnreachable(
            NAME, said, code=code, action="the person must press Start, or the bot join the group"
        )
    if status == 409:
        return UpdatesTaken(
            NAME,
            said,
            code=code,
            action="stop the other poller, or take the webhook away with run_telegram "
            "--delete-webhook",
        )
    if status == 413:
        return UploadTooLarge(NAME, said, code=code, action="send a smaller preview")
    if status in (401, 404):
        action = "check TELEGRAM_BOT_TOKEN and TELEGRAM_BASE_URL; @BotFather can make a new token"
        return BotRefused(NAME, f"refused: {said}", code=code, action=action)
    return ProviderRejected(
        NAME, f"not accepted: {said}", code=code, action="this message cannot be sent as it is"
    )
