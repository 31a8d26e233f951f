"""Admin of batches; read only."""

from __future__ import annotations

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

from runs.models import Batch, Run
from trends.panel import (
    CappedPaginator,
    ReadOnlyMixin,
)

QUEUE_PAGE = 10


@admin.register(Batch)
class BatchAdmin(ReadOnlyMixin, ModelAdmin):
    list_display = ("__str__", "origin_label", "size", "done", "requested_by", "note", "created_at")
    list_select_related = ("requested_by",)
    list_filter = (("origin", ChoicesDropdownFilter), ("created_at", RangeDateTimeFilter))
    list_filter_submit = True
    list_per_page = 40
    search_fields = ("=id", "note")
    show_full_result_count = False
    paginator = CappedPaginator
    readonly_fields = ("runs_link",)
    fields = ("origin", "size", "runs_link", "seed", "requested_by", "note", "created_at")

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

    @display(description="Asked by", ordering="origin", label=True)
    def origin_label(self, batch: Batch) -> str:
        return batch.get_origin_display()

    @display(description="Finished")
    def done(self, batch: Batch) -> str:
        return f"{batch.finished} of {batch.size}"  # type: ignore[attr-defined]

    @display(description="Runs")
    def runs_link(self, batch: Batch) -> SafeString:
        return format_html(
            '<a class="panel-link" href="{}?batch__id__exact={}">{} runs</a>',
            reverse("admin:runs_run_changelist"),
            batch.pk,
            batch.runs.count(),
        )
