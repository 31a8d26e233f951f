"""Admin views that start work: runs, batches, new artists."""

from __future__ import annotations

import random

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.decorators import action

from ai_artist.kit.admin import actor, back
from ai_artist.kit.values import counted
from ai_artist.kit.views import PageViewsMixin, page_view
from artists import roster
from artists.models import Artist
from artists.starter_roster import seed_roster
from runs.models import Batch
from runs.work.batches import MAX_SEED, create_batch, persona_maker

MAX_BATCH = 100


class StartingMixin(PageViewsMixin):
    """Views and an action for ArtistAdmin."""

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("runs.operate_run"))

    @action(description="Run now", permissions=["operate"])
    def run_now(self, request: HttpRequest, artists: QuerySet[Artist]) -> None:
        for artist in artists:
            self._start(request, size=1, artist=artist)

    @page_view("<int:artist_id>/run/", "operate")
    def run_view(self, request: HttpRequest, artist: Artist) -> HttpResponse:
        self._start(request, size=1, artist=artist)
        return back(request, reverse("admin:artists_artist_change", args=[artist.pk]))

    @page_view("batch/", "operate", name="start_batch")
    def batch_view(self, request: HttpRequest) -> HttpResponse:
        try:
            size = int(request.POST.get("size", ""))
        except ValueError:
            size = 0
        if 1 <= size <= MAX_BATCH:
            self._start(request, size=size, artist=None)
        else:
            self.message_user(request, f"A batch has 1 to {MAX_BATCH} runs.", messages.ERROR)
        return back(request, reverse("admin:runs_run_changelist"))

    def _start(self, request: HttpRequest, *, size: int, artist: Artist | None) -> None:
        with self.refusals_shown(request):
            batch = create_batch(
                size=size,
                origin=Batch.Origin.PANEL,
                artist=artist,
                requested_by=actor(request),
                now=timezone.now(),
            )
            whose = f" of {artist}" if artist else ""
            queued = format_html(
                '<a class="panel-link" href="{}">{}</a>: {} queued.',
                reverse("admin:runs_batch_change", args=[batch.pk]),
                batch,
                f"{counted(size, 'run')}{whose}",
            )
            self.message_user(request, queued, messages.SUCCESS)

    @page_view("candidate/", "add")
    def candidate_view(self, request: HttpRequest) -> HttpResponse:
        make = persona_maker(timezone.now())
        with self.refusals_shown(request):
            artist = roster.create_artist(
                persona=make(random.randrange(MAX_SEED)),
                now=timezone.now(),
                reason="Asked for in the panel.",
                actor=actor(request),
            )
            self.message_user(request, f"{artist} is a new candidate.", messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:artists_artist_change", args=[artist.pk]))
        return back(request, reverse("admin:artists_artist_changelist"))

    @page_view("starter-roster/", "add", name="artists_artist_starter")
    def starter_view(self, request: HttpRequest) -> HttpResponse:
        created, kept = seed_roster(timezone.now())
        self.message_user(
            request,
            f"Starter roster: {counted(created, 'artist')} created, {kept} kept.",
            messages.SUCCESS,
        )
        return back(request, reverse("admin:artists_artist_changelist"))
