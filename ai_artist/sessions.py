"""A person's sessions: when each was last seen, and ending others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.cache import caches
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from ai_artist.audit import record
from ai_artist.kit.values import counted

logger = logging.getLogger(__name__)

SEEN_AGAIN_AFTER_S = 300


class LastSeen:
    """Middleware: writes down that a session is used, at most every SEEN_AGAIN_AFTER_S seconds.

    Each process counts the time itself, so that a request costs no query. Pages that look at no
    session are left alone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.session.accessed and request.user.is_authenticated:
            key = f"seen:{request.session.session_key}"
            if caches["limits"].add(key, True, SEEN_AGAIN_AFTER_S):
                note_seen(request)
        return response


def note_seen(request: HttpRequest) -> None:
    """Write down that a session is used; the answer is ready, and must not be lost over it."""
    try:
        UserSession.objects.create_from_request(request)
    except DatabaseError as error:
        logger.warning("It could not be written that a session was seen: %s", error)


class SessionsAdapter(DefaultUserSessionsAdapter):
    """Writes to the log that sessions were ended."""

    def end_sessions(self, sessions: Iterable[UserSession]) -> None:
        ended = list(sessions)
        super().end_sessions(ended)
        if ended:
            user = ended[0].user
            record(user, by=user, message=f"Signed out {counted(len(ended), 'other session')}.")


@require_POST
@login_required
def end_session(request: HttpRequest, session_id: int) -> HttpResponse:
    """End one other session of the person who asks."""
    others = UserSession.objects.filter(user=request.user.pk)
    others = others.exclude(session_key=request.session.session_key)
    SessionsAdapter().end_sessions([get_object_or_404(others, pk=session_id)])
    messages.success(request, "That session is signed out.")
    return redirect("usersessions_list")


def end_all(user: User, *, but: str | None = None) -> None:
    """End a person's sessions. but: the key of one that goes on."""
    for session in UserSession.objects.filter(user=user).exclude(session_key=but or ""):
        session.end()
