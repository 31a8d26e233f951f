"""An adapter of the media contract for tests/invented_channel.py, over real HTTP."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from media_tools.errors import (
    NeedsPerson,
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
    SubmissionUnknown,
)
from media_tools.providers.http import Call, HttpClient, HttpReply, Line
from media_tools.publishing.base import (
    Account,
    AccountFacts,
    ChannelAdapter,
    Memory,
    Sent,
    Sighting,
    Stage,
    Standing,
    Upload,
)
from media_tools.publishing.tokens import Consent, Issuer, Tokens

NAME = "fake"
CHUNK_BYTES = 16 * 1024


@dataclass(frozen=True)
class FakeOptions:
    base_url: str


class Answered(ProviderRejected):
    """An answer of a status that means something here."""

    def __init__(self, reply: HttpReply) -> None:
        super().__init__(NAME, f"HTTP {reply.status}")
        self.reply = reply


def opened(options: FakeOptions, line: Line, call: Call) -> HttpReply:
    """The answer to a call, also one of 400, 401, 404 and 409."""

    def classify(reply: HttpReply) -> ProviderError | None:
        return Answered(reply) if reply.status in (400, 401, 404, 409) else None

    try:
        with HttpClient(NAME, options.base_url, classify=classify, line=line) as http:
            return http.call(call)
    except Answered as answered:
        return answered.reply


class FakeChannel(ChannelAdapter[Upload]):
    """Uploads by the chunk, and goes on where an earlier attempt came to."""

    name = NAME
    Options = FakeOptions
    look_after_s = (1.0, 2.0)

    def __init__(self, options: FakeOptions, line: Line, account: Account) -> None:
        self._options = options
        self._line = replace(line, retry=replace(line.retry, retries=0))
        self._account = account

    def account(self) -> AccountFacts:
        me = self._call(Call("GET", "/me"))
        return AccountFacts(
            id=self._field(me, "id"), name=self._field(me, "name"), rights=("upload",)
        )

    def send(self, item: Upload, memory: Memory) -> Sent:
        if made := memory.get("item"):
            return self._sent(made)
        session = memory.get("session")
        offset = 0
        if session:
            asked = self._open(Call("GET", f"/sessions/{session}"))
            if asked.status == 404:
                session = ""
            else:
                offset = self._field(asked, "received")
                if item_there := self._field(asked, "item"):
                    return self._made(item_there, memory)
        if not session:
            begun = self._call(Call("POST", "/sessions", json=self._body(item)))
            session = self._field(begun, "session")
            memory.put(session=session)
        body = item.file.path.read_bytes()
        reply: dict[str, Any] = {}
        while offset < len(body):
            chunk = body[offset : offset + CHUNK_BYTES]
            last = offset + len(chunk) == len(body)
            call = Call(
                "PUT",
                f"/sessions/{session}",
                params={"from": offset},
                data=chunk,
                submission=last,
            )
            reply = self._open(call).data or {}
            if "received" not in reply:
                error = SubmissionUnknown if last else ProviderUnavailable
                raise error(NAME, "its answer cannot be read")
            offset = reply["received"]
            memory.sent(offset, len(body))
        return self._made(reply["item"], memory)

    def find(self, item: Upload, memory: Memory) -> Sent | None:
        reply = self._call(Call("GET", "/items", params={"key": item.key}))
        found = self._field(reply, "items")
        return self._made(found[0], memory) if found else None

    def standing(self, external_id: str, item: Upload) -> Standing:
        reply = self._call(Call("GET", f"/items/{external_id}"))
        if reply.status == 404:
            return Standing(stage=Stage.GONE)
        return Standing(
            stage=Stage(self._field(reply, "stage")),
            url=self._sent(external_id).url,
            synthetic=reply.data["synthetic"],
            disclosed=item.disclosure in reply.data["description"],
        )

    def publish(self, external_id: str, item: Upload) -> None:
        self._call(Call("POST", f"/items/{external_id}/publish", safe=True))

    def correct(self, external_id: str, item: Upload) -> None:
        self._call(Call("POST", f"/items/{external_id}", json=self._body(item), safe=True))

    def take_down(self, external_id: str, *, confirmed: bool = False) -> None:
        self._call(Call("DELETE", f"/items/{external_id}", safe=True))

    def witness(self, external_id: str, url: str) -> Sighting:
        reply = self._open(Call("GET", f"/watch/{external_id}"))
        return Sighting(
            there=reply.status == 200,
            address=url,
            status=reply.status,
            sha256=hashlib.sha256(reply.body).hexdigest(),
        )

    def poll_after_s(self, waited_s: float) -> float:
        return 1.0

    def _body(self, item: Upload) -> dict[str, Any]:
        return {
            "key": item.key,
            "size": item.file.size_bytes,
            "title": item.title,
            "description": item.description,
            "synthetic": item.synthetic,
            "public_at": item.public_at.isoformat() if item.public_at else "",
        }

    def _made(self, made: str, memory: Memory) -> Sent:
        memory.put(item=made)
        return self._sent(made)

    def _sent(self, made: str) -> Sent:
        return Sent(made, f"{self._options.base_url}/watch/{made}")

    def _field(self, reply: HttpReply, name: str) -> Any:
        if not isinstance(reply.data, dict) or name not in reply.data:
            raise ProviderUnavailable(NAME, "its answer cannot be read")
        return reply.data[name]

    def _call(self, call: Call) -> HttpReply:
        reply = self._open(with_token(call, self._account.token()))
        if reply.status == 401:
            reply = self._open(with_token(call, self._account.renewed()))
        if reply.status == 401:
            raise NeedsPerson(NAME, "the token is refused")
        return reply

    def _open(self, call: Call) -> HttpReply:
        return opened(self._options, self._line, call)


class ScheduledChannel(FakeChannel):
    """One that makes public by itself."""

    schedules = True


class FakeIssuer(Issuer):
    Options = FakeOptions

    def __init__(self, options: FakeOptions, line: Line) -> None:
        self._options, self._line = options, line

    def refresh(self, tokens: Tokens, *, now: datetime) -> Tokens:
        call = Call("POST", "/token", json={"refresh": tokens.refresh})
        reply = opened(self._options, self._line, call)
        if reply.status == 400 or not isinstance(reply.data, dict):
            raise NeedsPerson(NAME, "the permission is over", code="invalid_grant")
        return Tokens(
            access=reply.data["access"],
            refresh=reply.data["refresh"],
            expires_at=now + timedelta(hours=1),
        )


class ConsentingIssuer(FakeIssuer):
    """One that sends people to a page first."""

    def consent(self, *, redirect: str) -> Consent:
        return Consent(f"{self._options.base_url}/authorise?to={redirect}", "state-1", "verifier-1")

    def exchange(self, code: str, *, verifier: str, redirect: str, now: datetime) -> Tokens:
        assert (code, verifier) == ("code-1", "verifier-1")
        return Tokens(access="access-0", refresh="refresh-0")


def with_token(call: Call, token: str) -> Call:
    return replace(call, headers={**(call.headers or {}), "Authorization": f"Bearer {token}"})
