"""What is being worked on, in every line of the log that is written meanwhile."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

NAMES = ("batch", "run", "step", "publication")
_work: ContextVar[Mapping[str, str]] = ContextVar("work", default=MappingProxyType({}))


@contextmanager
def working_on(**ids: object) -> Iterator[None]:
    """Name what the block works on: working_on(run=..., step=...). Blocks may lie in each other.

    It holds in this thread alone.
    """
    told = {name: str(value) for name, value in ids.items() if value is not None}
    token = _work.set({**_work.get(), **told})
    try:
        yield
    finally:
        _work.reset(token)


def present_work() -> Mapping[str, str]:
    return _work.get()


class WorkFilter(logging.Filter):
    """Adds the ids to each log record, as single fields and as one text in `work`."""

    def filter(self, record: logging.LogRecord) -> bool:
        work = present_work()
        for name in NAMES:
            setattr(record, name, work.get(name))
        shown = " ".join(f"{name} {work[name]}" for name in NAMES if name in work)
        record.work = f" [{shown}]" if shown else ""
        return True
