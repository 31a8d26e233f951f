"""What an operator does with runs from their pages: retry, cancel, replay, start with settings."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from ai_artist.kit.admin import actor, back
from artists.roster import RosterError
from media_tools.errors import ProviderError
from media_tools.foreign import digits
from runs import queue
from runs.admin.new_run import NewRunForm, settings_of
from runs.errors import RunRefused
from runs.models import Packing, Run
from runs.work import operating
from runs.work.failures import Cause, retry_cause

REFUSALS = (RunRefused, RosterError, ProviderError)


class OperatingMixin:
    """Views of RunAdmin; each checks the permission again, calls one service and reports."""

    admin_site: Any
    message_user: Callable[..., None]

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("runs.operate_run"))

    def operating_urls(self) -> list[URLPattern]:
        def post(address: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
            guarded = self.admin_site.admin_view(require_POST(view))
            pattern: URLPattern = path(address, guarded, name=name)
            return pattern

        new = require_http_methods(["GET", "POST"])(self.new_view)
        return [
            path("new/", self.admin_site.admin_view(new), name="runs_run_new"),
            post("retry-cause/", self.retry_cause_view, "runs_run_retry_cause"),
            post("<uuid:run_id>/retry/", self.retry_view, "runs_run_retry"),
            post("<uuid:run_id>/cancel/", self.cancel_view, "runs_run_cancel"),
            post("<uuid:run_id>/replay/", self.replay_view, "runs_run_replay"),
            post("<uuid:run_id>/package/", self.package_view, "runs_run_package"),
        ]

    def retry_view(self, request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
        """At the step that failed, or from the posted one; `anew` begins another take."""
        self._may_operate(request)
        chosen = {
            "from_step": request.POST.get("from_step") or None,
            "anew": request.POST.get("anew") == "yes",
        }
        runs = Run.objects.filter(pk=run_id)
        self._operate(request, runs, operating.retry_run, "queued again", **chosen)
        return self._to_run(request, run_id)

    def cancel_view(self, request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
        self._may_operate(request)
        self._operate(request, Run.objects.filter(pk=run_id), operating.cancel_run, "cancelled")
        return self._to_run(request, run_id)

    def retry_cause_view(self, request: HttpRequest) -> HttpResponse:
        """All runs that failed for the posted cause."""
        self._may_operate(request)
        cause = Cause(
            request.POST.get("kind", ""),
            request.POST.get("subject", ""),
            digits(request.POST.get("artist", "")),
        )
        try:
            count = retry_cause(cause=cause, actor=actor(request), now=timezone.now())
        except RunRefused as refused:
            self.message_user(request, str(refused), messages.ERROR)
        else:
            self.message_user(request, f"{count} run(s) queued again.", messages.SUCCESS)
        return back(request, reverse("admin:runs_run_changelist"))

    def replay_view(self, request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
        """The same seed and settings once more."""
        self._may_operate(request)
        try:
            run = operating.replay_run(run_id=run_id, actor=actor(request), now=timezone.now())
        except REFUSALS as refused:
            self.message_user(request, str(refused), messages.ERROR)
            return self._to_run(request, run_id)
        self.message_user(request, "A replay is queued: this is its page.", messages.SUCCESS)
        return self._to_run(request, run.pk)

    def package_view(self, request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
        """Another try of a bundle that could not be made, at once and with all its attempts."""
        self._may_operate(request)
        failing = Packing.objects.failing().filter(run_id=run_id)
        if failing.exists():
            queue.package_soon(run_id, now=timezone.now())
            self.message_user(request, "The bundle is tried again now.", messages.SUCCESS)
        else:
            self.message_user(request, "No bundle of this run has failed.", messages.ERROR)
        return back(request, reverse("admin:runs_run_change", args=[run_id]))

    def new_view(self, request: HttpRequest) -> HttpResponse:
        """A form with the settings of a run (`from`) or an artist (`artist`); a post starts it."""
        self._may_operate(request)
        if request.method == "POST":
            form = NewRunForm(request.POST)
            if form.is_valid() and (run := self._start(request, form)):
                return self._to_run(request, run.pk)
            note = ""
        else:
            initial, note = settings_of(request)
            form = NewRunForm(initial=initial)
        context = {
            **self.admin_site.each_context(request),
            "title": "New run",
            "form": form,
            "note": note,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "panel/new_run.html", context)

    def _start(self, request: HttpRequest, form: NewRunForm) -> Run | None:
        try:
            run = operating.start_run(**form.settings(), actor=actor(request), now=timezone.now())
        except REFUSALS as refused:
            form.add_error(None, str(refused))
            return None
        self.message_user(request, f"A run of {run.artist} is queued.", messages.SUCCESS)
        return run

    def _operate(
        self,
        request: HttpRequest,
        runs: QuerySet[Run],
        service: Callable[..., Any],
        done: str,
        **more: Any,
    ) -> None:
        for run in runs:
            try:
                service(run_id=run.pk, actor=actor(request), now=timezone.now(), **more)
            except RunRefused as refused:
                self.message_user(request, str(refused), messages.ERROR)
            else:
                self.message_user(request, f"{run} is {done}.", messages.SUCCESS)

    def _may_operate(self, request: HttpRequest) -> None:
        if not self.has_operate_permission(request):
            raise PermissionDenied

    def _to_run(self, request: HttpRequest, run_id: uuid.UUID) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("admin:runs_run_change", args=[run_id]))
