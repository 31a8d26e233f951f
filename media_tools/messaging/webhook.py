"""Calls an address of the operator's with a signed message.

The receiver computes HMAC-SHA256 over "TIMESTAMP.BODY" with the shared secret and compares it with
the header's; an old timestamp is a replay. The same id may come twice.
"""

from __future__ import annotations

import hashlib
import hmac

from media_tools.providers.http import PLAIN, Call, HttpClient, Line, Timeouts

NAME = "webhook"
ID_HEADER = "X-AI-Artist-Id"
TIME_HEADER = "X-AI-Artist-Timestamp"
SIGNATURE_HEADER = "X-AI-Artist-Signature"
MAX_ANSWER_BYTES = 64 * 1024
PATIENCE = Timeouts(connect_s=5.0, read_s=10.0, total_s=15.0)


def signature_of(body: bytes, *, timestamp: int, secret: str) -> str:
    """Return the value of the signature's header."""
    signed = f"{timestamp}.".encode() + body
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


class Webhook:
    """One receiver. Redirects are not followed: the message is for this address alone."""

    def __init__(self, url: str, secret: str, *, line: Line = PLAIN) -> None:
        self._url, self._secret = url, secret
        self._client = HttpClient(
            NAME,
            url,
            secrets=(secret,),
            max_answer_bytes=MAX_ANSWER_BYTES,
            line=line.within(PATIENCE),
        )

    def send(self, body: str, *, message_id: str, timestamp: int) -> None:
        """Deliver a JSON message; any 2xx is a yes.

        Raises ProviderUnavailable and ProviderRejected.
        """
        content = body.encode()
        headers = {
            "Content-Type": "application/json",
            ID_HEADER: message_id,
            TIME_HEADER: str(timestamp),
            SIGNATURE_HEADER: signature_of(content, timestamp=timestamp, secret=self._secret),
        }
        self._client.call(Call("POST", self._url, data=content, headers=headers))
