"""The errors of a file of audience figures."""

from __future__ import annotations

from collections.abc import Sequence

from media_tools.tables import Fault


class MetricsImportError(Exception):
    """The file cannot be imported; nothing was written. One fault per line."""


class IgnoredRow(Exception):
    """A row that is well formed but holds nothing we keep; the message says why."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


FAULTS_SHOWN = 20


def refusal(faults: Sequence[Fault]) -> MetricsImportError:
    """Return all faults of a file as one error, the first ones in full."""
    shown = [str(fault) for fault in faults[:FAULTS_SHOWN]]
    if len(faults) > FAULTS_SHOWN:
        shown.append(f"… and {len(faults) - FAULTS_SHOWN} more.")
    return MetricsImportError("\n".join(shown))
