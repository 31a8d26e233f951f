"""The HTTP floor: what is repeated, what is refused, what a lost answer means."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import Field

from media_tools.errors import (
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
    SubmissionUnknown,
)
from media_tools.providers import replies
from media_tools.providers.breaker import BreakerLimits, CircuitBreaker
from media_tools.providers.http import Call, DownloadLimits, HttpClient, HttpReply, Line, Timeouts
from tests.contract_servers import media
from tests.contract_servers.base import ContractServer, Fault, Reply, Request, route

KEY = "top-secret-key-0123"
SUBMIT = "POST /v1/songs"
READ = "GET /v1/songs/s-1"


class Acme(ContractServer):
    """A small provider of songs."""

    name = "acme"

    @route("POST", "/v1/songs")
    def submit(self, request: Request) -> Reply:
        return Reply({"id": "s-1", "key": request.bearer})

    @route("GET", "/v1/songs/{song}")
    def read(self, request: Request) -> Reply:
        return Reply({"id": request.parts["song"], "query": dict(request.query)})

    @route("POST", "/v1/audio")
    def speak(self, request: Request) -> Reply:
        return Reply(media.audio(duration_s=0.5), content_type="audio/mpeg")

    @route("GET", "/v1/elsewhere")
    def elsewhere(self, request: Request) -> Reply:
        return Reply(b"", 302, {"Location": "/v1/file.mp3?sig=abc"})

    @route("GET", "/v1/file.mp3")
    def file(self, request: Request) -> Reply:
        return Reply(media.audio(duration_s=0.5))

    @route("GET", "/v1/huge")
    def huge(self, request: Request) -> Reply:
        return Reply(b"x" * 1_000_000 for _ in range(20))


@pytest.fixture(scope="module")
def started_acme() -> Iterator[Acme]:
    with Acme() as server:
        yield server


@pytest.fixture
def acme(started_acme: Acme) -> Acme:
    started_acme.clear()
    return started_acme


@pytest.fixture
def waits() -> list[float]:
    return []


Make = Callable[..., HttpClient]


@pytest.fixture
def make(acme: Acme, waits: list[float]) -> Make:
    def made(
        base_url: str = "",
        *,
        timeouts: Timeouts | None = None,
        breaker: CircuitBreaker | None = None,
        **options: Any,
    ) -> HttpClient:
        return HttpClient(
            "acme",
            base_url or f"{acme.url}/v1",
            headers={"Authorization": f"Bearer {KEY}"},
            line=Line(
                timeouts or Timeouts(10.0, 10.0, 30.0),
                breaker=breaker,
                sleep=waits.append,
                jitter=lambda: 0.0,
            ),
            **options,
        )

    return made


@pytest.fixture
def client(make: Make) -> HttpClient:
    return make()


def failure(call: Callable[[], object]) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        call()
    return caught.value


def test_json_is_sent_and_read(client: HttpClient, acme: Acme) -> None:
    answer = client.json(Call("POST", "/songs", json={"title": "Night Bus"}, submission=True))

    assert answer == {"id": "s-1", "key": KEY}
    assert acme.requests[0].json == {"title": "Night Bus"}
    assert acme.requests[0].header("User-Agent").startswith("ai-artist-platform/")


class Song(replies.Reply):
    song_id: replies.Reference = Field(alias="id")


class Chart(replies.Reply):
    songs: list[Song]


def test_answer_is_read_as_its_model(client: HttpClient) -> None:
    assert client.read(Call("GET", "/songs/s-1"), Song) == Song(song_id="s-1")


def test_answer_that_does_not_fit_its_model(client: HttpClient) -> None:
    late = failure(lambda: client.read(Call("GET", "/songs/s-1"), Chart))
    lost = failure(lambda: client.read(Call("POST", "/songs", submission=True), Chart))

    assert isinstance(late, ProviderUnavailable)
    assert (late.code, 'it has no "songs"' in late.cause) == ("bad_answer", True)
    assert isinstance(lost, SubmissionUnknown)


def test_connection_is_kept(client: HttpClient, acme: Acme) -> None:
    for _ in range(2):
        client.json(Call("GET", "/songs/s-1"))

    assert acme.requests[0].client_port == acme.requests[1].client_port


def test_netrc_does_not_replace_the_key(
    client: HttpClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(netrc))

    assert client.json(Call("POST", "/songs"))["key"] == KEY


def test_proxy_of_the_environment_is_not_used_for_loopback(
    client: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")

    assert client.json(Call("GET", "/songs/s-1"))["id"] == "s-1"


# Retries


@pytest.mark.parametrize(
    "fault",
    [Fault(status=500), Fault(status=503), Fault(status=429), Fault(reset="before"),
     Fault(reset="after"), Fault(truncate_at=3), Fault(status=200, body="<html>")],
)  # fmt: skip
def test_safe_request_is_repeated(
    fault: Fault, client: HttpClient, acme: Acme, waits: list[float]
) -> None:
    acme.fault(fault, times=2)

    assert client.json(Call("GET", "/songs/s-1"))["id"] == "s-1"
    assert acme.count(READ) == 3 and waits == [0.5, 1.0]


def test_safe_request_is_repeated_twice_at_most(client: HttpClient, acme: Acme) -> None:
    acme.fault(status=503, times=9)

    assert isinstance(failure(lambda: client.json(Call("GET", "/songs/s-1"))), ProviderUnavailable)
    assert acme.count(READ) == 3


def test_post_is_not_repeated(client: HttpClient, acme: Acme) -> None:
    acme.fault(status=503)

    failure(lambda: client.json(Call("POST", "/songs")))

    assert acme.count(SUBMIT) == 1


def test_safe_post_is_repeated(client: HttpClient, acme: Acme) -> None:
    acme.fault(status=503)

    client.json(Call("POST", "/songs", safe=True))

    assert acme.count(SUBMIT) == 2


def test_short_retry_after_is_waited_for(
    client: HttpClient, acme: Acme, waits: list[float]
) -> None:
    acme.fault(status=429, headers={"Retry-After": "3"})

    client.json(Call("GET", "/songs/s-1"))

    assert waits == [3.0]


def test_long_retry_after_is_left_to_the_caller(client: HttpClient, acme: Acme) -> None:
    acme.fault(status=429, headers={"Retry-After": "120"})

    error = failure(lambda: client.json(Call("GET", "/songs/s-1")))

    assert isinstance(error, ProviderUnavailable) and error.retry_after_s == 120
    assert acme.count(READ) == 1


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 413, 422, 302])
def test_refusals_are_not_repeated(status: int, client: HttpClient, acme: Acme) -> None:
    acme.fault(status=status, headers={"Location": "/v1/other"})

    error = failure(lambda: client.json(Call("GET", "/songs/s-1")))

    assert isinstance(error, ProviderRejected) and error.code == f"HTTP {status}"
    assert error.action and acme.count() == 1


# Submissions


@pytest.mark.parametrize(
    "fault",
    [Fault(reset="after"), Fault(reset="before"), Fault(delay_s=0.5), Fault(truncate_at=4),
     Fault(status=200, body="<html>"), Fault(status=200, body=b""), Fault(status=500),
     Fault(status=502), Fault(status=504, taken=True), Fault(drip_s=0.2),
     Fault(status=200, body=b"[" * 100_000), Fault(status=200, body=b'{"id": "s-1", ' + b"x" * 9),
     Fault(status=200, body=b'{"a": ' * 65 + b"1" + b"}" * 65),
     Fault(status=200, body=b'"' + b"x" * 9_000_000 + b'"')],
)  # fmt: skip
def test_lost_answer_to_a_submission_is_unknown(
    fault: Fault, make: Make, acme: Acme, waits: list[float]
) -> None:
    acme.fault(fault)
    client = make(timeouts=Timeouts(0.5, 0.3, 1.0))

    error = failure(lambda: client.json(Call("POST", "/songs", submission=True, safe=True)))

    assert isinstance(error, SubmissionUnknown) and "ledger" in error.action
    assert acme.count(SUBMIT) == 1 and waits == []


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (b'{"id": "s-\\u00001\\ud800"}', {"id": "s-1"}),
        (b'{"id": "s-1", "cost": NaN}', {"id": "s-1", "cost": "NaN"}),
        (b'{"id": "s-1", "used": 1' + b"0" * 5000 + b"}", {"id": "s-1", "used": f"1{'0' * 23}…"}),
        (b'{"id": "s-\xff1"}', {"id": "s-\ufffd1"}),
        (b'\xef\xbb\xbf{"id": "s-1"}', {"id": "s-1"}),
    ],
)
def test_odd_answer_to_a_submission_is_used(
    body: bytes, read: object, client: HttpClient, acme: Acme
) -> None:
    acme.fault(status=200, body=body)

    assert client.json(Call("POST", "/songs", submission=True)) == read


@pytest.mark.parametrize("status", [429, 503])
def test_put_off_submission_may_be_sent_again(status: int, client: HttpClient, acme: Acme) -> None:
    acme.fault(status=status)

    error = failure(lambda: client.json(Call("POST", "/songs", submission=True)))

    assert isinstance(error, ProviderUnavailable)


def test_submission_that_never_left_is_not_unknown(make: Make) -> None:
    for base_url in ("http://127.0.0.1:9", "http://no-such-host.invalid"):
        client = make(base_url)
        error = failure(lambda: client.json(Call("POST", "/songs", submission=True)))  # noqa: B023

        assert isinstance(error, ProviderUnavailable) and error.code == "no_connection"


def test_submission_takes_a_fresh_connection(client: HttpClient, acme: Acme) -> None:
    client.json(Call("GET", "/songs/s-1"))
    client.json(Call("POST", "/songs", submission=True))

    assert acme.requests[0].client_port != acme.requests[1].client_port


# Answers


def test_adapters_reading_of_an_answer_goes_first(make: Make, acme: Acme) -> None:
    def classify(reply: HttpReply) -> ProviderError | None:
        code = (reply.data or {}).get("code", 200)
        return ProviderRejected("acme", "no credits", code=str(code)) if code == 402 else None

    acme.fault(status=200, body={"code": 402, "msg": "credits"})

    error = failure(lambda: make(classify=classify).json(Call("POST", "/songs", submission=True)))

    assert isinstance(error, ProviderRejected) and error.code == "402"


def test_too_large_answer_is_cut(make: Make) -> None:
    error = failure(lambda: make().call(Call("GET", "/huge")))

    assert isinstance(error, ProviderUnavailable) and "8 MB" in error.cause


def test_slow_drip_ends_at_the_total_limit(make: Make, acme: Acme) -> None:
    acme.fault(drip_s=0.1, times=3)

    error = failure(lambda: make(timeouts=Timeouts(0.5, 0.3, 0.4)).call(Call("POST", "/songs")))

    assert isinstance(error, ProviderUnavailable) and "too long" in error.cause


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": {"message": "Out of tea"}}, "Out of tea"),
        ({"detail": [{"msg": "Out of tea"}]}, "Out of tea"),
        ([{"error": {"message": "Out of tea"}}], "Out of tea"),
        ({"msg": "Out of tea", "code": 3}, "Out of tea"),
        ("<html>502</html>", "web page"),
        (b"", "no message"),
    ],
)
def test_providers_words_reach_the_operator(
    body: Any, words: str, client: HttpClient, acme: Acme
) -> None:
    acme.fault(status=400, body=body)

    assert words in str(failure(lambda: client.json(Call("GET", "/songs/s-1"))))


def test_providers_words_are_cleaned_and_cut(client: HttpClient, acme: Acme) -> None:
    acme.fault(status=400, body={"error": {"message": "No\x00 \ud800tea\n" + "at all " * 1000}})

    said = str(failure(lambda: client.json(Call("GET", "/songs/s-1"))))

    assert "No tea at all" in said
    assert len(said) < 600


# Secrets


def test_key_echoed_by_the_provider_is_redacted(client: HttpClient, acme: Acme) -> None:
    acme.fault(status=401, body={"error": {"message": f"bad key {KEY}"}})

    error = failure(lambda: client.json(Call("GET", "/songs/s-1")))

    assert KEY not in str(error) and "[redacted]" in str(error)


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:9", ""])
def test_keys_stay_out_of_tracebacks_and_warnings(
    base_url: str, make: Make, acme: Acme, caplog: pytest.LogCaptureFixture
) -> None:
    acme.fault(reset="before", times=3)
    caplog.set_level(logging.INFO)
    secret = KEY[::-1]
    client = make(base_url, secrets=[secret])

    error = failure(lambda: client.json(Call("GET", "/songs/s-1", params={"api_key": secret})))

    printed = "".join(traceback.format_exception(error)) + caplog.text
    assert secret not in printed and KEY not in printed
    assert error.__context__ is None


def test_malformed_key_is_named_without_showing_it(acme: Acme) -> None:
    client = HttpClient("acme", acme.url, headers={"Authorization": "Bearer abc\ndef-secret"})

    error = failure(lambda: client.json(Call("GET", "/songs/s-1")))

    assert isinstance(error, ProviderRejected) and "def-secret" not in str(error)


def test_key_goes_to_no_other_host(client: HttpClient, acme: Acme) -> None:
    error = failure(lambda: client.json(Call("GET", "https://elsewhere.example/v1/next")))

    assert isinstance(error, ProviderRejected) and error.code == "refused_address"


def test_absolute_address_of_the_same_origin_is_taken(client: HttpClient, acme: Acme) -> None:
    answer = client.json(Call("GET", f"{acme.url}/v1/songs/s-2?page=2"))

    assert answer == {"id": "s-2", "query": {"page": "2"}}


def test_base_url_must_be_http() -> None:
    with pytest.raises(ProviderRejected, match="base URL"):
        HttpClient("acme", "file:///etc")


# Files


def test_answer_with_a_file_is_saved(client: HttpClient, tmp_path: Path) -> None:
    saved = client.fetch_to(Call("POST", "/audio", json={"text": "hi"}), tmp_path / "tag.mp3")

    assert saved.path.read_bytes() == media.audio(duration_s=0.5)
    assert saved.media.name == "audio/mpeg" and saved.size_bytes == saved.path.stat().st_size


def test_redirected_file_is_fetched_without_the_key(
    client: HttpClient, acme: Acme, tmp_path: Path
) -> None:
    client.fetch_to(Call("GET", "/elsewhere"), tmp_path / "a.mp3")

    assert acme.requests[0].bearer == KEY
    assert acme.requests[1].header("Authorization") == ""


@pytest.mark.parametrize(
    "fault", [Fault(truncate_at=900), Fault(reset="after"), Fault(status=200, body="<html>")]
)
def test_paid_file_that_is_lost_is_unknown(
    fault: Fault, client: HttpClient, acme: Acme, tmp_path: Path
) -> None:
    acme.fault(fault)

    error = failure(
        lambda: client.fetch_to(
            Call("POST", "/audio", json={}, submission=True), tmp_path / "a.mp3"
        )
    )

    assert isinstance(error, SubmissionUnknown)
    assert list(tmp_path.iterdir()) == []


def test_paid_file_lost_behind_a_redirect_is_unknown(
    client: HttpClient, acme: Acme, tmp_path: Path
) -> None:
    acme.fault(status=302, headers={"Location": "/v1/gone.mp3"})

    error = failure(
        lambda: client.fetch_to(Call("POST", "/audio", submission=True), tmp_path / "a.mp3")
    )

    assert isinstance(error, SubmissionUnknown)


@pytest.mark.parametrize("location", ["http://[", "//[::1", "http://", "\x01", "/" + "a" * 5000])
def test_paid_file_behind_an_unreadable_redirect_is_unknown(
    location: str, client: HttpClient, acme: Acme, tmp_path: Path
) -> None:
    acme.fault(status=302, headers={"Location": location})

    error = failure(
        lambda: client.fetch_to(Call("POST", "/audio", submission=True), tmp_path / "a.mp3")
    )

    assert isinstance(error, SubmissionUnknown)


def test_submission_that_is_redirected_to_nowhere_is_refused(
    client: HttpClient, acme: Acme
) -> None:
    acme.fault(status=307, headers={"Location": "http://["})

    error = failure(lambda: client.json(Call("POST", "/songs", submission=True)))

    assert isinstance(error, ProviderRejected) and error.code == "HTTP 307"


def test_refused_file_is_rejected(client: HttpClient, acme: Acme, tmp_path: Path) -> None:
    acme.fault(status=401, body={"detail": {"message": "bad key"}})

    error = failure(
        lambda: client.fetch_to(Call("POST", "/audio", submission=True), tmp_path / "a.mp3")
    )

    assert isinstance(error, ProviderRejected)


def test_file_of_another_kind_is_refused(client: HttpClient, tmp_path: Path) -> None:
    limits = DownloadLimits(media=("video",))

    error = failure(
        lambda: client.fetch_to(Call("POST", "/audio"), tmp_path / "a.mp4", limits=limits)
    )

    assert isinstance(error, ProviderRejected) and error.code == "wrong_type"
    assert list(tmp_path.iterdir()) == []


def test_download_is_repeated(client: HttpClient, acme: Acme, tmp_path: Path) -> None:
    acme.fault(truncate_at=800)

    saved = client.download(f"{acme.url}/v1/file.mp3", tmp_path / "a.mp3")

    assert saved.path.read_bytes() == media.audio(duration_s=0.5)
    assert acme.requests[0].header("Authorization") == ""


# Breaker


def test_breaker_counts_calls_and_stops_them(make: Make, acme: Acme) -> None:
    breaker = CircuitBreaker("acme", limits=BreakerLimits(failures=2))
    client = make(breaker=breaker)
    acme.fault(status=503, times=6)
    for _ in range(2):
        failure(lambda: client.json(Call("GET", "/songs/s-1")))

    error = failure(lambda: client.json(Call("GET", "/songs/s-1")))

    assert error.code == "circuit_open" and acme.count() == 6


def test_refusals_do_not_open_the_breaker(make: Make, acme: Acme) -> None:
    breaker = CircuitBreaker("acme", limits=BreakerLimits(failures=1))
    client = make(breaker=breaker)
    acme.fault(status=401)
    failure(lambda: client.json(Call("GET", "/songs/s-1")))

    assert client.json(Call("GET", "/songs/s-1"))["id"] == "s-1"


# What is asked, and over which line


@pytest.mark.parametrize(
    ("call", "repeatable"),
    [
        (Call("GET", "/songs"), True),
        (Call("HEAD", "/songs"), True),
        (Call("POST", "/songs"), False),
        (Call("POST", "/songs", safe=True), True),
        (Call("GET", "/songs", safe=False), False),
        (Call("GET", "/songs", submission=True), False),
        (Call("POST", "/songs", submission=True, safe=True), False),
    ],
)
def test_what_may_be_charged_is_never_repeated(call: Call, repeatable: bool) -> None:
    assert call.repeatable is repeatable


def test_time_outs_of_a_line_go_before_those_of_an_adapter() -> None:
    own, given = Timeouts(read_s=90.0), Timeouts(read_s=1.0)

    assert Line().within(own).timeouts == own
    assert Line(given).within(own).timeouts == given
