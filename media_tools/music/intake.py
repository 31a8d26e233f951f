"""Brings a provider's audio file into the shape the pipeline works with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import gcd
from pathlib import Path

import numpy as np

from media_tools.audio.io import Samples, read_audio, write_wav24
from media_tools.errors import JobRefused, MediaInvalid, ProviderRejected, ProviderUnavailable
from media_tools.marking.sources import keep_source
from media_tools.media_types import AUDIO, VIDEO
from media_tools.providers.downloads import Downloaded, DownloadLimits

RATES_HZ = (44_100, 48_000)
# Of one answer; real ones hold two, or four at most.
MAX_SONGS = 8
# Songs that cannot be had at the moment, after which the others are not asked for.
MOST_LATE = 2
# What mastering lets pass of a song that was not made here; its gate has a second of tolerance.
SHORTEST_S, LONGEST_S = 20.0, 600.0
# A longer one that was paid for is kept, so that a person can hear what was bought.
MOST_DECODED_S = 720.0
# Files that are gone; a signed link that has expired is forbidden.
_GONE = frozenset({"HTTP 403", "HTTP 404", "HTTP 410"})

# Providers call some songs video/mp4 or application/ogg, which may hold either.
SONG_LIMITS = DownloadLimits(
    max_bytes=256 * 1024 * 1024, max_seconds=180.0, media=(AUDIO, VIDEO), read_s=30.0
)


@dataclass(frozen=True)
class Song:
    """A stereo 24-bit WAV of 44.1 or 48 kHz. gain_db: by how much it was turned down."""

    path: Path
    duration_s: float
    gain_db: float


@dataclass(frozen=True)
class FetchedSongs:
    """songs: by their place in the answer, from 0. lost: why others of the answer are missing.

    late: why some cannot be had at the moment.
    """

    songs: dict[int, Song]
    lost: tuple[str, ...]
    late: ProviderUnavailable | None = None


def fetch_songs(
    provider: str, fetchers: Sequence[Callable[[Path], Downloaded]], workdir: Path
) -> FetchedSongs:
    """Download the songs of one answer and decode each to workdir/take-N.wav, N from 1.

    fetchers: each saves its file under the path it is given. One usable song is enough; the loss
    of another is told, as are those beyond MAX_SONGS. Raises ProviderUnavailable when none can be
    had at the moment; JobRefused when all are gone, ProviderRejected when none can be had for
    another reason.
    """
    songs: dict[int, Song] = {}
    rejections: list[ProviderRejected] = []
    broken: list[str] = []
    late: list[ProviderUnavailable] = []
    for index, fetch in enumerate(fetchers[:MAX_SONGS]):
        raw = workdir / f"take-{index + 1}.download"
        try:
            fetch(raw)
            songs[index] = to_wav(raw, workdir / f"take-{index + 1}.wav")
        except ProviderRejected as error:
            rejections.append(error)
        except ProviderUnavailable as error:
            late.append(error)
            if len(late) == MOST_LATE:
                break
        except MediaInvalid as error:
            broken.append(error.cause)
        finally:
            raw.unlink(missing_ok=True)
    if not songs and late:
        raise late[0]
    if not songs and broken:
        raise ProviderUnavailable(
            provider,
            f"the song it gave is broken: {broken[0]}",
            code="bad_file",
            action="nothing was kept; the download is tried again",
        )
    if not songs and all(error.code in _GONE for error in rejections):
        raise JobRefused(
            provider,
            rejections[0].cause,
            code=rejections[0].code,
            action="retry the run for a new song; a paid one is charged anew",
        )
    if not songs:
        raise rejections[0]
    lost = [*(error.cause for error in (*rejections, *late)), *broken]
    more = len(fetchers) - MAX_SONGS
    if more > 0:
        lost += [f"{more} more were not fetched: {MAX_SONGS} of an answer are"]
    return FetchedSongs(songs, tuple(lost), late[0] if late else None)


def to_wav(
    source: Path, target: Path, *, shortest_s: float = 0.0, longest_s: float = MOST_DECODED_S
) -> Song:
    """Decode any audio file to `target`.

    A lossy file may swing past full scale; the whole song is turned down then, since clipping
    would be heard and the level is set by mastering anyway. A source with Content Credentials is
    kept beside (media_tools/marking/sources.py).
    Raises MediaInvalid (not audio, truncated, shorter or longer than allowed), ToolMissing.
    """
    try:
        samples, rate = read_audio(source, longest_s, workdir=target.parent)
    except MediaInvalid as error:
        # The decoder's own words quote whole paths and help nobody; the rest names no file.
        cause = error.cause.partition(" (")[0].rstrip(".") + "."
        raise MediaInvalid(source.name, cause) from None
    duration_s = len(samples) / rate
    if duration_s < shortest_s:
        raise MediaInvalid(
            source.name, f"it is {duration_s:.1f} s long; the least is {shortest_s:.0f} s."
        )
    keep_source(source, target)
    samples, rate = _at_wanted_rate(samples, rate)
    peak = float(np.abs(samples).max())
    gain_db = 0.0
    if peak > 1.0:
        samples /= np.float32(peak)
        gain_db = -20.0 * float(np.log10(peak))
    write_wav24(target, samples, rate)
    return Song(target, len(samples) / rate, round(gain_db, 2))


def _at_wanted_rate(samples: Samples, rate: int) -> tuple[Samples, int]:
    if rate in RATES_HZ:
        return samples, rate
    from scipy.signal import resample_poly  # two seconds to load; most files need none of it

    wanted = 48_000 if rate % 8_000 == 0 else 44_100
    common = gcd(wanted, rate)
    resampled: Samples = resample_poly(samples, wanted // common, rate // common, axis=0).astype(
        np.float32, copy=False
    )
    return resampled, wanted
