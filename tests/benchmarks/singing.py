"""How well and how fast the embedded voice sings."""

from __future__ import annotations

import json

from ai_artist.benchmarks.measuring import Result, cost_of_python, interleaved, median_cpu_s

TRACK_S = 120
LINES = (
    "Every window in the city holds a flame",
    "Morning pulls the colour from the rain",
    "Call me when the river starts to rise",
    "There is thunder waiting in your eyes",
    "Hold on to the golden hour",
    "Nothing here can break us now",
    "We could be a hidden tower",
    "Show me where and show me how",
    "Paper boats are floating to the sea",
    "Someone keeps a lantern lit for me",
)
LYRICS = "\n".join(
    ("[Verse 1]", *LINES[:4], "", "[Chorus]", *LINES[4:8], "", "[Bridge]", *LINES[8:])
)
# The track of the speed test sings this form; its choruses have doubles and a harmony.
SONG = "\n".join(
    (
        *("[Verse 1]", *LINES[:4], "", "[Chorus]", *LINES[4:8], "", "[Verse 2]", *LINES[8:]),
        *(*LINES[:2], "", "[Chorus]", *LINES[4:8], "", "[Chorus]", *LINES[4:8]),
    )
)

# The lead of each line alone and dry, on the notes the composer gives it, in every register.
ACCURACY = """
import json
from dataclasses import replace
import numpy as np
from media_tools.music.local.compose import Order, compose_best
from media_tools.music.local.genres import GENRE_BY_NAME
from media_tools.music.local.sound import sound_of
from media_tools.music.local.theory import parse_key
from media_tools.music.singing.lyrics import singing_times_s
from media_tools.music.singing.measure import onset_errors_s
from media_tools.music.singing.singer import REGISTERS, singer_of
from media_tools.music.singing.vocals import Groove, perform_line, set_lyrics
from media_tools.music.singing.voice import load_reader, load_voice
from media_tools.seeds import stream
from tests.media_tools.music.singing.pitch import pitch_errors_cents
genre, lyrics = GENRE_BY_NAME["synthwave"], {lyrics!r}
sound = sound_of("benchmark", genre)
order = Order(genre=genre, key=parse_key("A minor"), tempo_bpm=104.0, duration_s=90.0,
              lyric_form=("verse", "chorus", "bridge"), sound=sound, seed=1,
              sung_s=singing_times_s(lyrics))
score, reader, voice, usual = compose_best(order).score, load_reader(), load_voice(), singer_of("x")
groove, found = Groove(score, sound.swing, genre.swing_step), {{}}
for register in REGISTERS:
    throat = replace(usual.throat, formant=register.formant, octave=register.octave)
    singer = replace(usual, register=register.name, voice=register.voice, throat=throat)
    lines, _ = set_lyrics(score, lyrics, singer, reader)
    cents, onsets = [], []
    for number, line in enumerate(lines):
        lead, _ = perform_line(voice, groove, line, singer)
        signal = lead.sound(lead.curve(), stream("benchmark", number))
        cents.append(np.abs(pitch_errors_cents(signal, lead.times_s, lead.curve())))
        onsets.append(np.abs(onset_errors_s(signal, lead.starts_s)))
    cents, onsets = np.concatenate(cents), np.concatenate(onsets) * 1000.0
    found |= {{
        f"{{register.name}}_{{name}}": float(value) for name, value in (
            ("lines", len(lines)), ("syllables", len(onsets)),
            ("pitch_error_cents_median", np.median(cents)),
            ("pitched_within_50_cents_percent", 100.0 * np.mean(cents <= 50.0)),
            ("onset_error_ms_median", np.median(onsets)),
            ("onset_error_ms_max", onsets.max()),
            ("onsets_within_25_ms_percent", 100.0 * np.mean(onsets <= 25.0)),
        )
    }}
print(json.dumps(found))
"""

TRACK = """
import pathlib, tempfile
from media_tools.audio.master import master
from media_tools.music.base import MusicRequest
from media_tools.music.local.engine import LocalMusic
request = MusicRequest(
    title="Benchmark", genre="synthwave", prompt="synthwave", mood="steady",
    duration_s={seconds}, tempo_bpm=104, key="A minor", lyrics={lyrics!r},
    lyric_form=("verse", "chorus", "verse", "chorus", "chorus"), instrumental={instrumental},
    artist_sound="benchmark", seed=1,
)
with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    engine = LocalMusic(soundfont=pathlib.Path({soundfont!r}))
    track = engine.collect(engine.submit(request, idempotency_key="1"), request, folder)
    master(track.audio, folder / "master.wav")
    print(track.duration_s)
"""


def singing(soundfont: str) -> Result:
    """Pitch and timing of ten lines, and the cost of a 120 s track with lead, doubles, harmony.

    Needs the packages of requirements-voice.txt.
    """
    accuracy = json.loads(cost_of_python(ACCURACY.format(lyrics=LYRICS)).stdout)

    def code(instrumental: bool) -> str:
        return TRACK.format(
            seconds=TRACK_S, lyrics=SONG, instrumental=instrumental, soundfont=soundfont
        )

    costs = interleaved(
        {
            "sung": lambda: cost_of_python(code(False)),
            "instrumental": lambda: cost_of_python(code(True)),
        }
    )
    sung_s, instrumental_s = median_cpu_s(costs["sung"]), median_cpu_s(costs["instrumental"])
    audio_s = float(costs["sung"][0].stdout)
    figures = {name: float(value) for name, value in accuracy.items()}
    figures |= {
        "sung_cpu_s": sung_s,
        "instrumental_cpu_s": instrumental_s,
        "audio_s": audio_s,
        "sung_peak_mib": max(cost.peak_mib for cost in costs["sung"]),
    }
    return Result("singing", figures, {"audio_s_per_cpu_s": audio_s / sung_s})
