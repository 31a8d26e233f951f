"""Codes of recordings and releases: who holds which. A row stays for good, so none comes twice."""

from __future__ import annotations

from typing import Self

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from runs.models.release import Release
from runs.models.run import Run


class CodeQuerySet(models.QuerySet["Code"]):
    def free(self) -> Self:
        """Of the pool, never given out. In the order they were imported."""
        return self.filter(kind=Code.Kind.UPC, taken_at__isnull=True).order_by("imported_at", "pk")


class Code(models.Model):
    """An ISRC or UPC that is ours. Its holder is a run's recording or video, or a release.

    run: also of a single's UPC, so that a release which is undone and made again keeps it.
    """

    class Kind(models.TextChoices):
        ISRC = "isrc", "ISRC"
        VIDEO_ISRC = "video_isrc", "ISRC of a video"
        UPC = "upc", "UPC or EAN"

    class Source(models.TextChoices):
        PREFIX = "prefix", "Own prefix"
        POOL = "pool", "Imported pool"
        TYPED = "typed", "Typed in"

    code = models.CharField(max_length=13, primary_key=True)
    kind = models.CharField(max_length=10, choices=Kind)
    source = models.CharField(max_length=8, choices=Source)
    run = models.ForeignKey(
        Run, on_delete=models.SET_NULL, null=True, blank=True, related_name="codes"
    )
    release = models.ForeignKey(
        Release, on_delete=models.SET_NULL, null=True, blank=True, related_name="codes"
    )
    imported_at = models.DateTimeField(default=timezone.now)
    taken_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was given out; it is given out once."
    )

    objects = CodeQuerySet.as_manager()

    class Meta:
        ordering = ("-imported_at", "code")
        constraints = [
            models.CheckConstraint(
                name="code_held_was_taken",
                condition=Q(taken_at__isnull=False) | Q(run__isnull=True, release__isnull=True),
            ),
        ]
        indexes = [
            models.Index(
                fields=["imported_at", "code"],
                name="code_free",
                condition=Q(kind="upc", taken_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class IsrcPrefix(models.Model):
    """A prefix of one's own, from the national ISRC agency: country and registrant."""

    prefix = models.CharField(
        max_length=5,
        unique=True,
        validators=[RegexValidator(r"^[A-Z]{2}[A-Z0-9]{3}$", "Two letters and three characters.")],
        help_text="Such as QZABC: country and registrant code.",
    )
    active = models.BooleanField(
        default=True, help_text="New recordings get their codes from this prefix."
    )

    class Meta:
        verbose_name = "ISRC prefix"
        verbose_name_plural = "ISRC prefixes"
        constraints = [
            models.UniqueConstraint(
                fields=["active"],
                condition=Q(active=True),
                name="isrc_prefix_one_active",
                violation_error_message="Another prefix is active; switch that off first.",
            )
        ]

    def __str__(self) -> str:
        return self.prefix


class IsrcCounter(models.Model):
    """How many numbers of a prefix were used in a year."""

    prefix = models.ForeignKey(IsrcPrefix, on_delete=models.PROTECT, related_name="counters")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0, help_text="The running number given out last.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["prefix", "year"], name="isrc_counter_one_a_year"),
            models.CheckConstraint(name="isrc_counter_fits", condition=Q(last__lte=99_999)),
        ]

    def __str__(self) -> str:
        return f"{self.prefix} {self.year}: {self.last}"
