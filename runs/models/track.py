"""The tracks of releases."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from runs.models.label import Credit, credits_from
from runs.models.release import Release
from runs.models.run import Run


class Track(models.Model):
    """A run's place on a release: on its single, and on one EP or album at most.

    Recalled releases stay as evidence, and the run may stand on others beside them.
    """

    class Place(models.TextChoices):
        SINGLE = "single", "On its single"
        ALBUM = "album", "On an EP or album"
        FORMER = "former", "On a recalled release"

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="tracks")
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="tracks")
    position = models.PositiveSmallIntegerField(default=1)
    place = models.CharField(max_length=8, choices=Place, default=Place.SINGLE)
    title = models.CharField(max_length=120)
    version_title = models.CharField(max_length=60, blank=True)
    featured = models.JSONField(
        "featured artists", default=list, blank=True, help_text="Names, as shops show them."
    )
    explicit = models.BooleanField(null=True, blank=True, help_text="Empty: as its lyrics are.")
    language = models.CharField(
        max_length=3, blank=True, help_text="What it is sung in; empty: as its lyrics are."
    )
    credits = models.JSONField(
        "writers and producers", default=list, blank=True, help_text="Empty: the release's."
    )
    isrc = models.CharField("ISRC", max_length=12, blank=True)
    video_isrc = models.CharField("ISRC of the video", max_length=12, blank=True)

    class Meta:
        ordering = ("position", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["release", "position"], name="track_one_at_each_position"
            ),
            models.UniqueConstraint(fields=["release", "run"], name="track_once_on_a_release"),
            models.UniqueConstraint(
                fields=["run", "place"],
                condition=Q(place__in=["single", "album"]),
                name="track_on_one_single_and_one_album",
            ),
        ]
        indexes = [
            models.Index(fields=["isrc"], name="track_by_isrc", condition=~Q(isrc="")),
            models.Index(
                fields=["video_isrc"], name="track_by_video_isrc", condition=~Q(video_isrc="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.title}"

    @property
    def own_credits(self) -> tuple[Credit, ...]:
        """The credits of this track alone. Raises Unreadable."""
        return credits_from(self.credits)
