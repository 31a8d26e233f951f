"""What the music providers share: words, files, takes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from media_tools.errors import MediaInvalid
from media_tools.music.base import MusicRequest, MusicTrack
from media_tools.music.intake import to_wav
from media_tools.music.takes import best_first
from media_tools.music.wording import shortened, style_words, sung_parts
from media_tools.provenance import Provenance
from tests.contract_servers.songs import song

Asked = Callable[..., MusicRequest]


def noise(frames: int, channels: int, level: float = 0.3) -> np.ndarray:
    draw = np.random.default_rng(3)
    return (level * draw.uniform(-1, 1, (frames, channels))).astype(np.float32)


# Words


def test_style_says_only_what_the_prompt_does_not(asked: Asked) -> None:
    request = asked(prompt="Synth Pop, 118 bpm, soft", mood="soft")

    assert style_words(request, limit=200) == "Synth Pop, 118 bpm, soft, A minor"


def test_style_without_a_prompt_has_the_facts(asked: Asked) -> None:
    request = asked(prompt=" ", key=None, mood="")

    assert style_words(request, limit=200) == "synth pop, 118 BPM"


@pytest.mark.parametrize(
    ("limit", "cut"),
    [(20, "soft rain, far away"), (19, "soft rain, far away"), (12, "soft rain"), (3, "sof")],
)
def test_text_is_cut_between_words(limit: int, cut: str) -> None:
    assert shortened("soft  rain, far away", limit) == cut


def test_lyrics_fall_apart_at_their_headings() -> None:
    parts = sung_parts(
        "a line\n\n[Pre-Chorus 2]\nanother\n\n[Break]\n\n[Chorus]\nla [softly]\nlo\n"
    )

    assert [(part.kind, part.heading, part.lines) for part in parts] == [
        ("verse", "Verse", ("a line",)),
        ("prechorus", "Pre-Chorus 2", ("another",)),
        ("chorus", "Chorus", ("la [softly]", "lo")),
    ]


# Files


@pytest.mark.parametrize("suffix", [".mp3", ".flac", ".ogg", ".m4a", ".wav"])
def test_any_format_becomes_a_stereo_wav(tmp_path: Path, suffix: str) -> None:
    source = tmp_path / "song.download"
    source.write_bytes(song(1, 2.0, suffix))

    made = to_wav(source, tmp_path / "song.wav")

    info = soundfile.info(made.path)
    assert (info.samplerate, info.channels, info.subtype) == (44_100, 2, "PCM_24")
    assert made.duration_s == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize(
    ("rate", "wanted"), [(48_000, 48_000), (96_000, 48_000), (32_000, 48_000), (22_050, 44_100)]
)
def test_other_rates_are_converted(tmp_path: Path, rate: int, wanted: int) -> None:
    source = tmp_path / "song.flac"
    soundfile.write(source, noise(rate, 1), rate)

    made = to_wav(source, tmp_path / "song.wav")

    assert soundfile.info(made.path).samplerate == wanted
    assert made.duration_s == pytest.approx(1.0)


def test_song_past_full_scale_is_turned_down_not_clipped(tmp_path: Path) -> None:
    source = tmp_path / "song.wav"
    samples = noise(44_100, 2, level=0.5)
    samples[1000] = 2.0
    soundfile.write(source, samples, 44_100, subtype="FLOAT")

    made = to_wav(source, tmp_path / "made.wav")

    written, _ = soundfile.read(made.path, dtype="float32")
    assert made.gain_db == -6.02
    assert np.allclose(written, samples / 2, atol=1e-5)


def test_song_that_is_too_long_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "song.wav"
    soundfile.write(source, noise(44_100 * 3, 1), 44_100)

    with pytest.raises(MediaInvalid, match="the limit is 2 s"):
        to_wav(source, tmp_path / "made.wav", longest_s=2.0)

    assert not (tmp_path / "made.wav").exists()


def test_song_that_is_too_short_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "song.wav"
    soundfile.write(source, noise(44_100, 1), 44_100)

    with pytest.raises(MediaInvalid, match=r"1\.0 s long; the least is 2 s"):
        to_wav(source, tmp_path / "made.wav", shortest_s=2.0)

    assert not (tmp_path / "made.wav").exists()


# Takes


def take(folder: Path, number: int, samples: np.ndarray) -> MusicTrack:
    path = folder / f"take-{number}.wav"
    soundfile.write(path, samples, 44_100)
    return MusicTrack(
        audio=path,
        duration_s=len(samples) / 44_100,
        tempo_bpm=None,
        key=None,
        sections=(),
        provenance=Provenance(provider="test", model="", licence=""),
        facts={"take": number},
    )


def order_of(track: MusicTrack) -> list[int]:
    return [each.facts["take"] for each in (track, *track.takes)]


def test_take_with_silence_inside_comes_last(tmp_path: Path, asked: Asked) -> None:
    broken = noise(44_100 * 6, 2)
    broken[44_100 * 2 : 44_100 * 5] = 0
    takes = [take(tmp_path, 1, broken), take(tmp_path, 2, noise(44_100 * 6, 2))]

    assert order_of(best_first(takes, asked(duration_s=6.0))) == [2, 1]


def test_silent_take_comes_last(tmp_path: Path, asked: Asked) -> None:
    silent = np.zeros((44_100 * 4, 2), dtype=np.float32)
    takes = [take(tmp_path, 1, silent), take(tmp_path, 2, noise(44_100 * 4, 2))]

    assert order_of(best_first(takes, asked(duration_s=4.0))) == [2, 1]


def test_take_nearer_to_the_length_comes_first(tmp_path: Path, asked: Asked) -> None:
    takes = [take(tmp_path, n, noise(44_100 * s, 2)) for n, s in ((1, 5), (2, 4), (3, 8))]

    assert order_of(best_first(takes, asked(duration_s=4.2))) == [2, 1, 3]


def test_equal_takes_stay_in_order(tmp_path: Path, asked: Asked) -> None:
    takes = [take(tmp_path, n, noise(44_100 * 3, 2)) for n in (1, 2)]

    best = best_first(takes, asked(duration_s=3.0))

    assert order_of(best) == [1, 2]
    # So that they can be compared equally loud.
    assert best.lufs is not None
    assert best.takes[0].lufs == pytest.approx(best.lufs, abs=0.5)
