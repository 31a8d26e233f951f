"""Middleware: a form with a key does its work once, however often it is sent."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from ai_artist.kit.admin import back
from ai_artist.kit.once import FIELD
from runs.models import SentForm


class SentOnce:
    """Answers a repeated form with the redirect of the first one.

    A double click, a resent page and an impatient press all send the same key. A form that was
    shown again with errors, or that failed, does not count as sent.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        sent: SentForm | None = getattr(request, "sent_form", None)
        if sent is not None:
            if isinstance(response, HttpResponseRedirect):
                sent.answer = response.url[:500]
                sent.save(update_fields=["answer"])
            else:
                # The form was shown again with its errors, so it may be sent again.
                sent.delete()
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Runs after the other middleware, when the user is known and the CSRF token was checked.

        A view that is exempt from that check chooses the place of its upload first, so its body is
        not read here.
        """
        exempt = getattr(view, "csrf_exempt", False)
        if request.method != "POST" or exempt or not request.user.is_authenticated:
            return None
        try:
            key = uuid.UUID(request.POST.get(FIELD, ""))
        except ValueError:
            return None
        sent, first = SentForm.objects.get_or_create(key=key, defaults={"at": timezone.now()})
        if first:
            request.sent_form = sent  # type: ignore[attr-defined]
            return None
        messages.warning(request, "This form was sent before: its work is done once, not twice.")
        fallback = reverse("admin:runs_run_changelist")
        return HttpResponseRedirect(sent.answer) if sent.answer else back(request, fallback)
