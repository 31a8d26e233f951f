"""The calendar's address for calendar programs, which cannot log in: it is signed."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from runs.publishing.calendar import ical, reader_of


@require_safe
@never_cache
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """Answer with the calendar; 404 for an address that is not, or no longer, anybody's."""
    if reader_of(token) is None:
        raise Http404
    return HttpResponse(ical(now=timezone.now()), content_type="text/calendar; charset=utf-8")
