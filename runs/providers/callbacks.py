"""Where providers post that a job is done: a hint to look, never a result."""

from __future__ import annotations

import logging
import time

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from media_tools.errors import ProviderRejected
from media_tools.providers.callbacks import MAX_BODY_BYTES, CallbackRefused
from runs import queue
from runs.models import ProviderCall, Run, Step
from runs.providers import engines

logger = logging.getLogger(__name__)


@csrf_exempt  # providers have no session; a forged call makes us look at our own job once more
@require_POST
def provider_callback(request: HttpRequest, provider: str) -> HttpResponse:
    """Wake the runs that wait for the job a callback names.

    200 whether or not the job is known, so that nobody learns which jobs exist; 400 for what the
    provider would not send, 404 for a provider that is not set up here, 413 above 1 MB.
    """
    if provider not in engines.MUSIC:
        raise Http404
    try:
        source = engines.music_provider(provider)
    except ProviderRejected:
        raise Http404 from None
    body = request.read(MAX_BODY_BYTES + 1)
    if len(body) > MAX_BODY_BYTES:
        return HttpResponse(status=413)
    try:
        job = source.callback_job(body, request.headers, now=time.time())
    except CallbackRefused as error:
        logger.warning("Callback of %s refused: %s", provider, error)
        return HttpResponseBadRequest()
    wake_job(provider, job)
    return HttpResponse()


def wake_job(provider: str, external_id: str) -> int:
    """Make the runs due that wait for this job of a provider; returns how many."""
    calls = ProviderCall.objects.filter(
        provider=provider,
        external_id=external_id,
        status=ProviderCall.Status.SUBMITTED,
        run__status=Run.Status.WAITING,
    )
    return sum(
        queue.wake_waiting(Step.WaitingFor.PROVIDER, run_id=run.pk)
        for run in Run.objects.filter(provider_calls__in=calls).distinct()
    )
