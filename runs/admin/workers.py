"""Admin of the workers' signs of life; read only."""

from __future__ import annotations

from django.contrib import admin
from unfold.admin import ModelAdmin

from ai_artist.kit.admin import ReadOnlyMixin
from runs.models import WorkerBeat


@admin.register(WorkerBeat)
class WorkerBeatAdmin(ReadOnlyMixin, ModelAdmin):
    list_display = ("label", "at")
