"""What songs say and are called, to find words and titles that repeat."""

from __future__ import annotations

from django.db import models

from artists.models import Artist
from runs.models.run import Run


class SongWords(models.Model):
    """A song's title, hook and sung words, for their comparison with the catalogue."""

    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="words")
    # The run's, so that one index finds an artist's songs of a title among many of that title.
    artist = models.ForeignKey(Artist, on_delete=models.CASCADE, related_name="+", db_index=False)
    title_key = models.CharField(max_length=120, help_text="The title as it is compared.")
    hook_key = models.CharField(max_length=120, default="", help_text="The hook as it is compared.")
    openings = models.JSONField(default=list, help_text="How its lines begin.")
    endings = models.JSONField(default=list, help_text="How its lines end.")
    shingles = models.BinaryField(help_text="media_tools.text.shingles' bytes.")

    class Meta:
        indexes = [
            models.Index(fields=["title_key", "artist"], name="songwords_by_title"),
            models.Index(fields=["hook_key"], name="songwords_by_hook"),
            models.Index(fields=["artist", "-run"], name="songwords_by_artist"),
        ]

    def __str__(self) -> str:
        return f"Words of {self.run_id}"


class WordKey(models.Model):
    """One key of the words' sketch: equal keys lead to the songs worth comparing."""

    words = models.ForeignKey(SongWords, on_delete=models.CASCADE, related_name="keys")
    key = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["key", "words"], name="wordkey_by_key")]

    def __str__(self) -> str:
        return str(self.key)
