"""Admin of the workers' signs of life; read only."""

from __future__ import annotations

from django.contrib import admin
from unfold.admin import ModelAdmin

from ai_artist.kit.admin import LongListMixin, ReadOnlyMixin
from runs.models import WorkerBeat


@admin.register(WorkerBeat)
class WorkerBeatAdmin(LongListMixin, ReadOnlyMixin, ModelAdmin):
    empty_words = "Start the workers: manage.py qcluster, or manage.py serve for all at once."
    list_display = ("label", "at")
