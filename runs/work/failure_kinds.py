"""Maps an exception to a kind of failure, stored on the run so that nobody parses messages."""

from __future__ import annotations

import errno
import re
from dataclasses import dataclass

from media_tools.errors import (
    JobFailed,
    MediaError,
    ProviderError,
    ProviderUnavailable,
    SubmissionUnknown,
    ToolMissing,
)
from runs.errors import GateFailed, ProfileUnfit
from runs.models import Run

Kind = Run.FailureKind

SUBJECT_LENGTH = 80
DISK_FULL = (errno.ENOSPC, errno.EDQUOT)

# Adapters keep their service's own error codes. The first row that fits counts.
BY_CODE: tuple[tuple[str, Kind], ...] = (
    (r"content_policy|moderation|sensitive|prohibited|bad_lyrics", Kind.REFUSED_CONTENT),
    (r"credit|quota|balance|payment|\b402\b", Kind.PROVIDER_CREDIT),
    (r"auth|\bno_key|permission|\b401\b|\b403\b", Kind.PROVIDER_KEY),
    (r"bad_answer|bad_response|truncated|bad_file|spool|wrong_type|too_large", Kind.UNUSABLE),
    (r"configuration|not_installed|refused_address|no_voice|\b404\b", Kind.SETUP),
)


@dataclass(frozen=True)
class FailureCause:
    """Why a run failed."""

    kind: Kind
    subject: str = ""  # a provider, a field, a gate's codes or an exception class

    def as_fields(self) -> dict[str, str]:
        """Return the columns of a run."""
        return {"failure_kind": self.kind, "failure_subject": self.subject[:SUBJECT_LENGTH]}


def cause_of(error: Exception | None) -> FailureCause:
    """Return the cause of a failure. error None: the worker died each time."""
    if error is None:
        return FailureCause(Kind.LOST_WORKER)
    if isinstance(error, ProviderError):
        return FailureCause(_kind_of(error), error.provider)
    if isinstance(error, ProfileUnfit):
        return FailureCause(Kind.PROFILE, ", ".join(error.faults))
    if isinstance(error, GateFailed):
        codes = sorted({finding.code for finding in error.findings})
        return FailureCause(Kind.QUALITY_GATE, ", ".join(codes))
    if isinstance(error, OSError) and error.errno in DISK_FULL:
        return FailureCause(Kind.DISK)
    if isinstance(error, ToolMissing):
        return FailureCause(Kind.SETUP, type(error).__name__)
    if isinstance(error, MediaError):
        return FailureCause(Kind.MEDIA, type(error).__name__)
    return FailureCause(Kind.SOFTWARE, type(error).__name__)


def _kind_of(error: ProviderError) -> Kind:
    if isinstance(error, SubmissionUnknown):
        return Kind.SUBMISSION_UNKNOWN
    for pattern, kind in BY_CODE:
        if re.search(pattern, error.code, re.IGNORECASE):
            return kind
    if isinstance(error, JobFailed):
        return Kind.PROVIDER_JOB
    return Kind.PROVIDER_DOWN if isinstance(error, ProviderUnavailable) else Kind.PROVIDER_REQUEST
