"""Where Telegram posts updates when a webhook is set instead of polling."""

from __future__ import annotations

import json
import logging

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from runs.telegram import bot
from runs.telegram.updates import handle_update

logger = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105


@csrf_exempt  # Telegram has no session; the secret in the header proves the call
@require_POST
def telegram_webhook(request: HttpRequest) -> HttpResponse:
    """One update. 404 while webhooks are off, 403 without the secret, else 200: done or known.

    Any other answer would make Telegram repeat an update that cannot be done.
    """
    if not (bot.enabled() and settings.TELEGRAM_WEBHOOK_SECRET):
        raise Http404
    given = request.headers.get(SECRET_HEADER, "")
    if not constant_time_compare(given, settings.TELEGRAM_WEBHOOK_SECRET):
        logger.warning("Telegram: a webhook call without the right secret.")
        return HttpResponse(status=403)
    try:
        update = json.loads(request.body)
    except ValueError:
        return HttpResponseBadRequest("no JSON")
    if not isinstance(update, dict):
        return HttpResponseBadRequest("no update")
    handle_update(update, api=bot.configured_api(), now=timezone.now())
    return HttpResponse()
