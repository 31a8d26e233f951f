"""Receives updates from Telegram when a webhook is set instead of polling."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from media_tools.foreign import Refused, read_strict_json
from runs.telegram import bot
from runs.telegram.updates import handle_update

logger = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105


@csrf_exempt  # Telegram has no session; the secret in the header proves the sender
@require_POST
def telegram_webhook(request: HttpRequest) -> HttpResponse:
    """Handle one update. Answers 404 if webhooks are off, 403 without the secret, else 200.

    200 means done, known or useless: any other answer would make Telegram repeat the update.
    """
    if not (bot.enabled() and settings.TELEGRAM_WEBHOOK_SECRET):
        raise Http404
    given = request.headers.get(SECRET_HEADER, "")
    if not constant_time_compare(given, settings.TELEGRAM_WEBHOOK_SECRET):
        logger.warning("Telegram: a webhook call without the right secret.")
        return HttpResponse(status=403)
    try:
        update = read_strict_json(request.body)
    except (Refused, RequestDataTooBig) as error:
        logger.warning("Telegram: an update that cannot be used: %s", error)
        return HttpResponse()
    if isinstance(update, dict):
        handle_update(update, api=bot.configured_api(), now=timezone.now())
    return HttpResponse()
