"""Checks of the requests providers send to us. They are hints: the job is always read anew."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from media_tools.foreign import LONGEST_ID, Refused, read_strict_json

MAX_AGE_S = 300.0
MAX_BODY_BYTES = 1024 * 1024


class CallbackRefused(Exception):
    """A callback that is malformed, unsigned, wrongly signed or too old: answer 400, do nothing."""


def parsed(body: bytes) -> Mapping[str, Any]:
    """The JSON object in a callback's body. Raises CallbackRefused."""
    try:
        data = read_strict_json(body, max_bytes=MAX_BODY_BYTES)
    except Refused as refused:
        raise CallbackRefused(f"the body cannot be used: {refused}") from None
    if not isinstance(data, Mapping):
        raise CallbackRefused("the body is no JSON object")
    return data


def checked_id(value: object) -> str:
    """A job's id as a provider may write it. Raises CallbackRefused."""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_ID:
        raise CallbackRefused("it names no job")
    if not all(character.isalnum() or character in "-_.:" for character in value):
        raise CallbackRefused("it names no job")
    return value


def header(headers: Mapping[str, str], name: str) -> str:
    """A header without regard to case, or ""."""
    return next((value for key, value in headers.items() if key.lower() == name.lower()), "")


def check_age(timestamp: str, *, now: float) -> None:
    """timestamp, now: Unix seconds. Raises CallbackRefused when they are MAX_AGE_S apart."""
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        raise CallbackRefused("it has no time stamp")
    if abs(now - int(timestamp)) > MAX_AGE_S:
        raise CallbackRefused("its time stamp is too old or in the future")


def check_signature(signed: bytes, *, key: bytes, signatures: list[str]) -> None:
    """Base64 HMAC-SHA256 of `signed`: one of the signatures must be it. Raises CallbackRefused."""
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
    # Every one is compared, each in constant time.
    matches = [hmac.compare_digest(wanted, given.encode()) for given in signatures]
    if not any(matches):
        raise CallbackRefused("its signature is wrong")


def svix_key(secret: str) -> bytes:
    """The key inside a "whsec_..." secret. Raises CallbackRefused when it holds none."""
    try:
        key = base64.b64decode(secret.strip().removeprefix("whsec_"), validate=True)
    except binascii.Error:
        key = b""
    if not key:
        raise CallbackRefused("the webhook secret in the settings is not of the form whsec_...")
    return key
