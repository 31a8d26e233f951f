"""The operator's own folder of clips."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from media_tools.errors import ProviderRejected, ProviderUnavailable
from media_tools.stock.base import FootageRequest
from media_tools.stock.chain import FootageChain
from media_tools.stock.local import LocalFootage
from tests.contract_servers import media

Wanted = Callable[..., FootageRequest]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "footage"
    for name in ("night-rain/neon street 01.mp4", "sea/waves.mp4", "sea/storm_wave.mp4"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(media.video(duration_s=4))
    return root


def names(folder: Path, query: str, request: FootageRequest) -> list[str]:
    return [clip.clip_id for clip in LocalFootage(folder).search(query, request)]


def test_clips_with_the_querys_words_come_first(folder: Path, wanted: Wanted) -> None:
    assert names(folder, "neon rain", wanted())[0] == "night-rain/neon street 01.mp4"
    assert set(names(folder, "wave", wanted())[:2]) == {"sea/waves.mp4", "sea/storm_wave.mp4"}


def test_seed_decides_between_equals(folder: Path, wanted: Wanted) -> None:
    orders = {tuple(names(folder, "desert", wanted(seed=seed))) for seed in range(12)}

    assert len(orders) > 2
    assert names(folder, "desert", wanted(seed=3)) == names(folder, "desert", wanted(seed=3))


def test_clips_used_lately_are_left_out(folder: Path, wanted: Wanted) -> None:
    request = wanted(excluded=frozenset({"local:sea/waves.mp4"}))

    assert "sea/waves.mp4" not in names(folder, "waves", request)


def test_clip_is_the_operators_own_by_default(folder: Path, wanted: Wanted) -> None:
    clip = LocalFootage(folder).search("waves", wanted())[0]

    assert (clip.licence, clip.author, clip.credit) == ("operator", "", "")
    assert (clip.files[0].width, clip.files[0].height, clip.duration_s) == (270, 480, 4.0)


def test_credit_is_read_from_the_file_beside_it(folder: Path, wanted: Wanted) -> None:
    (folder / "sea/waves.mp4.json").write_text(
        json.dumps({"author": "A. Person", "licence": "CC0-1.0", "source_url": "https://x.example"})
    )

    clip = next(c for c in LocalFootage(folder).search("waves", wanted()) if "waves" in c.clip_id)

    assert (clip.author, clip.licence) == ("A. Person", "CC0-1.0")
    assert clip.page_url == "https://x.example"


@pytest.mark.parametrize("name", ["waves.mp4.json", "WAVES.MP4.JSON", "waves.json"])
def test_credit_with_a_byte_order_mark_is_found_in_any_case(
    folder: Path, wanted: Wanted, name: str
) -> None:
    (folder / "sea" / name).write_text(
        '{"author": "A. Person", "licence": "CC BY 4.0"}', "utf-8-sig"
    )

    clip = next(c for c in LocalFootage(folder).search("waves", wanted()) if "waves" in c.clip_id)

    assert (clip.author, clip.licence, clip.fault) == ("A. Person", "CC BY 4.0", "")


@pytest.mark.parametrize("text", ["{broken", "[1]", '{"author": 7}', '{"license": "CC BY 4.0"}'])
def test_credit_that_cannot_be_read_is_a_fault(folder: Path, wanted: Wanted, text: str) -> None:
    (folder / "sea/waves.mp4.json").write_text(text)

    faults = {clip.clip_id: clip.fault for clip in LocalFootage(folder).search("waves", wanted())}

    assert faults["sea/waves.mp4"].startswith("waves.mp4.json: ")
    assert faults["sea/storm_wave.mp4"] == ""


def test_two_credits_of_a_clip_are_a_fault(folder: Path, wanted: Wanted) -> None:
    for name in ("waves.mp4.json", "waves.mp4.JSON"):
        (folder / "sea" / name).write_text('{"author": "A. Person"}')

    faults = {clip.clip_id: clip.fault for clip in LocalFootage(folder).search("waves", wanted())}

    assert "waves.mp4.JSON and waves.mp4.json both describe" in faults["sea/waves.mp4"]


@pytest.mark.provider_error(
    adapter="local footage", row="credit that cannot be read", outcome="ProviderRejected"
)
def test_clip_whose_credit_cannot_be_read_is_left_out_and_told(
    folder: Path, wanted: Wanted, tmp_path: Path
) -> None:
    (folder / "sea/waves.mp4.json").write_text("{broken")
    request = wanted(queries=("waves",), duration_s=8.0, clips=(1, 3))

    found = FootageChain([LocalFootage(folder)]).find(request, tmp_path)

    assert "local:sea/waves.mp4" not in {clip.clip.key for clip in found.clips}
    assert any("waves.mp4.json: it is no JSON" in trouble for trouble in found.troubles)


def test_files_that_are_no_video_are_left_out(folder: Path, wanted: Wanted) -> None:
    (folder / "sea/waves.mp4").write_bytes(b"<html>not a video</html>")
    (folder / "sea/notes.txt").write_text("waves")

    assert sorted(names(folder, "waves", wanted())) == [
        "night-rain/neon street 01.mp4",
        "sea/storm_wave.mp4",
    ]


def test_link_out_of_the_folder_is_not_followed(
    folder: Path, wanted: Wanted, tmp_path: Path
) -> None:
    outside = tmp_path / "private.mp4"
    outside.write_bytes(media.video(duration_s=4))
    (folder / "waves-link.mp4").symlink_to(outside)

    assert "waves-link.mp4" not in names(folder, "waves", wanted())


def test_fetched_clip_is_a_copy(folder: Path, wanted: Wanted, tmp_path: Path) -> None:
    source = LocalFootage(folder)
    file = source.search("waves", wanted())[0].files[0]
    target = tmp_path / "work" / "clip.mp4"

    source.fetch(file, target)

    assert target.read_bytes() == Path(file.link).read_bytes()
    assert target.stat().st_ino != Path(file.link).stat().st_ino


@pytest.mark.provider_error(adapter="local footage", row="clip gone", outcome="ProviderUnavailable")
def test_clip_that_has_gone_is_unavailable(folder: Path, wanted: Wanted, tmp_path: Path) -> None:
    source = LocalFootage(folder)
    file = source.search("waves", wanted())[0].files[0]
    Path(file.link).unlink()

    with pytest.raises(ProviderUnavailable, match="could not be read"):
        source.fetch(file, tmp_path / "clip.mp4")


@pytest.mark.provider_error(adapter="local footage", row="no folder", outcome="ProviderRejected")
def test_missing_folder_says_what_to_do(tmp_path: Path, wanted: Wanted) -> None:
    with pytest.raises(ProviderRejected, match="make the folder"):
        LocalFootage(tmp_path / "none").search("waves", wanted())
