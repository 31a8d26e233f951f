"""Admin of trends: sources, topics with their momentum, and observations."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    BooleanRadioFilter,
    RangeDateTimeFilter,
    RangeNumericFilter,
)
from unfold.decorators import action, display

from ai_artist.kit.admin import (
    BAD,
    GOOD,
    PLAIN,
    LongListMixin,
    PageContextMixin,
    ReadOnlyMixin,
    Way,
    column,
)
from ai_artist.kit.fields import GenreField
from ai_artist.kit.values import counted, genre, money, number, percent
from ai_artist.kit.views import PageViewsMixin, page_view
from trends.models import Collection, Observation, Topic, TrendSource
from trends.overview import overview, state_of, topic_chart


class ObservationInline(ReadOnlyMixin, TabularInline):
    model = Observation
    fields = ("source", "observed_at", "mentions", "reactions")
    readonly_fields = fields

    mentions = column("volume", number, "Volume")
    reactions = column("engagement", number, "Engagement")
    ordering = ("-observed_at",)
    per_page = 15
    extra = 0
    tab = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Observation]:
        """With the source and the topic by which each row is named."""
        rows: QuerySet[Observation] = super().get_queryset(request)
        return rows.select_related("source", "topic")


class CollectionInline(ReadOnlyMixin, TabularInline):
    model = Collection
    fields = ("at", "calls", "reads", "cost", "observations", "error")
    readonly_fields = fields

    cost = column("cost_usd", money, "Cost")
    ordering = ("-at", "-pk")
    per_page = 15
    extra = 0
    tab = True


class TrendSourceForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = TrendSource
        fields = ("name", "enabled", "weight")
        help_texts = {
            "name": "Such as charts: small letters, digits and hyphens.",
            "weight": "How much its observations count in scores: 1 is usual, 2 is double.",
        }

    def clean_weight(self) -> float:
        weight = float(self.cleaned_data["weight"])
        if weight <= 0:
            raise forms.ValidationError("It must be above 0; to leave a source out, disable it.")
        return weight


@admin.register(TrendSource)
class TrendSourceAdmin(LongListMixin, ModelAdmin):
    form = TrendSourceForm
    empty_words = "A source appears when trends are collected or imported."
    empty_way = Way("Open the trends", "trends_chart", "trends.view_topic")
    list_display = ("name", "state", "weight", "last_collected_at", "last_error")
    # `memory` may hold a token and is not shown.
    fields = ("name", "enabled", "weight", "window_hours", "last_collected_at", "last_error")
    readonly_fields = ("last_collected_at", "last_error")
    search_fields = ("name",)
    inlines = (CollectionInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A source with a reader has a fixed name and window; a new one is for imports."""
        fixed = ("name", "window_hours") if obj else ("window_hours",)
        return (*super().get_readonly_fields(request, obj), *fixed)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not with observations: the database keeps them, and listing them all takes a second."""
        used = obj is not None and obj.observations.exists()
        return super().has_delete_permission(request, obj) and not used

    @display(description="State", label={"failing": BAD, "enabled": GOOD, "disabled": PLAIN})
    def state(self, source: TrendSource) -> str:
        return state_of(source)[0]


class TopicForm(forms.ModelForm):  # type: ignore[type-arg]
    genre = GenreField(required=False, max_length=40, nothing="Every genre")

    class Meta:
        model = Topic
        fields = ("name", "genre", "blocked")
        help_texts = {"blocked": "Never follow this topic."}

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if Topic.objects.filter(name__iexact=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("There is a topic of this name.")
        return name


@admin.register(Topic)
class TopicAdmin(LongListMixin, PageContextMixin, PageViewsMixin, ModelAdmin):
    empty_words = "Topics come with the first collection or import of trends."
    empty_way = Way("Open the trends", "trends_chart", "trends.view_topic")
    list_display = ("name", "momentum", "style", "use", "scored_at")
    list_filter = (
        ("blocked", BooleanRadioFilter),
        ("score", RangeNumericFilter),
    )
    list_filter_submit = True
    search_fields = ("name", "genre")
    readonly_fields = ("momentum", "scored_at", "created_at")
    fields = ("name", "genre", "blocked", "momentum", "scored_at", "created_at")
    inlines = (ObservationInline,)
    actions = ("block", "unblock")
    list_before_template = "panel/topic_list_head.html"
    change_form_outer_before_template = "panel/topic.html"

    @page_view("chart/", "view", methods=("GET",), name="trends_chart")
    def chart_view(self, request: HttpRequest) -> HttpResponse:
        """Show topics over time, and the age and cost of the data."""
        return self.page(
            request,
            "panel/trends.html",
            title="Trends",
            **overview(timezone.now(), genre=request.GET.get("genre", "")),
            may_see_sources=request.user.has_perm("trends.view_trendsource"),
        )

    def page_context(self, request: HttpRequest, obj: Topic) -> dict[str, Any]:
        return {"topic": obj, **topic_chart(obj, timezone.now())}

    momentum = column("score", percent, "Momentum")
    style = column("genre", genre, "Genre")

    @display(description="Use", label={"followed": GOOD, "blocked": BAD, "quiet": PLAIN})
    def use(self, topic: Topic) -> tuple[str, str]:
        if topic.blocked:
            return "blocked", "Blocked"
        return ("followed", "May be followed") if topic.score > 0 else ("quiet", "Quiet")

    @action(description="Never follow these topics", permissions=["change"])
    def block(self, request: HttpRequest, topics: QuerySet[Topic]) -> None:
        self._set_blocked(request, topics, blocked=True)

    @action(description="Allow these topics again", permissions=["change"])
    def unblock(self, request: HttpRequest, topics: QuerySet[Topic]) -> None:
        self._set_blocked(request, topics, blocked=False)

    def _set_blocked(self, request: HttpRequest, topics: Any, *, blocked: bool) -> None:
        changed = topics.update(blocked=blocked)
        self.message_user(
            request, f"{counted(changed, 'topic')} {'blocked' if blocked else 'allowed'}."
        )


@admin.register(Observation)
class ObservationAdmin(LongListMixin, ReadOnlyMixin, ModelAdmin):
    empty_words = "Observations come with the first collection or import of trends."
    empty_way = Way("Open the trends", "trends_chart", "trends.view_topic")
    list_display = ("topic", "source", "observed_at", "mentions", "reactions")
    fields = (("topic", "source"), "observed_at", ("mentions", "reactions"))
    readonly_fields = ("mentions", "reactions")

    mentions = column("volume", number, "Volume")
    reactions = column("engagement", number, "Engagement")
    list_select_related = ("topic", "source")
    sortable_by = ("observed_at",)
    list_filter = (
        ("source", AutocompleteSelectFilter),
        ("topic", AutocompleteSelectFilter),
        ("observed_at", RangeDateTimeFilter),
    )
    list_filter_submit = True
