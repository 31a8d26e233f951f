"""Admin of what reflections propose: the list, and deciding on a run's page or here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from ai_artist.kit.admin import (
    GOOD,
    INFO,
    PLAIN,
    WARN,
    LongListMixin,
    PageContextMixin,
    ReadOnlyMixin,
    Way,
    actor,
    back,
    column,
)
from ai_artist.kit.values import fact, words
from ai_artist.kit.views import PageViewsMixin, page_view
from media_tools.foreign import clean_text, digits
from runs.learning.reflections import ProposalRefused, decide_proposal, row_of, rows_of, typed_value
from runs.models import Proposal, Run
from runs.presentation import run_link

# Who may decide: a change writes the profile, a lesson the artist's lessons.
PERMISSIONS = {
    Proposal.Kind.CHANGE: "artists.change_artist",
    Proposal.Kind.LESSON: "artists.change_lesson",
}


def may_decide(request: HttpRequest, proposal: Proposal) -> bool:
    return bool(request.user.has_perm(PERMISSIONS[Proposal.Kind(proposal.kind)]))


def proposals_of(request: HttpRequest, run: Run) -> dict[str, Any]:
    """What a run's page shows of its reflection's proposals."""
    proposals = Proposal.objects.filter(reflection__run=run)
    rows = rows_of(proposals.select_related("reflection__run__artist").order_by("kind", "pk"))
    return {
        "proposals": rows,
        "may_change_artist": request.user.has_perm("artists.change_artist"),
    }


class OpenFilter(admin.SimpleListFilter):
    """Open ones, unless something else is chosen."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("decided", "Decided"), ("all", "All")]

    def choices(self, changelist: Any) -> Iterator[Any]:
        yield {
            "selected": self.value() is None,
            "query_string": changelist.get_query_string(remove=[self.parameter_name]),
            "display": "Open",
        }
        for lookup, title in self.lookup_choices:
            yield {
                "selected": self.value() == lookup,
                "query_string": changelist.get_query_string({self.parameter_name: lookup}),
                "display": title,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Proposal]) -> QuerySet[Proposal]:
        if self.value() == "all":
            return queryset
        is_open = {"status": Proposal.Status.OPEN}
        return queryset.exclude(**is_open) if self.value() else queryset.filter(**is_open)


@admin.register(Proposal)
class ProposalAdmin(LongListMixin, ReadOnlyMixin, PageContextMixin, PageViewsMixin, ModelAdmin):
    empty_words = (
        "When a run is done, its reflection may propose a change of the artist or a "
        "lesson. What is decided is under “Decided”."
    )
    empty_way = Way("See the runs", "runs_run_changelist", "runs.view_run")
    list_display = ("subject", "artist", "status_label", "proposed", "song", "created_at")
    list_select_related = ("reflection__run__artist",)
    list_filter = (OpenFilter, ("kind", ChoicesDropdownFilter))
    sortable_by = ()
    search_fields = ("reflection__run__artist__name",)
    search_help_text = "Artist"
    actions = ("dismiss",)
    refusals = (ProposalRefused,)
    change_form_outer_before_template = "panel/proposal.html"
    fields = (
        ("kind", "subject"),
        "seen",
        "wanted",
        "why",
        "status",
        "accepted_as",
        ("decided_at", "decided_by"),
    )
    readonly_fields = ("subject", "seen", "wanted", "accepted_as")

    seen = column("old", fact, "What the model saw")
    wanted = column("new", fact, "What it proposes")
    accepted_as = column("used", fact, "Accepted as")

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return any(request.user.has_perm(name) for name in PERMISSIONS.values())

    @display(description="About")
    def subject(self, proposal: Proposal) -> str:
        return words(proposal.field) or "Lesson"

    @display(description="Artist")
    def artist(self, proposal: Proposal) -> str:
        return str(proposal.reflection.run.artist)

    @display(
        description="Status",
        label={"open": INFO, "accepted": GOOD, "edited": GOOD, "dismissed": PLAIN, "stale": WARN},
    )
    def status_label(self, proposal: Proposal) -> tuple[str, str]:
        if row_of(proposal).stale:
            return "stale", "Profile moved on"
        return proposal.status, proposal.get_status_display()

    @display(description="Proposed")
    def proposed(self, proposal: Proposal) -> str:
        row = row_of(proposal)
        return row.draft.replace("\n", ", ")

    @display(description="Song")
    def song(self, proposal: Proposal) -> SafeString | str:
        return run_link(proposal.reflection.run)

    def page_object(self, request: HttpRequest, object_id: str) -> Proposal | None:
        rows = Proposal.objects.select_related("reflection__run__artist")
        number = digits(object_id)
        return None if number is None else rows.filter(pk=number).first()

    def page_context(self, request: HttpRequest, obj: Proposal) -> dict[str, Any]:
        return {"row": row_of(obj), "may_decide": may_decide(request, obj)}

    @page_view("<int:proposal_id>/decide/", "decide")
    def decide_view(self, request: HttpRequest, proposal: Proposal) -> HttpResponse:
        if not may_decide(request, proposal):
            raise PermissionDenied
        verdict = request.POST.get("verdict", "")
        if verdict in ("accept", "edit", "dismiss"):
            self._decide(request, proposal, verdict)
        else:
            self.message_user(request, "Accept, edit or dismiss the proposal.", messages.ERROR)
        return back(request, reverse("admin:runs_proposal_changelist"))

    @action(description="Dismiss", permissions=["decide"])
    def dismiss(self, request: HttpRequest, proposals: QuerySet[Proposal]) -> None:
        for proposal in proposals:
            if may_decide(request, proposal):
                self._decide(request, proposal, "dismiss")

    def _decide(self, request: HttpRequest, proposal: Proposal, verdict: str) -> None:
        with self.refusals_shown(request):
            typed = clean_text(request.POST.get("value", ""))
            decided = decide_proposal(
                proposal_id=proposal.pk,
                accept=verdict != "dismiss",
                value=typed_value(proposal, typed) if verdict == "edit" else None,
                actor=actor(request),
                now=timezone.now(),
            )
            done = decided.get_status_display()
            self.message_user(request, f"{done}: {decided}", messages.SUCCESS)
