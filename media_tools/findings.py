"""What a quality check found, in one shape for audio, video and text."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How much a finding weighs."""

    FAIL = "fail"  # the item must not reach a reviewer as it is
    WARN = "warn"  # the reviewer should know


@dataclass(frozen=True)
class Finding:
    """One result of a quality check.

    start_s, end_s: where in the track or video, in seconds, when the finding has a place.
    retryable: another seed may cure it.
    """

    code: str
    severity: Severity
    message: str
    start_s: float | None = None
    end_s: float | None = None
    retryable: bool = True

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def failures(findings: list[Finding]) -> list[Finding]:
    """Those findings that stop an item."""
    return [finding for finding in findings if finding.severity is Severity.FAIL]
