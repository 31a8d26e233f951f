"""Songs written before are in the comparison of words and titles too."""

import re
import struct
import unicodedata
from hashlib import blake2b

from django.db import migrations

# As media_tools/text/shingles.py does it at this version.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
WORD = re.compile(rf"[{UNSPACED}]|[^\W_{UNSPACED}]+")
WORDS, LEAST_DIFFERENT, SKETCH_SIZE, LONGEST_TITLE = 5, 3, 32, 120
BATCH = 500


def folded_words(text):
    parts = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(part for part in parts if not unicodedata.category(part).startswith("M"))
    return WORD.findall(unicodedata.normalize("NFC", re.sub("['’]", "", plain)))


def shingles(sections):
    hashes = set()
    for section in sections:
        words = folded_words("\n".join(section["lines"]))
        for start in range(len(words) - WORDS + 1):
            run = words[start : start + WORDS]
            if len(set(run)) >= LEAST_DIFFERENT:
                digest = blake2b(" ".join(run).encode(), digest_size=4).digest()
                hashes.add(int.from_bytes(digest))
    return sorted(hashes)


def remember_songs(apps, schema_editor):
    Step = apps.get_model("runs", "Step")
    songs = (
        Step.objects.filter(name="lyrics", status="done", output__has_key="lyrics")
        .order_by("pk")
        .values_list("pk", "run", "run__artist", "run__title", "output__lyrics__sections")
    )
    last = 0
    while some := list(songs.filter(pk__gt=last)[:BATCH]):
        last = some[-1][0]
        remember(apps, [song[1:] for song in some])


def remember(apps, songs):
    SongWords = apps.get_model("runs", "SongWords")
    WordKey = apps.get_model("runs", "WordKey")
    said = [shingles(sections or ()) for *_, sections in songs]
    rows = SongWords.objects.bulk_create(
        SongWords(
            run_id=run,
            artist_id=artist,
            title_key=" ".join(folded_words(title))[:LONGEST_TITLE],
            shingles=struct.pack(f"<{len(hashes)}I", *hashes),
        )
        for (run, artist, title, _), hashes in zip(songs, said)
    )
    WordKey.objects.bulk_create(
        [
            WordKey(words=row, key=key)
            for row, hashes in zip(rows, said)
            for key in hashes[:SKETCH_SIZE]
        ],
        batch_size=5000,
    )


class Migration(migrations.Migration):
    dependencies = [("runs", "0016_song_words")]

    operations = [
        migrations.RunPython(remember_songs, migrations.RunPython.noop, elidable=True),
    ]
