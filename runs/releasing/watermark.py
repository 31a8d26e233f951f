"""The watermark in the sound of a release: its key, and the run that it names."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils.crypto import salted_hmac

from media_tools.watermark.embed import marked_master
from runs.models import Run
from runs.models.run import RunQuerySet

_PURPOSE = "runs.releasing.watermark"
_REST_BITS = 96  # of an id, behind the 32 that a watermark carries


def watermark_key() -> bytes:
    """The installation's key; one purpose of its secret, so that neither gives away the other."""
    secret = settings.WATERMARK_KEY or settings.SECRET_KEY
    return salted_hmac(_PURPOSE, "key", secret=secret, algorithm="sha256").digest()


def payload_of(run_id: UUID) -> int:
    """Return the first eight hex digits of a run's id, as a number."""
    return run_id.int >> _REST_BITS


def runs_of(payload: int) -> RunQuerySet:
    """The runs whose ids begin with a payload: one, save by a rare chance."""
    first = payload << _REST_BITS
    return Run.objects.filter(pk__range=(UUID(int=first), UUID(int=first + (1 << _REST_BITS) - 1)))


def watermark_master(run: Run, master: Path) -> None:
    """Write the run into the sound of a bundle's master, in place, if that is switched on."""
    if settings.WATERMARK:
        marked_master(master, master, payload_of(run.pk), watermark_key())
