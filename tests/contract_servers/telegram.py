"""A Telegram Bot API server: it keeps the messages it is sent, checks them, and hands out updates.

People are played by tests: `say` and `press` queue the updates that their phones would cause.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from html.parser import HTMLParser
from typing import Any

from tests.contract_servers.base import ContractServer, Reply, Request, route

BOT_ID = 123456789
GOOD_TOKEN = f"{BOT_ID}:AAFakeTokenOfTheContractServer_0123456789"
REVOKED_TOKEN = f"{BOT_ID}:AARevokedTokenOfTheContractServer_01234"
USERNAME = "contract_review_bot"
ANN = 111222333


@dataclass
class Message:
    """A message as the chat shows it. media: "", "audio" or "video"; data: the uploaded bytes."""

    chat_id: int
    message_id: int
    words: str
    media: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    keyboard: list[list[dict[str, Any]]] = field(default_factory=list)

    @property
    def buttons(self) -> dict[str, str]:
        """Data by label."""
        return {b["text"]: b["callback_data"] for row in self.keyboard for b in row}

    def data_of(self, label: str) -> str:
        return next(data for text, data in self.buttons.items() if label in text)


class Markup(HTMLParser):
    """Finds markup Telegram refuses, and the text without it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fault = ""
        self.text = ""
        self.feed(html)
        self.close()
        if self.open:
            self.fault = f'can\'t find end tag corresponding to start tag "{self.open[-1]}"'
        elif "<" in self.text and "&lt;" not in html:
            self.fault = "unexpected start of a tag"

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in ("b", "i", "u", "s", "code", "pre", "a"):
            self.fault = f'unsupported start tag "{tag}"'
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.fault = "unmatched end tag"

    def handle_data(self, data: str) -> None:
        self.text += data


class Refusal(Exception):
    """An answer with "ok": false."""

    def __init__(self, status: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
        if parameters:
            body["parameters"] = parameters
        self.reply = Reply(body, status)


def bad(description: str) -> Refusal:
    return Refusal(400, f"Bad Request: {description}")


class TelegramServer(ContractServer):
    """`url` is the base URL; the bot is USERNAME with GOOD_TOKEN."""

    name = "telegram"

    def reset_state(self) -> None:
        self.messages: list[Message] = []
        self.updates: list[dict[str, Any]] = []
        self.answers: list[dict[str, Any]] = []
        self.open_queries: set[str] = set()
        self.blocked: set[int] = set()
        self.too_old: set[int] = set()
        self.moved: dict[int, int] = {}
        self.webhook: dict[str, Any] = {}
        self.largest_upload = 50_000_000
        self.next_update_id = 900_001

    def environment(self) -> dict[str, str]:
        return {"TELEGRAM_BOT_TOKEN": GOOD_TOKEN, "TELEGRAM_BASE_URL": self.url}

    # --- What people do ---

    def say(
        self, text: str, *, sender: int = ANN, chat: int | None = None, **sender_fields: Any
    ) -> dict[str, Any]:
        """Somebody writes to the bot."""
        chat_id = sender if chat is None else chat
        return self._update(
            message={
                "message_id": 7,
                "date": 1795300000,
                "from": _person(sender) | sender_fields,
                "chat": {"id": chat_id, "type": "private" if chat_id == sender else "group"},
                "text": text,
            }
        )

    def press(
        self, message: Message, data: str, *, sender: int = ANN, **sender_fields: Any
    ) -> dict[str, Any]:
        """Somebody presses a button (or a forged one) under a message."""
        query_id = f"query-{self.next_update_id}"
        self.open_queries.add(query_id)
        return self._update(
            callback_query={
                "id": query_id,
                "from": _person(sender) | sender_fields,
                "chat_instance": "-3391",
                "message": {
                    "message_id": message.message_id,
                    "date": 0,
                    "chat": {"id": message.chat_id, "type": "private"},
                },
                "data": data,
            }
        )

    def _update(self, **content: Any) -> dict[str, Any]:
        update = {"update_id": self.next_update_id, **content}
        self.next_update_id += 1
        self.updates.append(update)
        return update

    # --- The Bot API ---

    @route("POST", "/bot{token}/{method}")
    def call(self, request: Request) -> Reply:
        try:
            if ":" not in request.parts["token"]:
                raise Refusal(404, "Not Found")
            if request.parts["token"] != GOOD_TOKEN:
                raise Refusal(401, "Unauthorized")
            method = getattr(self, f"do_{request.parts['method']}", None)
            if method is None:
                raise Refusal(404, "Not Found: method not found")
            fields, files = _form(request)
            return Reply({"ok": True, "result": method(fields, files)})
        except Refusal as refusal:
            return refusal.reply

    def do_getMe(self, fields: dict[str, Any], files: dict[str, bytes]) -> Any:
        return {"id": BOT_ID, "is_bot": True, "first_name": "Review", "username": USERNAME}

    def do_sendMessage(self, fields: dict[str, Any], files: dict[str, bytes]) -> Any:
        if not fields.get("text"):
            raise bad("message text is empty")
        return self._send(fields, files, fields["text"], 4096, "message is too long")

    def do_sendAudio(self, fields: dict[str, Any], files: dict[str, bytes]) -> Any:
        return self._send_media("audio", fields, files)

    def do_sendVideo(self, fields: dict[str, Any], files: dict[str, bytes]) -> Any:
        return self._send_media("video", fields, files)

    def _send_media(self, media: str, fields: dict[str, Any], files: dict[str, bytes]) -> Any:
        if not files.get(media):
            raise bad(f"there is no {media} in the request")
        if len(files[media]) > self.largest_upload:
            raise Refusal(413, "Request Entity Too Large")
        if len(files.get("thumbnail", b"")) > 200_000:
            raise bad("PHOTO_INVALID_DIMENSIONS")
        words = fields.get("caption", "")
        return self._send(fields, files, words, 1024, "message caption is too long", media)

    def _send(
        self,
        fields: dict[str, Any],
        files: dict[str, bytes],
        words: str,
        limit: int,
        too_long: str,
        media: str = "",
    ) -> Any:
        chat_id = fields["chat_id"]
        if chat_id in self.moved:
            raise Refusal(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=self.moved[chat_id],
            )
        if chat_id in self.blocked:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        _check_words(fields, words, limit, too_long)
        message = Message(
            chat_id,
            len(self.messages) + 50,
            words,
            media,
            fields,
            files,
            _keyboard(fields),
        )
        self.messages.append(message)
        return {"message_id": message.message_id, "date": 1795300000, "chat": {"id": chat_id}}

    def do_editMessageText(self, fields: dict[str, Any], files: dict[str, bytes]) -> Any:
        return self._edit(fields, fields["text"], "text")

    def do_editMessageCaption(self, fields: dict[str, Any], files: dict[str, bytes]) -> Any:
        return self._edit(fields, fields["caption"], "caption")

    def do_editMessageReplyMarkup(self, fields: dict[str, Any], files: dict[str, bytes]) -> Any:
        return self._edit(fields, None, "")

    def _edit(self, fields: dict[str, Any], words: str | None, kind: str) -> Any:
        message = self.message(fields["chat_id"], fields["message_id"])
        if message is None:
            raise bad("message to edit not found")
        if message.message_id in self.too_old:
            raise bad("message can't be edited")
        if kind and (kind == "caption") != bool(message.media):
            raise bad(f"there is no {kind} in the message to edit")
        if words is not None:
            limit = 1024 if message.media else 4096
            _check_words(fields, words, limit, "message is too long")
        keyboard = _keyboard(fields)
        if words in (None, message.words) and keyboard == message.keyboard:
            raise bad(
                "message is not modified: specified new message content and reply markup are "
                "exactly the same as a current content and reply markup of the message"
            )
        message.words = message.words if words is None else words
        message.keyboard = keyboard
        return {"message_id": message.message_id, "chat": {"id": message.chat_id}}

    def do_answerCallbackQuery(self, fields: dict[str, Any], files: dict[str, bytes]) -> Any:
        if fields["callback_query_id"] not in self.open_queries:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        if len(fields.get("text", "")) > 200:
            raise bad("MESSAGE_TOO_LONG")
        self.open_queries.discard(fields["callback_query_id"])
        self.answers.append(fields)
        return True

    def do_getUpdates(self, fields: dict[str, Any], files: dict[str, bytes]) -> Any:
        if self.webhook.get("url"):
            raise Refusal(
                409,
                "Conflict: can't use getUpdates method while webhook is active; use "
                "deleteWebhook to delete the webhook first",
            )
        offset = fields.get("offset", 0)
        self.updates = [u for u in self.updates if u["update_id"] >= offset]
        return self.updates[: fields.get("limit", 100)]

    def do_setWebhook(self, fields: dict[str, Any], files: dict[str, bytes]) -> Any:
        if not fields["url"].startswith("https://"):
            raise bad("bad webhook: An HTTPS URL must be provided for webhook")
        self.webhook = fields
        return True

    def do_deleteWebhook(self, fields: dict[str, Any], files: dict[str, bytes]) -> Any:
        self.webhook = {}
        return True

    def do_getWebhookInfo(self, fields: dict[str, Any], files: dict[str, bytes]) -> Any:
        return {
            "url": self.webhook.get("url", ""),
            "has_custom_certificate": False,
            "pending_update_count": len(self.updates),
        }

    # --- What tests look at ---

    def message(self, chat_id: int, message_id: int) -> Message | None:
        return next(
            (m for m in self.messages if (m.chat_id, m.message_id) == (chat_id, message_id)), None
        )

    @property
    def answer(self) -> str:
        """The last word on a pressed button."""
        return str(self.answers[-1].get("text", ""))


def _person(sender: int) -> dict[str, Any]:
    return {"id": sender, "is_bot": False, "first_name": "Ann", "username": "ann"}


def _form(request: Request) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Fields and files of a JSON or multipart request."""
    content_type = request.header("Content-Type")
    if content_type.startswith("application/json"):
        return request.json, {}
    if not content_type.startswith("multipart/form-data"):
        raise bad("unsupported content type")
    whole = f"Content-Type: {content_type}\r\n\r\n".encode() + request.body
    fields: dict[str, Any] = {}
    files: dict[str, bytes] = {}
    for part in message_from_bytes(whole, policy=policy.HTTP).iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if part.get_filename():
            files[name] = content
        else:
            fields[name] = content.decode()
    for name in ("chat_id", "duration", "width", "height", "reply_markup", "supports_streaming"):
        if name in fields:
            fields[name] = json.loads(fields[name])
    return fields, files


def _check_words(fields: dict[str, Any], words: str, limit: int, too_long: str) -> None:
    if fields.get("parse_mode") != "HTML":
        raise bad("the contract server expects HTML")
    markup = Markup(words)
    if markup.fault:
        raise bad(f"can't parse entities: {markup.fault}")
    if len(markup.text.encode("utf-16-le")) // 2 > limit:
        raise bad(too_long)


def _keyboard(fields: dict[str, Any]) -> list[list[dict[str, Any]]]:
    rows: list[list[dict[str, Any]]] = fields.get("reply_markup", {}).get("inline_keyboard", [])
    for row in rows:
        if len(row) > 8 or not all(1 <= len(b["callback_data"].encode()) <= 64 for b in row):
            raise bad("BUTTON_DATA_INVALID")
    return rows
