from contextlib import suppress

from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin.apps import AdminConfig
from django.core.checks import Tags, register

from ai_artist.checks import (
    check_places,
    check_production,
    check_proxy,
    check_queue,
    check_schema,
)
from media_tools.foreign import Refused
from media_tools.text.artist_names import add_names, read_names


class PanelConfig(AdminConfig):
    """The admin with our own site class: the dashboard is its first page."""

    default_site = "ai_artist.site.PanelSite"


class AiArtistConfig(AppConfig):
    name = "ai_artist"
    verbose_name = "AI Artist Platform"

    def ready(self) -> None:
        from ai_artist import second_factor  # needs the models

        second_factor.listen()
        for check in (check_queue, check_production, check_places, check_proxy):
            register(check)
        register(check_schema, Tags.database)
        if settings.NAMES_FILE:
            # A file that cannot be read is reported by check_places.
            with suppress(Refused):
                add_names(read_names(settings.NAMES_FILE))
