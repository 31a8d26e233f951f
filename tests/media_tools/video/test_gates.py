from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from media_tools.findings import Severity
from media_tools.seeds import stream
from media_tools.video.gates import video_findings
from tests.media_tools.video.conftest import X264

MOVING = "testsrc2=s=270x480:r=15:d=6"
TONE = "sine=d=6"


def codes(path: Path, duration_s: float = 6.0, **options) -> list[str]:
    findings = video_findings(path, audio_duration_s=duration_s, **options)
    return [finding.code for finding in findings]


def test_a_good_video_has_no_findings(make_clip: Callable[..., Path]) -> None:
    assert codes(make_clip(MOVING, TONE, *X264, "-c:a", "aac"), size=(270, 480)) == []


def test_black_stretches_are_found_with_their_place(make_clip: Callable[..., Path]) -> None:
    path = make_clip(f"{MOVING},drawbox=t=fill:color=black:enable='between(t,1,4)'", TONE, *X264)

    findings = video_findings(path, audio_duration_s=6.0)

    black = next(finding for finding in findings if finding.code == "video_black")
    assert black.severity is Severity.FAIL
    assert black.start_s == pytest.approx(1.0, abs=0.3)
    assert black.end_s == pytest.approx(4.0, abs=0.3)


def test_a_frozen_end_is_found(make_clip: Callable[..., Path]) -> None:
    path = make_clip(
        "testsrc2=s=270x480:r=15:d=3,tpad=stop_mode=clone:stop_duration=3", TONE, *X264
    )

    findings = video_findings(path, audio_duration_s=6.0)

    assert [finding.code for finding in findings] == ["video_frozen"]
    assert findings[0].end_s == pytest.approx(6.0, abs=0.1)


def test_a_short_black_moment_is_no_fault(make_clip: Callable[..., Path]) -> None:
    path = make_clip(f"{MOVING},drawbox=t=fill:color=black:enable='between(t,1,2)'", TONE, *X264)

    assert codes(path) == []


def test_a_wrong_length_is_found(make_clip: Callable[..., Path]) -> None:
    assert codes(make_clip(MOVING, TONE, *X264), 6.4) == ["video_length"]


def test_sound_that_ends_early_is_found(make_clip: Callable[..., Path]) -> None:
    assert codes(make_clip(MOVING, "sine=d=4", *X264)) == ["video_av_length"]


def test_a_silent_video_is_found(make_clip: Callable[..., Path]) -> None:
    assert "video_silent" in codes(make_clip(MOVING, None, *X264))


def test_a_wrong_size_is_found(make_clip: Callable[..., Path]) -> None:
    assert codes(make_clip(MOVING, TONE, *X264), size=(1080, 1920)) == ["video_size"]


def test_chroma_that_phones_do_not_play_is_found(make_clip: Callable[..., Path]) -> None:
    path = make_clip(MOVING, TONE, "-c:v", "libx264", "-pix_fmt", "yuv444p")

    assert codes(path) == ["video_format"]


def test_damage_is_found(make_clip: Callable[..., Path], tmp_path: Path) -> None:
    content = bytearray(make_clip(MOVING, TONE, *X264, "-movflags", "+faststart").read_bytes())
    middle = len(content) // 2
    content[middle : middle + 6000] = stream("damage").bytes(6000)
    path = tmp_path / "rot.mp4"
    path.write_bytes(content)

    assert "video_damaged" in codes(path)


def test_a_file_that_is_no_video_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    path.write_text("<html>")

    assert codes(path) == ["video_unreadable"]
