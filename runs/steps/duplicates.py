"""Which tracks sound alike: an index over every track's fingerprint."""

from __future__ import annotations

from django.db.models import Count

from media_tools.audio.fingerprint import sketch
from runs.models import AudioFingerprint, FingerprintKey, Run

# Two versions of a recording share ten keys and more, unrelated tracks hardly one.
SHARED_KEYS = 2
COMPARED = 20


def remember(run: Run, frames: bytes) -> None:
    """Store a track's fingerprint and its keys, replacing those of an earlier take."""
    fingerprint, _ = AudioFingerprint.objects.update_or_create(run=run, defaults={"frames": frames})
    fingerprint.keys.all().delete()
    FingerprintKey.objects.bulk_create(
        FingerprintKey(fingerprint=fingerprint, key=key) for key in sketch(frames)
    )


def alike(run: Run, frames: bytes) -> list[tuple[str, bytes]]:
    """Name and fingerprint of the tracks that share most keys with this one, at most 20.

    Whether they really are the same is for a comparison of the whole fingerprints to say. Replays
    of the run's own seed are left out: they are meant to match.
    """
    shared = (
        FingerprintKey.objects.filter(key__in=sketch(frames))
        .values("fingerprint")
        .annotate(shared=Count("key"))
        .filter(shared__gte=SHARED_KEYS)
        .order_by("-shared")
        .values_list("fingerprint", flat=True)
    )
    others = (
        AudioFingerprint.objects.filter(pk__in=list(shared[: COMPARED * 2]))
        .exclude(run=run)
        .exclude(run__artist=run.artist_id, run__seed=run.seed)
        .values_list("run__title", "run__artist__name", "frames")
    )
    return [(f"“{title}” by {artist}", bytes(found)) for title, artist, found in others[:COMPARED]]
