"""What the media files of a bundle say of themselves, as it is kept with the release.

Written when the bundle is made, so that pages tell it without opening a file.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models

from media_tools.records import from_json
from runs.models import Release


class Signature(models.TextChoices):
    """Whether a file is signed, or why not."""

    SIGNED = "signed"
    WAV = "wav", "nobody (AI_ARTIST_SIGN_WAV is off)"
    OFF = "off", "nobody (AI_ARTIST_SIGN is off)"


@dataclass(frozen=True)
class FileMark:
    """The marks of one file."""

    name: str  # its path in the bundle
    source_type: str  # IPTC's address for how it was made
    signature: Signature
    signer: str = ""  # whom the certificate names
    signer_known: bool = False  # False: the certificate was made here, and others cannot check it
    watermark: bool | None = None  # None: a picture, which cannot carry one


@dataclass(frozen=True)
class BundleMarks:
    """The marks of a bundle's files, in their order."""

    files: tuple[FileMark, ...] = ()


def marks_of(release: Release) -> BundleMarks:
    """Return the marks of a release's bundle; of none in one made before they were kept.

    Raises Unreadable.
    """
    return from_json(BundleMarks, release.marks)
