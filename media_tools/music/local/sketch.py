"""A short draft of how an artist would sound, as an MP3 to hear while its values are chosen."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile

from media_tools.music.base import MusicRequest
from media_tools.music.local.compose import compose_best
from media_tools.music.local.dsp import SAMPLE_RATE_HZ
from media_tools.music.local.engine import order_of
from media_tools.music.local.render import render
from media_tools.music.local.soundfont import SoundFont

SKETCH_S = 10.0
# A plan of so many seconds has a chorus and plays for SKETCH_S or longer at most tempos.
PLANNED_S = 6.0
CANDIDATES = 2
FADE_S = 0.8


def sketch(request: MusicRequest, soundfont: Path) -> bytes:
    """Play the band for SKETCH_S seconds, without a voice, and return an MP3.

    Raises ProviderRejected if the request cannot be played.
    """
    order = order_of(replace(request, duration_s=PLANNED_S))
    score = compose_best(order, CANDIDATES).score
    mix = render(score, order.sound, order.genre, SoundFont(soundfont), seed=order.seed % (1 << 32))
    heard = mix[:, : int(SKETCH_S * SAMPLE_RATE_HZ)].copy()
    frames = min(int(FADE_S * SAMPLE_RATE_HZ), heard.shape[1])
    heard[:, -frames:] *= np.linspace(1.0, 0.0, frames, dtype=heard.dtype)
    written = io.BytesIO()
    soundfile.write(written, heard.T, SAMPLE_RATE_HZ, format="MP3")
    return written.getvalue()
