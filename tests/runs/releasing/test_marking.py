"""Marks of a whole bundle: what each file says, signed once, and kept."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import encypher_c2pa
import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from media_tools.files import sha256_of
from media_tools.marking.certificates import CHAIN, local_certificate, root_of
from media_tools.marking.credentials import sign
from media_tools.marking.mark import Mark
from media_tools.marking.verifying import State, verify_file
from media_tools.provenance import Provenance
from runs.errors import ReleaseRefused
from runs.models import Artifact, Release, Run
from runs.releasing.disclosure import disclosure_of
from runs.releasing.file_marks import Signature, marks_of
from runs.releasing.marking import SIGNED, Told, mark_of, source_type_of
from runs.releasing.purging import purge
from runs.releasing.releases import package_release, single_of
from runs.releasing.verifying import check_folder
from tests.factories import NOON
from tests.media_tools.marking.media import flip_media_byte
from tests.runs.releasable import add, write

pytestmark = pytest.mark.django_db

TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
SIGNED_FILES = {
    "audio/master.flac",
    "audio/master.m4a",
    "audio/master.mp3",
    "cover/cover-landscape.jpg",
    "cover/cover-portrait.jpg",
    "cover/cover-square.jpg",
    "cover/cover.jpg",
    "video/video.mp4",
}


def part(
    source_type: str = "", *, extent: str = "full", made_by: str = "algorithm"
) -> dict[str, str]:
    return {
        "extent": extent,
        "made_by": made_by,
        "tools": "x",
        "digital_source_type": TYPES + source_type if source_type else "",
    }


ALGORITHM, MODEL = part("algorithmicMedia"), part("trainedAlgorithmicMedia")
PERSON = part(extent="none", made_by="person")
NOTHING = part(extent="none", made_by="")
UNDECLARED = part(extent="undeclared", made_by="")
FOOTAGE = part("compositeSynthetic", extent="partial")


def folder_of(release: Release, settings: Any) -> Path:
    return Path(settings.MEDIA_ROOT) / release.folder


def signed_store(settings: Any) -> list[Path]:
    return sorted((Path(settings.MEDIA_ROOT) / SIGNED).glob("??/*"))


def package(run: Run, now: datetime = NOON) -> Release:
    """The packaged single of a run."""
    return package_release(release_id=single_of(run.pk).pk, now=now)


@pytest.fixture
def bundle(approved_run: Run, settings: Any) -> Path:
    """Folder of a packaged release."""
    return folder_of(package(approved_run), settings)


def test_every_media_file_is_signed_but_the_wav_for_distributors(
    bundle: Path, settings: Any
) -> None:
    root = root_of(Path(settings.SIGNING_DIR))

    states = {file.name: file.verdict.state for file in check_folder(bundle)}

    assert states == dict.fromkeys(SIGNED_FILES, State.TRUSTED) | {
        "audio/master.wav": State.UNSIGNED
    }
    for name in SIGNED_FILES:
        judged = encypher_c2pa.verify(
            str(bundle / name), trust_pem=root, no_default_trust=True, telemetry=False
        )
        assert judged["validation_state"] == "Trusted", name


def test_every_media_file_says_how_it_was_made(bundle: Path) -> None:
    checked = {file.name: file.verdict for file in check_folder(bundle)}

    assert {verdict.source_type for verdict in checked.values()} == {TYPES + "algorithmicMedia"}
    disclosure = json.loads((bundle / "metadata.json").read_text())["ai_disclosure"]
    assert checked["audio/master.mp3"].statement == disclosure["statement"]
    assert set(checked["audio/master.mp3"].contributions or {}) == {
        "composition",
        "instruments",
        "vocals",
        "post_production",
    }
    assert checked["cover/cover.jpg"].contributions == {
        "artwork": disclosure["contributions"]["artwork"]
    }
    assert "lyrics" in (checked["video/video.mp4"].contributions or {})


def test_a_release_keeps_what_each_of_its_files_says(approved_run: Run, settings: Any) -> None:
    release = package(approved_run)

    kept = {mark.name: mark for mark in marks_of(Release.objects.get(pk=release.pk)).files}

    checked = {file.name: file.verdict for file in check_folder(folder_of(release, settings))}
    assert {name: mark.source_type for name, mark in kept.items()} == {
        name: verdict.source_type for name, verdict in checked.items()
    }
    assert {name: mark.signer for name, mark in kept.items()} == {
        name: verdict.signer for name, verdict in checked.items()
    }
    assert {name for name, mark in kept.items() if mark.watermark} == {
        f"audio/master.{kind}" for kind in ("flac", "m4a", "mp3", "wav")
    }
    assert kept["audio/master.wav"].signature == Signature.WAV
    assert (kept["video/video.mp4"].watermark, kept["cover/cover.jpg"].watermark) == (False, None)


def test_a_release_keeps_that_nothing_was_signed_or_watermarked(
    approved_run: Run, settings: Any
) -> None:
    settings.SIGN = settings.WATERMARK = False

    files = marks_of(package(approved_run)).files

    assert {(mark.signature, mark.signer) for mark in files} == {(Signature.OFF, "")}
    assert {mark.watermark for mark in files} == {False, None}


def test_checksums_are_taken_after_the_marks(bundle: Path) -> None:
    assert not [file for file in check_folder(bundle) if file.fault]
    sums = json.loads((bundle / "metadata.json").read_text())["files"]
    assert sums["video/video.mp4"]["sha256"] == sha256_of(bundle / "video/video.mp4")
    assert not list(bundle.rglob(".*"))


def test_wav_is_signed_when_the_operator_wants_it(approved_run: Run, settings: Any) -> None:
    settings.SIGN_WAV = True

    bundle = folder_of(package(approved_run), settings)

    assert {file.verdict.state for file in check_folder(bundle)} == {State.TRUSTED}


def test_without_signing_the_plain_marks_stay(approved_run: Run, settings: Any) -> None:
    settings.SIGN = False

    bundle = folder_of(package(approved_run), settings)

    checked = check_folder(bundle)
    assert {file.verdict.state for file in checked} == {State.UNSIGNED}
    assert {file.verdict.source_type for file in checked} == {TYPES + "algorithmicMedia"}
    assert not Path(settings.SIGNING_DIR).exists()


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([ALGORITHM, ALGORITHM, NOTHING], "algorithmicMedia"),
        ([MODEL, MODEL], "trainedAlgorithmicMedia"),
        ([ALGORITHM, MODEL], "compositeWithTrainedAlgorithmicMedia"),
        ([PERSON, MODEL], "compositeWithTrainedAlgorithmicMedia"),
        ([UNDECLARED, MODEL], "compositeWithTrainedAlgorithmicMedia"),
        ([PERSON, ALGORITHM], "compositeSynthetic"),
        ([ALGORITHM, FOOTAGE], "compositeSynthetic"),
        ([FOOTAGE], "compositeSynthetic"),
        ([PERSON, NOTHING], "digitalCreation"),
        ([UNDECLARED, NOTHING], "composite"),
        ([UNDECLARED, PERSON], "composite"),
    ],
)
def test_a_mixture_is_called_by_what_is_in_it(
    parts: list[Mapping[str, Any]], expected: str
) -> None:
    assert source_type_of(dict(enumerate(parts))) == TYPES + expected  # type: ignore[arg-type]


def test_sound_is_made_of_words_only_if_they_are_sung(approved_run: Run) -> None:
    by_model = Provenance(provider="x", model="y", licence="z", generator="ai").as_json()
    approved_run.artifacts.filter(kind=Artifact.Kind.LYRICS).update(provenance=by_model)
    told = Told("Song", disclosure_of(approved_run))

    assert mark_of(told, "audio/master.wav").source_type == TYPES + "algorithmicMedia"
    assert mark_of(told, "video/video.mp4").source_type == (
        TYPES + "compositeWithTrainedAlgorithmicMedia"
    )
    assert set(mark_of(told, "video/poster.jpg").parts) == {"artwork", "video"}
    told.disclosure["contributions"]["vocals"] = MODEL
    assert "lyrics" in mark_of(told, "audio/master.wav").parts


def test_packaging_again_signs_nothing_again(
    approved_run: Run, bundle: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in bundle.rglob("*.mp3")}
    sums = (bundle / "SHA256SUMS").read_text()
    monkeypatch.setattr("runs.releasing.marking.sign", refuse_to_sign)

    package(approved_run)

    assert (bundle / "SHA256SUMS").read_text() == sums
    assert before
    assert len(signed_store(settings)) == len(SIGNED_FILES)
    # One file on the disk under two names.
    assert {path.stat().st_nlink for path in signed_store(settings)} == {2}


def refuse_to_sign(*args: Any) -> None:
    raise AssertionError("signed again")


def test_another_version_of_the_product_keeps_what_was_signed(
    approved_run: Run, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("media_tools.marking.credentials.VERSION", "9.9")
    monkeypatch.setattr("runs.releasing.marking.sign", refuse_to_sign)

    package(approved_run)


def test_a_new_certificate_signs_again(approved_run: Run, bundle: Path, settings: Any) -> None:
    sums = (bundle / "SHA256SUMS").read_text()

    call_command("make_signing_cert", "--renew", "--name", "My Label")
    package(approved_run, now=datetime.now(UTC))

    assert (bundle / "SHA256SUMS").read_text() != sums
    root = root_of(Path(settings.SIGNING_DIR))
    verdict = verify_file(bundle / "audio/master.mp3", roots_pem=root)
    assert (verdict.state, verdict.signer) == (State.TRUSTED, "My Label")


def test_a_kept_file_that_was_changed_is_not_used_again(
    approved_run: Run, bundle: Path, settings: Any
) -> None:
    # An editor that writes in place changes both names of the file.
    flip_media_byte(bundle / "video/video.mp4")

    package(approved_run)

    assert not [file for file in check_folder(bundle) if file.fault]


def test_a_file_with_credentials_of_its_own_keeps_them(
    approved_run: Run, bundle: Path, settings: Any
) -> None:
    cover = approved_run.artifact(Artifact.Kind.COVER)
    cover.path.chmod(0o644)
    shutil.copyfile(bundle / "cover/cover.jpg", cover.path)
    approved_run.artifacts.filter(pk=cover.pk).update(sha256=sha256_of(cover.path))

    package(approved_run)

    root = root_of(Path(settings.SIGNING_DIR))
    verdict = verify_file(bundle / "cover/cover.jpg", roots_pem=root)
    assert (verdict.state, verdict.ingredients) == (State.TRUSTED, ("cover.jpg",))


def test_a_broken_file_stops_the_bundle_and_is_named(approved_run: Run) -> None:
    video = approved_run.artifact(Artifact.Kind.VIDEO)
    video.path.chmod(0o644)
    video.path.write_bytes(video.path.read_bytes()[:3000])
    approved_run.artifacts.filter(pk=video.pk).update(sha256=sha256_of(video.path))

    with pytest.raises(ReleaseRefused, match=r"^video/video\.mp4: it cannot be marked"):
        package(approved_run)


def test_without_a_usable_certificate_no_bundle_is_made(
    approved_run: Run, settings: Any, tmp_path: Path
) -> None:
    settings.SIGNING_CERT = settings.SIGNING_KEY = tmp_path / "lost.pem"

    with pytest.raises(ReleaseRefused, match=r"lost\.pem cannot be read .* correct its path"):
        package(approved_run)

    assert not Release.objects.exclude(bundle=None).exists()
    settings.SIGNING_CERT = settings.SIGNING_KEY = None
    package(approved_run)


def test_an_operators_certificate_signs(approved_run: Run, settings: Any, tmp_path: Path) -> None:
    local_certificate(tmp_path / "own", now=NOON, name="My Label")
    settings.SIGNING_CERT = tmp_path / "own" / CHAIN
    settings.SIGNING_KEY = tmp_path / "own" / "signing.key"

    bundle = folder_of(package(approved_run), settings)

    verdicts = {file.name: file.verdict for file in check_folder(bundle)}
    assert verdicts["audio/master.mp3"].signer == "My Label"
    assert verdicts["audio/master.mp3"].state is State.TRUSTED
    assert not Path(settings.SIGNING_DIR).exists()


def test_a_purge_removes_signed_files_of_no_bundle_alone(bundle: Path, settings: Any) -> None:
    kept = signed_store(settings)
    old = (datetime.now(UTC) - timedelta(days=200)).timestamp()
    for path in kept:
        os.utime(path, (old, old))
    now, month = datetime.now(UTC), timedelta(days=30)
    assert purge(older_than=month, now=now, act=True).files == 0

    (bundle / "audio/master.mp3").unlink()

    done = purge(older_than=month, now=now, act=True)
    assert (done.files, done.orphans) == (1, 1)
    assert len(signed_store(settings)) == len(kept) - 1


def test_the_command_tells_what_each_file_says(approved_run: Run, bundle: Path, capsys) -> None:
    call_command("verify_release", str(approved_run.pk), "--json")
    files = {file["file"]: file for file in json.loads(capsys.readouterr().out)["files"]}
    assert set(files) == SIGNED_FILES | {"audio/master.wav"}
    assert files["video/video.mp4"]["state"] == "trusted"
    assert files["video/video.mp4"]["signer"] == "AI Artist Platform"
    assert files["video/video.mp4"]["contributions"]["video"]["made_by"] == "algorithm"

    call_command("verify_release", str(bundle / "audio/master.mp3"))
    said = capsys.readouterr().out
    assert "master.mp3: trusted, signed by AI Artist Platform" in said
    assert "composition: full (algorithm, composer-1)" in said


def test_the_command_names_what_was_changed_and_what_is_missing(bundle: Path, capsys) -> None:
    flip_media_byte(bundle / "audio/master.flac")
    flip_media_byte(bundle / "audio/master.wav")
    (bundle / "cover/cover.jpg").unlink()

    with pytest.raises(SystemExit):
        call_command("verify_release", str(bundle), "--json")

    files = json.loads(capsys.readouterr().out)["files"]
    assert {file["file"]: file["fault"] for file in files if file["fault"]} == {
        "audio/master.flac": "changed since it was signed, or broken",
        "audio/master.wav": "not the file of SHA256SUMS",
        "cover/cover.jpg": "it is missing",
    }


def test_the_command_refuses_what_is_no_release(approved_run: Run, tmp_path: Path) -> None:
    words = tmp_path / "words" / "words.txt"
    words.parent.mkdir()
    words.write_text("words")
    for target in (str(approved_run.pk), str(words.parent), str(words), "nothing"):
        with pytest.raises(CommandError) as refusal:
            call_command("verify_release", target)
        assert refusal.value.returncode == 2


def test_a_certificate_is_made_on_demand(settings: Any, capsys) -> None:
    call_command("make_signing_cert", "--json")
    made = json.loads(capsys.readouterr().out)
    call_command("make_signing_cert", "--json")

    assert json.loads(capsys.readouterr().out) == made
    assert made["used"] is True
    assert Path(made["root"]).read_text() == root_of(Path(settings.SIGNING_DIR))
    with pytest.raises(CommandError, match="1 to 64"):
        call_command("make_signing_cert", "--name", "x" * 65)


def test_credentials_of_providers_come_into_what_is_made_of_their_files(
    approved_run: Run, bundle: Path, settings: Any, tmp_path: Path
) -> None:
    (tmp_path / "raw").mkdir()
    for kind, name, file in (
        (Artifact.Kind.SOURCE, "music", "audio/master.mp3"),
        (Artifact.Kind.SOURCE, "cover", "cover/cover.jpg"),
        (Artifact.Kind.FOOTAGE, "clip 1", "video/video.mp4"),
    ):
        path = tmp_path / "raw" / f"{name}{Path(file).suffix}"
        shutil.copyfile(bundle / file, path)
        add(approved_run, kind, path, name=name)
    add(approved_run, Artifact.Kind.FOOTAGE, write(tmp_path / "plain.mp4", "none"), name="clip 2")

    package(approved_run)

    made_of = {file.name: file.verdict.ingredients for file in check_folder(bundle)}
    assert made_of["audio/master.flac"] == ("music.mp3",)
    assert made_of["cover/cover-square.jpg"] == ("cover.jpg",)
    assert made_of["video/video.mp4"] == ("clip 1.mp4", "cover.jpg", "music.mp3")
    assert not [file for file in check_folder(bundle) if file.fault]


def test_what_a_stranger_signed_is_printed_whatever_it_says(tmp_path: Path, capsys) -> None:
    plain, signed = tmp_path / "plain.jpg", tmp_path / "signed.jpg"
    Image.new("RGB", (32, 32)).save(plain)
    odd = {"composition": "all\x1b[2J", "vocals": {"extent": 3, "tools": ["x"]}, "a\nb": None}
    mark = Mark("x", TYPES + "algorithmicMedia", "Said\x1b[2J\nso", odd)  # type: ignore[arg-type]
    now = datetime.now(UTC)
    sign(plain, signed, mark, local_certificate(tmp_path / "theirs", now=now))

    call_command("verify_release", str(signed))

    said = capsys.readouterr().out
    assert "unknown signer, signed by AI Artist Platform" in said
    assert "\x1b" not in said
    assert "  vocals: 3\n" in said
