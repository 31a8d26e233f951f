"""What tracks sound like, to find near-duplicates."""

from __future__ import annotations

from django.db import models

from runs.models.run import Run


class AudioFingerprint(models.Model):
    """What a track sounds like, for the near-duplicate check against the catalogue."""

    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="fingerprint")
    frames = models.BinaryField(help_text="media_tools.audio.fingerprint's bytes.")

    def __str__(self) -> str:
        return f"Fingerprint of {self.run_id}"


class FingerprintKey(models.Model):
    """One key of a fingerprint's sketch: equal keys lead to the tracks worth comparing."""

    fingerprint = models.ForeignKey(AudioFingerprint, on_delete=models.CASCADE, related_name="keys")
    key = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["key", "fingerprint"], name="fingerprintkey_by_key")]

    def __str__(self) -> str:
        return str(self.key)
