"""Benchmark of the near-duplicate look-up, on a database of its own."""

from __future__ import annotations

import json

from ai_artist.benchmarks.measuring import Result, cost_of_python, scratch_project

TRACKS = 100_000

# Fingerprints as fifty composed tracks have them: a bottom sketch of some 6,000 different words,
# and now and then a word that many tracks know, so that one pair of tracks in 130 shares a key.
# The keys' index is built after the rows, as a restore does.
LOOK_UPS = """
import django; django.setup()
import json, statistics, time
import numpy as np
from django.db import connection, transaction
from artists.models import Artist
from media_tools.audio.fingerprint import SKETCH_SIZE, sketch
from runs.steps import duplicates
from runs.models import AudioFingerprint, Batch, FingerprintKey, Run
COMMON, KNOWN, WORDS, BLOCK = 8192, 8, 6000, 5000
rng = np.random.default_rng(1)
common = rng.integers(0, 2**31 * SKETCH_SIZE // WORDS, COMMON)

def keys_of(tracks):
    keys = rng.integers(0, 2**31 * SKETCH_SIZE // WORDS, (tracks, SKETCH_SIZE))
    keys[:, :KNOWN] = common[rng.integers(0, COMMON, (tracks, KNOWN))]
    return keys

started = time.perf_counter()
artist = Artist.objects.create(name="A", slug="a", genre="lofi", sound_identity="a")
batch = Batch.objects.create(origin="command", size=1, seed=1)
index = FingerprintKey._meta.indexes[0]
with connection.schema_editor() as schema:
    schema.remove_index(FingerprintKey, index)
insert = f"INSERT INTO {{FingerprintKey._meta.db_table}} (fingerprint_id, key) VALUES (%s, %s)"
for start in range(0, {tracks}, BLOCK):
    runs = Run.objects.bulk_create(
        [Run(batch=batch, artist=artist, seed=start + n) for n in range(BLOCK)]
    )
    prints = AudioFingerprint.objects.bulk_create(
        [AudioFingerprint(run=run, frames=b"0000") for run in runs]
    )
    owners = np.repeat([found.pk for found in prints], SKETCH_SIZE).tolist()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(insert, list(zip(owners, keys_of(BLOCK).ravel().tolist())))
with connection.schema_editor() as schema:
    schema.add_index(FingerprintKey, index)
populated_s = time.perf_counter() - started

probe = Run(batch=batch, artist=artist, seed=-1)
known = Run.objects.first()
copied = rng.integers(0, 2**32, WORDS, dtype=np.uint32).tobytes()
duplicates.remember(known, copied)
waits, found = [], 0
for n in range(20):
    # Every other track looked up is a copy of a known one.
    heard = copied if n % 2 else rng.integers(0, 2**32, WORDS, dtype=np.uint32).tobytes()
    heard = heard[4 * n :]
    sketched = time.perf_counter()
    found += len(duplicates.alike(probe, heard))
    waits.append(time.perf_counter() - sketched)
print(json.dumps({{
    "populate_s": populated_s, "copies_found": found, "copies": 10,
    "look_up_s": statistics.median(waits), "look_up_s_max": max(waits),
}}))
"""


def catalogue() -> Result:
    """A near-duplicate look-up among 100,000 tracks, half of the time for a copy of one."""
    with scratch_project() as environment:
        code = LOOK_UPS.format(tracks=TRACKS)
        figures = json.loads(cost_of_python(code, environment=environment).stdout)
    return Result("catalogue", {"tracks": TRACKS, **figures})
