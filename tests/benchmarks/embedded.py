"""Benchmarks of covers and of the offline writer."""

from __future__ import annotations

from ai_artist.benchmarks.measuring import Result, cost_of_python, interleaved, median_cpu_s
from media_tools.images.families import FAMILIES

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
