"""Admin of promotions: the winners in use."""

from __future__ import annotations

from django.contrib import admin
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from ai_artist.kit.admin import LongListMixin, ReadOnlyMixin, Way
from experiments import promotion
from experiments.models import Promotion


@admin.register(Promotion)
class PromotionAdmin(LongListMixin, ReadOnlyMixin, ModelAdmin):
    """Promotions: what experiments changed for good, and what was undone."""

    empty_words = "When an experiment ends with a winner, it is put to use and shown here."
    empty_way = Way(
        "See the experiments",
        "experiments_experiment_changelist",
        "experiments.view_experiment",
    )
    list_display = ("what", "whose", "experiment", "at", "by", "undone_at")
    list_filter = (("parameter", ChoicesDropdownFilter),)
    list_filter_submit = True
    list_select_related = ("artist", "experiment", "variant", "actor")
    fields = ("what", "experiment", "at", "by", "undone_at", "undone_by")
    readonly_fields = fields

    @display(description="Change")
    def what(self, row: Promotion) -> str:
        return promotion.difference(row)

    @display(description="Of", ordering="artist__name")
    def whose(self, row: Promotion) -> str:
        return row.whose

    @display(description="By")
    def by(self, row: Promotion) -> str:
        return str(row.actor or "the schedule")
