"""What an operator does with runs from their pages: retry, cancel, replay, start with settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from ai_artist.kit.admin import actor, back
from ai_artist.kit.values import counted
from ai_artist.kit.views import PageViewsMixin, page_view
from media_tools.foreign import digits
from runs.admin.new_run import NewRunForm, settings_of
from runs.models import Run
from runs.work import operating
from runs.work.failures import Cause, retry_cause


class OperatingMixin(PageViewsMixin):
    """Views of RunAdmin; each calls one service and reports."""

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("runs.operate_run"))

    @page_view("<uuid:run_id>/retry/", "operate")
    def retry_view(self, request: HttpRequest, run: Run) -> HttpResponse:
        """At the step that failed, or from the posted one; `anew` begins another take."""
        chosen = {
            "from_step": request.POST.get("from_step") or None,
            "anew": request.POST.get("anew") == "yes",
        }
        self._operate(request, [run], operating.retry_run, "queued again", **chosen)
        return _to_run(run)

    @page_view("<uuid:run_id>/cancel/", "operate")
    def cancel_view(self, request: HttpRequest, run: Run) -> HttpResponse:
        self._operate(request, [run], operating.cancel_run, "cancelled")
        return _to_run(run)

    @page_view("retry-cause/", "operate")
    def retry_cause_view(self, request: HttpRequest) -> HttpResponse:
        """All runs that failed for the posted cause."""
        cause = Cause(
            request.POST.get("kind", ""),
            request.POST.get("subject", ""),
            digits(request.POST.get("artist", "")),
        )
        with self.refusals_shown(request):
            count = retry_cause(cause=cause, actor=actor(request), now=timezone.now())
            self.message_user(request, f"{counted(count, 'run')} queued again.", messages.SUCCESS)
        return back(request, reverse("admin:runs_run_changelist"))

    @page_view("<uuid:run_id>/replay/", "operate")
    def replay_view(self, request: HttpRequest, run: Run) -> HttpResponse:
        """The same seed and settings once more."""
        with self.refusals_shown(request):
            replay = operating.replay_run(run_id=run.pk, actor=actor(request), now=timezone.now())
            self.message_user(request, "A replay is queued: this is its page.", messages.SUCCESS)
            return _to_run(replay)
        return _to_run(run)

    @page_view("new/", "operate", methods=("GET", "POST"))
    def new_view(self, request: HttpRequest) -> HttpResponse:
        """A form with the settings of a run (`from`) or an artist (`artist`); a post starts it."""
        if request.method == "POST":
            form = NewRunForm(request.POST)
            if form.is_valid() and (run := self._start(request, form)):
                return _to_run(run)
            note = ""
        else:
            initial, note = settings_of(request)
            form = NewRunForm(initial=initial)
        return self.page(request, "panel/new_run.html", title="New run", form=form, note=note)

    def _start(self, request: HttpRequest, form: NewRunForm) -> Run | None:
        try:
            run = operating.start_run(**form.settings(), actor=actor(request), now=timezone.now())
        except self.refusals as refused:
            form.add_error(None, str(refused))
            return None
        self.message_user(request, f"A run of {run.artist} is queued.", messages.SUCCESS)
        return run

    def _operate(
        self,
        request: HttpRequest,
        runs: Iterable[Run],
        service: Callable[..., Any],
        done: str,
        **more: Any,
    ) -> None:
        for run in runs:
            with self.refusals_shown(request):
                service(run_id=run.pk, actor=actor(request), now=timezone.now(), **more)
                self.message_user(request, f"{run} is {done}.", messages.SUCCESS)


def _to_run(run: Run) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:runs_run_change", args=[run.pk]))
