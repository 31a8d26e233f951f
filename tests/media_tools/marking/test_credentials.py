"""What is signed is valid to two implementations, and anything changed afterwards is not."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import c2pa
import encypher_c2pa
import mutagen
import pytest

from media_tools.errors import MediaInvalid
from media_tools.ffmpeg import run_ffmpeg
from media_tools.marking.certificates import Certificate, CertificateUnusable, local_certificate
from media_tools.marking.credentials import sign
from media_tools.marking.mark import Source
from media_tools.marking.verifying import State, verify_file
from tests.media_tools.marking.media import (
    ALGORITHM,
    KINDS,
    MARK,
    PART,
    flip_media_byte,
)

AS_THEY_ARE, DECODED = ("-map", "0", "-c", "copy"), ("-map", "0:v")


def judged_by_others(path: Path, root: str) -> dict[str, Any]:
    """The report of the independent implementation."""
    return dict(
        encypher_c2pa.verify(str(path), trust_pem=root, no_default_trust=True, telemetry=False)
    )


@pytest.mark.parametrize("kind", KINDS)
def test_two_implementations_trust_what_was_signed(
    kind: str, signed: dict[str, Path], root: str
) -> None:
    verdict = verify_file(signed[kind], roots_pem=root)

    assert verdict.state is State.TRUSTED
    assert judged_by_others(signed[kind], root)["validation_state"] == "Trusted"


@pytest.mark.parametrize("kind", KINDS)
def test_one_flipped_byte_of_the_media_makes_it_invalid_to_both(
    kind: str, signed: dict[str, Path], root: str, tmp_path: Path
) -> None:
    changed = tmp_path / signed[kind].name
    shutil.copyfile(signed[kind], changed)
    flip_media_byte(changed)

    verdict = verify_file(changed, roots_pem=root)

    assert verdict.state is State.INVALID
    assert verdict.faults[0].endswith("Hash.mismatch")
    assert judged_by_others(changed, root)["validation_state"] == "Invalid"


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_tells_who_signed_it_and_how_it_was_made(
    kind: str, signed: dict[str, Path], root: str
) -> None:
    verdict = verify_file(signed[kind], roots_pem=root)

    assert verdict.signer == "AI Artist Platform"
    assert verdict.source_type == ALGORITHM
    assert verdict.statement == MARK.statement
    assert verdict.contributions == {"composition": PART}


def test_training_is_forbidden_and_the_maker_named(signed: dict[str, Path]) -> None:
    with c2pa.Reader(str(signed["jpg"])) as reader:
        manifest = reader.get_active_manifest()

    assertions = {one["label"]: one["data"] for one in manifest["assertions"]}
    actions = assertions["c2pa.actions.v2"]["actions"]
    assert [action["action"] for action in actions] == ["c2pa.created"]
    assert actions[0]["softwareAgent"]["name"] == "AI Artist Platform"
    entries = assertions["cawg.training-mining"]["entries"]
    assert {entry["use"] for entry in entries.values()} == {"notAllowed"}


def test_strangers_without_our_root_see_an_unknown_signer(signed: dict[str, Path]) -> None:
    assert verify_file(signed["mp3"], roots_pem="").state is State.UNKNOWN_SIGNER


def test_another_root_does_not_vouch_for_it(signed: dict[str, Path], tmp_path: Path) -> None:
    local_certificate(tmp_path / "other", now=datetime.now(UTC))
    other_root = (tmp_path / "other/root.pem").read_text()

    assert verify_file(signed["jpg"], roots_pem=other_root).state is State.UNKNOWN_SIGNER


@pytest.mark.parametrize("kind", ["flac", "mp3", "m4a", "mp4"])
def test_signing_changes_no_tag_a_player_reads(
    kind: str, marked: dict[str, Path], signed: dict[str, Path]
) -> None:
    before, after = mutagen.File(marked[kind]), mutagen.File(signed[kind])

    tags = {name: value for name, value in after.tags.items() if not name.startswith("GEOB")}
    assert tags == dict(before.tags.items())
    assert after.info.length == before.info.length


def test_signing_keeps_the_picture_and_the_words(
    marked: dict[str, Path], signed: dict[str, Path], unmarked: dict[str, Path]
) -> None:
    tags = mutagen.File(signed["mp3"]).tags

    assert tags["APIC:"].data == unmarked["jpg"].read_bytes()
    assert tags["USLT::eng"].text == "First line\nзвезда"
    assert str(tags["TDRC"]) == "2026"


@pytest.mark.parametrize("kind", KINDS)
def test_sound_and_picture_stay_bit_for_bit(
    kind: str, unmarked: dict[str, Path], signed: dict[str, Path]
) -> None:
    # The stream of a picture is its whole file, marks included.
    how = DECODED if kind in ("jpg", "png") else AS_THEY_ARE
    before, after = (
        run_ffmpeg(["-i", str(path), *how, "-f", "streamhash", "-"], timeout_s=30, what=kind)
        for path in (unmarked[kind], signed[kind])
    )

    assert after.stdout == before.stdout


@pytest.mark.parametrize("tampered", [False, True])
def test_whoever_signed_a_source_the_file_is_ours(
    tampered: bool, marked: dict[str, Path], certificate: Certificate, root: str, tmp_path: Path
) -> None:
    theirs = tmp_path / "theirs.mp3"
    stranger = local_certificate(tmp_path / "stranger", now=datetime.now(UTC))
    sign(marked["mp3"], theirs, MARK, stranger)
    if tampered:
        flip_media_byte(theirs)

    mark = replace(MARK, sources=(Source(theirs, "theirs.mp3"),))
    sign(marked["flac"], tmp_path / "ours.flac", mark, certificate)

    verdict = verify_file(tmp_path / "ours.flac", roots_pem=root)
    assert (verdict.state, verdict.ingredients) == (State.TRUSTED, ("theirs.mp3",))


def test_credentials_of_a_source_stay_as_an_ingredient(
    signed: dict[str, Path], marked: dict[str, Path], certificate: Certificate, root: str
) -> None:
    target = signed["mp3"].with_name("with-source.mp3")
    mark = replace(MARK, sources=(Source(signed["png"], "painted.png"),))

    sign(marked["mp3"], target, mark, certificate)

    verdict = verify_file(target, roots_pem=root)
    assert (verdict.state, verdict.ingredients) == (State.TRUSTED, ("painted.png",))
    report = judged_by_others(target, root)
    assert report["validation_state"] == "Trusted"
    with c2pa.Reader(str(target)) as reader, c2pa.Reader(str(signed["png"])) as source:
        ingredient = reader.get_active_manifest()["ingredients"][0]
        assert ingredient["active_manifest"] == source.get_active_manifest()["label"]


@pytest.mark.parametrize("kind", [*KINDS, "ogg"])
def test_a_source_nobody_can_read_holds_up_no_signature(
    kind: str, marked: dict[str, Path], certificate: Certificate, root: str, tmp_path: Path
) -> None:
    odd = tmp_path / f"odd.{kind}"
    whole = marked.get(kind, marked["mp3"]).read_bytes()
    odd.write_bytes(whole[:300] + b"jumdc2pa\x00\x11\x00\x10")

    mark = replace(MARK, sources=(Source(odd, "odd"),))
    sign(marked["mp3"], tmp_path / "signed.mp3", mark, certificate)

    assert verify_file(tmp_path / "signed.mp3", roots_pem=root).state is State.TRUSTED
    assert judged_by_others(tmp_path / "signed.mp3", root)["validation_state"] == "Trusted"


@pytest.mark.parametrize("kind", ["wav", "m4a", "mp4", "jpg", "png"])
def test_a_file_that_is_no_media_is_refused(
    kind: str, tmp_path: Path, certificate: Certificate
) -> None:
    broken = tmp_path / f"broken.{kind}"
    broken.write_bytes(b"<html>" * 20)

    with pytest.raises(MediaInvalid, match="cannot be signed"):
        sign(broken, tmp_path / f"signed.{kind}", MARK, certificate)


def test_a_certificate_that_is_not_for_signing_is_refused(
    marked: dict[str, Path], certificate: Certificate, signing: Path, tmp_path: Path
) -> None:
    root_alone = replace(
        certificate,
        chain_pem=(signing / "root.pem").read_bytes(),
        key_pem=(signing / "root.key").read_bytes(),
    )

    with pytest.raises((CertificateUnusable, MediaInvalid)):
        sign(marked["jpg"], tmp_path / "signed.jpg", MARK, root_alone)


@pytest.mark.parametrize("cut", [40, 2_000, -200])
@pytest.mark.parametrize("kind", KINDS)
def test_what_was_cut_is_never_taken_for_whole(
    kind: str, cut: int, signed: dict[str, Path], root: str, tmp_path: Path
) -> None:
    short = tmp_path / f"short.{kind}"
    short.write_bytes(signed[kind].read_bytes()[:cut])

    assert verify_file(short, roots_pem=root).state in (State.INVALID, State.UNSIGNED)
