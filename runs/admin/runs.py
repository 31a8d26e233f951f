"""Admin of runs: the list, a run's page and the review queue.

Buttons are forms that POST to the views here; each calls one service and reports.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    RangeDateTimeFilter,
)
from unfold.decorators import action, display

from ai_artist.kit.admin import (
    LongListMixin,
    PageContextMixin,
    ReadOnlyMixin,
    Way,
    actor,
    back,
    column,
)
from ai_artist.kit.values import DASH, minutes, money, since
from ai_artist.kit.views import page_view
from artists.models import Lesson
from artists.roster import RosterError
from experiments.parameters import PARAMETERS, in_words
from media_tools.errors import ProviderError
from runs.admin.listening import (
    ListeningMixin,
    PreviewsMixin,
    comments_context,
    previews_context,
)
from runs.admin.operating import OperatingMixin
from runs.admin.progress import MOST_IDS, progress_view, status_label, steps_cell
from runs.admin.proposals import proposals_of
from runs.admin.remedies import remedy_of
from runs.admin.song import SongForm, SongMixin, song_context
from runs.errors import PreviewRefused, ReviewRefused, RunRefused
from runs.models import Packing, Release, Review, Run
from runs.presentation import (
    assignments_of,
    card,
    file_rows,
    listen_button,
    progress_of,
    step_rows,
    with_card_rows,
    with_row_extras,
)
from runs.reviewing import leases, reviews
from runs.reviewing.forms import MAX_TOGETHER, BulkDecisionForm, RunDecisionForm
from runs.steps import NAMES
from runs.work import operating
from runs.work.songs import awaits_song

QUEUE_PAGE = 10


@admin.register(Run)
class RunAdmin(
    LongListMixin,
    OperatingMixin,
    SongMixin,
    ListeningMixin,
    PreviewsMixin,
    ReadOnlyMixin,
    PageContextMixin,
    ModelAdmin,
):
    """Runs are moved by services alone; the page shows one and offers what its state allows."""

    empty_words = "Start a batch on the dashboard, or “Run now” on the page of an artist."
    empty_way = Way("Open the dashboard", "index")
    list_display = (
        "cover",
        "name",
        "artist",
        "status_label",
        "progress",
        "length",
        "loudness",
        "tempo",
        "cost",
        "age",
    )
    list_display_links = ("name",)
    list_select_related = ("artist",)
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("artist", AutocompleteSelectFilter),
        ("batch", AutocompleteSelectFilter),
        ("created_at", RangeDateTimeFilter),
    )
    list_filter_submit = True
    sortable_by = ("name", "cost", "age")
    search_fields = ("title", "id__startswith", "artist__name")
    search_help_text = "Title, artist or id"
    ordering = ("-created_at", "-pk")
    actions = ("retry_selected", "cancel_selected")
    change_form_template = "panel/run.html"
    list_before_template = "panel/run_list_head.html"

    refusals = (RunRefused, ReviewRefused, PreviewRefused, RosterError, ProviderError)

    # --- Permissions: custom ones beside Django's four ---

    def has_review_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("runs.review_run"))

    # --- The list ---

    def get_queryset(self, request: HttpRequest) -> QuerySet[Run]:
        runs: QuerySet[Run] = super().get_queryset(request)
        return runs.defer("concept")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response: HttpResponse = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data:
            shown = response.context_data["cl"].result_list
            on_the_way = [run.pk for run in shown if run.status in Run.OPEN]
            response.context_data["live_ids"] = on_the_way[:MOST_IDS]
            response.context_data["may_operate"] = self.has_operate_permission(request)
        return response

    def with_row_extras(self, rows: QuerySet[Run]) -> QuerySet[Run]:
        return with_row_extras(rows)

    @display(description="")
    def cover(self, run: Run) -> SafeString:
        return listen_button(run)

    @display(description="Title", ordering="title")
    def name(self, run: Run) -> str:
        return run.title or f"Untitled {str(run.pk)[:8]}"

    @display(description="Status", ordering="status")
    def status_label(self, run: Run) -> SafeString:
        return format_html('<span id="status-{}">{}</span>', run.pk, status_label(run))

    @display(description="Steps")
    def progress(self, run: Run) -> SafeString:
        return format_html('<span id="steps-{}">{}</span>', run.pk, steps_cell(run))

    length = column("duration_s", minutes, "Length")
    cost = column("cost_usd", money, "Cost")
    age = column("created_at", since, "Asked for")

    @display(description="LUFS", ordering="lufs")
    def loudness(self, run: Run) -> str:
        return DASH if run.lufs is None else f"{run.lufs:.1f}"

    @display(description="BPM", ordering="tempo_bpm")
    def tempo(self, run: Run) -> str:
        return DASH if run.tempo_bpm is None else f"{run.tempo_bpm:.0f}"

    @action(description="Retry", permissions=["operate"])
    def retry_selected(self, request: HttpRequest, runs: QuerySet[Run]) -> None:
        self._operate(request, runs, operating.retry_run, "queued again")

    @action(description="Cancel", permissions=["operate"])
    def cancel_selected(self, request: HttpRequest, runs: QuerySet[Run]) -> None:
        self._operate(request, runs, operating.cancel_run, "cancelled")

    # --- A run's page ---

    def page_object(self, request: HttpRequest, object_id: str) -> Run | None:
        try:
            return with_card_rows(Run.objects.filter(pk=uuid.UUID(object_id))).first()
        except ValueError:
            return None

    def page_context(self, request: HttpRequest, run: Run) -> dict[str, Any]:
        """All that a run's page shows."""
        may_review = self.has_review_permission(request)
        may_operate = self.has_operate_permission(request)
        progress = progress_of(run)
        review = run.reviews.standing().select_related("reviewer").first()
        shown = card(run)
        awaits = run.status == Run.Status.AWAITING_REVIEW
        holder = self._other_holder(request, run)
        return {
            "title": run.title or "Run",
            "card": shown,
            "run": run,
            "progress": progress,
            "live": run.status in Run.OPEN,
            "steps": step_rows(run, now=timezone.now()),
            "files": file_rows(run.artifacts.order_by("superseded_at", "kind", "name")),
            "may_see_files": request.user.has_perm("runs.view_artifact"),
            "calls": run.provider_calls.order_by("created_at"),
            "events": run.events.select_related("actor").order_by("-at", "-pk")[:60],
            "remedy": remedy_of(run, request) if run.status == Run.Status.FAILED else None,
            "assignments": assignments_of(run),
            "lessons": Lesson.objects.filter(run_id=run.pk),
            "may_judge_lessons": request.user.has_perm("artists.change_lesson"),
            "lesson_uses": run.lesson_uses.all(),
            **proposals_of(request, run),
            **song_context(SongForm() if may_operate and awaits_song(run) else None),
            **comments_context(request, run),
            **previews_context(request, run),
            "review": review,
            "past_reviews": run.reviews.exclude(undone_at=None).select_related("reviewer"),
            "releases": Release.objects.filter(tracks__run=run).order_by("created_at", "pk"),
            "packing": Packing.objects.failing()
            .filter(release__kind=Release.Kind.SINGLE, release__tracks__run=run)
            .first(),
            "reasons": Review.Reason.choices,
            "content_hash": shown.content_hash if awaits else "",
            "can_decide": may_review and awaits and holder is None,
            "holder": holder if awaits else None,
            "can_undo": may_review and run.status in Run.DECIDED,
            "can_retry": may_operate and run.status == Run.Status.FAILED,
            "redo_steps": list(NAMES) if may_operate and run.status in operating.RETRYABLE else [],
            "redo_from": progress.at,
            "can_cancel": may_operate and run.status in operating.CANCELLABLE,
            "may_operate": may_operate,
            "overrides": [
                (PARAMETERS[name].label, in_words(name, value))
                for name, value in run.overrides.items()
            ],
        }

    # --- Decisions ---

    @page_view("<uuid:run_id>/review/", "review")
    def review_view(self, request: HttpRequest, run: Run) -> HttpResponse:
        form = RunDecisionForm(request.POST)
        usable, holder = self.usable(request, form), self._other_holder(request, run)
        if usable and holder:
            held = f"{holder} has “{run.title or 'this song'}” on the review desk now."
            self.message_user(request, held, messages.ERROR)
        elif usable:
            decision = form.cleaned_data
            self._decide(
                request,
                run.pk,
                decision=decision["decision"],
                reasons=decision["reasons"],
                comment=decision["comment"],
                content_hash=decision["content_hash"] or None,
            )
        return back(request, reverse("admin:runs_run_change", args=[run.pk]))

    @page_view("<uuid:run_id>/undo/", "review")
    def undo_view(self, request: HttpRequest, run: Run) -> HttpResponse:
        with self.refusals_shown(request):
            reviews.undo(run_id=run.pk, reviewer=actor(request), now=timezone.now())
            done = "Decision taken back; the run awaits review again."
            self.message_user(request, done, messages.SUCCESS)
        return back(request, reverse("admin:runs_run_change", args=[run.pk]))

    @page_view("queue/decide/", "review", name="review_queue_decide")
    def decide_many_view(self, request: HttpRequest) -> HttpResponse:
        form = BulkDecisionForm(request.POST)
        if self.usable(request, form):
            decision = form.cleaned_data
            for run_id in decision["runs"]:
                self._decide(
                    request,
                    run_id,
                    decision=decision["decision"],
                    reasons=decision["reasons"],
                    comment=decision["comment"],
                    content_hash=request.POST.get(f"hash-{run_id}") or None,
                )
        return HttpResponseRedirect(reverse("admin:review_queue"))

    def _other_holder(self, request: HttpRequest, run: Run) -> User | None:
        """Return who else has a run on the review desk now."""
        holder = leases.holder_of(run.pk, now=timezone.now())
        return None if holder == request.user else holder

    def _decide(self, request: HttpRequest, run_id: uuid.UUID, **decision: Any) -> None:
        with self.refusals_shown(request):
            review = reviews.decide(
                run_id=run_id, reviewer=actor(request), now=timezone.now(), **decision
            )
            if review.effective_at is None:
                done = "Noted; another reviewer judges it too"
            else:
                done = "Approved" if review.decision == Review.Decision.APPROVE else "Rejected"
            # The run's page is where a slip is undone.
            link = format_html(
                '{}: <a class="panel-link" href="{}">{}</a>',
                done,
                reverse("admin:runs_run_change", args=[run_id]),
                review.run,
            )
            self.message_user(request, link, messages.SUCCESS)

    @page_view("progress/", "view", methods=("GET",))
    def progress_view(self, request: HttpRequest) -> HttpResponse:
        return progress_view(request)

    # --- The review queue ---

    @page_view("queue/", "view", methods=("GET",), name="review_queue")
    def queue_view(self, request: HttpRequest) -> HttpResponse:
        pages = Paginator(with_card_rows(Run.objects.awaiting_review()), QUEUE_PAGE)
        page = pages.get_page(request.GET.get("page"))
        return self.page(
            request,
            "panel/queue.html",
            title="Review queue",
            page=page,
            cards=[card(run) for run in page],
            reasons=Review.Reason.choices,
            may_review=self.has_review_permission(request),
            max_together=MAX_TOGETHER,
            open_count=0 if page.object_list else Run.objects.open().count(),
        )
