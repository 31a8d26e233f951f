from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class PanelConfig(AdminConfig):
    """The admin with our site class: dashboard as the landing page."""

    default_site = "ai_artist.panel.PanelSite"


class AiArtistConfig(AppConfig):
    name = "ai_artist"
    verbose_name = "AI Artist Platform"
