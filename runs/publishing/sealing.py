"""Secrets at rest: tokens of accounts, and what a sending remembers, under a key of their own."""

from __future__ import annotations

from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from media_tools.files import first_output
from runs.errors import PublishingRefused

KEY_FILE = "channels.key"


def seal(text: str) -> str:
    """Encrypt a text; "" stays empty."""
    return fernet().encrypt(text.encode()).decode() if text else ""


def unseal(sealed: str) -> str:
    """Decrypt what seal() made. Raises PublishingRefused with another key than that one."""
    if not sealed:
        return ""
    try:
        return fernet().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise PublishingRefused(
            f"A secret was encrypted with another key. Restore {key_in_words()}, or connect the "
            "channel again."
        ) from error


def fernet() -> MultiFernet:
    """The first key encrypts, all decrypt. Raises PublishingRefused for one that is none."""
    keys = [key.strip() for key in settings.CHANNEL_KEY.split(",") if key.strip()]
    try:
        return MultiFernet([Fernet(key) for key in keys or [own_key()]])
    except ValueError as error:
        raise PublishingRefused(
            f"{key_in_words()} is no key; make one with `python -c 'from cryptography.fernet "
            "import Fernet; print(Fernet.generate_key().decode())'`."
        ) from error


def own_key() -> bytes:
    """The key made here, readable by its owner alone; made if there is none yet."""
    path = key_path()
    if not path.is_file():
        # Of two processes, the first one's key stays.
        with first_output(path) as partial:
            partial.touch(mode=0o600)
            partial.write_bytes(Fernet.generate_key())
    return path.read_bytes().strip()


def key_path() -> Path:
    return Path(settings.SIGNING_DIR) / KEY_FILE


def key_in_words() -> str:
    """Where the key is, for operators."""
    return "AI_ARTIST_CHANNEL_KEY" if settings.CHANNEL_KEY else str(key_path())
