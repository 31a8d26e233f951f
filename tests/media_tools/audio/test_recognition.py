"""Known recordings: what is asked, what is read, and what each answer leads to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from media_tools.audio.acoustid import AcoustId, AcoustIdOptions
from media_tools.audio.recognition import (
    Chromaprint,
    Recording,
    chromaprint,
    recording_findings,
)
from media_tools.errors import MediaError, ProviderRejected, ProviderUnavailable
from media_tools.findings import Severity
from media_tools.providers.http import Line, RetryPolicy
from tests.contract_servers.acoustid import KEY, AcoustIdServer
from tests.contract_servers.base import Fault
from tests.contract_servers.songs import song

ERROR = pytest.mark.provider_error
HEARD = Chromaprint("AQAAC0kkZUqYREkUnFAXHk8uuMZl6EfO4zu", 87.6)


@pytest.fixture
def server() -> Iterator[AcoustIdServer]:
    with AcoustIdServer() as server:
        yield server


@pytest.fixture
def acoustid(server: AcoustIdServer) -> AcoustId:
    return asker(server)


def asker(server: AcoustIdServer, key: str = KEY) -> AcoustId:
    line = Line(retry=RetryPolicy(retries=0))
    return AcoustId(AcoustIdOptions(api_key=key, base_url=server.url), line)


def test_a_sound_has_a_fingerprint_that_the_service_reads(
    acoustid: AcoustId, server: AcoustIdServer, tmp_path: Path
) -> None:
    path = tmp_path / "song.mp3"
    path.write_bytes(song(1, 12.0))
    heard = chromaprint(path, duration_s=12.4, workdir=tmp_path)

    server.knows(0.97, ("Night Bus", "Nova Lane"))
    (found,) = acoustid.recordings(heard)

    assert (found.title, found.artist, found.likeness) == ("Night Bus", "Nova Lane", 0.97)
    assert chromaprint(path, duration_s=12.4, workdir=tmp_path) == heard


def test_what_is_no_sound_has_none(tmp_path: Path) -> None:
    path = tmp_path / "song.mp3"
    path.write_bytes(b"no sound at all")
    with pytest.raises(MediaError):
        chromaprint(path, duration_s=1.0, workdir=tmp_path)


def test_most_alike_come_first_and_odd_rows_are_read_as_far_as_they_go(
    acoustid: AcoustId, server: AcoustIdServer
) -> None:
    server.knows(0.4, ("Far", "Away"))
    server.knows(0.9)
    server.known += ["odd", {"score": 7, "recordings": "odd"}]

    assert [one.likeness for one in acoustid.recordings(HEARD)] == [0.9, 0.4, 0.0, 0.0]


def test_hostile_words_and_numbers_arrive_clean(acoustid: AcoustId, server: AcoustIdServer) -> None:
    server.knows(0.9, ("Night\0 Bus\u202e", "N" * 10_000))
    server.known += [{"score": score} for score in (float("nan"), 10**400, "high", None, [1])]

    found = acoustid.recordings(HEARD)

    assert (found[0].title, found[0].likeness) == ("Night Bus", 0.9)
    assert len(found[0].artist) < 1_000
    assert {one.likeness for one in found[1:]} == {0.0}


@ERROR(adapter="acoustid", row="error 4: the key is unknown", outcome="ProviderRejected")
def test_an_unknown_key(server: AcoustIdServer) -> None:
    with pytest.raises(ProviderRejected, match="ACOUSTID_API_KEY") as caught:
        asker(server, "other-key").recordings(HEARD)
    assert "other-key" not in str(caught.value)


@ERROR(adapter="acoustid", row="error 3: no fingerprint", outcome="ProviderRejected")
def test_an_unreadable_fingerprint(acoustid: AcoustId) -> None:
    with pytest.raises(ProviderRejected, match="invalid fingerprint"):
        acoustid.recordings(Chromaprint("?", 3.0))


@ERROR(adapter="acoustid", row="error 14: too many requests", outcome="ProviderUnavailable")
def test_too_many_requests(acoustid: AcoustId, server: AcoustIdServer) -> None:
    error = {"code": 14, "message": "rate limit (3 requests per second) exceeded"}
    server.fault(status=429, body=json.dumps({"status": "error", "error": error}))
    with pytest.raises(ProviderUnavailable) as caught:
        acoustid.recordings(HEARD)
    assert caught.value.retry_after_s


@ERROR(adapter="acoustid", row="error 5: internal error", outcome="ProviderUnavailable")
@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=500, body='{"status": "error", "error": {"code": 5, "message": "internal"}}'),
        Fault(status=502, body="<html>"),
        Fault(status=200, body="{not json"),
        Fault(reset="after"),
    ],
)
def test_an_outage(acoustid: AcoustId, server: AcoustIdServer, fault: Fault) -> None:
    server.fault(fault)
    with pytest.raises(ProviderUnavailable):
        acoustid.recordings(HEARD)


def test_health_asks_with_the_key(acoustid: AcoustId, server: AcoustIdServer) -> None:
    assert acoustid.health().provider == "acoustid"
    with pytest.raises(ProviderRejected):
        asker(server, "other").health()


@pytest.mark.parametrize(
    ("found", "severity"),
    [
        ([], None),
        ([Recording(0.6, "Else", "Somebody")], None),
        ([Recording(0.9, "Night Bus", "NOVA LANE")], Severity.WARN),
        ([Recording(0.9)], Severity.FAIL),
        ([Recording(0.9, "Night Bus", "Nova Lane"), Recording(0.9, "x", "y")], Severity.FAIL),
    ],
)
def test_somebody_elses_recording_stops_a_track(
    found: list[Recording], severity: Severity | None
) -> None:
    findings = recording_findings(found, artist="Nova Lane")
    assert [one.severity for one in findings] == ([severity] if severity else [])
    assert not any(one.retryable for one in findings)
