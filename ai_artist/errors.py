"""Pages of errors: inside the panel for who is signed in to it, plain for everybody else."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403: say which role the account has, and who can change that."""
    roles = request.user.groups.values_list("name", flat=True) if _is_staff(request) else ()
    role = f"the role {', '.join(sorted(roles))}" if roles else "no role"
    words = (
        f"Your account has {role}, which does not include this page. Ask an administrator if you "
        "need it. Nothing was changed."
    )
    return _page(request, 403, "You may not open this", words)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 to a form without a valid token."""
    words = (
        "It was opened before you signed in last, or your browser keeps no cookies. Load its page "
        "again, then send it once more. Nothing was changed."
    )
    return _page(request, 403, "This form is too old", words)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    words = "The address is wrong, or what it showed is gone. Nothing was changed."
    return _page(request, 404, "There is no such page", words)


def too_many(request: HttpRequest) -> HttpResponse:
    """Answer 429 to somebody who tries codes or passwords too fast."""
    words = "That was tried too often. Wait five minutes, then try again."
    return _plain(request, 429, "Too many tries", words)


def failed(request: HttpRequest) -> HttpResponse:
    """Answer 500 without the panel around it: what failed may be the database."""
    words = (
        "Something went wrong here, not with you; the log has the details. Try again. If it lasts, "
        "tell whoever runs this installation when it happened."
    )
    return _plain(request, 500, "Something went wrong", words)


def _page(request: HttpRequest, status: int, title: str, words: str) -> HttpResponse:
    if not _is_staff(request):
        return _plain(request, status, title, words)
    context = {**admin.site.each_context(request), "title": title, "words": words}
    return render(request, "errors/panel.html", context, status=status)


def _plain(request: HttpRequest, status: int, title: str, words: str) -> HttpResponse:
    return render(request, "errors/plain.html", {"title": title, "words": words}, status=status)


def _is_staff(request: HttpRequest) -> bool:
    # A middleware that comes before the one for sessions may have failed.
    user = getattr(request, "user", None)
    return user is not None and user.is_active and user.is_staff
