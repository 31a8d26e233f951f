"""Errors of media work and of providers.

Every message says which object it concerns, what happened and what to do; none holds a secret.
"""

from __future__ import annotations

import errno
from pathlib import Path

from media_tools.foreign import finite, label

# Half of what a provider says comes from the provider.
LONGEST_CAUSE = 600
LONGEST_CODE = 80
# A month's quota that is used up; who asks for more has answered nonsense.
LONGEST_WAIT_S = 31 * 86_400.0
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
# As ffmpeg and the databases say it.
_NO_SPACE_WORDS = ("No space left on device", "disk is full")


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
    """A provider did not give what was asked. Its words are cleaned, cut and on one line."""

    def __init__(self, provider: str, cause: str, *, code: str = "", action: str = "") -> None:
        cause = label(cause, longest=LONGEST_CAUSE)
        code = label(code, longest=LONGEST_CODE)
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
    """Retry later: the provider is down, busy or out of quota for now.

    retry_after_s: None where it tells nothing, or nothing that can be believed.
    """

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
        self.retry_after_s = finite(retry_after_s, low=0.0, high=LONGEST_WAIT_S)


class ProviderRejected(ProviderError):
    """Do not retry: the request, the key or the account must change first."""


class NeedsPerson(ProviderRejected):
    """Do not retry: somebody has to sign in, grant a right, agree or pay there first."""


RESOLVE_LOST = "look the job up at the provider, then resolve its ledger row; it is not sent again"


class SubmissionUnknown(ProviderError):
    """The answer to a paid submission was lost, so the provider may or may not have the job.

    Never submit again by itself: a person looks it up at the provider and resolves the ledger row.
    """


class PartlyMade(ProviderUnavailable):
    """Not all of what a job made can be had at the moment; `made` holds what is there."""

    def __init__(self, late: ProviderUnavailable, made: object) -> None:
        super().__init__(
            late.provider,
            late.cause,
            code=late.code,
            action="it is tried again for a while; what is there is kept then",
            retry_after_s=late.retry_after_s,
        )
        self.made = made


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


def disk_is_full(error: BaseException | None) -> bool:
    """Whether an error, or one that led to it, says that no space is left here."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _NO_SPACE:
            return True
        # A provider may run out of space too; that is an outage.
        foreign = isinstance(error, ProviderError)
        if not foreign and any(words in str(error) for words in _NO_SPACE_WORDS):
            return True
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return False
