"""People who sign in to the panel: with a password, and with the codes of an authenticator app."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

PASSWORD = "correct horse battery"


def sign_in(name: str, password: str = PASSWORD, **headers: Any) -> tuple[Client, HttpResponse]:
    client = Client(**headers)
    answer = client.post(reverse("admin:login"), {"username": name, "password": password})
    return client, answer


def code_of(secret: str) -> str:
    """Six digits by RFC 6238, as an app computes them."""
    counter = int(time.time() // 30).to_bytes(8, "big")
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    start = digest[-1] & 0xF
    return str(int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF)[-6:]


def set_up_app(client: Client) -> str:
    """Set up an authenticator app, after the password once more. Returns its secret."""
    page = reverse("mfa_activate_totp")
    asked = client.get(page)
    client.post(asked.url, {"password": PASSWORD})
    secret: str = client.get(page).context["form"].secret
    client.post(page, {"code": code_of(secret)})
    return secret


def give_code(client: Client, code: str) -> HttpResponse:
    return client.post(reverse("mfa_authenticate"), {"code": code})


def is_inside(client: Client) -> bool:
    return client.get(reverse("admin:index")).status_code == 200
