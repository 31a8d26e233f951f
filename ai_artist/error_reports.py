"""Reports of faults to a Sentry server, if one is set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured

from ai_artist.kit.log_context import present_work
from media_tools import VERSION

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint


def report_to(dsn: str, *, environment: str) -> None:
    """Have faults and logged errors reported. Raises ImproperlyConfigured without the package."""
    try:
        import sentry_sdk
    except ModuleNotFoundError as error:
        raise ImproperlyConfigured(
            "SENTRY_DSN is set and sentry-sdk is not installed: pip install -r "
            "requirements-server.txt"
        ) from error
    sentry_sdk.init(dsn=dsn, environment=environment, **options())


def options() -> dict[str, Any]:
    """What is told: where it happened and what was worked on; no values, no bodies, no people."""
    return {
        "release": f"ai-artist-platform@{VERSION}",
        # Frames hold prompts, keys and personal data.
        "include_local_variables": False,
        "max_request_body_size": "never",
        "before_send": with_work,
    }


def with_work(event: Event, hint: Hint) -> Event:
    """Add the ids of the present work as tags."""
    event["tags"] = {**event.get("tags", {}), **present_work()}
    return event
