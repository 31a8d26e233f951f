"""Audio commands for use outside a run."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command


def run_json(*args: str) -> dict:
    out = StringIO()
    call_command(*args, "--json", stdout=out)
    return json.loads(out.getvalue())


@pytest.fixture(scope="module")
def track(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short mastered track."""
    output = tmp_path_factory.mktemp("track") / "song.wav"
    run_json(
        "compose_track",
        "--genre",
        "lofi",
        "--seed",
        "4",
        "--seconds",
        "12",
        "--output",
        str(output),
    )
    return output


def test_a_composed_track_measures_as_promised(track: Path) -> None:
    data = run_json("analyze_audio", str(track))

    assert abs(data["integrated_lufs"] + 14) <= 0.2
    assert data["true_peak_dbtp"] <= -1.0
    assert data["channels"] == 2
    assert [f for f in data["findings"] if f["severity"] == "fail"] == []


def test_the_same_seed_gives_the_same_bytes(track: Path, tmp_path: Path) -> None:
    again = tmp_path / "song.wav"

    call_command(
        "compose_track",
        "--genre=lofi",
        "--seed=4",
        "--seconds=12",
        f"--output={again}",
        stdout=StringIO(),
    )

    assert again.read_bytes() == track.read_bytes()


def test_a_file_that_is_no_audio_is_named(tmp_path: Path) -> None:
    page = tmp_path / "page.mp3"
    page.write_text("<html>not found</html>")

    with pytest.raises(CommandError, match=r"page\.mp3") as stop:
        call_command("analyze_audio", str(page))

    assert stop.value.returncode == 1


@pytest.mark.parametrize(
    ("option", "value"), [("--output", "song.mp3"), ("--seconds", "5"), ("--seconds", "601")]
)
def test_bad_usage_is_refused(tmp_path: Path, option: str, value: str) -> None:
    options = {"--output": "song.wav", "--seconds": "12"} | {option: value}

    with pytest.raises(CommandError) as stop:
        call_command("compose_track", *[f"{name}={text}" for name, text in options.items()])

    assert stop.value.returncode == 2


def test_a_key_nobody_can_play_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="key"):
        call_command("compose_track", "--key=H dur", f"--output={tmp_path / 'song.wav'}")
