"""One bucket, against a store that is as strict as real ones."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
import requests

from runs.errors import StoreTrouble
from runs.storage.bucket import Bucket, BucketOptions
from runs.storage.kept import StoredFile
from runs.storage.trial import try_out
from tests.contract_servers.base import Fault
from tests.runs.storage.fake_bucket import FakeBucket, refusal

Finished = Callable[..., tuple[Path, StoredFile]]


def answer(status: int, code: str, **more: object) -> Fault:
    said = refusal(status, code)
    return Fault(status=status, body=said.body, content_type=said.content_type, **more)  # type: ignore[arg-type]


def test_a_file_comes_back_as_it_went(
    bucket: Bucket, finished: Finished, tmp_path: Path, strict: FakeBucket
) -> None:
    source, file = finished(b"words" * 1000)

    bucket.put(source, file)
    bucket.fetch(file.relative, tmp_path / "back", sha256=file.sha256)

    assert (tmp_path / "back").read_bytes() == source.read_bytes()
    assert bucket.look(file.relative).bytes == file.bytes  # type: ignore[union-attr]
    assert list(strict.objects) == [f"art/{file.relative}"]
    put = strict.seen("PUT")[0]
    assert put.header("x-amz-checksum-sha256")
    assert put.header("x-amz-content-sha256") == file.sha256


def test_equal_content_is_sent_once(bucket: Bucket, finished: Finished, strict: FakeBucket) -> None:
    source, file = finished()

    bucket.put(source, file)
    bucket.put(source, file)

    assert strict.count("PUT") == 1


def test_what_a_purge_may_want_is_sent_again(
    bucket: Bucket, finished: Finished, strict: FakeBucket
) -> None:
    source, file = finished()
    bucket.put(source, file)
    strict.age(timedelta(days=2))

    bucket.put(source, file)

    assert strict.count("PUT") == 2


@pytest.mark.parametrize(
    "fault",
    [
        answer(503, "SlowDown", where="PUT"),
        answer(500, "InternalError", where="PUT"),
        answer(429, "TooManyRequests", where="PUT"),
        Fault(reset="before", where="PUT"),
    ],
)
def test_a_busy_store_is_asked_again(
    bucket: Bucket, finished: Finished, strict: FakeBucket, waits: list[float], fault: Fault
) -> None:
    source, file = finished()
    strict.fault(fault, times=2)

    bucket.put(source, file)

    assert strict.count("PUT") == 3
    assert len(waits) == 2
    assert waits[1] > waits[0] / 3


def test_a_lost_answer_is_looked_for_first(
    bucket: Bucket, finished: Finished, strict: FakeBucket
) -> None:
    source, file = finished()
    strict.fault(reset="after", where="PUT")

    bucket.put(source, file)

    assert strict.count("PUT") == 1


@pytest.mark.parametrize(
    ("status", "code", "word"),
    [
        (403, "AccessDenied", "right"),
        (403, "SignatureDoesNotMatch", "secret key"),
        (403, "InvalidAccessKeyId", "access key"),
        (403, "RequestTimeTooSkewed", "clocks"),
        (404, "NoSuchBucket", "no bucket"),
        (400, "BadDigest", "damaged"),
        (400, "EntityTooLarge", "EntityTooLarge"),
    ],
)
def test_a_refusal_is_told_at_once_in_words(
    bucket: Bucket,
    finished: Finished,
    strict: FakeBucket,
    waits: list[float],
    status: int,
    code: str,
    word: str,
) -> None:
    source, file = finished()
    strict.fault(answer(status, code, where="PUT"))

    with pytest.raises(StoreTrouble, match=word) as raised:
        bucket.put(source, file)

    assert waits == []
    assert raised.value.advice
    assert "secret" not in str(raised.value).replace("secret key", "")


def test_a_store_that_stays_busy_is_given_up(
    bucket: Bucket, finished: Finished, strict: FakeBucket, waits: list[float]
) -> None:
    source, file = finished()
    strict.stand(answer(503, "SlowDown", where="PUT"))

    with pytest.raises(StoreTrouble, match="busy"):
        bucket.put(source, file)

    assert len(waits) == 3


def test_a_store_without_checksums_is_sent_none(
    bucket: Bucket, finished: Finished, strict: FakeBucket
) -> None:
    strict.refuses_checksums = True

    for content in (b"one", b"two"):
        bucket.put(*finished(content))

    assert len(strict.objects) == 2
    assert strict.count("PUT") == 3


def test_a_changed_file_is_not_taken(
    bucket: Bucket, finished: Finished, tmp_path: Path, strict: FakeBucket
) -> None:
    source, file = finished()
    bucket.put(source, file)
    strict.damage(".txt")

    with pytest.raises(StoreTrouble, match="differs"):
        bucket.fetch(file.relative, tmp_path / "back", sha256=file.sha256)


def test_a_file_cut_short_is_fetched_again(
    bucket: Bucket, finished: Finished, tmp_path: Path, strict: FakeBucket
) -> None:
    source, file = finished(b"words" * 100)
    bucket.put(source, file)
    strict.fault(truncate_at=20, where="GET")

    bucket.fetch(file.relative, tmp_path / "back", sha256=file.sha256)

    assert (tmp_path / "back").read_bytes() == source.read_bytes()


def test_a_missing_file_is_said_to_be_missing(bucket: Bucket, tmp_path: Path) -> None:
    assert bucket.look("artifacts/ab/x.txt") is None
    with pytest.raises(FileNotFoundError):
        bucket.fetch("artifacts/ab/x.txt", tmp_path / "back")


def test_files_are_listed_in_pages(bucket: Bucket, finished: Finished, strict: FakeBucket) -> None:
    strict.page_size = 2
    names = set()
    for number in range(5):
        source, file = finished(bytes([number]))
        bucket.put(source, file)
        names.add(file.relative)

    assert {kept.name for kept in bucket.walk("artifacts")} == names
    assert len([request for request in strict.seen("GET") if "list-type" in request.query]) == 3


def test_a_signed_address_plays_saves_and_ends(strict: FakeBucket, finished: Finished) -> None:
    bucket = Bucket(BucketOptions(**strict.options(link_s=300)))
    source, file = finished(b"0123456789")
    bucket.put(source, file)
    address = bucket.link(
        file.relative, media_type="audio/mpeg", disposition='attachment; filename="a.mp3"'
    )

    part = requests.get(address, headers={"Range": "bytes=2-4"}, timeout=5)
    strict.ahead = timedelta(seconds=301)
    later = requests.get(address, timeout=5)

    assert (part.status_code, part.content) == (206, b"234")
    assert part.headers["Content-Type"] == "audio/mpeg"
    assert part.headers["Content-Disposition"] == 'attachment; filename="a.mp3"'
    assert later.status_code == 403
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in address
    assert "secret" not in address


def test_an_address_stays_the_same_for_a_while(bucket: Bucket) -> None:
    asked = {"media_type": "audio/mpeg", "disposition": "inline"}

    assert bucket.link("a/b.mp3", **asked) == bucket.link("a/b.mp3", **asked)


def test_of_a_large_zip_only_the_wanted_part_is_read(
    bucket: Bucket, finished: Finished, strict: FakeBucket
) -> None:
    packed = io.BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("video.mp4", os.urandom(3_000_000))
        archive.writestr("small.txt", "words")
    source, file = finished(packed.getvalue(), ".zip")
    bucket.put(source, file)

    with bucket.opened(file.relative) as opened, ZipFile(opened) as archive:
        assert archive.read("small.txt") == b"words"

    assert all(request.header("Range") for request in strict.seen("GET"))
    assert strict.count("GET") < 8


def test_a_child_process_opens_connections_of_its_own(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.look("x")
    before = bucket._client

    monkeypatch.setattr(os, "getpid", lambda: -1)

    assert bucket._client is not before


def test_a_trial_leaves_nothing_behind(bucket: Bucket, strict: FakeBucket) -> None:
    assert try_out(bucket) > 0
    assert strict.objects == {}


def test_keys_are_not_shown(strict: FakeBucket) -> None:
    assert "secret" not in repr(BucketOptions(**strict.options()))
