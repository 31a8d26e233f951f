"""Marks that stay when credentials are dropped, read as other programs read them."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import mutagen
import pytest
from PIL import Image

from media_tools.audio.io import read_audio
from media_tools.errors import MediaInvalid
from media_tools.ffmpeg import run_ffmpeg
from media_tools.marking.plain import WRITERS, source_type_in, write_marked, xmp_packet
from tests.media_tools.marking.media import ALGORITHM, MARK

SAID = f"{MARK.statement} {ALGORITHM}"
SOURCE_TYPE = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"


def facts(path: Path) -> str:
    return run_ffmpeg(
        ["-i", str(path), "-t", "0.1", "-f", "null", "-"], timeout_s=20, what=path.name
    ).log


@pytest.mark.parametrize("kind", ["wav", "flac", "mp3", "m4a", "mp4", "jpg"])
def test_the_source_type_is_found_signed_or_not(
    kind: str, marked: dict[str, Path], signed: dict[str, Path]
) -> None:
    assert source_type_in(marked[kind]) == ALGORITHM
    assert source_type_in(signed[kind]) == ALGORITHM


def test_a_file_without_marks_tells_nothing(unmarked: dict[str, Path]) -> None:
    assert [source_type_in(unmarked[kind]) for kind in ("wav", "mp4", "jpg")] == ["", "", ""]


def test_tags_of_each_kind_hold_it(marked: dict[str, Path]) -> None:
    assert mutagen.File(marked["mp3"]).tags["TXXX:DigitalSourceType"].text == [ALGORITHM]
    assert mutagen.File(marked["flac"]).tags["DIGITALSOURCETYPE"] == [ALGORITHM]
    assert mutagen.File(marked["m4a"]).tags["©cmt"] == [SAID]
    assert mutagen.File(marked["mp4"]).tags["©cmt"] == [SAID]
    # ffmpeg reads the list INFO of WAV.
    assert f"comment         : {SAID}" in facts(marked["wav"])


def test_a_picture_keeps_one_xmp_packet_and_its_pixels(
    unmarked: dict[str, Path], tmp_path: Path
) -> None:
    once, twice = tmp_path / "once.jpg", tmp_path / "twice.jpg"
    write_marked(unmarked["jpg"], once, MARK)
    write_marked(once, twice, MARK)

    assert twice.read_bytes() == once.read_bytes()
    with Image.open(once) as after, Image.open(unmarked["jpg"]) as before:
        assert after.tobytes() == before.tobytes()
        packet = after.info["xmp"]
    description = ElementTree.fromstring(packet)[0][0]
    assert description.get(SOURCE_TYPE) == ALGORITHM
    assert "".join(description.itertext()) == MARK.statement


def test_a_packet_without_words_is_well_formed() -> None:
    assert ElementTree.fromstring(xmp_packet(ALGORITHM))[0][0].get(SOURCE_TYPE) == ALGORITHM


def test_a_marked_wav_has_the_same_samples_and_one_list(
    unmarked: dict[str, Path], tmp_path: Path
) -> None:
    once, twice = tmp_path / "once.wav", tmp_path / "twice.wav"
    write_marked(unmarked["wav"], once, MARK)
    write_marked(once, twice, MARK)

    assert twice.read_bytes() == once.read_bytes()
    assert once.read_bytes().count(b"LIST") == once.read_bytes().count(b"iXML") == 1
    told = ElementTree.fromstring(re.search(rb"<BWFXML>.*</BWFXML>", once.read_bytes())[0])
    assert {element.tag: element.text for element in told.iter() if element.text} == {
        "IXML_VERSION": "3.01",
        "NOTE": MARK.statement,
        "DIGITAL_SOURCE_TYPE": ALGORITHM,
        "isrcId": MARK.isrc,
    }
    assert mutagen.File(once).info.length == pytest.approx(2.0)
    assert int.from_bytes(once.read_bytes()[4:8], "little") == once.stat().st_size - 8
    before, after = read_audio(unmarked["wav"]), read_audio(once)
    assert (before[0] == after[0]).all()
    assert before[1] == after[1]


@pytest.mark.parametrize("kind", ["mp4", "m4a"])
def test_a_marked_movie_plays_the_same_frames_and_keeps_its_tags(
    kind: str, unmarked: dict[str, Path], tmp_path: Path
) -> None:
    once, twice = tmp_path / f"once.{kind}", tmp_path / f"twice.{kind}"
    write_marked(unmarked[kind], once, MARK)
    write_marked(once, twice, MARK)

    assert twice.read_bytes() == once.read_bytes()
    before, after = mutagen.File(unmarked[kind]), mutagen.File(once)
    kept = {name: value for name, value in before.tags.items() if name != "©cmt"}
    assert kept == {name: value for name, value in after.tags.items() if name != "©cmt"}
    assert "©nam" in kept
    decoded = [
        run_ffmpeg(["-i", str(path), "-f", "md5", "-"], timeout_s=30, what=kind).stdout
        for path in (unmarked[kind], once)
    ]
    assert decoded[0] == decoded[1]
    # Players start before all of it is there: the movie's index stays in front.
    content = once.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_a_remux_drops_xmp_and_keeps_the_comment(signed: dict[str, Path], tmp_path: Path) -> None:
    remuxed = tmp_path / "remuxed.mp4"
    run_ffmpeg(["-i", str(signed["mp4"]), "-c", "copy", str(remuxed)], timeout_s=30, what="mp4")

    assert source_type_in(remuxed) == ALGORITHM


@pytest.mark.parametrize("suffix", WRITERS)
@pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff", b"RIFF", b"\x00\x00\x00\x07moov"])
def test_a_broken_file_is_named(suffix: str, content: bytes, tmp_path: Path) -> None:
    broken = tmp_path / f"broken{suffix}"
    broken.write_bytes(content)

    with pytest.raises(MediaInvalid, match=f"broken{suffix}: it cannot be marked"):
        write_marked(broken, tmp_path / f"marked{suffix}", MARK)
