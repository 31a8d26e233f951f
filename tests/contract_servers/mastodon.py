"""A Mastodon instance: pictures that are worked on, posts with an Idempotency-Key, public pages.

`media_polls` answers 206 before a picture is ready; `closed` lets strangers see pages alone.
"""

from __future__ import annotations

import html
import re
from typing import Any

from tests.contract_servers.base import Reply, Request, route
from tests.contract_servers.channel import ChannelServer, parts_of

CHARACTERS = 500
PER_ADDRESS = 23
KNOWN = {"status", "media_ids", "visibility", "language", "sensitive", "spoiler_text"}


def refused(status: int, words: str) -> Reply:
    return Reply({"error": words}, status)


class MastodonServer(ChannelServer):
    name = "mastodon"

    def reset_state(self) -> None:
        super().reset_state()
        self.bot = True
        self.media: dict[str, dict[str, Any]] = {}
        self.media_polls = 0
        self.closed = False
        self.by_key: dict[str, tuple[float, str]] = {}

    def environment(self) -> dict[str, str]:
        return {"MASTODON_ADDRESS": self.url, "MASTODON_TOKEN": self.access}

    def _handle(self, request: Request) -> Reply:
        if request.header("Authorization") and request.bearer != self.access:
            return refused(401, "The access token is invalid")
        return super()._handle(request)

    @route("GET", "/api/v1/accounts/verify_credentials")
    def verify(self, request: Request) -> Reply:
        return Reply(
            {"id": self.account_id, "acct": "nova", "url": f"{self.url}/@nova", "bot": self.bot}
        )

    @route("GET", "/api/v2/instance")
    def instance(self, request: Request) -> Reply:
        statuses = {"max_characters": CHARACTERS, "characters_reserved_per_url": PER_ADDRESS}
        media = {"description_limit": 1500}
        return Reply({"configuration": {"statuses": statuses, "media_attachments": media}})

    @route("POST", "/api/v2/media")
    def upload(self, request: Request) -> Reply:
        parts = {name: (kind, content) for name, _, kind, content in parts_of(request)}
        if set(parts) != {"file", "description"} or len(parts["description"][1].decode()) > 1500:
            return refused(422, "Validation failed: File or description")
        kind, _ = parts["file"]
        number = str(20 + len(self.media))
        self.media[number] = {"alt": parts["description"][1].decode(), "kind": kind, "polls": 0}
        status = 202 if self.media_polls else 200
        return Reply({"id": number, "type": "image", "url": None}, status)

    @route("GET", "/api/v1/media/{media}")
    def media_state(self, request: Request) -> Reply:
        media = self.media.get(request.parts["media"])
        if media is None:
            return refused(404, "Record not found")
        media["polls"] += 1
        ready = media["polls"] > self.media_polls
        return Reply({"id": request.parts["media"]}, 200 if ready else 206)

    @route("POST", "/api/v1/statuses")
    def post(self, request: Request) -> Reply:
        body = request.json
        if not set(body) <= KNOWN or body["visibility"] not in ("public", "unlisted"):
            return refused(422, "Validation failed: unknown fields")
        counted = re.sub(r"https?://\S+", "x" * PER_ADDRESS, body["status"])
        if len(counted) > CHARACTERS:
            return refused(422, "Validation failed: Text limit of 500 exceeded")
        if any(
            self.media.get(m, {}).get("polls", 0) <= self.media_polls for m in body["media_ids"]
        ):
            return refused(422, "Cannot attach files that have not finished processing.")
        key = request.header("Idempotency-Key")
        made_at, known = self.by_key.get(key, (0.0, ""))
        if known and self.clock() - made_at < 3600 and self.there(known):
            return Reply(self._status(known))
        number = str(1032 + len(self.copies))
        self.by_key[key] = (self.clock(), number)
        copy = self.take(key.removeprefix("aap-"), number, **body)
        copy.public_at = self.clock()
        return Reply(self._status(number))

    def _status(self, number: str) -> dict[str, Any]:
        copy = self.there(number)
        assert copy
        words = html.escape(copy.fields["status"]).replace("\n\n", "</p><p>")
        linked = re.sub(
            r"(https?://)([^\s<]+)",
            r'<a href="\1\2"><span class="invisible">\1</span><span>\2</span></a>',
            words,
        )
        return {
            "id": number,
            "url": f"{self.url}/@nova/{number}",
            "visibility": copy.fields["visibility"],
            "content": f"<p>{linked}</p>",
        }

    @route("GET", "/api/v1/accounts/{account}/statuses")
    def listed(self, request: Request) -> Reply:
        limit = int(request.query["limit"])
        if request.parts["account"] != self.account_id or limit > 40:
            return refused(422, "Validation failed")
        numbers = [copy.external_id for copy in reversed(self.copies) if not copy.gone]
        return Reply([self._status(number) for number in numbers[:limit]])

    @route("GET", "/api/v1/statuses/{status}")
    def read(self, request: Request) -> Reply:
        if self.closed and not request.bearer:
            return refused(401, "This method requires an authenticated user")
        if self.there(request.parts["status"]) is None:
            return refused(404, "Record not found")
        return Reply(self._status(request.parts["status"]))

    @route("DELETE", "/api/v1/statuses/{status}")
    def delete(self, request: Request) -> Reply:
        copy = self.there(request.parts["status"])
        if copy is None:
            return refused(404, "Record not found")
        copy.gone = True
        return Reply({"id": copy.external_id, "text": copy.fields["status"]})

    @route("GET", "/@nova/{status}")
    def page(self, request: Request) -> Reply:
        there = self.there(request.parts["status"])
        return Reply("<html>a post" if there else "<html>not found", 200 if there else 404)
