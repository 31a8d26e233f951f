"""Benchmark of the local music engine."""

from __future__ import annotations

from collections.abc import Callable

from ai_artist.benchmarks.measuring import (
    Cost,
    Result,
    cost_of_python,
    interleaved,
    median_cpu_s,
)
from media_tools.music.local.genres import GENRES

TRACK_S = 120

MUSIC = """
import pathlib, sys, tempfile
from media_tools.audio.master import master
from media_tools.music.base import MusicRequest
from media_tools.music.local.engine import LocalMusic
genre, seconds, soundfont = {genre!r}, {seconds}, {soundfont!r}
request = MusicRequest(
    title="Benchmark", genre=genre, prompt=genre, mood="steady", duration_s=seconds,
    tempo_bpm={tempo}, key="A minor", lyrics="", lyric_form=(), instrumental=True,
    artist_sound="benchmark", seed=1,
)
with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    engine = LocalMusic(soundfont=pathlib.Path(soundfont))
    track = engine.collect(engine.submit(request, idempotency_key="1"), request, folder)
    master(track.audio, folder / "master.wav")
    print(track.duration_s)
"""


def music(soundfont: str) -> Result:
    """Compose 120 s to a mastered WAV in three genres; measure seconds of audio per CPU second."""
    chosen = {genre.name: genre for genre in GENRES if genre.name in ("synthwave", "lofi", "house")}

    def work(name: str, tempo_bpm: int) -> Callable[[], Cost]:
        code = MUSIC.format(genre=name, seconds=TRACK_S, soundfont=soundfont, tempo=tempo_bpm)
        return lambda: cost_of_python(code)

    costs = interleaved({name: work(name, genre.tempo_bpm[0]) for name, genre in chosen.items()})
    figures, ratios = {}, {}
    for name, of_genre in costs.items():
        cpu_s = median_cpu_s(of_genre)
        audio_s = float(of_genre[0].stdout)
        figures[f"{name}_cpu_s"] = cpu_s
        figures[f"{name}_audio_s"] = audio_s
        figures[f"{name}_peak_mib"] = max(cost.peak_mib for cost in of_genre)
        ratios[f"{name}_audio_s_per_cpu_s"] = audio_s / cpu_s
    return Result("music", figures, ratios)
