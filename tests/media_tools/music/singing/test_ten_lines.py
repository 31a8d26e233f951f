"""Ten lines that were never used for tuning, on the notes the composer gives them.

One register sings them all, the others one of each section; `python -m tests.benchmarks singing`
measures every line in every register.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from media_tools.music.local.compose import Order, compose
from media_tools.music.local.genres import INDIE_POP
from media_tools.music.local.sound import sound_of
from media_tools.music.local.theory import parse_key
from media_tools.music.singing.lyrics import singing_times_s
from media_tools.music.singing.measure import onset_errors_s
from media_tools.music.singing.singer import REGISTERS, Register, singer_of
from media_tools.music.singing.vocals import Groove, perform_line, set_lyrics
from media_tools.music.singing.voice import Reader, Voice
from media_tools.seeds import stream
from tests.media_tools.music.singing.pitch import pitch_errors_cents

LYRICS = """[Verse]
The kettle sings before the day
A stranger left the porch light on
We counted every ship in May
And none of them were ever gone

[Chorus]
Brave enough to break the silence
Young enough to lose the key
Questions floating over islands
Thousand voices calling me

[Bridge]
Put the jacket on your shoulder
Hear the engine growing colder
"""


ALL, ONE_A_SECTION = slice(None), slice(1, None, 4)


@pytest.mark.parametrize(
    ("register", "sung"),
    [(register, ONE_A_SECTION if number else ALL) for number, register in enumerate(REGISTERS)],
    ids=[register.name for register in REGISTERS],
)
def test_every_line_is_sung_in_tune_and_in_time(
    register: Register, sung: slice, reader: Reader, voice: Voice
) -> None:
    usual, sound = singer_of("Neon Fox"), sound_of("Neon Fox", INDIE_POP)
    throat = replace(usual.throat, formant=register.formant, octave=register.octave)
    singer = replace(usual, register=register.name, voice=register.voice, throat=throat)
    form = ("verse", "chorus", "bridge")
    score = compose(
        Order(INDIE_POP, parse_key("D major"), 112.0, 80.0, form, sound, 3, singing_times_s(LYRICS))
    )
    lines, wanted = set_lyrics(score, LYRICS, singer, reader)
    groove = Groove(score, sound.swing, INDIE_POP.swing_step)
    cents: list[float] = []
    late_s: list[float] = []
    for number, line in list(enumerate(lines))[sung]:
        lead, _ = perform_line(voice, groove, line, singer)
        signal = lead.sound(lead.curve(), stream("ten lines", number))
        cents += np.abs(pitch_errors_cents(signal, lead.times_s, lead.curve())).tolist()
        late_s += np.abs(onset_errors_s(signal, lead.starts_s)).tolist()

    assert len(lines) == wanted == 10
    assert np.median(cents) <= 5.0
    assert np.mean(np.array(cents) <= 50.0) >= 0.95
    assert max(late_s) <= 0.025
