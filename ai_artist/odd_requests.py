"""Middleware: a request that cannot be meant is answered 400, and not with a fault of ours."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.db import DataError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.views.defaults import bad_request

logger = logging.getLogger(__name__)

# How SQLite says that a regular expression in an address is none, and Django that an id is none.
BAD_REGEX = "user-defined function raised exception"
BAD_NUMBER = "expected a number but got"


class RefuseOddRequests:
    """Stops NUL characters at the door, and turns into 400 what only a column found to be odd.

    The latter is logged with its trace: where our own code made the value, it is our fault.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        texts = (request.path_info, *request.COOKIES.values())
        if "%00" in request.META.get("QUERY_STRING", "") or any("\0" in text for text in texts):
            return bad_request(request, ValueError("a NUL character"))
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A number, date, id or text that its column cannot take, in whatever view it came up."""
        if not refused(error):
            return None
        logger.warning("The database cannot take what %s asks.", request.path, exc_info=error)
        return bad_request(request, error)


def refused(error: Exception) -> bool:
    """Whether the value and not the database or the code is at fault."""
    if isinstance(error, OperationalError):
        return BAD_REGEX in str(error)
    if isinstance(error, ValueError):
        return BAD_NUMBER in str(error)
    return isinstance(error, DataError | OverflowError | ValidationError)
