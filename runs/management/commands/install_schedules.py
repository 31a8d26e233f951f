"""Install the product's schedules: `install_schedules`."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from ai_artist.kit.commands import JsonCommand, Report
from runs.work.schedules import install


class Command(JsonCommand):
    help = "Create or correct the schedules that clusters follow; safe to repeat."
    refusals = (ImproperlyConfigured,)

    def perform(self, **options: Any) -> Report:
        done = install(now=timezone.now())
        lines = [f"{what}: {', '.join(names)}" for what, names in done.items() if names]
        return Report(data=done, text="\n".join(lines))
