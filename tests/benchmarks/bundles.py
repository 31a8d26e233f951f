"""Are all files of real bundles marked, in every genre? Judged by two readers of C2PA.

Ten short songs of ten genres: eight by the embedded engines, one of them sung, one with a song and
a cover of providers (contract servers, whose files hold Content Credentials), one with imported
music; and an EP of two. Six minutes of CPU time. docs/marks.md has the table.
"""

from __future__ import annotations

import functools
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import UUID

import encypher_c2pa
import mutagen
from django.conf import settings
from django.test import override_settings
from django.utils import timezone
from PIL import Image

from ai_artist.benchmarks.measuring import Result, call_function, scratch_project
from artists.models import Artist
from media_tools.ffmpeg import run_ffmpeg
from media_tools.marking.certificates import local_certificate
from media_tools.marking.credentials import sign
from media_tools.marking.mark import Mark
from media_tools.marking.verifying import State, verify_file
from media_tools.music.declaration import Declaration
from media_tools.music.local.genres import GENRES
from media_tools.provenance import digital_source_type
from media_tools.watermark.detect import find_watermarks
from runs import queue
from runs.models import Release, Run, Step
from runs.releasing.albums import AlbumOrder, make_album
from runs.releasing.releases import package_release, single_of
from runs.releasing.signing import trusted_roots
from runs.releasing.verifying import Checked, check_folder
from runs.releasing.watermark import payload_of, watermark_key
from runs.reviewing.reviews import decide
from runs.work.batches import create_batch
from runs.work.inline import work_here
from runs.work.songs import awaits_song, deliver_song
from tests.contract_servers import media, songs
from tests.contract_servers.openai_images import OpenAiImagesServer
from tests.contract_servers.suno import SunoServer
from tests.factories import ArtistFactory
from tests.media_tools.marking.media import flip_media_byte

# Short songs and a small video: neither changes how they are marked.
AS_MEASURED = {
    "AI_ARTIST_WRITER": "offline",
    "AI_ARTIST_MUSIC": "local",
    "AI_ARTIST_COVER_ART": "local",
    "AI_ARTIST_FOOTAGE": "",
    "AI_ARTIST_VOICE": "",
    "AI_ARTIST_TRACK_MIN_S": "22",
    "AI_ARTIST_TRACK_MAX_S": "26",
    "AI_ARTIST_VIDEO_SHAPES": "9:16",
    "AI_ARTIST_VIDEO_TEASERS": "",
    "AI_ARTIST_VIDEO_SIDE": "360",
    "AI_ARTIST_SIGN": "true",
    "AI_ARTIST_SIGN_WAV": "false",
    "AI_ARTIST_WATERMARK": "true",
}
NAMES = [genre.name for genre in GENRES[:10]]
# The first artist has a second song, for the EP.
PLAYED, SUNG, PROVIDED, IMPORTED = [*NAMES[:-3], NAMES[0]], NAMES[-3], NAMES[-2], NAMES[-1]
OWN_SONG = Declaration(licence="own work", author="The operator")
# More than a song of the contract server has stages.
ASKED_AT_MOST = 10
# Programs of others that show tags, where they are installed.
SHOWN_BY = {"mediainfo": ["mediainfo", "--Full"], "exiftool": ["exiftool", "-a", "-u", "-ee"]}


def bundles() -> Result:
    """Count the files of eleven bundles by kind, and of each kind what the readers say.

    Names of figures: folder and kind of the file, then what was counted. `kept`: tags that are the
    same as without a signature; `flipped`: said of a copy with one changed byte.
    """
    with scratch_project() as project, ExitStack() as stack:
        folder = Path(project["MEDIA_ROOT"]).parent
        inbox = folder / "inbox"
        inbox.mkdir()
        environment = {
            **project,
            **AS_MEASURED,
            "AI_ARTIST_SIGNING_DIR": str(folder / "signing"),
            "AI_ARTIST_SPOOL_DIR": str(folder / "spool"),
            "AI_ARTIST_INBOX_DIR": str(inbox),
        }
        suno, painter = stack.enter_context(SunoServer()), stack.enter_context(OpenAiImagesServer())
        for name, made in (("suno.song", songs.song), ("media.image", media.image)):
            of_provider = functools.partial(with_credentials, made, folder)
            stack.enter_context(mock.patch(f"tests.contract_servers.{name}", of_provider))
        provided = {
            **suno.environment(),
            **painter.environment(),
            "AI_ARTIST_COVER_ART": "openai",
        }

        def call(name: str, *arguments: Any, **changes: str) -> Any:
            return call_function(__name__, name, *arguments, environment=environment | changes)

        made = call("make", PLAYED)
        made += call("make", [SUNG], True)
        made += call("make", [PROVIDED], **provided)
        made += call("make", [IMPORTED], AI_ARTIST_MUSIC="import")
        said = call("judge", made)
    return Result("bundles", dict(sorted(Counter(said).items())))


def with_credentials(make: Callable[..., bytes], folder: Path, *wanted: Any, **more: Any) -> bytes:
    """A file as a provider hands it out that signs what it makes."""
    mark = Mark("Made by a model", digital_source_type("ai"), "Made by a model.", {})
    suffix = next((part for part in wanted if isinstance(part, str)), ".mp3")
    with tempfile.TemporaryDirectory() as name:
        plain, signed = Path(name) / f"plain{suffix}", Path(name) / f"signed{suffix}"
        plain.write_bytes(make(*wanted, **more))
        sign(plain, signed, mark, local_certificate(folder / "theirs", now=timezone.now()))
        return signed.read_bytes()


# --- In a process of the scratch project ---


def make(genres: Sequence[str], sings: bool = False) -> list[str]:
    """Make approved songs. Returns the ids of their runs."""
    made = []
    for genre in genres:
        artist = Artist.objects.filter(genre=genre).first()
        artist = artist or ArtistFactory(genre=genre, slug=genre, name=genre.title(), sings=sings)
        made.append(str(song_of(artist, seed=Run.objects.count()).pk))
    return made


def song_of(artist: Artist, seed: int) -> Run:
    """An approved song. Raises RuntimeError if the run does not reach the reviewers."""
    now = timezone.now()
    batch = create_batch(size=1, seed=seed, origin="command", artist=artist, now=now)
    run: Run = batch.runs.get()
    for _ in range(ASKED_AT_MOST):
        work_here(Run.objects.filter(batch=batch), wait=False)
        run.refresh_from_db()
        if run.status == Run.Status.AWAITING_REVIEW:
            decide(run_id=run.pk, decision="approve", reviewer=None, now=timezone.now())
            return run
        if awaits_song(run) and settings.MUSIC == "import":
            chunks = [songs.song(1, 24.0, ".wav")]
            deliver_song(
                run_id=run.pk, chunks=chunks, declared=OWN_SONG, actor=None, now=timezone.now()
            )
        else:
            queue.wake_waiting(Step.WaitingFor.PROVIDER, run_id=run.pk)
    raise RuntimeError(f"The {artist.genre} run is {run.status}: {run.error}")


def judge(run_ids: Sequence[str]) -> list[str]:
    """Package the singles and an EP of two. Returns what is to be counted of their files."""
    runs = [Run.objects.get(pk=run_id) for run_id in run_ids]
    first, second = (run for run in runs if run.artist.genre == PLAYED[0])
    order = AlbumOrder(Release.Kind.EP, "Two of Them", (first.pk, second.pk))
    releases = [single_of(run.pk) for run in runs if run != second]
    releases.append(make_album(order, actor=None, now=timezone.now()))
    return [figure for release in releases for figure in figures_of(release)]


def figures_of(release: Release) -> Iterator[str]:
    """Package a release. Yields a name for each thing that is counted of each of its files."""
    with override_settings(SIGN=False):
        unsigned = packaged(release)
        tags = {file.name: tags_of(unsigned / file.name) for file in check_folder(unsigned)}
    folder = packaged(release)
    payloads = {payload_of(track.run_id) for track in release.tracks.all()}
    for file in check_folder(folder):
        kind = f"{file.name.partition('/')[0]}_{file.name.rpartition('.')[2]}"
        said = ["files", *said_of(file, folder / file.name)]
        signed = tags_of(folder / file.name)
        if all(signed.get(name) == value for name, value in tags[file.name].items()):
            said.append("tags_kept")
        if kind.startswith("audio"):
            found = {mark.payload for mark in find_watermarks(folder / file.name, watermark_key())}
            said.append(f"watermark_{'found' if found and found <= payloads else 'lost'}")
        yield from (f"{kind}_{name}" for name in said)


def packaged(release: Release) -> Path:
    """The folder of a release that was just packaged."""
    done = package_release(release_id=UUID(str(release.pk)), now=timezone.now())
    return Path(settings.MEDIA_ROOT) / done.folder


def said_of(file: Checked, path: Path) -> Iterator[str]:
    """What readers and players say of a file of a bundle."""
    yield f"c2pa_{named(file.verdict.state)}"
    yield f"encypher_{judged_by_encypher(path)}"
    yield f"source_{file.verdict.source_type.rpartition('/')[2] or 'none'}"
    if file.verdict.ingredients:
        yield "with_provider_credentials"
    if file.verdict.state is not State.UNSIGNED:
        with tempfile.TemporaryDirectory() as name:
            flipped = Path(shutil.copy(path, name))
            flip_media_byte(flipped)
            yield f"flipped_c2pa_{named(verify_file(flipped, roots_pem=trusted_roots()).state)}"
            yield f"flipped_encypher_{judged_by_encypher(flipped)}"
    decoding = ["-v", "error", "-i", str(path), "-f", "null", "-"]
    if not run_ffmpeg(decoding, timeout_s=120, what=path.name).log.strip():
        yield "ffmpeg_reads"
    for program, command in SHOWN_BY.items():
        if shutil.which(program):
            shown = subprocess.run(
                [*command, str(path)], capture_output=True, text=True, check=True
            )
            told = file.verdict.source_type in shown.stdout
            yield f"{program}_{'shows' if told else 'hides'}_source"


def named(state: State) -> str:
    return state.value.replace(" ", "_")


def judged_by_encypher(path: Path) -> str:
    """Return the state of a file's signature by a reader that shares no code with c2pa's."""
    report: dict[str, Any] = encypher_c2pa.verify(
        str(path), trust_pem=trusted_roots(), no_default_trust=True, telemetry=False
    )
    return str(report.get("validation_state") or "none").lower()


def tags_of(path: Path) -> dict[str, Any]:
    """The tags of a file by name, as mutagen reads them, of a picture as Pillow does."""
    if path.suffix == ".jpg":
        with Image.open(path) as picture:
            return dict(picture.info)
    return dict(mutagen.File(path).tags or {})
