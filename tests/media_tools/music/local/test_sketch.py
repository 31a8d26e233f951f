"""A sketch of a sound: short, faded out, and refused like a song."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from media_tools.errors import ProviderRejected
from media_tools.music.local.sketch import SKETCH_S, sketch

from .conftest import SOUNDFONT, MakeRequest


def test_sketch_is_an_mp3_of_ten_seconds_that_fades_out(request_for: MakeRequest) -> None:
    played = sketch(request_for("folk", tempo_bpm=96), SOUNDFONT)

    samples, rate = soundfile.read(io.BytesIO(played))
    assert soundfile.info(io.BytesIO(played)).format == "MP3"
    assert len(samples) / rate == pytest.approx(SKETCH_S, abs=0.1)
    level = float(np.sqrt((samples[rate : 5 * rate] ** 2).mean()))
    assert level > 0.01
    assert np.abs(samples[-rate // 100 :]).max() < level


def test_sketch_of_what_cannot_be_played_is_refused(request_for: MakeRequest) -> None:
    with pytest.raises(ProviderRejected):
        sketch(request_for(tempo_bpm=20), SOUNDFONT)
