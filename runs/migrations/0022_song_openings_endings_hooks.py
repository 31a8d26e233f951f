"""What songs have used, so that new ones do not say it again; earlier songs' hooks count too."""

import re
import unicodedata

from django.db import migrations, models

# As media_tools/text/shingles.py does it at this version.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
WORD = re.compile(rf"[{UNSPACED}]|[^\W_{UNSPACED}]+")
LONGEST_HOOK, BATCH = 120, 500


def folded_words(text):
    parts = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(part for part in parts if not unicodedata.category(part).startswith("M"))
    return WORD.findall(unicodedata.normalize("NFC", re.sub("['\u2019]", "", plain)))


def remember_hooks(apps, schema_editor):
    SongWords = apps.get_model("runs", "SongWords")
    songs = SongWords.objects.select_related("run").order_by("pk")
    last = 0
    while some := list(songs.filter(pk__gt=last)[:BATCH]):
        last = some[-1].pk
        for words in some:
            hook = str((words.run.concept or {}).get("hook", ""))
            words.hook_key = " ".join(folded_words(hook))[:LONGEST_HOOK]
        SongWords.objects.bulk_update(some, ["hook_key"])


class Migration(migrations.Migration):
    dependencies = [("runs", "0021_film_files")]

    operations = [
        migrations.AddField(
            "songwords",
            "hook_key",
            models.CharField(default="", help_text="The hook as it is compared.", max_length=120),
        ),
        migrations.AddField(
            "songwords",
            "openings",
            models.JSONField(default=list, help_text="How its lines begin."),
        ),
        migrations.AddField(
            "songwords",
            "endings",
            models.JSONField(default=list, help_text="How its lines end."),
        ),
        migrations.RunPython(remember_hooks, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex(
            "songwords", models.Index(fields=["hook_key"], name="songwords_by_hook")
        ),
        migrations.AddIndex(
            "songwords", models.Index(fields=["artist", "-run"], name="songwords_by_artist")
        ),
    ]
