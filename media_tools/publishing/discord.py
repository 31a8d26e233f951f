"""Discord: an announcement through a webhook of one channel.

The webhook's address is its secret. Discord neither knows repeated posts nor lists them, so after a
lost answer nobody can tell: it is never sent again by itself.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import requests
from pydantic import Field
from requests.adapters import HTTPAdapter

from media_tools.errors import (
    NeedsPerson,
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
    SubmissionUnknown,
)
from media_tools.providers.downloads import Origin, is_near
from media_tools.providers.http import Call, HttpClient, HttpReply, Line
from media_tools.providers.job import unusable
from media_tools.providers.multipart import FilePart
from media_tools.providers.replies import (
    Amount,
    Label,
    LongLabel,
    Reference,
    Reply,
    Whole,
    read_reply,
)
from media_tools.publishing.base import (
    Account,
    AccountFacts,
    ChannelAdapter,
    Memory,
    Post,
    Sent,
    Sighting,
    Stage,
    Standing,
)
from media_tools.publishing.forms import form
from media_tools.publishing.passwords import CONNECT_AGAIN, PastedToken
from media_tools.publishing.posts import announcement, says
from media_tools.publishing.sending import remember, remembered
from media_tools.publishing.signed import SignedClient, TokenRefused
from media_tools.publishing.wording import cut

NAME = "discord"
HOSTS = ("discord.com", "discordapp.com")

CHARACTERS = 2000
ALT_CHARACTERS = 1024
PICTURE_BYTES = 10 * 1024 * 1024

_WEBHOOK = re.compile(r"(?P<base>https?://[^/]+/api/webhooks/\d+)/(?P<token>[\w-]{20,})/?\Z")
# Stands for the token until the request leaves, so that no message can hold it.
_HIDDEN = "-token-"
_NO_PREVIEWS = 4
_UNKNOWN_MESSAGE, _UNKNOWN_WEBHOOK, _WRONG_TOKEN = 10008, 10015, 50027


@dataclass(frozen=True, kw_only=True)
class DiscordOptions:
    """Nothing: all there is to know is the webhook's address."""


class _Webhook(Reply):
    id: Reference = Field(min_length=1)
    name: Label = ""
    channel_id: Reference = ""
    guild_id: Reference = ""

    @property
    def page(self) -> str:
        """Its channel, for those who are members there."""
        return f"https://discord.com/channels/{self.guild_id}/{self.channel_id}"


class _Message(Reply):
    id: Reference = Field(min_length=1)
    content: Any = ""


class _Error(Reply):
    code: Whole = 0
    message: LongLabel = ""
    retry_after: Amount = 0.0


class DiscordWebhook(PastedToken):
    """The address of a webhook is made by a person, and works until somebody deletes it."""

    Options = DiscordOptions
    name = NAME
    where = "Edit Channel > Integrations > Webhooks"


class Discord(ChannelAdapter[Post]):
    """One webhook. Memory: "trying" from before the post until its answer is known."""

    Options = DiscordOptions
    name = NAME

    def __init__(self, options: DiscordOptions, line: Line, account: Account) -> None:
        self._http = SignedClient(account, lambda webhook: _client(webhook, line))

    def account(self) -> AccountFacts:
        webhook = self._webhook()
        return AccountFacts(
            id=webhook.id,
            name=webhook.name,
            url=webhook.page,
            rights=("post in this channel, and delete what it posted",),
        )

    def _webhook(self) -> _Webhook:
        return self._http.read(Call("GET", f"/{_HIDDEN}"), _Webhook)

    @cached_property
    def _page(self) -> str:
        return self._webhook().page

    # --- Sending ---

    def send(self, item: Post, memory: Memory) -> Sent:
        if sent := remembered(memory):
            return sent
        if memory.get("trying"):
            raise ProviderRejected(
                NAME,
                "nobody knows whether it was posted: the answer was lost",
                code="submission_unknown",
                action="look into the channel there; delete what is there, then plan it again",
            )
        text = announcement(NAME, item, limit=CHARACTERS, size=len)
        page = self._page
        call = _post_of(item, text)
        memory.put(trying="1")
        try:
            made = self._http.read(call, _Message)
        except SubmissionUnknown:
            raise SubmissionUnknown(
                NAME,
                "the answer to the post was lost",
                code="submission_unknown",
                action="look into the channel there; it is never posted again by itself",
            ) from None
        except ProviderError:
            memory.put(trying="")
            raise
        return remember(memory, Sent(made.id, f"{page}/{made.id}"))

    def find(self, item: Post, memory: Memory) -> Sent | None:
        """What is remembered; a webhook cannot list what it posted."""
        return remembered(memory)

    # --- What became of it ---

    def _message(self, external_id: str) -> HttpReply:
        path = f"/{_HIDDEN}/messages/{external_id}"
        try:
            return self._http.call(Call("GET", path))
        except _MessageGone as error:
            return error.reply

    def standing(self, external_id: str, item: Post) -> Standing:
        reply = self._message(external_id)
        if reply.status == 404:
            return Standing(stage=Stage.GONE, reason="the post is not there any more")
        message = read_reply(_Message, reply.data, provider=NAME)
        return Standing(
            stage=Stage.LIVE,
            url=f"{self._page}/{external_id}",
            disclosed=says(str(message.content), item),
        )

    def take_down(self, external_id: str, *, confirmed: bool = False) -> None:
        try:
            path = f"/{_HIDDEN}/messages/{external_id}"
            if self._http.call(Call("DELETE", path, safe=True)).status != 204:
                raise unusable(NAME, "the answer to a deletion")  # a page of the network's, say
        except _MessageGone:
            return

    def witness(self, external_id: str, url: str) -> Sighting:
        """Channels show nothing to strangers: the webhook itself is asked."""
        reply = self._message(external_id)
        there = reply.status == 200
        return Sighting(
            there=there,
            address=url,
            status=reply.status,
            sha256=sha256(reply.body).hexdigest(),
            words="" if there else "its channel does not have it, says the webhook",
        )


class _MessageGone(ProviderRejected):
    """The message does not exist, or not any more."""

    def __init__(self, reply: HttpReply) -> None:
        super().__init__(NAME, "the post is not there", code=str(_UNKNOWN_MESSAGE))
        self.reply = reply


class _SecretPath(HTTPAdapter):
    """Puts the token into the address when the request leaves."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self._token = token

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        request.url = str(request.url).replace(_HIDDEN, self._token, 1)
        return super().send(request, **options)


def _client(webhook: str, line: Line) -> HttpClient:
    match = _WEBHOOK.match(webhook.strip())
    host = (urlsplit(webhook).hostname or "") if match else ""
    if match is None or (host not in HOSTS and not is_near(Origin.of(match["base"]))):
        raise NeedsPerson(
            NAME,
            "that is no address of a Discord webhook",
            code="configuration",
            action="copy the webhook's address again from the channel's integrations",
        )
    base, token = match["base"], match["token"]

    def classify(reply: HttpReply) -> ProviderError | None:
        return _error(reply, http)

    session = line.session or requests.Session()
    session.mount(base, _SecretPath(token))
    http = HttpClient(
        NAME, base, secrets=(token,), classify=classify, line=replace(line, session=session)
    )
    return http


def _post_of(item: Post, text: str) -> Call:
    body: dict[str, Any] = {"content": text, "allowed_mentions": {"parse": []}}
    address, query = f"/{_HIDDEN}", {"wait": "true"}
    picture = item.picture
    if picture is None or not picture.is_file() or picture.stat().st_size > PICTURE_BYTES:
        return Call("POST", address, params=query, json=body, submission=True)
    name = f"cover{picture.suffix.lower()}"
    alt = cut(item.alt_text, ALT_CHARACTERS)
    body |= {
        "attachments": [{"id": 0, "filename": name, "description": alt}],
        # The picture says enough; a preview of the address would show it twice.
        "flags": _NO_PREVIEWS,
    }
    kind = "image/png" if name.endswith(".png") else "image/jpeg"
    files = FilePart("files[0]", picture, name, kind)
    data = form(NAME, {"payload_json": json.dumps(body)}, files)
    headers = {"Content-Type": data.content_type}
    return Call("POST", address, params=query, data=data, headers=headers, submission=True)


def _error(reply: HttpReply, http: HttpClient) -> ProviderError | None:
    """The error of a status; None for what the general rules say as well."""
    status = reply.status
    if status < 400 or status == 408 or status >= 500:
        return None
    if status in (400, 404) and reply.data is None:
        # Its kind stands in the body alone, and that did not come.
        return unusable(NAME, "a refusal")
    told = _Error.of(reply.data)
    said = http.words(told.message) or "no message"
    code = str(told.code) if told.code else f"HTTP {status}"
    if told.code == _UNKNOWN_MESSAGE:
        return _MessageGone(reply)
    if status == 401 or told.code in (_UNKNOWN_WEBHOOK, _WRONG_TOKEN):
        return TokenRefused(
            NAME, f"the webhook is not there any more: {said}", code=code, action=CONNECT_AGAIN
        )
    if status == 429:
        return ProviderUnavailable(
            NAME,
            f"too many posts: {said}",
            code=code,
            action="it is tried again later",
            retry_after_s=told.retry_after or reply.retry_after_s,
        )
    if status == 403:
        return NeedsPerson(
            NAME,
            f"the webhook may not post there: {said}",
            code=code,
            action="look at the channel's integrations",
        )
    action = "change the channel's text or the picture"
    return ProviderRejected(NAME, f"the post was not accepted: {said}", code=code, action=action)
