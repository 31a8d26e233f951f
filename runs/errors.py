"""What can go otherwise than planned with a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from artists.checking import in_words
from media_tools.findings import Finding


class RunRefused(Exception):
    """An operator asked for something the run's state does not allow."""


class ReviewRefused(Exception):
    """A decision that cannot be taken: the message says why and what to do."""


class ReleaseRefused(Exception):
    """A bundle that cannot be made or taken back; the message says why and what to do."""


class PreviewRefused(Exception):
    """A preview link or a comment on it that cannot be made; the message says why."""


class PublishingRefused(Exception):
    """Something a channel or a publication does not allow; the message says why and what to do."""


class SiteRefused(Exception):
    """A public site that cannot be written; the message says why and what to do."""


class StoreRefused(Exception):
    """Something an operator asked of the store that its settings do not allow; says why."""


class StoreTrouble(OSError):
    """The object store did not do what it was asked; the message says what is wrong.

    advice: what to do.
    """

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.advice = advice

    @property
    def with_advice(self) -> str:
        return f"{self} {self.advice}".strip()


class FileBroken(StoreTrouble):
    """A file is not what was stored; others may be."""


class ProfileUnfit(Exception):
    """A run cannot use its artist's profile. faults: sentences by field."""

    def __init__(self, artist: str, faults: Mapping[str, Sequence[str]]) -> None:
        super().__init__(f"{artist}'s profile cannot be used. {in_words(faults)}")
        self.faults = faults


class LostLease(Exception):
    """The run is no longer this worker's: cancelled, or the lease ran out."""


class Pending(Exception):
    """A step waits for something outside; nobody needs to hold the run until `wake_at`.

    waiting_for: one of Step.WaitingFor.
    """

    def __init__(self, wake_at: datetime, reason: str, *, waiting_for: str = "provider") -> None:
        super().__init__(reason)
        self.wake_at = wake_at
        self.waiting_for = waiting_for


class GateFailed(Exception):
    """A quality gate refuses what was made; another take may do from `redo_from` on."""

    def __init__(self, findings: Sequence[Finding], *, redo_from: str) -> None:
        super().__init__("; ".join(finding.message for finding in findings))
        self.findings = tuple(findings)
        self.redo_from = redo_from

    @property
    def retryable(self) -> bool:
        return all(finding.retryable for finding in self.findings)
