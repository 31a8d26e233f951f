"""Are all files of real bundles marked, in every genre? Judged by two readers of C2PA.

Makes a short song of each genre by the embedded engines, and an EP of two; two minutes of CPU time.
docs/marks.md has the table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import encypher_c2pa
from django.conf import settings
from django.utils import timezone

from ai_artist.benchmarks.measuring import Result, call_function, scratch_project
from artists.models import Artist
from media_tools.music.local.genres import GENRES
from media_tools.watermark.detect import find_watermarks
from runs.models import Release, Run
from runs.releasing.albums import AlbumOrder, make_album
from runs.releasing.releases import package_release, single_of
from runs.releasing.signing import trusted_roots
from runs.releasing.verifying import check_folder
from runs.releasing.watermark import payload_of, watermark_key
from runs.reviewing.reviews import decide
from runs.work.batches import create_batch
from runs.work.inline import work_here
from tests.factories import ArtistFactory

# Short songs and a small video: neither changes how they are marked.
AS_MEASURED = {
    "AI_ARTIST_WRITER": "offline",
    "AI_ARTIST_MUSIC": "local",
    "AI_ARTIST_COVER_ART": "local",
    "AI_ARTIST_FOOTAGE": "",
    "AI_ARTIST_VOICE": "",
    "AI_ARTIST_TRACK_MIN_S": "16",
    "AI_ARTIST_TRACK_MAX_S": "20",
    "AI_ARTIST_VIDEO_SHAPES": "9:16",
    "AI_ARTIST_VIDEO_TEASERS": "",
    "AI_ARTIST_VIDEO_SIDE": "360",
    "AI_ARTIST_SIGN": "true",
    "AI_ARTIST_SIGN_WAV": "false",
    "AI_ARTIST_WATERMARK": "true",
}


def bundles() -> Result:
    """Count the files of eleven bundles by kind, and of each kind what the readers say.

    Names of figures: folder and kind of the file, then what was counted.
    """
    with scratch_project() as environment:
        folder = Path(environment["MEDIA_ROOT"]).parent
        own = {"AI_ARTIST_SIGNING_DIR": str(folder / "signing")}
        said = call_function(__name__, "make", environment={**environment, **own, **AS_MEASURED})
    return Result("bundles", dict(sorted(Counter(said).items())))


def make() -> list[str]:
    """Make the songs and bundles in an empty project. Returns what is to be counted."""
    songs = [song_of(ArtistFactory(genre=genre.name), seed) for seed, genre in enumerate(GENRES)]
    second = song_of(songs[0].artist, len(songs))
    order = AlbumOrder(Release.Kind.EP, "Two of Them", (songs[0].pk, second.pk))
    releases = [single_of(song.pk) for song in songs]
    releases.append(make_album(order, actor=None, now=timezone.now()))
    return [figure for release in releases for figure in figures_of(release)]


def song_of(artist: Artist, seed: int) -> Run:
    """An approved song. Raises RuntimeError if the run does not reach the reviewers."""
    now = timezone.now()
    batch = create_batch(size=1, seed=seed, origin="command", artist=artist, now=now)
    work_here(Run.objects.filter(batch=batch), wait=False)
    run: Run = batch.runs.get()
    if run.status != Run.Status.AWAITING_REVIEW:
        raise RuntimeError(f"The {artist.genre} run is {run.status}: {run.error}")
    decide(run_id=run.pk, decision="approve", reviewer=None, now=timezone.now())
    return run


def figures_of(release: Release) -> Iterator[str]:
    """Package a release. Yields a name for each thing that is counted of each of its files."""
    packaged = package_release(release_id=release.pk, now=timezone.now())
    folder = Path(settings.MEDIA_ROOT) / packaged.folder
    payloads = {payload_of(track.run_id) for track in packaged.tracks.all()}
    for file in check_folder(folder):
        path = folder / file.name
        kind = f"{file.name.partition('/')[0]}_{path.suffix[1:]}"
        yield f"{kind}_files"
        yield f"{kind}_c2pa_{file.verdict.state.value.replace(' ', '_')}"
        yield f"{kind}_encypher_{judged_by_encypher(path)}"
        yield f"{kind}_source_{file.verdict.source_type.rpartition('/')[2] or 'none'}"
        if kind.startswith("audio"):
            found = {mark.payload for mark in find_watermarks(path, watermark_key())}
            yield f"{kind}_watermark_{'found' if found and found <= payloads else 'lost'}"


def judged_by_encypher(path: Path) -> str:
    """Return the state of a file's signature by a reader that shares no code with c2pa's."""
    report: dict[str, Any] = encypher_c2pa.verify(
        str(path), trust_pem=trusted_roots(), no_default_trust=True, telemetry=False
    )
    return str(report.get("validation_state") or "none").lower()
