"""Errors of media work and of providers.

Every message says which object it concerns, what happened and what to do; none holds a secret.
"""

from __future__ import annotations

from pathlib import Path


class MediaError(Exception):
    """A local media operation failed."""


class ToolMissing(MediaError):
    """A program or asset the work needs is not installed or not readable."""


class MediaInvalid(MediaError):
    """An input file cannot be used: broken, of the wrong kind, or beyond a limit."""

    def __init__(self, path: Path | str, cause: str) -> None:
        super().__init__(f"{path}: {cause}")
        self.path = Path(path)
        self.cause = cause


class ToolFailed(MediaError):
    """A tool ran and failed, or ran into a limit of time, memory or size."""


class WorkCancelled(MediaError):
    """The caller asked to stop; nothing was published."""


class ProviderError(Exception):
    """A provider did not give what was asked."""

    def __init__(self, provider: str, cause: str, *, code: str = "", action: str = "") -> None:
        parts = [f"{provider}: {cause}"]
        if code:
            parts.append(f"({code})")
        if action:
            parts.append(f"- {action}")
        super().__init__(" ".join(parts))
        self.provider = provider
        self.cause = cause
        self.code = code
        self.action = action


class ProviderUnavailable(ProviderError):
    """Retry later: the provider is down, busy or out of quota for now."""

    def __init__(
        self,
        provider: str,
        cause: str,
        *,
        code: str = "",
        action: str = "",
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(provider, cause, code=code, action=action)
        self.retry_after_s = retry_after_s


class ProviderRejected(ProviderError):
    """Do not retry: the request, the key or the account must change first."""


class SubmissionUnknown(ProviderError):
    """The answer to a paid submission was lost, so the provider may or may not have the job.

    Never submit again by itself: a person looks it up at the provider and resolves the ledger row.
    """


class JobFailed(ProviderUnavailable):
    """A job the provider had taken ended without a result.

    Collecting it again gives the same answer; only a new submission can help.
    """


class AnswerUnusable(JobFailed):
    """A language model answered, and was paid, but not with what was asked.

    No outage to sit out: asking again may help, a few times at most.
    """


class JobRefused(ProviderRejected):
    """A job the provider had taken is over for good, and the same request must not be repeated.

    Its ledger row is closed, so that a person's retry submits anew, and pays anew.
    """
