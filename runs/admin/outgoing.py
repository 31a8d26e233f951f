"""Views of ReleaseAdmin for its way out: plans, where it is out, and the report of a recall."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from ai_artist.kit.admin import actor
from ai_artist.kit.views import PageViewsMixin, page_view
from media_tools.records import Unreadable
from runs.admin.publications import MAY_PUBLISH, TONES, MoveForm
from runs.audience.summary import plays_of_runs
from runs.errors import PublishingRefused, ReleaseRefused
from runs.models import Channel, Publication, Release
from runs.publishing import calendar
from runs.publishing.planning import plan, wishes_for
from runs.publishing.recall import recall_standing
from runs.publishing.reporting import recall_report


class PlanForm(MoveForm):
    """When a release is out, and on which channels."""

    channels = forms.ModelMultipleChoiceField(
        queryset=Channel.objects.none(), widget=forms.CheckboxSelectMultiple
    )

    field_order = ("to", "channels")

    def __init__(self, release: Release, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["to"].label = "Out on"
        taken = Channel.objects.active().of_artist(release.artist_id)
        self.fields["channels"].queryset = taken  # type: ignore[attr-defined]
        self.fields["channels"].initial = taken


class OutgoingMixin(PageViewsMixin):
    """Views of ReleaseAdmin that plan and prove."""

    @page_view("<uuid:release_id>/plan/", MAY_PUBLISH, methods=("GET", "POST"))
    def plan_view(self, request: HttpRequest, release: Release) -> HttpResponse:
        """Asks for a date and channels; a post plans, each at the first time that fits."""
        data = request.POST if request.method == "POST" else None
        form = PlanForm(release, data, initial={"to": suggested(release)})
        if form.is_valid():
            try:
                planned = self._plan(request, release, form)
            except (PublishingRefused, ReleaseRefused, Unreadable) as error:
                form.add_error(None, forms.ValidationError(str(error)))
            else:
                self._tell(request, planned, asked=form.cleaned_data["to"])
                return HttpResponseRedirect(self._publications_of(release))
        return self.page(
            request,
            "panel/plan.html",
            status=400 if form.is_bound else 200,
            title=f"Plan {release.title}",
            opts=self.opts,
            release=release,
            form=form,
            conflicts=conflicts_of(release, form),
            has_channels=form.fields["channels"].queryset.exists(),  # type: ignore[attr-defined]
        )

    def _plan(self, request: HttpRequest, release: Release, form: PlanForm) -> list[Publication]:
        on = timezone.localtime(form.cleaned_data["to"])
        wishes = wishes_for(release, on=on, channels=list(form.cleaned_data["channels"]))
        who = actor(request)
        return plan(release_id=release.pk, wishes=wishes, actor=who, now=timezone.now())

    def _tell(self, request: HttpRequest, planned: list[Publication], *, asked: datetime) -> None:
        if not planned:
            self.message_user(request, "All of that was planned already.", messages.INFO)
            return
        later = sum(publication.due_at > asked for publication in planned)
        moved = f"; {later} later than asked, so that no limit is broken" if later else ""
        self.message_user(request, f"{len(planned)} planned{moved}.", messages.SUCCESS)

    @page_view("<uuid:release_id>/recall-report/", "view", methods=("GET",))
    def recall_report_view(self, request: HttpRequest, release: Release) -> HttpResponse:
        """The recall as a file: text, or JSON with `as`=json."""
        report = recall_report(release, now=timezone.now())
        as_json = request.GET.get("as") == "json"
        name = f"recall-{slugify(release.title) or release.pk}.{'json' if as_json else 'txt'}"
        return HttpResponse(
            report.as_json() if as_json else report.as_text(),
            content_type="application/json" if as_json else "text/plain; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def _publications_of(self, release: Release) -> str:
        return f"{reverse('admin:runs_release_change', args=[release.pk])}#out"


def outgoing_context(release: Release, *, may_publish: bool) -> dict[str, Any]:
    """Where a release is out or will be, for its page."""
    rows = release.publications.exclude(status=Publication.Status.CANCELLED)
    publications = list(rows.select_related("channel").order_by("due_at", "pk"))
    recalled = release.status == Release.Status.RECALLED
    runs = {track.position: track.run_id for track in release.tracks.all()}
    plays = plays_of_runs(list(runs.values())) if publications else {}

    def plays_there(row: Publication) -> float | None:
        run_id = runs.get(row.position or (1 if release.is_single else 0))
        return plays.get((run_id, row.channel.kind)) if run_id else None

    return {
        "publications": [(row, TONES[row.status], plays_there(row)) for row in publications],
        "may_plan": may_publish and not recalled and release.bundle_id is not None,
        "recall": recall_standing(release) if recalled and publications else None,
    }


def suggested(release: Release) -> datetime:
    """The release date at the evening hour, or tomorrow's if that is over or not set."""
    now = timezone.localtime()
    day = release.release_date
    if day is None or day <= now.date():
        day = (now + timedelta(days=1)).date()
    return datetime.combine(day, Channel._meta.get_field("public_time").default)


def conflicts_of(release: Release, form: PlanForm) -> dict[str, list[str]]:
    """What the asked time would break on each channel, so that nobody is surprised."""
    if form.is_bound and not form.is_valid():
        return {}
    given = form.cleaned_data if form.is_bound else {}
    at = given.get("to") or timezone.make_aware(form.initial["to"])
    channels = given.get("channels") or form.fields["channels"].queryset  # type: ignore[attr-defined]
    return calendar.conflicts_of_date(release, at, list(channels))
