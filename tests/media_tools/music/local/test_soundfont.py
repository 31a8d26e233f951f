from pathlib import Path

import numpy as np
import pytest

from media_tools.errors import ToolMissing
from media_tools.music.local.dsp import SAMPLE_RATE_HZ, pitch_hz
from media_tools.music.local.patches import PATCHES, SampledPatch
from media_tools.music.local.soundfont import DRUM_BANK, SampledInstrument, SoundFont

from .conftest import SOUNDFONT


def measured_hz(mono: np.ndarray, near_hz: float) -> float:
    """Frequency of the strongest partial within a semitone of the wanted one."""
    size = 1 << 17
    spectrum = np.abs(np.fft.rfft(mono * np.hanning(len(mono)), size))
    hz = np.fft.rfftfreq(size, 1 / SAMPLE_RATE_HZ)
    band = (hz > near_hz / 1.06) & (hz < near_hz * 1.06)
    return float(hz[band][np.argmax(spectrum[band])])


@pytest.mark.parametrize("program", [0, 4, 24, 33, 48])
@pytest.mark.parametrize("key", [45, 57])
def test_presets_are_in_tune(font: SoundFont, program: int, key: int) -> None:
    tone = font.tone(0, program, key, 90, 1.0)
    wanted = pitch_hz(key)
    cents = 1200 * np.log2(measured_hz(tone.mean(axis=0), wanted) / wanted)
    assert abs(cents) < 12


def test_all_sampled_patches_sound(font: SoundFont) -> None:
    for patch in PATCHES.values():
        if isinstance(patch, SampledPatch):
            tone = SampledInstrument(font, patch).tone(60, 0.7, 0.3)
            assert np.abs(tone).max() > 0.01
            assert np.isfinite(tone).all()


def test_loops_hold_a_note_as_long_as_wanted(font: SoundFont) -> None:
    tone = font.tone(0, 48, 60, 90, 6.0)
    assert tone.shape == (2, 6 * SAMPLE_RATE_HZ)
    assert np.sqrt(np.mean(tone[:, -SAMPLE_RATE_HZ:] ** 2)) > 0.005


def test_drum_kit_has_kick_and_snare(font: SoundFont) -> None:
    kick, snare = (font.tone(DRUM_BANK, 0, key, 100, 0.4) for key in (36, 38))
    assert np.abs(kick).max() > 0.05
    assert np.abs(snare).max() > 0.05


def test_only_what_is_played_is_decoded() -> None:
    font = SoundFont(SOUNDFONT)
    assert not font._decoded
    font.tone(0, 33, 40, 90, 0.2)
    assert 1 <= len(font._decoded) <= 4


def test_unknown_preset_is_named(font: SoundFont) -> None:
    with pytest.raises(ToolMissing, match="preset 99"):
        font.tone(0, 99, 60, 90, 0.1)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ToolMissing, match=r"gone\.sf3"):
        SoundFont(tmp_path / "gone.sf3")


@pytest.mark.parametrize("keep", [0, 3, 11, 600, 8_000_000])
def test_truncated_file_is_refused(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "cut.sf3"
    path.write_bytes(SOUNDFONT.read_bytes()[:keep])
    with pytest.raises(ToolMissing, match=r"cut\.sf3.*assets/soundfont"):
        SoundFont(path)


def test_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "page.sf3"
    path.write_bytes(b"<html>not found</html>" * 100)
    with pytest.raises(ToolMissing, match=r"page\.sf3"):
        SoundFont(path)


def test_damaged_sample_is_refused(tmp_path: Path) -> None:
    data = bytearray(SOUNDFONT.read_bytes())
    start = data.index(b"smpl") + 8
    data[start : start + 8_000_000] = bytes(8_000_000)
    path = tmp_path / "zeroed.sf3"
    path.write_bytes(data)
    with pytest.raises(ToolMissing, match=r"zeroed\.sf3"):
        SoundFont(path).tone(0, 0, 60, 90, 0.1)
