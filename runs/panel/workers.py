"""Admin of the workers' signs of life; read only."""

from __future__ import annotations

from django.contrib import admin
from unfold.admin import ModelAdmin

from runs.models import WorkerBeat
from trends.panel import (
    ReadOnlyMixin,
)


@admin.register(WorkerBeat)
class WorkerBeatAdmin(ReadOnlyMixin, ModelAdmin):
    list_display = ("label", "at")
