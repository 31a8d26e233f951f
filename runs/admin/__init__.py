"""Registers the pages of the runs app."""

from runs.admin import (  # noqa: F401 - register their pages
    artifacts,
    batches,
    calls,
    label_data,
    money,
    proposals,
    reflections,
    releases,
    reviews,
    runs,
    workers,
)
from runs.admin import telegram as telegram_admin  # noqa: F401 - registers its page
