"""Pictures painted by a provider for a cover: what is asked, what comes back, what it may show.

The picture comes without text; title and artist are set on it by media_tools.images.cover.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

from media_tools.errors import JobRefused, MediaInvalid, ProviderRejected
from media_tools.images.reading import open_rgb
from media_tools.media_types import IMAGE, SNIFF_BYTES, sniff
from media_tools.provenance import Provenance
from media_tools.providers.downloads import DownloadLimits
from media_tools.providers.http import HttpClient
from media_tools.providers.job import JobProvider
from media_tools.text.artist_names import real_artists

SMALLEST_PX = 256
ART_LIMITS = DownloadLimits(max_bytes=64 * 1024 * 1024, max_seconds=120.0, media=(IMAGE,))
FORMATS = ("image/png", "image/jpeg", "image/webp")

# Shops refuse covers that show these; a prompt that names one tends to be painted with its mark.
_MARKS = re.compile(
    r"\b(spotify|apple music|itunes|youtube|tiktok|instagram|facebook|soundcloud|bandcamp|deezer"
    r"|amazon music|beatport|netflix|disney|nintendo|coca[- ]cola|nike|adidas)\b",
    re.IGNORECASE,
)
_BARE = (
    "Square album cover artwork, one strong motif, calm space for a title. No text, no letters, "
    "no numbers, no logos, no watermark, no frame, no real person's likeness."
)


@dataclass(frozen=True)
class ArtRequest:
    """A picture to be painted.

    prompt: what is seen. style: the persona's visual style. palette: "#rrggbb", dark to light.
    seed: counts where the provider takes one.
    """

    prompt: str
    style: str
    palette: tuple[str, ...]
    seed: int


@dataclass(frozen=True)
class PictureFile:
    """A picture that decodes; sides in pixels, type by its bytes."""

    path: Path
    media_type: str
    width: int
    height: int


@dataclass(frozen=True)
class Art:
    """A painted picture as it came, in the work folder. cost_usd: None where it is not known."""

    picture: PictureFile
    provenance: Provenance
    cost_usd: Decimal | None = None
    facts: dict[str, Any] = field(default_factory=dict)


class CoverArt(JobProvider[ArtRequest, Art], Protocol):
    """Paints pictures."""

    doing: str = "painting the picture"


def picture_prompt(request: ArtRequest, *, limit: int = 4000) -> str:
    """The request in words for an image model, its fixed rules last and never cut off."""
    wish = f"{request.prompt.strip().rstrip('.,')}. Style: {request.style.strip().rstrip('.,')}."
    colours = f" Colours: {', '.join(request.palette)}." if request.palette else ""
    room = limit - len(_BARE) - len(colours) - 1
    return f"{' '.join(wish.split())[:room]}{colours} {_BARE}"


def check_prompt(provider: str, request: ArtRequest) -> None:
    """Raises ProviderRejected if the words name a living artist, a shop or a brand."""
    words = f"{request.prompt}\n{request.style}"
    named = [*real_artists(words), *(found.lower() for found in _MARKS.findall(words))]
    if named:
        raise ProviderRejected(
            provider,
            f"the picture was not asked for: its prompt names {', '.join(dict.fromkeys(named))}",
            code="content_policy",
            action="take the name out of the concept or the artist's visual style",
        )


def fetch_art(http: HttpClient, url: str, target: Path) -> None:
    """Download a picture a job named.

    Raises ProviderUnavailable; JobRefused when the file is gone or none we take.
    """
    try:
        http.download(url, target, limits=ART_LIMITS)
    except ProviderRejected as error:
        raise JobRefused(
            error.provider,
            error.cause,
            code=error.code,
            action="its files are kept for a while only; a retry of the run asks, and pays, anew",
        ) from None


def checked_picture(provider: str, path: Path) -> PictureFile:
    """The picture at `path`, renamed to its true suffix, once it is known to be whole.

    Raises JobRefused otherwise: the picture is paid, so it is not asked for again unseen.
    """
    with path.open("rb") as source:
        media = sniff(source.read(SNIFF_BYTES))
    try:
        if media is None or media.name not in FORMATS:
            raise MediaInvalid(path, f"it is {media.name if media else 'no picture'}")
        width, height = open_rgb(path).size
        if min(width, height) < SMALLEST_PX:
            raise MediaInvalid(path, f"it has {width}x{height} pixels only")
    except MediaInvalid as error:
        path.unlink()
        raise unusable_art(provider, f"the picture cannot be used: {error.cause}") from None
    named = path.rename(path.with_suffix(media.suffix))
    return PictureFile(named, media.name, width, height)


def unusable_art(provider: str, cause: str) -> JobRefused:
    """For a good answer without a usable picture: another one would be charged again."""
    return JobRefused(
        provider,
        cause,
        code="bad_answer",
        action="it may have been charged; a retry of the run asks, and pays, anew",
    )
