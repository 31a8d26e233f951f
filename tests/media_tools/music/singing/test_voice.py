import sys

import numpy as np
import pytest

from media_tools.errors import ToolMissing
from media_tools.music.singing import voice as module
from media_tools.music.singing.phrase import phrase_of
from media_tools.music.singing.voice import BINS, FRAMES_PER_UNIT, Reader, Voice


def test_words_come_with_their_sounds(reader: Reader) -> None:
    words = reader.words("Neon rivers, running")

    assert [word.text for word in words] == ["Neon", "rivers,", "running"]
    assert words[1].phonemes == "ɹˈɪvəɹz"


def test_punctuation_alone_is_no_word(reader: Reader) -> None:
    assert [word.text for word in reader.words("home — again")] == ["home", "again"]


def test_what_cannot_be_read_has_no_words(reader: Reader) -> None:
    assert reader.words("…!?") == ()


def test_numbers_are_read(reader: Reader) -> None:
    assert "".join(word.phonemes for word in reader.words("7 hearts")).startswith("sˈɛvən")


def test_spectra_are_as_long_as_the_durations(reader: Reader, voice: Voice) -> None:
    ids = voice.ids(phrase_of(reader.words("hold on")).symbols)
    prosody = voice.prosody(ids)

    spectra = voice.spectra(ids, prosody.units, prosody.f0_hz)

    assert len(prosody.units) == ids.shape[1]
    assert spectra.log_harmonic.shape == (BINS, int(prosody.units.sum()) * FRAMES_PER_UNIT)


def test_told_pitch_reaches_the_network(reader: Reader, voice: Voice) -> None:
    ids = voice.ids(phrase_of(reader.words("hold on")).symbols)
    prosody = voice.prosody(ids)

    low = voice.spectra(ids, prosody.units, prosody.f0_hz)
    high = voice.spectra(ids, prosody.units, prosody.f0_hz * 1.5)

    assert float(np.abs(low.log_harmonic - high.log_harmonic).mean()) > 0.1


def test_the_voice_is_loaded_once(voice: Voice) -> None:
    assert module.load_voice() is voice


@pytest.mark.parametrize("package", ["hibari", "hibari.g2p"])
def test_missing_package_says_how_to_install_it(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)

    with pytest.raises(ToolMissing, match=r"requirements-voice\.txt"):
        module.load_reader()


def test_missing_runtime_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)

    with pytest.raises(ToolMissing, match="onnxruntime"):
        module.load_voice.__wrapped__()
