"""What the settings of the object store mean. Loads no client of one, so starting stays quick."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

# A signed address is good for seven days at most; players ask for later ranges by the same one.
# 0: browsers get none, because they do not reach the store.
LINK_LIMITS_S = (60, 7 * 24 * 3600)
# Environment of what is tried out beside an installation: its files stay out of the bucket.
NO_STORE = {
    "AI_ARTIST_STORE": "folder",
    **dict.fromkeys(
        (f"AI_ARTIST_S3_{name}" for name in ("BUCKET", "ENDPOINT", "ACCESS_KEY", "SECRET_KEY")), ""
    ),
}


def checked_s3(given: dict[str, Any], *, needed: bool) -> dict[str, Any] | None:
    """The options of the object store; None if there is none.

    needed: new files go there. Raises ImproperlyConfigured, in one sentence, if some are missing.
    """
    keys = (given["access_key"], given["secret_key"])
    if not given["bucket"]:
        if needed or given["endpoint"] or any(keys):
            why = (
                "AI_ARTIST_STORE=s3 needs it" if needed else "other AI_ARTIST_S3_ settings are set"
            )
            raise ImproperlyConfigured(f"AI_ARTIST_S3_BUCKET is empty, and {why}.")
        return None
    if any(keys) and not all(keys):
        missing = "ACCESS_KEY" if keys[1] else "SECRET_KEY"
        raise ImproperlyConfigured(
            f"AI_ARTIST_S3_{missing} is missing: give both keys, or neither where the machine has "
            "rights of its own."
        )
    endpoint = given["endpoint"].rstrip("/") or f"https://s3.{given['region']}.amazonaws.com"
    parts = urlsplit(endpoint)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
        raise ImproperlyConfigured(
            f"AI_ARTIST_S3_ENDPOINT={endpoint!r} is no address; write it like https://s3.example.org."
        )
    shortest_s, longest_s = LINK_LIMITS_S
    if given["link_s"] and not shortest_s <= given["link_s"] <= longest_s:
        raise ImproperlyConfigured(
            f"AI_ARTIST_S3_LINK_S={given['link_s']} must be {shortest_s} to {longest_s} seconds, "
            "or 0 if browsers do not reach the store."
        )
    return {**given, "endpoint": endpoint, "prefix": given["prefix"].strip("/")}


def file_origins(options: dict[str, Any] | None) -> list[str]:
    """Where browsers fetch files from besides the panel, for the Content Security Policy."""
    return [origin_of(options)] if options and options["link_s"] else []


def origin_of(options: dict[str, Any]) -> str:
    """Scheme and host of all signed addresses."""
    parts = urlsplit(options["endpoint"])
    host = parts.netloc
    if options["addressing"] == "virtual":
        host = f"{options['bucket']}.{host}"
    return f"{parts.scheme}://{host}"
