"""What a step is: its work, and the rows it writes besides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from runs.models import Run
from runs.steps.context import StepContext
from runs.storage import StepResult

Result = TypeVar("Result", bound=StepResult[Any])


def save_nothing(run: Run, result: StepResult[Any]) -> None:
    """The save of a step that has no rows of its own."""


@dataclass(frozen=True)
class StepDefinition(Generic[Result]):
    """A step of a run; each module of this package has one as STEP.

    perform: does the work; what it raises parks, fails or repeats the step. save: writes rows of
    the step's own, in the transaction that marks it as done.
    """

    perform: Callable[[StepContext], Result]
    save: Callable[[Run, Result], None] = save_nothing
