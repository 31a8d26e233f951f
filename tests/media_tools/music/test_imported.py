"""Files an operator brings for a waiting run."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from media_tools.errors import ProviderRejected
from media_tools.media_types import sniff
from media_tools.music import imported as module
from media_tools.music import intake
from media_tools.music.base import MusicRequest
from media_tools.music.declaration import Declaration
from media_tools.music.imported import SUFFIXES, ImportedMusic
from tests.contract_servers.songs import RATE, silent_wav, song
from tests.media_tools.providers.contract import JobContract

Asked = Callable[..., MusicRequest]
RUN = "3f0c6a52-9d0e-4a0b-8f0e-2f3f4b5c6d7e"
KEY = f"{RUN}:1:music:0"
FRAME_BYTES = 4  # of a song in 16-bit stereo


@pytest.fixture(autouse=True)
def short_songs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let songs of two seconds pass: a long one shows nothing more, and takes long."""
    monkeypatch.setattr(module, "SHORTEST_S", 1.0)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def workdir(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


@pytest.fixture
def imported(inbox: Path) -> ImportedMusic:
    return ImportedMusic(inbox=inbox, settle_s=0.0)


@pytest.fixture
def wait(imported: ImportedMusic, asked: Asked) -> str:
    return imported.submit(asked(), idempotency_key=KEY)


def drop(inbox: Path, name: str = f"{RUN}.mp3", content: bytes | None = None) -> Path:
    path = inbox / name
    path.write_bytes(song(1, 2.0) if content is None else content)
    return path


def deliver(imported: ImportedMusic, content: bytes, declared: Declaration) -> Path:
    with imported.received([content[:50], content[50:]]) as arrived:
        return imported.publish(arrived, RUN, declared)


def declare(inbox: Path, **fields: Any) -> None:
    (inbox / f"{RUN}.json").write_text(json.dumps(fields))


def test_run_waits_until_the_file_is_there(
    imported: ImportedMusic, wait: str, inbox: Path, asked: Asked, workdir: Path
) -> None:
    assert imported.collect(wait, asked(), workdir) is None

    drop(inbox)
    track = imported.collect(wait, asked(), workdir)

    assert track is not None
    assert track.duration_s == pytest.approx(2.0, abs=0.1)
    assert track.audio.parent == workdir


def test_missing_inbox_is_an_empty_one(
    tmp_path: Path, wait: str, asked: Asked, workdir: Path
) -> None:
    imported = ImportedMusic(inbox=tmp_path / "nowhere")

    assert imported.collect(wait, asked(), workdir) is None


def test_file_is_left_alone_while_it_is_copied(
    inbox: Path, wait: str, asked: Asked, workdir: Path
) -> None:
    changed = drop(inbox).stat().st_mtime

    def collect(age_s: float) -> object:
        imported = ImportedMusic(inbox=inbox, settle_s=5.0, clock=lambda: changed + age_s)
        return imported.collect(wait, asked(), workdir)

    assert collect(4.9) is None
    assert collect(5.1) is not None


@pytest.mark.parametrize("name", [f".{RUN}.mp3", f"{RUN}.mp3.part", f"{RUN}.txt", "other.mp3"])
def test_other_files_are_not_taken(
    imported: ImportedMusic, wait: str, inbox: Path, asked: Asked, workdir: Path, name: str
) -> None:
    drop(inbox, name)

    assert imported.collect(wait, asked(), workdir) is None


def test_name_may_be_in_capitals(
    imported: ImportedMusic, wait: str, inbox: Path, asked: Asked, workdir: Path
) -> None:
    drop(inbox, f"{RUN.upper()}.MP3")

    assert imported.collect(wait, asked(), workdir) is not None


def test_undeclared_file_has_no_rights(
    imported: ImportedMusic, wait: str, inbox: Path, asked: Asked, workdir: Path
) -> None:
    drop(inbox)

    track = imported.collect(wait, asked(), workdir)

    assert track is not None
    assert track.provenance.licence.startswith("not declared")
    assert track.provenance.generator == "human"


def test_declaration_becomes_the_provenance(
    imported: ImportedMusic, wait: str, inbox: Path, asked: Asked, workdir: Path
) -> None:
    drop(inbox)
    declare(inbox, generator="ai", model="Suno V6", licence="own Premier account", author="Ann")

    track = imported.collect(wait, asked(), workdir)

    assert track is not None
    provenance = track.provenance
    assert (provenance.generator, provenance.model) == ("ai", "Suno V6")
    assert (provenance.licence, provenance.author) == ("own Premier account", "Ann")


def test_interrupted_attempt_finds_its_file_and_declaration_again(
    imported: ImportedMusic, wait: str, inbox: Path, asked: Asked, workdir: Path
) -> None:
    drop(inbox)
    declare(inbox, licence="own work")

    first = imported.collect(wait, asked(), workdir)
    again = imported.collect(wait, asked(), workdir)

    assert first is not None
    assert again is not None
    assert again.provenance == first.provenance
    assert again.provenance.licence == "own work"


def test_later_take_waits_for_another_file(
    imported: ImportedMusic, wait: str, inbox: Path, asked: Asked, workdir: Path
) -> None:
    drop(inbox)
    imported.collect(wait, asked(), workdir)

    later = imported.submit(asked(), idempotency_key=f"{RUN}:2:music:0")

    assert imported.collect(later, asked(), workdir) is None


@pytest.mark.provider_error(
    adapter="import", row="file is broken, a web page or truncated", outcome="ProviderRejected"
)
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", ""),
        (b"<html>expired", ""),
        (b"ID3" + bytes(99), ""),
        # What is left, a second and a half, would be long enough.
        (song(1, 2.0, ".wav")[: -RATE // 2 * FRAME_BYTES], "truncated"),
    ],
    ids=["empty", "web page", "broken", "truncated"],
)
def test_unusable_file_stays_and_can_be_replaced(
    imported: ImportedMusic,
    wait: str,
    inbox: Path,
    asked: Asked,
    workdir: Path,
    content: bytes,
    said: str,
) -> None:
    drop(inbox, content=content)

    with pytest.raises(ProviderRejected, match="replace the file, then retry the run") as caught:
        imported.collect(wait, asked(), workdir)

    assert str(inbox) not in str(caught.value)
    assert said in str(caught.value)
    drop(inbox)
    assert imported.collect(wait, asked(), workdir) is not None


@pytest.mark.provider_error(
    adapter="import", row="song is too short or too long", outcome="ProviderRejected"
)
@pytest.mark.parametrize(
    ("length_s", "why"), [(601, "the limit is 600 s"), (19, "the least is 20 s")]
)
def test_song_that_mastering_would_refuse_is_not_taken(
    imported: ImportedMusic,
    wait: str,
    inbox: Path,
    asked: Asked,
    workdir: Path,
    monkeypatch: pytest.MonkeyPatch,
    length_s: int,
    why: str,
) -> None:
    monkeypatch.setattr(module, "SHORTEST_S", intake.SHORTEST_S)
    drop(inbox, content=silent_wav(length_s))

    with pytest.raises(ProviderRejected, match=f"it is {length_s}.* s long; {why}"):
        imported.collect(wait, asked(), workdir)

    assert [path.name for path in inbox.iterdir()] == [f"{RUN}.mp3"]


@pytest.mark.provider_error(
    adapter="import", row="two files for one run", outcome="ProviderRejected"
)
def test_two_files_for_one_run(
    imported: ImportedMusic, wait: str, inbox: Path, asked: Asked, workdir: Path
) -> None:
    drop(inbox)
    drop(inbox, f"{RUN}.wav")

    with pytest.raises(ProviderRejected, match="leave one of them"):
        imported.collect(wait, asked(), workdir)


@pytest.mark.provider_error(
    adapter="import", row="declaration that cannot be read", outcome="ProviderRejected"
)
@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "cannot be used"),
        ("[]", "no JSON object"),
        ('{"license": "mine"}', "'license' is not one of generator"),
        ('{"licence": 7}', "licence has to be a text"),
        ('{"generator": "cat"}', "generator has to be one of human, ai"),
    ],
)
def test_declaration_has_to_be_right(
    imported: ImportedMusic,
    wait: str,
    inbox: Path,
    asked: Asked,
    workdir: Path,
    text: str,
    why: str,
) -> None:
    drop(inbox)
    (inbox / f"{RUN}.json").write_text(text)

    with pytest.raises(ProviderRejected, match=why) as refused:
        imported.collect(wait, asked(), workdir)

    assert f"the declaration of {RUN}.mp3 cannot be used: " in str(refused.value)
    assert (inbox / f"{RUN}.mp3").is_file()


@pytest.mark.parametrize(
    "name", [f"{RUN}.json", f"{RUN}.JSON", f"{RUN.upper()}.Json", f"{RUN}.mp3.json"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_declaration_is_found_in_any_letter_case_and_with_a_mark(
    imported: ImportedMusic,
    wait: str,
    inbox: Path,
    asked: Asked,
    workdir: Path,
    name: str,
    encoding: str,
) -> None:
    drop(inbox)
    (inbox / name).write_text('{"licence": "CC BY 4.0", "author": "Zoë"}', encoding)

    first = imported.collect(wait, asked(), workdir)
    again = imported.collect(wait, asked(), workdir)

    assert first is not None
    assert (first.provenance.licence, first.provenance.author) == ("CC BY 4.0", "Zoë")
    assert again is not None
    assert again.provenance == first.provenance
    assert sorted(path.name for path in inbox.iterdir()) == ["taken"]


def test_two_declarations_for_one_song_are_refused(
    imported: ImportedMusic, wait: str, inbox: Path, asked: Asked, workdir: Path
) -> None:
    drop(inbox)
    declare(inbox, licence="one")
    (inbox / f"{RUN}.JSON").write_text('{"licence": "another"}')

    with pytest.raises(ProviderRejected, match=rf"{RUN}.JSON and {RUN}.json both describe"):
        imported.collect(wait, asked(), workdir)


def test_declaration_that_is_a_folder_is_refused(
    imported: ImportedMusic, wait: str, inbox: Path, asked: Asked, workdir: Path
) -> None:
    drop(inbox)
    (inbox / f"{RUN}.json").mkdir()

    with pytest.raises(ProviderRejected, match=r"\.json: is a folder or a device"):
        imported.collect(wait, asked(), workdir)


def test_upload_is_checked_and_waits_with_its_declaration(
    imported: ImportedMusic, wait: str, inbox: Path, asked: Asked, workdir: Path
) -> None:
    declared = Declaration(generator="ai", licence="own Premier account")

    deliver(imported, song(1, 2.0), declared)

    assert sorted(path.name for path in inbox.iterdir()) == [f"{RUN}.json", f"{RUN}.mp3"]
    track = imported.collect(wait, asked(), workdir)
    assert track is not None
    assert track.provenance.licence == "own Premier account"


@pytest.mark.provider_error(
    adapter="import", row="upload that is no usable audio", outcome="ProviderRejected"
)
@pytest.mark.parametrize(
    "content",
    [b"", b"MZ", b"<html>", b"ID3" + bytes(99), b"\x89PNG\r\n\x1a\n" + bytes(99)],
    ids=["empty", "program", "web page", "broken", "picture"],
)
def test_bad_upload_leaves_nothing(imported: ImportedMusic, inbox: Path, content: bytes) -> None:
    with pytest.raises(ProviderRejected, match="nothing was kept"):
        deliver(imported, content, Declaration())

    assert list(inbox.iterdir()) == []


def test_upload_beyond_the_limit_is_refused_before_its_end(
    imported: ImportedMusic, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = replace(module.UPLOAD_LIMITS, max_bytes=1000)
    monkeypatch.setattr(module, "UPLOAD_LIMITS", limits)
    chunks = (song(1, 2.0)[:400] for _ in range(10**9))

    with (
        pytest.raises(ProviderRejected, match="larger than"),
        imported.received(chunks),
    ):
        pass

    assert list(inbox.iterdir()) == []


@pytest.mark.parametrize("kind", [".mp3", ".wav", ".flac", ".ogg", ".m4a"])
def test_upload_is_named_by_what_it_is(imported: ImportedMusic, inbox: Path, kind: str) -> None:
    target = deliver(imported, song(1, 2.0, kind), Declaration())

    assert target.suffix in SUFFIXES
    assert sniff(target.read_bytes()[:64]) == sniff(song(1, 2.0, kind)[:64])


def test_upload_can_be_collected_at_once(
    inbox: Path, wait: str, asked: Asked, workdir: Path
) -> None:
    imported = ImportedMusic(inbox=inbox)

    deliver(imported, song(1, 2.0), Declaration())

    assert imported.collect(wait, asked(), workdir) is not None


def test_second_upload_does_not_replace_the_first(imported: ImportedMusic, inbox: Path) -> None:
    deliver(imported, song(1, 2.0), Declaration(author="Ann"))

    with pytest.raises(ProviderRejected, match="waits for this run already"):
        deliver(imported, song(2, 2.0, ".wav"), Declaration(author="Bob"))

    assert (inbox / f"{RUN}.mp3").read_bytes() == song(1, 2.0)
    assert json.loads((inbox / f"{RUN}.json").read_text())["author"] == "Ann"


def test_upload_declares_anew_what_lay_in_the_inbox(
    imported: ImportedMusic, inbox: Path, wait: str, asked: Asked, workdir: Path
) -> None:
    (inbox / f"{RUN}.JSON").write_text('{"licence": "an older one"}')

    deliver(imported, song(1, 2.0), Declaration(licence="CC BY 4.0"))

    track = imported.collect(wait, asked(), workdir)
    assert track is not None
    assert track.provenance.licence == "CC BY 4.0"


@pytest.mark.parametrize("run", ["", "../run", "a/b", "a.b"])
def test_upload_cannot_leave_the_inbox(imported: ImportedMusic, tmp_path: Path, run: str) -> None:
    with (
        imported.received([song(1, 2.0)]) as arrived,
        pytest.raises(ProviderRejected),
    ):
        imported.publish(arrived, run, Declaration())

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_operator_reads_what_to_do(imported: ImportedMusic, wait: str) -> None:
    assert f"put {RUN}.wav" in imported.waits_for(wait)


def test_health_counts_the_inbox(imported: ImportedMusic, inbox: Path) -> None:
    drop(inbox)

    assert imported.health().note == "1 waiting in the inbox"


@pytest.mark.provider_error(
    adapter="import", row="inbox folder is missing", outcome="ProviderRejected"
)
def test_health_misses_the_inbox(tmp_path: Path) -> None:
    with pytest.raises(ProviderRejected, match="inbox folder is missing"):
        ImportedMusic(inbox=tmp_path / "nowhere").health()


class TestContract(JobContract):
    adapter = ImportedMusic
    charges = False

    @pytest.fixture
    def options(self, inbox: Path) -> dict[str, Any]:
        return {"inbox": inbox, "settle_s": 0.0}

    @pytest.fixture
    def wanted(self, asked: Asked) -> MusicRequest:
        return asked()

    def deliver(self, options: dict[str, Any]) -> None:
        drop(options["inbox"])
