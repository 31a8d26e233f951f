"""Admin of batches; read only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    RangeDateTimeFilter,
)
from unfold.decorators import display

from ai_artist.kit.admin import LongListMixin, PageContextMixin, ReadOnlyMixin, Way, column
from ai_artist.kit.values import counted, person
from runs.admin.progress import MOST_ROWS, status_label, steps_cell
from runs.models import Batch, Run
from runs.presentation import with_row_extras


@admin.register(Batch)
class BatchAdmin(LongListMixin, ReadOnlyMixin, PageContextMixin, ModelAdmin):
    empty_words = (
        "The first one comes with the first runs: start a batch on the dashboard, or "
        "let a schedule do it."
    )
    empty_way = Way("Open the dashboard", "index")
    list_display = ("__str__", "origin_label", "size", "done", "asker", "note", "created_at")
    list_select_related = ("requested_by",)
    sortable_by = ()
    list_filter = (("origin", ChoicesDropdownFilter), ("created_at", RangeDateTimeFilter))
    list_filter_submit = True
    search_fields = ("=id", "note")
    readonly_fields = ("runs_link", "asker")
    change_form_outer_before_template = "panel/batch.html"
    fields = ("origin", "size", "runs_link", "seed", "asker", "note", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Batch]:
        batches: QuerySet[Batch] = super().get_queryset(request)
        finished = (
            Run.objects.filter(batch=OuterRef("pk"))
            .exclude(status__in=Run.OPEN)
            .order_by()
            .values("batch")
            .annotate(count=Count("pk"))
            .values("count")
        )
        return batches.annotate(finished=Coalesce(Subquery(finished), 0))

    def page_context(self, request: HttpRequest, obj: Batch) -> dict[str, Any]:
        """The runs of a batch with how far each got, and whether any still goes on."""
        runs = obj.runs.select_related("artist").defer("concept")
        shown = list(with_row_extras(runs.order_by("created_at", "seed"))[:MOST_ROWS])
        return {
            "batch_id": str(obj.pk),
            "batch_rows": [(run, status_label(run), steps_cell(run)) for run in shown],
            "live": any(run.status in Run.OPEN for run in shown),
        }

    asker = column("requested_by", person, "Asked for by")

    @display(description="From", ordering="origin", label=True)
    def origin_label(self, batch: Batch) -> str:
        return batch.get_origin_display()

    @display(description="Finished")
    def done(self, batch: Batch) -> str:
        return f"{batch.finished} of {batch.size}"  # type: ignore[attr-defined]

    @display(description="Runs")
    def runs_link(self, batch: Batch) -> SafeString:
        return format_html(
            '<a class="panel-link" href="{}?batch__id__exact={}">{}</a>',
            reverse("admin:runs_run_changelist"),
            batch.pk,
            counted(batch.runs.count(), "run"),
        )
