"""The operator's webhook: what is sent, how it is signed, and what an answer means."""

from __future__ import annotations

import hashlib
import hmac
import io
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from media_tools.errors import ProviderRejected, ProviderUnavailable
from media_tools.messaging.webhook import Webhook
from media_tools.providers.http import Line

URL, SECRET, BODY = "https://hooks.example.org/in/?team=7", "quiet-secret", '{"count": 3}'


class Receiver(BaseAdapter):
    """Answers every request with one status, and keeps the requests."""

    def __init__(self, status: int, **headers: str) -> None:
        super().__init__()
        self.status, self.headers = status, headers
        self.seen: list[requests.PreparedRequest] = []

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        self.seen.append(request)
        response = requests.Response()
        response.status_code, response.request, response.url = (
            self.status,
            request,
            request.url or "",
        )
        response.headers.update(self.headers)
        body = io.BytesIO(SECRET.encode())
        response.raw = HTTPResponse(body, preload_content=False)
        return response

    def close(self) -> None:
        pass


def webhook_to(receiver: Receiver) -> Webhook:
    session = requests.Session()
    session.mount("https://", receiver)
    return Webhook(URL, SECRET, line=Line(session=session))


def test_message_is_signed_over_time_and_body() -> None:
    receiver = Receiver(204)

    webhook_to(receiver).send(BODY, message_id="failures-3", timestamp=1_700_000_000)

    (request,) = receiver.seen
    signed = hmac.new(SECRET.encode(), b"1700000000." + BODY.encode(), hashlib.sha256)
    assert (request.method, request.url, request.body) == ("POST", URL, BODY.encode())
    assert request.headers["X-AI-Artist-Id"] == "failures-3"
    assert request.headers["X-AI-Artist-Timestamp"] == "1700000000"
    assert request.headers["X-AI-Artist-Signature"] == f"sha256={signed.hexdigest()}"


@pytest.mark.parametrize(
    ("status", "error"),
    [(503, ProviderUnavailable), (429, ProviderUnavailable), (404, ProviderRejected)],
)
def test_other_answers_are_errors_without_the_secret(status: int, error: type[Exception]) -> None:
    with pytest.raises(error) as raised:
        webhook_to(Receiver(status)).send(BODY, message_id="x-1", timestamp=1)

    assert SECRET not in str(raised.value)


def test_redirect_is_not_followed() -> None:
    receiver = Receiver(302, Location="http://169.254.169.254/")

    with pytest.raises(ProviderRejected):
        webhook_to(receiver).send(BODY, message_id="x-1", timestamp=1)

    assert len(receiver.seen) == 1
