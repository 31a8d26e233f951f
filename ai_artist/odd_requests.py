"""Middleware: answers 400 to requests that no honest client makes, instead of failing."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.db import DataError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.views.defaults import bad_request

logger = logging.getLogger(__name__)

# The messages by which SQLite rejects a regular expression and Django an id in an address.
BAD_REGEX = "user-defined function raised exception"
BAD_NUMBER = "expected a number but got"


class RefuseOddRequests:
    """Rejects NUL characters, and answers 400 if a value turns out not to fit its column.

    The second case is logged with its traceback: if our own code made the value, it is our fault.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        texts = (request.path_info, *request.COOKIES.values())
        if "%00" in request.META.get("QUERY_STRING", "") or any("\0" in text for text in texts):
            return bad_request(request, ValueError("a NUL character"))
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer 400 for a number, date, id or text that its column cannot take, in any view."""
        if not refused(error):
            return None
        logger.warning("The database cannot take what %s asks.", request.path, exc_info=error)
        return bad_request(request, error)


def refused(error: Exception) -> bool:
    """Whether the value is at fault, and not the database or the code."""
    if isinstance(error, OperationalError):
        return BAD_REGEX in str(error)
    if isinstance(error, ValueError):
        return BAD_NUMBER in str(error)
    return isinstance(error, DataError | OverflowError | ValidationError)
