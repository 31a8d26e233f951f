"""One rendering for each kind of value: lists, pages, the desk and messages all use these."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from ua_parser import parse

from media_tools.genres import BY_NAME

# What stands where there is no value.
DASH = "–"
MINUTE_S = 60
SHORT = 8
CODE = re.compile(r"[a-z]+(?:_[a-z0-9]+)+")
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32,}")


# --- Numbers ---


def money(usd: Decimal | float | None) -> str:
    """Return US dollars: "$1,234.50", "$0.004", "under $0.001"."""
    if usd is None:
        return DASH
    amount, sign = abs(float(usd)), "-" if usd < 0 else ""
    if 0 < amount < 0.001:
        return f"{sign}$0.001" if sign else "under $0.001"
    places = 3 if 0 < amount < 0.01 else 2
    return f"{sign}${amount:,.{places}f}"


def number(value: float | None) -> str:
    """Return a number with thousands apart and at most three decimals: "1,204", "67.12"."""
    if value is None:
        return DASH
    text = f"{value:,.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def percent(share: float | None) -> str:
    """Return a share of 1 in whole percent."""
    return DASH if share is None else f"{share:.0%}"


def size(count: int | None) -> str:
    """Return a number of bytes: "20.5 MB"."""
    return DASH if count is None else filesizeformat(count)


def counted(count: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: "1 run", "1,204 runs"."""
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"


def sentences(*texts: str) -> str:
    """Return texts one after the other, each as a sentence; empty ones are left out."""
    trimmed = [text.strip() for text in texts if text.strip()]
    ended = (text if text[-1] in ".!?…" else f"{text}." for text in trimmed)
    return " ".join(text[0].upper() + text[1:] for text in ended)


# --- Times and lengths ---


def minutes(seconds: float | None) -> str:
    """Return the length of sound or film as m:ss, without the second that has only begun."""
    if seconds is None:
        return DASH
    whole = int(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def rounded_minutes(seconds: float) -> str:
    """Return the length of a song as shops write it, m:ss to the nearest second."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def took(seconds: float | None) -> str:
    """Return how long something took: "0.4 s", "12 s", "3:05 min"."""
    if seconds is None:
        return DASH
    if seconds < 10:
        return f"{seconds:.1f} s"
    return f"{seconds:.0f} s" if seconds < 90 else f"{minutes(seconds)} min"


def moment(at: datetime | None) -> str:
    """Return a time in the site's zone: "2026-11-28 16:12"."""
    return DASH if at is None else f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


def moment_s(at: datetime | None) -> str:
    """Return a time in the site's zone with its seconds."""
    return DASH if at is None else f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}"


def day(at: date | datetime | None) -> str:
    """Return a day, of a time the one in the site's zone: "2026-11-28"."""
    if at is None:
        return DASH
    return f"{timezone.localtime(at) if isinstance(at, datetime) else at:%Y-%m-%d}"


def ago(at: datetime | None) -> str:
    """Return the time since a moment in its largest unit: "3 hours"."""
    if at is None:
        return "never"
    seconds = (timezone.now() - at).total_seconds()
    return "moments" if seconds < MINUTE_S else timesince(at, depth=1)


def since(at: datetime | None) -> SafeString | str:
    """Return how long ago something was; the time itself, with its zone, is its title."""
    if at is None:
        return DASH
    local = timezone.localtime(at)
    return format_html(
        '<time datetime="{}" title="{}">{} ago</time>',
        local.isoformat(timespec="seconds"),
        f"{local:%Y-%m-%d %H:%M %Z}",
        ago(at),
    )


# --- Words ---


def words(code: object) -> str:
    """Return a code as words: "audio_fault" as "Audio fault"."""
    text = str(code).replace("_", " ")
    return text[:1].upper() + text[1:]


def genre(name: str) -> str:
    """Return a genre as people write it: "lofi" as "Lo-fi hip hop"."""
    known = BY_NAME.get(name)
    return known.title if known else words(name)


def yes_no(value: object) -> str:
    return "yes" if value else "no"


def person(user: object, otherwise: str = "the schedule") -> str:
    """Return who did something: a person's name, or what did it without one."""
    return str(user) if user else otherwise


def browser(user_agent: str) -> str:
    """Return what a browser says of itself as people say it: "Firefox 120 on Windows 10"."""
    told = parse(user_agent)
    known = [part for part in (told.user_agent, told.os) if part]
    names = [f"{part.family} {part.major or ''}".strip() for part in known]
    return " on ".join(names) or "an unknown browser"


# --- Ids and recorded facts ---


def short(text: object) -> SafeString | str:
    """Return the beginning of an id or a hash, with a button that copies the whole."""
    whole = str(text or "")
    if not whole:
        return DASH
    return format_html(
        '<span class="panel-short"><code title="{0}">{1}</code> '
        '<button type="button" class="panel-button is-small" data-copies="{0}" '
        'aria-label="Copy all of {1}">Copy</button></span>',
        whole,
        whole[:SHORT],
    )


def fact(value: Any) -> SafeString | str:
    """Return one recorded value in words, whatever JSON it was."""
    if value is None or value in ("", [], {}):
        return DASH
    if isinstance(value, bool):
        return yes_no(value)
    if isinstance(value, int | float | Decimal):
        return number(float(value))
    if isinstance(value, Mapping):
        return facts(value)
    if isinstance(value, list | tuple):
        return format_html_join(", ", "{}", ((fact(item),) for item in value))
    text = str(value)
    if ID.fullmatch(text):
        return short(text)
    return words(text).lower() if CODE.fullmatch(text) else text


def facts(record: Mapping[str, Any] | None) -> SafeString | str:
    """Return recorded JSON as labelled rows."""
    rows = [
        (words(name), percent(value) if name.endswith("_rate") else fact(value))
        for name, value in (record or {}).items()
    ]
    if not rows:
        return DASH
    inner = format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", rows)
    return format_html('<dl class="panel-facts">{}</dl>', inner)
