"""What contract servers of channels share: accounts and their tokens, copies of items, a report.

Another process reads `GET /-/report`, and makes trouble with `POST /-/fault` (fields of a Fault,
and `times`) and `POST /-/tokens` ({"access": false} makes the access token invalid,
{"refresh": false} the refresh token too) and `POST /-/views` (video, views).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from email import policy
from email.parser import BytesParser
from typing import Any
from urllib.parse import parse_qs

from tests.contract_servers.base import ContractServer, Fault, Reply, Request

CLIENT_ID = "contract-client"
CLIENT_SECRET = "contract-client-secret-0123456789"
CONTROL = "/-/"


@dataclass
class Copy:
    """An item as the channel has it. key: ours, from the tag; times: Unix seconds."""

    key: str
    external_id: str
    made_at: float
    public_at: float | None = None  # when a stranger could first see it
    gone: bool = False
    fields: dict[str, Any] = field(default_factory=dict)


class ChannelServer(ContractServer):
    """A platform with one account. clock: its time, by which scheduled items become public."""

    largest_kept = 64 * 1024
    clock: Callable[[], float] = staticmethod(time.time)

    def reset_state(self) -> None:
        self.account_id = "account-1"
        self.copies: list[Copy] = []
        self.bytes_received = 0
        self.tokens_made = 0
        self.access = self.refresh = ""
        self.verifiers: dict[str, str] = {}  # challenge by code
        self.new_tokens()

    # --- Tokens ---

    def new_tokens(self, *, refresh: bool = True) -> None:
        """From now on only these are valid."""
        self.tokens_made += 1
        self.access = f"access-contract-{self.name}-{self.tokens_made:06d}"
        if refresh:
            self.refresh = f"refresh-contract-{self.name}-{self.tokens_made:06d}"

    def expire_access(self) -> None:
        """Make the access token invalid; the refresh token still works."""
        self.new_tokens(refresh=False)

    def lapse(self) -> None:
        """Make both invalid, as if the person had withdrawn the permission."""
        self.new_tokens()

    # --- Items ---

    def take(self, key: str, external_id: str, **fields: Any) -> Copy:
        copy = Copy(key, external_id, self.clock(), fields=fields)
        self.copies.append(copy)
        return copy

    def copies_of(self, key: str) -> list[Copy]:
        """Copies of one item, those that were deleted too."""
        return [copy for copy in self.copies if copy.key == key]

    def there(self, external_id: str) -> Copy | None:
        """An item that was not deleted."""
        for copy in self.copies:
            if copy.external_id == external_id and not copy.gone:
                return copy
        return None

    def settle(self) -> None:
        """Let time have its effect on items, such as publishing what is due."""

    def watched(self, external_id: str, views: int) -> None:
        """People look at an item, each day as many."""

    def process(self) -> None:
        """Finish whatever it works on."""

    def report(self) -> dict[str, Any]:
        """What the proofs count."""
        self.settle()
        made = Counter(copy.key for copy in self.copies)
        return {
            "name": self.name,
            "made": len(made),
            "doubled": sum(count - 1 for count in made.values()),
            "gone": sum(copy.gone for copy in self.copies),
            "bytes_received": self.bytes_received,
            "requests": len(self.requests),
            "public_at": {
                copy.key: copy.public_at for copy in self.copies if copy.public_at is not None
            },
        }

    # --- For other processes ---

    def _fault_for(self, request: Request) -> Fault:
        if request.path.startswith(CONTROL):
            return Fault()
        return super()._fault_for(request)

    def _record(self, request: Request) -> None:
        if not request.path.startswith(CONTROL):
            # Also of what is lost or refused afterwards: it was sent.
            self.bytes_received += len(request.body)
            super()._record(request)

    def _handle(self, request: Request) -> Reply:
        if not request.path.startswith(CONTROL):
            self.settle()
            return super()._handle(request)
        if request.path == f"{CONTROL}report":
            return Reply(self.report())
        if request.path == f"{CONTROL}fault":
            self.fault(**request.json)
        elif request.path == f"{CONTROL}tokens":
            wanted = request.json
            self.lapse() if wanted.get("refresh") is False else self.expire_access()
        elif request.path == f"{CONTROL}views":
            self.watched(request.json["video"], request.json["views"])
        return Reply({})


def form_of(request: Request) -> dict[str, str]:
    """A request's form fields, percent-encoded."""
    return {name: values[-1] for name, values in parse_qs(request.body.decode()).items()}


def parts_of(request: Request) -> list[tuple[str, str, str, bytes]]:
    """Parts of a multipart request: name, file name, media type, content."""
    head = f"Content-Type: {request.header('Content-Type')}\r\n\r\n".encode()
    whole = BytesParser(policy=policy.HTTP).parsebytes(head + request.body)
    return [
        (
            str(part.get_param("name", header="content-disposition") or ""),
            part.get_filename() or "",
            part.get_content_type(),
            part.get_payload(decode=True) or b"",
        )
        for part in whole.iter_parts()
    ]
