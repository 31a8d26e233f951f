"""The steps of a run in their order. Each module has perform(context) -> StepResult.

A module may have save(run, result) for rows of its own: it runs in the transaction that marks
the step as done.
"""

from importlib import import_module
from typing import Any, Final

NAMES: Final = (
    "concept",
    "lyrics",
    "music",
    "master",
    "cover",
    "visuals",
    "video",
    "quality",
    "reflection",
)


class StepModule:
    """A step's module, imported when it is first used.

    The panel and most commands only need the names; the libraries behind the steps take seconds
    and a hundred megabytes.
    """

    def __init__(self, name: str) -> None:
        self._path = f"{__name__}.{name}"

    def __getattr__(self, attribute: str) -> Any:
        return getattr(import_module(self._path), attribute)


ORDER: dict[str, Any] = {name: StepModule(name) for name in NAMES}
