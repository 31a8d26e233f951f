"""Benchmark of the comparison of words and titles with the catalogue."""

from __future__ import annotations

import json
import os
import sys

from django.conf import settings

from ai_artist.benchmarks.measuring import Result, cost_of, cost_of_python, scratch_project

SONGS = 100_000

# Songs as the offline writer makes them: phrases that two of a sample of 300 songs have are as
# common in the whole catalogue; all others are drawn anew. Indexes are built after the rows, as a
# restore does.
LOOK_UPS = """
import django; django.setup()
import json, statistics, time
from collections import Counter
import numpy as np
from django.db import connection
from ai_artist.benchmarks.measuring import percentile
from artists.models import Artist
from media_tools.text.bank.genres import GENRES
from media_tools.text.base import ConceptBrief, LyricsBrief, PersonaBrief
from media_tools.text.offline import OfflineWriter
from media_tools.text.shingles import pack, repeat_findings, shingles, sketch, title_key
from runs.models import Batch, Run, SongWords, WordKey
from runs.steps import wording
SAMPLE, BLOCK, LOOKED_UP = 300, 5000, 100
rng = np.random.default_rng(1)
writer = OfflineWriter()

def written(seed):
    genre = list(GENRES)[seed % len(GENRES)]
    persona = writer.persona(PersonaBrief(genre, frozenset(), seed // 30))
    concept = writer.concept(ConceptBrief(persona, (), None, (), "", (60, 120), seed))
    return concept.title, shingles(writer.lyrics(LyricsBrief(concept, persona, (), seed)))

sample = [written(seed) for seed in range(SAMPLE)]
known = Counter(one for _, said in sample for one in said)
common = [
    (title, np.array([one for one in said if known[one] > 1], dtype=np.int64), len(said))
    for title, said in sample
]

def song():
    title, shared, size = common[rng.integers(SAMPLE)]
    own = rng.integers(0, 2**32, size - len(shared))
    return title, [*shared.tolist(), *own.tolist()]

started = time.perf_counter()
artist = Artist.objects.create(name="A", slug="a", genre="lofi", sound_identity="a")
other = Artist.objects.create(name="B", slug="b", genre="lofi", sound_identity="b")
batch = Batch.objects.create(origin="command", size=1, seed=1)
index = WordKey._meta.indexes[0]
with connection.schema_editor() as schema:
    schema.remove_index(WordKey, index)
for start in range(0, {songs}, BLOCK):
    songs = [song() for _ in range(BLOCK)]
    runs = Run.objects.bulk_create([
        Run(batch=batch, artist=artist, seed=start + n, title=title)
        for n, (title, _) in enumerate(songs)
    ])
    rows = SongWords.objects.bulk_create([
        SongWords(run=run, artist=run.artist, title_key=title_key(title), shingles=pack(said))
        for run, (title, said) in zip(runs, songs)
    ])
    WordKey.objects.bulk_create([
        WordKey(words=row, key=key) for row, (_, said) in zip(rows, songs) for key in sketch(said)
    ], batch_size=5000)
with connection.schema_editor() as schema:
    schema.add_index(WordKey, index)
with connection.cursor() as cursor:
    # What PostgreSQL does by itself some minutes after so many rows.
    cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
populated_s = time.perf_counter() - started

waits, found, titles = [], 0, 0
kept = list(SongWords.objects.order_by("pk")[:LOOKED_UP])
for n in range(LOOKED_UP):
    # Every other song looked up has seven tenths of a known one's words.
    title, said = written(SAMPLE + n)
    said = sorted(said)
    if n % 2:
        copied = np.frombuffer(bytes(kept[n].shingles), "<u4").astype(np.int64)
        taken = rng.choice(copied, round(0.7 * len(copied)), replace=False)
        said = [*taken.tolist(), *said[: len(copied) - len(taken)]]
    probe = Run(batch=batch, artist=other, seed=-1, title=title)
    hashes = frozenset(said)
    began = time.perf_counter()
    findings = repeat_findings(hashes, wording.alike(probe, hashes))
    titles += len(wording.title_findings(probe))
    waits.append(time.perf_counter() - began)
    found += any(finding.code == "lyrics_duplicate" for finding in findings)
print(json.dumps({{
    "populate_s": populated_s, "copies_found": found, "copies": LOOKED_UP // 2,
    "titles_found": titles, "look_up_s": statistics.median(waits),
    "look_up_s_p95": percentile(waits, 0.95), "look_up_s_max": max(waits),
}}))
"""


def words() -> Result:
    """Compare songs with 100,000 others, half of them with a copy of one.

    On SQLite, or on the empty database that WORDS_DATABASE_URL names.
    """
    with scratch_project() as environment:
        if url := os.environ.get("WORDS_DATABASE_URL"):
            environment["DATABASE_URL"] = url
            manage = str(settings.BASE_DIR / "manage.py")
            cost_of([sys.executable, manage, "migrate", "-v", "0"], environment=environment)
        code = LOOK_UPS.format(songs=SONGS)
        figures = json.loads(cost_of_python(code, environment=environment).stdout)
    return Result("words", {"songs": SONGS, **figures})
