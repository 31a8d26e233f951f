"""A Discord webhook: posts, reads and deletes what it posted, and lists nothing."""

from __future__ import annotations

import json
from typing import Any

from tests.contract_servers.base import Reply, Request, route
from tests.contract_servers.channel import ChannelServer, parts_of

WEBHOOK = "/api/webhooks/{webhook}/{token}"
KNOWN = {"content", "allowed_mentions", "attachments", "flags"}


def refused(status: int, code: int, message: str) -> Reply:
    return Reply({"code": code, "message": message}, status)


class DiscordServer(ChannelServer):
    """access: the whole address of the webhook, for that is its secret."""

    name = "discord"

    def new_tokens(self, *, refresh: bool = True) -> None:
        super().new_tokens(refresh=refresh)
        self.token = f"webhook-contract-token-{self.tokens_made:06d}"
        self.access = f"{self.url}/api/webhooks/111/{self.token}"

    def environment(self) -> dict[str, str]:
        return {"DISCORD_WEBHOOK": self.access}

    def _handle(self, request: Request) -> Reply:
        if request.path.startswith("/api/") and request.path.split("/")[4] != self.token:
            return refused(404, 10015, "Unknown Webhook")
        return super()._handle(request)

    @route("GET", WEBHOOK)
    def webhook(self, request: Request) -> Reply:
        number = f"11{self.account_id[-1]}"
        return Reply({"id": number, "name": "News", "channel_id": "222", "guild_id": "333"})

    @route("POST", WEBHOOK)
    def post(self, request: Request) -> Reply:
        body, files = _body_of(request)
        if set(body) - KNOWN or body["allowed_mentions"] != {"parse": []}:
            return refused(400, 50035, "Invalid Form Body")
        if not 1 <= len(body["content"]) <= 2000:
            return refused(400, 50035, "Must be 2000 or fewer in length.")
        told = [attachment["filename"] for attachment in body.get("attachments", [])]
        if told != list(files.values()):
            return refused(400, 50035, "Attachments do not match the files")
        if request.query.get("wait") != "true":
            return Reply(b"", 204)
        number = str(9000 + len(self.copies))
        key = body["content"].partition("http")[2].split()[0].rpartition("/")[2]
        copy = self.take(key, number, **body)
        copy.public_at = self.clock()
        return Reply({"id": number, "channel_id": "222", "content": body["content"]})

    @route("GET", f"{WEBHOOK}/messages/{{message}}")
    def read(self, request: Request) -> Reply:
        copy = self.there(request.parts["message"])
        if copy is None:
            return refused(404, 10008, "Unknown Message")
        return Reply({"id": copy.external_id, "content": copy.fields["content"]})

    @route("DELETE", f"{WEBHOOK}/messages/{{message}}")
    def delete(self, request: Request) -> Reply:
        copy = self.there(request.parts["message"])
        if copy is None:
            return refused(404, 10008, "Unknown Message")
        copy.gone = True
        return Reply(b"", 204)


def _body_of(request: Request) -> tuple[dict[str, Any], dict[str, str]]:
    """The message and the names of its files by field."""
    if request.header("Content-Type").startswith("application/json"):
        return request.json, {}
    parts = parts_of(request)
    (payload,) = (content for name, _, _, content in parts if name == "payload_json")
    return json.loads(payload), {name: filename for name, filename, _, _ in parts if filename}
