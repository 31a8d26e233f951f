"""What is kept of the secrets that are handed out."""

from __future__ import annotations

import hashlib


def hash_of(token: str) -> str:
    """Return what is kept of a token. It is random and long, so it needs no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()
