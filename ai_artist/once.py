"""Middleware: a form that carries a key does its work once, however often it is sent."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.forms import ActionForm

from ai_artist.kit.admin import back
from runs.models import SentForm

FIELD = "form_key"


def key_input() -> SafeString:
    """A hidden field with a new key, for a form that starts something."""
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, uuid.uuid4())


class OnceActionForm(ActionForm):
    """The actions of a list, with a key like any other form that starts something."""

    form_key = forms.UUIDField(
        required=False, label="", initial=uuid.uuid4, widget=forms.HiddenInput
    )


class SentOnce:
    """Answers the second sending of a form with where its first one led.

    A double click, a resent page and an impatient press all send the same key. A form that comes
    back with its errors, and one that broke, were not sent.
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
                sent.delete()
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """After the other middleware: the sender is known and the CSRF token was checked.

        A view exempt from that check sets the place of an upload first: its body is not read here.
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
