"""The two video commands, as an operator calls them."""

from __future__ import annotations

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from django.core.management import CommandError, call_command

from tests.contract_servers.media import video


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(video())
    return path


@pytest.fixture
def song(tmp_path: Path) -> Path:
    path = tmp_path / "song.wav"
    tone = 0.3 * np.sin(2 * np.pi * 220 * np.arange(3 * 44_100) / 44_100)
    soundfile.write(path, np.stack([tone, tone], axis=1), 44_100)
    return path


def call(name: str, *arguments: object) -> dict[str, Any]:
    out = StringIO()
    call_command(name, *(str(argument) for argument in arguments), "--json", stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def test_a_text_is_put_on_a_video(clip: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.mp4"

    answer = call("add_text_overlay", clip, output, "--text", "Hello", "--font-size", 30)

    assert output.is_file()
    assert (answer["width"], answer["height"], answer["video_codec"]) == (270, 480, "h264")


def test_a_position_may_be_in_pixels(clip: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.mp4"

    call("add_text_overlay", clip, output, "--text", "Hi", "--position", "10,20", "--no-box")

    assert output.is_file()


@pytest.mark.parametrize("option", [("--color", "mud"), ("--start", "9")])
def test_bad_usage_is_exit_code_two(clip: Path, tmp_path: Path, option) -> None:
    with pytest.raises(CommandError) as refused:
        call("add_text_overlay", clip, tmp_path / "out.mp4", "--text", "Hi", *option)

    assert refused.value.returncode == 2


def test_an_unknown_position_is_refused(clip: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="nor X,Y"):
        call("add_text_overlay", clip, tmp_path / "o.mp4", "--text", "Hi", "--position", "left")


def test_moviepy_is_not_imported_by_the_default_engine(clip: Path, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; import runs.management.commands.add_text_overlay;"
        "from media_tools.video.overlay import TextOverlay, add_text_overlay;"
        f"add_text_overlay(Path({str(clip)!r}), Path({str(tmp_path / 'o.mp4')!r}),"
        " TextOverlay('Hi'));"
        "assert 'moviepy' not in sys.modules"
    )

    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def test_a_bad_file_is_exit_code_one(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no such file") as refused:
        call("add_text_overlay", tmp_path / "no.mp4", tmp_path / "out.mp4", "--text", "Hi")

    assert refused.value.returncode == 1


def test_a_lyric_video_is_made_of_footage(clip: Path, song: Path, tmp_path: Path) -> None:
    captions, output = tmp_path / "captions.json", tmp_path / "out.mp4"
    captions.write_text(json.dumps([{"start": 0.5, "end": 1.5, "text": "Some words"}]))

    answer = call(
        "render_lyric_video",
        *("--footage", clip, "--audio", song, "--captions", captions, "--output", output),
        *("--title", "Midnight", "--artist", "Nova", "--seconds", 2, "--size", "270x480"),
        *("--fps", 15, "--preset", "ultrafast"),
    )

    assert answer["duration_s"] == pytest.approx(2.0, abs=0.1)


def test_captions_that_are_none_are_bad_usage(song: Path, tmp_path: Path) -> None:
    captions = tmp_path / "captions.json"
    captions.write_text('{"text": 1}')

    with pytest.raises(CommandError, match="no list of") as refused:
        call(
            "render_lyric_video",
            *("--audio", song, "--captions", captions, "--output", tmp_path / "out.mp4"),
            *("--title", "Midnight", "--artist", "Nova"),
        )

    assert refused.value.returncode == 2


def test_shapes_and_teasers_lie_beside_the_video(song: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.mp4"

    answer = call(
        "render_lyric_video",
        *("--audio", song, "--output", output, "--title", "Midnight", "--artist", "Nova"),
        *("--style", "drift", "--size", "216x384", "--fps", 10, "--preset", "ultrafast"),
        *("--shape", "1:1", "--shape", "16:9", "--teaser", 2),
    )

    assert (answer["width"], answer["height"]) == (216, 216)
    assert answer["others"] == [str(tmp_path / "out-16x9.mp4"), str(tmp_path / "out-2s.mp4")]
    assert {path.name for path in tmp_path.glob("out*")} == {
        "out.mp4",
        "out-16x9.mp4",
        "out-2s.mp4",
    }


def test_a_teaser_of_the_whole_song_is_bad_usage(song: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="too short for a teaser of 3 s") as refused:
        call(
            "render_lyric_video",
            *("--audio", song, "--output", tmp_path / "out.mp4", "--title", "Midnight"),
            *("--artist", "Nova", "--size", "64x64", "--fps", 5, "--teaser", 3),
        )

    assert refused.value.returncode == 2


def test_times_of_words_must_fit_the_words(song: Path, tmp_path: Path) -> None:
    captions = tmp_path / "captions.json"
    captions.write_text(
        json.dumps([{"start": 0, "end": 2, "text": "two words", "word_starts": [0.1]}])
    )

    with pytest.raises(CommandError, match="not one time for each word") as refused:
        call(
            "render_lyric_video",
            *("--audio", song, "--captions", captions, "--output", tmp_path / "out.mp4"),
            *("--title", "Midnight", "--artist", "Nova"),
        )

    assert refused.value.returncode == 2
