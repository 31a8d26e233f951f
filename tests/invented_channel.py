"""A platform of our own invention, with everything a real one can do to an upload.

Uploads go on at the byte, tokens renew once, items are processed for some looks, become public at
their time or when told, and can be found by the tag of their sender.
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from tests.contract_servers.base import ContractServer, Reply, Request, route

GONE = Reply({"error": "gone"}, 404)


@dataclass
class Session:
    """An upload in progress."""

    body: dict[str, Any]
    received: int = 0
    item: str = ""


@dataclass
class Shown:
    """An item of the platform. public_since: None while it never was."""

    body: dict[str, Any]
    looks: int = 0
    public: bool = False
    public_since: datetime | None = None
    deleted: bool = False


@dataclass
class Tokens:
    """The valid pair; a refresh token works once."""

    access: str = "access-0"
    refresh: str = "refresh-0"
    renewals: int = 0
    spent: set[str] = field(default_factory=set)


class ChannelServer(ContractServer):
    name = "channel"

    def reset_state(self) -> None:
        self.clock = timezone.now
        self.sessions: dict[str, Session] = {}
        self.items: dict[str, Shown] = {}
        self.tokens = Tokens()
        self.bytes_received = 0
        self.looks_until_processed = 1
        self.schedules = False
        self.flag_kept = self.flag_sticks = True
        self.stays_public = False
        self.state_lock = threading.Lock()

    # --- What tests ask ---

    def doubled(self) -> list[str]:
        """Keys of which there is more than one copy."""
        keys = Counter(item.body["key"] for item in self.items.values() if not item.deleted)
        return [key for key, count in keys.items() if count > 1]

    def expire(self) -> None:
        """Let the access token die."""
        self.tokens.access = f"expired-{self.tokens.renewals}"

    # --- Its API ---

    @route("POST", "/token")
    def token(self, request: Request) -> Reply:
        given = request.json["refresh"]
        if given != self.tokens.refresh:
            return Reply({"error": "invalid_grant"}, 400)
        self.tokens.renewals += 1
        self.tokens.spent.add(given)
        self.tokens.access = f"access-{self.tokens.renewals}"
        self.tokens.refresh = f"refresh-{self.tokens.renewals}"
        return Reply({"access": self.tokens.access, "refresh": self.tokens.refresh})

    @route("GET", "/me")
    def me(self, request: Request) -> Reply:
        return self.refusal(request) or Reply({"id": "UC1", "name": "Nova Lane"})

    @route("POST", "/sessions")
    def begin(self, request: Request) -> Reply:
        if refusal := self.refusal(request):
            return refusal
        name = f"s{len(self.sessions)}"
        self.sessions[name] = Session(request.json)
        return Reply({"session": name}, 201)

    @route("GET", "/sessions/{session}")
    def ask(self, request: Request) -> Reply:
        session = self.sessions.get(request.parts["session"])
        if session is None:
            return GONE
        return Reply({"received": session.received, "item": session.item})

    @route("PUT", "/sessions/{session}")
    def upload(self, request: Request) -> Reply:
        session = self.sessions.get(request.parts["session"])
        if session is None:
            return GONE
        if int(request.query["from"]) != session.received:
            return Reply({"received": session.received, "item": session.item}, 409)
        self.bytes_received += len(request.body)
        session.received += len(request.body)
        if session.received == session.body["size"] and not session.item:
            session.item = f"v{len(self.items)}"
            self.items[session.item] = Shown(session.body)
        return Reply({"received": session.received, "item": session.item})

    @route("GET", "/items")
    def find(self, request: Request) -> Reply:
        if refusal := self.refusal(request):
            return refusal
        key = request.query["key"]
        found = [
            name
            for name, item in self.items.items()
            if item.body["key"] == key and not item.deleted
        ]
        return Reply({"items": found})

    @route("GET", "/items/{item}")
    def read(self, request: Request) -> Reply:
        if refusal := self.refusal(request):
            return refusal
        item = self.items.get(request.parts["item"])
        if item is None or item.deleted:
            return GONE
        item.looks += 1
        stage = "processing" if item.looks <= self.looks_until_processed else "hidden"
        if stage == "hidden" and self.is_public(item):
            stage = "live"
        flag = item.body["synthetic"] if self.flag_kept else False
        return Reply({"stage": stage, "synthetic": flag, "description": item.body["description"]})

    @route("POST", "/items/{item}/publish")
    def publish(self, request: Request) -> Reply:
        if refusal := self.refusal(request):
            return refusal
        item = self.items[request.parts["item"]]
        if not item.public:
            item.public, item.public_since = True, self.clock()
        return Reply({})

    @route("POST", "/items/{item}")
    def correct(self, request: Request) -> Reply:
        if refusal := self.refusal(request):
            return refusal
        self.items[request.parts["item"]].body.update(request.json)
        self.flag_kept = self.flag_sticks
        return Reply({})

    @route("DELETE", "/items/{item}")
    def delete(self, request: Request) -> Reply:
        if refusal := self.refusal(request):
            return refusal
        item = self.items.get(request.parts["item"])
        if item is None or item.deleted:
            return GONE
        item.deleted = True
        return Reply({}, 200)

    @route("GET", "/watch/{item}")
    def watch(self, request: Request) -> Reply:
        item = self.items.get(request.parts["item"])
        seen = item is not None and (
            self.stays_public or (not item.deleted and self.is_public(item))
        )
        return Reply("<html>Song</html>", 200) if seen else GONE

    def is_public(self, item: Shown) -> bool:
        at = item.body["public_at"]
        if self.schedules and at and not item.public:
            due = datetime.fromisoformat(at)
            if self.clock() >= due:
                item.public, item.public_since = True, due
        return item.public

    def refusal(self, request: Request) -> Reply | None:
        good = request.bearer == self.tokens.access
        return None if good else Reply({"error": "expired"}, 401)
