"""Registers the pages of the runs app."""

from runs.admin import (  # noqa: F401 - register their pages
    artifacts,
    batches,
    calls,
    channels,
    label_data,
    licences,
    money,
    proposals,
    publications,
    reflections,
    releases,
    reviews,
    runs,
    workers,
)
from runs.admin import telegram as telegram_admin  # noqa: F401 - registers its page
