"""Benchmarks of the embedded engines."""

from __future__ import annotations

from collections.abc import Callable

from ai_artist.benchmarks.measuring import (
    Cost,
    Result,
    cost_of_python,
    interleaved,
    median_cpu_s,
)
from media_tools.images.families import FAMILIES
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

COVER = """
import pathlib, tempfile
from media_tools.images.cover import CoverRequest, render_cover
request = CoverRequest(
    title="Neon Rivers", artist="Benchmark", genre="synthwave",
    palette=("#0b0620", "#3a1663", "#d2347f", "#ffd39b"), style="wet neon streets", seed={seed},
    family={family!r},
)
with tempfile.TemporaryDirectory() as name:
    render_cover(request, pathlib.Path(name) / "cover.jpg")
"""

# 200 songs of all genres; prints sections, sections whose rhyme scheme holds by phonemes, and
# songs with a finding of the gates (repeated lines among them).
LYRICS_QUALITY = """
from media_tools.text.bank.genres import GENRES
from media_tools.text.base import ConceptBrief, LyricsBrief, PersonaBrief
from media_tools.text.checks import lyric_findings, rhyme_report
from media_tools.text.offline import OfflineWriter
writer = OfflineWriter()
sections = held = flawed = 0
for seed in range({songs}):
    genre = list(GENRES)[seed % len(GENRES)]
    persona = writer.persona(PersonaBrief(genre, frozenset(), seed))
    concept = writer.concept(ConceptBrief(persona, (), None, (), "", (60, 120), seed))
    lyrics = writer.lyrics(LyricsBrief(concept, persona, (), seed))
    schemes = [section.scheme for section in rhyme_report(lyrics).sections]
    sections += len(schemes)
    held += sum(scheme in ("AA", "AABB", "ABAB") for scheme in schemes)
    flawed += bool(lyric_findings(lyrics))
print(sections, held, flawed)
"""

LYRICS = """
from media_tools.text.base import ConceptBrief, LyricsBrief, PersonaBrief
from media_tools.text.offline import OfflineWriter
writer = OfflineWriter()
persona = writer.persona(PersonaBrief(genre="synthwave", taken_names=frozenset(), seed=1))
for seed in range({songs}):
    concept = writer.concept(ConceptBrief(
        persona=persona, lessons=(), trend=None, recent_titles=(), music_prompt_prefix="",
        duration_s=(70, 105), seed=seed,
    ))
    writer.lyrics(LyricsBrief(concept=concept, persona=persona, lessons=(), seed=seed))
"""


def music(soundfont: str) -> Result:
    """Compose to mastered WAV, 120 s, three genres: seconds of audio per CPU second."""
    chosen = {genre.name: genre for genre in GENRES if genre.name in ("synthwave", "lofi", "house")}

    def work(name: str, tempo_bpm: int) -> Callable[[], Cost]:
        code = MUSIC.format(genre=name, seconds=TRACK_S, soundfont=soundfont, tempo=tempo_bpm)
        return lambda: cost_of_python(code)

    costs = interleaved({name: work(name, genre.tempo_bpm[0]) for name, genre in chosen.items()})
    figures, ratios = {}, {}
    for name, found in costs.items():
        cpu_s = median_cpu_s(found)
        audio_s = float(found[0].stdout)
        figures[f"{name}_cpu_s"] = cpu_s
        figures[f"{name}_audio_s"] = audio_s
        figures[f"{name}_peak_mib"] = max(cost.peak_mib for cost in found)
        ratios[f"{name}_audio_s_per_cpu_s"] = audio_s / cpu_s
    return Result("music", figures, ratios)


def cover() -> Result:
    """A 3000 x 3000 cover of every family, start-up included."""
    costs = [
        cost_of_python(COVER.format(seed=seed, family=family))
        for seed, family in enumerate(FAMILIES)
    ]
    return Result(
        "cover",
        {
            "cpu_s_median": median_cpu_s(costs),
            "cpu_s_max": max(cost.cpu_s for cost in costs),
            "peak_mib": max(cost.peak_mib for cost in costs),
        },
    )


def lyrics() -> Result:
    """Concept and lyrics of the offline writer: cost without start-up, and how well they rhyme."""
    songs, judged = 20, 200
    costs = interleaved(
        {
            "none": lambda: cost_of_python(LYRICS.format(songs=0)),
            "songs": lambda: cost_of_python(LYRICS.format(songs=songs)),
        }
    )
    work_s = median_cpu_s(costs["songs"]) - median_cpu_s(costs["none"])
    quality = cost_of_python(LYRICS_QUALITY.format(songs=judged))
    sections, held, flawed = (int(word) for word in quality.stdout.split())
    return Result(
        "lyrics",
        {
            "cpu_s_per_song": work_s / songs,
            "start_up_cpu_s": median_cpu_s(costs["none"]),
            "songs_judged": judged,
            "songs_with_findings": flawed,
        },
        {"songs_per_cpu_s": songs / work_s, "sections_that_rhyme": held / sections},
    )
