"""The one contract of whatever a provider works on for us: a song, a picture, a spoken tag.

A provider is a class in a module of its own with two arguments: its options, a frozen dataclass
made from the settings, and the Line it is reached by. Rows of runs/providers/engines.py name it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

from media_tools.errors import JobFailed, ProviderRejected, ProviderUnavailable
from media_tools.providers.callbacks import CallbackRefused
from media_tools.providers.health import ProviderHealth
from media_tools.providers.prices import Price, Unit

Asked = TypeVar("Asked", contravariant=True)
Made = TypeVar("Made", covariant=True)


@dataclass(frozen=True, kw_only=True)
class JobOptions:
    """What an operator may set for a provider. price: None where none is known."""

    price: Price | None = None

    # What its prices may be for.
    units: ClassVar[tuple[Unit, ...]] = (Unit.JOB,)

    @property
    def priced_as(self) -> str:
        """Its name in the table of prices; "" if a job costs nothing."""
        return ""


class JobProvider(Protocol[Asked, Made]):
    """Submit once, then collect until the work is there. Providers inherit from it.

    Every method raises ProviderUnavailable (retry later) or ProviderRejected (do not).
    """

    name: str
    model: str
    # Submitting the same request twice costs nothing and does no harm.
    resubmit_safe: bool = False
    # How long after submission a job is still believed in; None: for ever.
    deadline_s: float | None = None
    # What an unfinished job is told to be, for the operator.
    doing: str = "working on it"

    @abstractmethod
    def submit(self, request: Asked, *, idempotency_key: str) -> str:
        """Ask for the work; returns the provider's id of the job, to be saved before collect.

        Raises SubmissionUnknown when the answer of a provider that is not resubmit_safe is lost.
        """

    @abstractmethod
    def collect(self, external_id: str, request: Asked, workdir: Path) -> Made | None:
        """The finished work with its files in workdir, or None while the provider works.

        Raises JobFailed when the job ended without a result: only a new submission can help;
        JobRefused when it did and the same request must not be repeated. Every other error says
        nothing about the job: it is collected again. PartlyMade holds work that lacks a part, for
        a caller that waits no longer.
        """

    def recover(self, idempotency_key: str) -> str | None:
        """The id of a job whose submission a dead worker did not write down, where it is certain.

        To be asked before a ledger row without an id counts as "submission unknown".
        """
        return None

    def waits_for(self, external_id: str) -> str:
        """What an unfinished job waits for, in words for the operator."""
        return f"{self.name} is {self.doing}"

    def callback_job(self, body: bytes, headers: Mapping[str, str], *, now: float) -> str:
        """The id of the job a callback of the provider speaks of: a hint to collect it now.

        Nothing else of it is believed, and an unknown id is no error. now: Unix seconds.
        Raises CallbackRefused.
        """
        raise CallbackRefused(f"{self.name} sends no callbacks")

    def poll_after_s(self, waited_s: float) -> float:
        """Seconds until the next collect, for a job submitted waited_s ago."""
        return 5.0

    def estimate_cost(self, request: Asked) -> Decimal | None:
        """USD the submission will cost at most, by the price table; None: no price is known."""
        return Decimal(0)

    def health(self) -> ProviderHealth:
        """One cheap call that costs nothing."""
        return ProviderHealth(self.name, self.model)


def check_deadline(provider: JobProvider[Any, Any], external_id: str, *, waited_s: float) -> None:
    """Give up a job that collect() still calls unfinished after the provider's deadline.

    waited_s: since its submission. Raises JobFailed where a new submission does no harm, else
    ProviderRejected: a retry of the run then looks at the same job once more.
    """
    if provider.deadline_s is None or waited_s <= provider.deadline_s:
        return
    cause = f"job {external_id} is not finished after {waited_s / 60:.0f} min"
    if provider.resubmit_safe:
        raise JobFailed(provider.name, cause, code="deadline", action="it is submitted again")
    raise ProviderRejected(
        provider.name,
        cause,
        code="deadline",
        action="look at the job there; a retry of the run collects it without a new charge",
    )


def late_backoff_s(waited_s: float, *, first_s: float = 10.0, last_s: float = 30.0) -> float:
    """A pause between polls that grows from first_s to last_s over the first five minutes."""
    return first_s + (last_s - first_s) * min(1.0, max(0.0, waited_s) / 300.0)


def checked_key(provider: str, key: str, setting: str) -> str:
    """A key without blanks around it. Raises ProviderRejected if it is empty."""
    key = key.strip()
    if not key:
        raise ProviderRejected(
            provider, "it has no key", code="no_key", action=f"set {setting} in the environment"
        )
    return key


def bearer(key: str) -> dict[str, str]:
    """The header that carries a key; none without one."""
    return {"Authorization": f"Bearer {key.strip()}"} if key.strip() else {}


def unusable(provider: str, what: str) -> ProviderUnavailable:
    """For an answer to a reading call that does not keep the contract."""
    return ProviderUnavailable(
        provider, f"{what} cannot be read", code="bad_answer", action="it is tried again later"
    )
