"""Small JSON files beside a media file: who made it, and under which terms.

A side file that cannot be read is an error, never silence: a credit that is lost is a breach of the
licence.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Collection
from pathlib import Path
from typing import Any

from media_tools.foreign import Refused, clean_text, read_file, read_strict_json

MAX_BYTES = 64 * 1024
LONGEST_TEXT = 500


def side_file(media: Path) -> Path | None:
    """The file called as `media`, with or without its suffix, plus ".json", in any letter case.

    Raises Refused when there are several.
    """
    wanted = {_folded(f"{media.name}.json"), _folded(f"{media.stem}.json")}
    try:
        names = [path.name for path in media.parent.iterdir()]
    except OSError as error:
        raise Refused(f"the folder of {media.name} cannot be read ({error.strerror})") from error
    found = sorted(name for name in names if _folded(name) in wanted)
    if len(found) > 1:
        raise Refused(f"{' and '.join(found)} both describe {media.name}; leave one of them")
    return media.with_name(found[0]) if found else None


def read_texts(path: Path, known: Collection[str]) -> dict[str, str]:
    """The clean texts of a side file by their names, empty ones left out.

    Raises Refused naming the file, and the field that is not one of `known` or no short text.
    """
    try:
        content = read_file(path, max_bytes=MAX_BYTES)
        return texts_of(read_strict_json(_text(content)), known)
    except Refused as error:
        raise Refused(f"{clean_text(path.name)}: {error}") from None


def texts_of(data: Any, known: Collection[str]) -> dict[str, str]:
    """As read_texts, of JSON that was read already. Raises Refused naming the field."""
    if not isinstance(data, dict):
        raise Refused("it is no JSON object")
    for name, value in data.items():
        if name not in known:
            raise Refused(f"{name[:40]!r} is not one of {', '.join(known)}")
        if not isinstance(value, str) or len(value) > LONGEST_TEXT:
            raise Refused(f"{name} has to be a text of at most {LONGEST_TEXT} characters")
    texts = {name: " ".join(clean_text(value).split()) for name, value in data.items()}
    return {name: value for name, value in texts.items() if value}


def _folded(name: str) -> str:
    # Names from a Mac are decomposed.
    return unicodedata.normalize("NFC", name).casefold()


def _text(content: bytes) -> str:
    try:
        return content.decode(json.detect_encoding(content))
    except UnicodeError:
        raise Refused("it is not UTF-8; save it as UTF-8") from None
