"""WSGI entry point."""

import os

from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ai_artist.settings")


class Utf8Request(WSGIRequest):
    """A request read as UTF-8, which is what our pages send.

    The charset in a header may not be a text encoding ("zlib"), and Django would look it up before
    anything could catch the error; or it may produce half characters that no column takes.
    """

    @property
    def encoding(self) -> str:
        return "utf-8"

    @encoding.setter
    def encoding(self, named: str) -> None:
        pass


application = get_wsgi_application()
application.request_class = Utf8Request
