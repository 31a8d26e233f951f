"""Secrets do not survive redact()."""

from __future__ import annotations

import pytest

from media_tools.providers.redaction import REDACTED, redact

KEY = "k9F3xQ7LmZ2v"


@pytest.mark.parametrize(
    "text",
    [
        f"GET https://api.example/search?api_key={KEY}&q=night failed",
        f"https://pixabay.com/api/videos/?key={KEY}&q=rain",
        f"https://cdn.example/f.mp3?X-Amz-Signature={KEY}&X-Amz-Credential={KEY}",
        f"https://store.example/f?sv=2024&sig={KEY}",
        f"https://user:{KEY}@host.example/path",
        f"Authorization: Bearer {KEY}",
        f"Authorization: Basic {KEY}",
        f"Authorization: Token {KEY}",
        f"sent with Bearer {KEY}.",
        f"{{'Authorization': 'Bearer {KEY}'}}",
        f'{{"xi-api-key": "{KEY}"}}',
        f"api_key={KEY}",
        f'"access_token": "{KEY}"',
        f"password: {KEY}",
        "Incorrect API key provided: sk-proj-0123456789abcdefXYZ",
        "token r8_0123456789abcdefghij refused",
        "key AIzaSyA0123456789abcdefghijklmnopqrstu",
        "https://api.telegram.org/bot123456789:AAE0123456789abcdefghijklmnopqrstuv/getMe",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
    ],
)
def test_secret_looking_text_is_removed(text: str) -> None:
    cleaned = redact(text)

    assert REDACTED in cleaned
    for secret in (KEY, "0123456789abcdef", "eyJzdWIi"):
        assert secret not in cleaned


def test_known_secret_is_removed_in_any_place_and_encoding() -> None:
    cleaned = redact("said pa+ss/word and pa%2Bss%2Fword", ["pa+ss/word"])

    assert cleaned == f"said {REDACTED} and {REDACTED}"


@pytest.mark.parametrize(
    "text",
    [
        "POST /v1/songs was put off: 3 tracks in A minor; see https://docs.example/keys?page=2",
        "https://api.example/search?keywords=night&per_page=15&tokens=400",
        "the token refresh failed within its token limit",
        "a basic understanding of keys",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    assert redact(text) == text


def test_tiny_values_are_no_secrets() -> None:
    assert redact("a song in A", ["a", ""]) == "a song in A"
