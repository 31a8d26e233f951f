"""Registers the pages of the runs app."""

from runs.panel import (  # noqa: F401 - register their pages
    artifacts,
    batches,
    calls,
    lessons,
    money,
    proposals,
    reflections,
    releases,
    reviews,
    runs,
    workers,
)
from runs.telegram import admin as telegram_admin  # noqa: F401 - registers its page
