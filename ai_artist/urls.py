"""Addresses of the site; its root leads to the panel."""

from allauth.account.views import logout, reauthenticate
from django.contrib import admin
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView

from ai_artist.accounts import ChoosePasswordView
from ai_artist.media import artifact_file
from ai_artist.notifications import unsubscribe
from ai_artist.operations.probes import healthz, metrics
from ai_artist.previews import preview, preview_cover, preview_song
from ai_artist.sessions import end_session
from runs.providers.callbacks import provider_callback
from runs.publishing.feed import calendar_feed
from runs.telegram.webhook import telegram_webhook

# What second factors need of allauth's accounts, by the names it knows them by.
account = [
    path("sign-in/", RedirectView.as_view(pattern_name="admin:login"), name="account_login"),
    path("sign-out/", logout, name="account_logout"),
    path("password/", reauthenticate, name="account_reauthenticate"),
    path("second-factor/", include("allauth.mfa.urls")),
    path("sessions/", include("allauth.usersessions.urls")),
    path("sessions/<int:session_id>/end/", end_session, name="usersessions_end"),
]
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    # Browsers ask for it on pages without the panel's head.
    path("favicon.ico", lambda request: redirect(static("panel/icon.svg"))),
    path("admin/", admin.site.urls),
    path(
        "password/<str:uidb64>/<str:token>/", ChoosePasswordView.as_view(), name="choose_password"
    ),
    path("account/", include(account)),
    path("media/<uuid:artifact_id>/", artifact_file, name="artifact"),
    path("telegram/webhook/", telegram_webhook, name="telegram_webhook"),
    path("callbacks/<slug:provider>/", provider_callback, name="provider_callback"),
    path("calendar/<str:token>.ics", calendar_feed, name="calendar_feed"),
    path("listen/<str:token>/", preview, name="preview"),
    path("listen/<str:token>/<int:position>/song/", preview_song, name="preview_song"),
    path("listen/<str:token>/cover/", preview_cover, name="preview_cover"),
    path("unsubscribe/<str:token>/", unsubscribe, name="unsubscribe"),
    path("healthz", healthz, name="healthz"),
    path("metrics", metrics, name="metrics"),
]

handler403 = "ai_artist.errors.forbidden"
handler404 = "ai_artist.errors.not_found"
handler500 = "ai_artist.errors.failed"
handler429 = "ai_artist.errors.too_many"  # asked for by allauth
