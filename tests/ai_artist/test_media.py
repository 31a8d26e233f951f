"""The private files: who may have them, and the ranges players ask for."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from runs.models import Artifact, Run

BODY = b"mp3" * 300


@pytest.fixture
def track(new_run: Callable[..., Run]) -> Artifact:
    artifact = new_run().artifact(Artifact.Kind.MP3)
    assert artifact is not None
    return artifact


def address(artifact: Artifact) -> str:
    return reverse("artifact", args=[artifact.pk])


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def get(client: Client, artifact: Artifact, **headers: str) -> HttpResponseBase:
    return client.get(address(artifact), headers=headers)


def test_whole_file_is_sent(boss: Client, track: Artifact) -> None:
    response = get(boss, track)

    assert response.status_code == 200
    assert body(response) == BODY
    assert response["Content-Length"] == str(len(BODY))
    assert response["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize(
    ("asked", "answer", "content"),
    [
        ("bytes=0-4", "bytes 0-4/900", BODY[:5]),
        ("bytes=890-", "bytes 890-899/900", BODY[890:]),
        ("bytes=890-5000", "bytes 890-899/900", BODY[890:]),
        ("bytes=-7", "bytes 893-899/900", BODY[-7:]),
        ("bytes=-5000", "bytes 0-899/900", BODY),
        (f"bytes=-{'9' * 4_301}", "bytes 0-899/900", BODY),
        (f"bytes=890-{'9' * 4_301}", "bytes 890-899/900", BODY[890:]),
    ],
)
def test_one_range_is_sent(
    boss: Client, track: Artifact, asked: str, answer: str, content: bytes
) -> None:
    response = get(boss, track, range=asked)

    assert response.status_code == 206
    assert response["Content-Range"] == answer
    assert response["Content-Length"] == str(len(content))
    assert body(response) == content


@pytest.mark.parametrize(
    "asked", ["bytes=900-", "bytes=5000-6000", "bytes=-0", f"bytes={'9' * 4_301}-"]
)
def test_range_outside_the_file_is_refused(boss: Client, track: Artifact, asked: str) -> None:
    response = get(boss, track, range=asked)

    assert response.status_code == 416
    assert response["Content-Range"] == "bytes */900"


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=0-1,4-5",
        "bytes=5-2",
        "bytes=-",
        "bytes=a-b",
        "items=0-4",
        "nonsense",
        "bytes=²-",
        f"bytes={'9' * 4_301}-5",
    ],
)
def test_anything_else_gets_the_whole_file(boss: Client, track: Artifact, asked: str) -> None:
    response = get(boss, track, range=asked)

    assert response.status_code == 200
    assert body(response) == BODY


def test_range_of_another_version_gets_the_whole_file(boss: Client, track: Artifact) -> None:
    response = get(boss, track, range="bytes=0-4", if_range='"other"')

    assert response.status_code == 200


def test_range_of_this_version_is_sent(boss: Client, track: Artifact) -> None:
    response = get(boss, track, range="bytes=0-4", if_range=f'"{track.sha256}"')

    assert response.status_code == 206


@pytest.mark.parametrize("known", ['"{0}"', 'W/"{0}"', '"older", "{0}"', "*"])
def test_known_version_is_not_sent_again(boss: Client, track: Artifact, known: str) -> None:
    response = get(boss, track, if_none_match=known.format(track.sha256))

    assert response.status_code == 304
    assert response["ETag"] == f'"{track.sha256}"'


def test_head_sends_headers_alone(boss: Client, track: Artifact) -> None:
    response = boss.head(address(track), headers={"range": "bytes=0-4"})

    assert response.status_code == 206
    assert response["Content-Length"] == "5"
    assert response.content == b""


def test_headers_keep_the_file_private_and_inert(boss: Client, track: Artifact) -> None:
    response = get(boss, track)

    assert response["Content-Type"] == "audio/mpeg"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"].startswith("private")
    assert response["Content-Disposition"].startswith("inline")


def test_download_has_a_readable_name(boss: Client, track: Artifact) -> None:
    response = boss.get(address(track) + "?download=1")

    slug = track.run.artist.slug
    assert response["Content-Disposition"] == f'attachment; filename="{slug}-neon-rivers-mp3.bin"'


def test_a_page_is_never_shown_inline(boss: Client, track: Artifact) -> None:
    Artifact.objects.filter(pk=track.pk).update(media_type="text/html")

    assert get(boss, track)["Content-Disposition"].startswith("attachment")


def test_proxy_sends_the_file_where_there_is_one(
    boss: Client, track: Artifact, settings: Any
) -> None:
    settings.X_ACCEL_PREFIX = "/protected/"

    response = get(boss, track)

    assert response["X-Accel-Redirect"] == f"/protected/{track.file.name}"
    assert response["Content-Type"] == "audio/mpeg"


def test_stranger_is_sent_to_the_login(client: Client, track: Artifact) -> None:
    response = get(client, track)

    assert response.status_code == 302
    assert "login" in response["Location"]


def test_staff_without_permission_is_refused(
    browser_of: Callable[[str], Client], track: Artifact
) -> None:
    assert get(browser_of(""), track).status_code == 403


def test_reviewer_may_listen(browser_of: Callable[[str], Client], track: Artifact) -> None:
    assert get(browser_of("Reviewer"), track).status_code == 200


def test_unknown_file_is_not_found(boss: Client) -> None:
    assert boss.get(reverse("artifact", args=[uuid.uuid4()])).status_code == 404


def test_lost_file_is_not_found(boss: Client, track: Artifact) -> None:
    track.path.unlink()

    assert get(boss, track).status_code == 404


def test_only_reading_is_allowed(boss: Client, track: Artifact) -> None:
    assert boss.post(address(track)).status_code == 405
