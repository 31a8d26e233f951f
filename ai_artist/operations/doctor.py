"""Examines everything the product depends on, and says what to do about each fault.

Works with a broken database too: every check is independent and reports instead of raising.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core import checks
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django_q.models import Schedule
from packaging.requirements import Requirement

from ai_artist.kit.caching import cache
from ai_artist.kit.values import counted
from ai_artist.operations.schema import ADVICE, pending_migrations, schema_faults
from ai_artist.operations.unpriced import unpriced
from ai_artist.second_factor import must_set_up
from artists import profiles
from artists.checking import in_words
from artists.models import Artist
from media_tools.errors import MediaError
from media_tools.ffmpeg import run_ffmpeg
from media_tools.files import sha256_of
from media_tools.fonts import FAMILIES, load_font
from media_tools.marking.certificates import KEY, CertificateUnusable
from runs.errors import PublishingRefused, StoreTrouble
from runs.models import Artifact, Channel, Letter, Run, WorkerBeat
from runs.publishing import sealing
from runs.publishing.alarms import of_channels
from runs.queue import queue_size
from runs.releasing.signing import known_certificate, who_signs
from runs.storage.artifacts import artifact_storage
from runs.storage.trial import try_out
from runs.work import retention, schedules, workers

SOUNDFONT_SHA256 = "d09aacb44a9a313256249a5e05617f7b195dbaad8c63470ba21b625a86e58cfb"
REQUIRED_ENCODERS = ("libx264", "aac", "libmp3lame")  # for videos, their sound, and MP3
SWEEP_TOO_OLD = timedelta(minutes=5)
# The pages of a larger SQLite file are not checked: that takes minutes.
QUICK_CHECK_BELOW_MB = 256
MAX_CLOCK_GAP_S = 5.0
CERTIFICATE_ENDS_SOON = timedelta(days=60)
SAMPLED_FILES = 50  # newest files that must be as long as their rows say
NAMED = 20
FAULTS_NAMED = 5
MIB = 1024 * 1024


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Result:
    """The result of one check."""

    check: str
    level: Level
    found: str
    advice: str = ""  # what to do if it is not all right

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def examine(names: Iterable[str], *, now: datetime) -> list[Result]:
    """Run the named checks in their order. Never raises: a check that fails is a result too."""
    results = []
    for name in names:
        try:
            if name in ABOUT_ROWS and (fault := database_fault()):
                results.append(Result(name, Level.PROBLEM, f"not seen: {fault[1]}", fault[2]))
                continue
            results += [Result(name, *row) for row in CHECKS[name](now)]
        except DatabaseError as error:
            connection.close()
            results.append(
                Result(name, Level.PROBLEM, f"the database says: {first_line(error)}", _MIGRATE)
            )
        except Exception as error:  # the doctor must finish its round, whatever fails
            results.append(
                Result(
                    name,
                    Level.PROBLEM,
                    f"{type(error).__name__}: {first_line(error)}",
                    "This was not foreseen; the message names the cause.",
                )
            )
    return results


def first_line(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


Row = tuple[Level, str] | tuple[Level, str, str]


def _python(now: datetime) -> Iterator[Row]:
    yield Level.OK, f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    if wrong := _wrong_packages("requirements.txt"):
        yield Level.PROBLEM, "; ".join(wrong), "Run: pip install -r requirements.txt"
    else:
        versions = ", ".join(
            f"{name} {importlib.metadata.version(name)}"
            for name in ("Django", "django-q2", "django-unfold", "numpy", "Pillow")
        )
        yield Level.OK, f"packages as required ({versions})"


def _wrong_packages(file: str) -> list[str]:
    """Return what a requirements file asks for that is missing here, or has another version."""
    wrong = []
    for line in (settings.BASE_DIR / file).read_text().splitlines():
        text = line.partition("#")[0].strip()
        if not text or text.startswith("-r"):
            continue
        requirement = Requirement(text)
        try:
            version = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            wrong.append(f"{requirement.name} is missing")
            continue
        if not requirement.specifier.contains(version, prereleases=True):
            wrong.append(f"{requirement.name} is {version}, not {requirement.specifier}")
    return wrong


def _voice(now: datetime) -> Iterator[Row]:
    """Check the packages of the sung voice, which are needed only if an artist sings."""
    singers = Artist.objects.exclude(status=Artist.Status.RETIRED).filter(sings=True).count()
    wrong = _wrong_packages("requirements-voice.txt")
    if singers and wrong:
        advice = "Run: make voice (or pip install -r requirements-voice.txt)"
        yield (
            Level.WARNING,
            f"{counted(singers, 'artist')} {'is' if singers == 1 else 'are'} to sing, "
            f"but {'; '.join(wrong)}",
            advice,
        )
    else:
        state = "not installed; no artist is to sing" if wrong else "installed"
        yield Level.OK, f"voice of the local engine {state}"


def _artists(now: datetime) -> Iterator[Row]:
    """Find profiles written before their fields were checked: their runs fail."""
    wrong = [
        f"{artist}: {in_words(faults)}"
        for artist in Artist.objects.exclude(status=Artist.Status.RETIRED).iterator()
        if (faults := profiles.faults(artist, profiles.RUN_ON))
    ]
    for line in wrong[:NAMED]:
        yield Level.PROBLEM, line, "Correct the profile on the artist's page."
    if len(wrong) > NAMED:
        yield Level.PROBLEM, f"{len(wrong) - NAMED} more artists with such a fault"
    if not wrong:
        yield Level.OK, "every profile can be used"


def _settings(now: datetime) -> Iterator[Row]:
    messages = [message for message in checks.run_checks() if not message.is_silenced()]
    for message in messages:
        level = Level.PROBLEM if message.is_serious() else Level.WARNING
        yield level, f"{message.id}: {message.msg}", str(message.hint or "")
    if not messages:
        mode = "production" if settings.PRODUCTION else "development"
        yield Level.OK, f"settings agree with each other ({mode})"


def _accounts(now: datetime) -> Iterator[Row]:
    """Check that in production a password alone lets nobody spend or publish."""
    if settings.PRODUCTION and not settings.SECOND_FACTOR:
        yield (
            Level.WARNING,
            "a password alone lets people spend and publish",
            "Set AI_ARTIST_SECOND_FACTOR=spending; docs/accounts.md says what follows.",
        )
        return
    staff = User.objects.filter(is_active=True, is_staff=True).order_by("username")
    without = [user.get_username() for user in staff if must_set_up(user)]
    asked = settings.SECOND_FACTOR or "nobody"
    still = f"; at their next sign-in: {', '.join(without[:NAMED])}" if without else ""
    yield Level.OK, f"second factor asked of {asked}{still}"


def _keys(now: datetime) -> Iterator[Row]:
    """Show names of keys, never a value."""
    yield Level.OK, f"texts: {settings.WRITER}; music: {settings.MUSIC}"
    given = ", ".join(settings.SECRETS_GIVEN) or "none"
    yield Level.OK, f"secrets given in the environment: {given}"


def _signing(now: datetime) -> Iterator[Row]:
    """Who releases are signed by; a certificate is made with the first bundle, not here."""
    if not settings.SIGN:
        yield (
            Level.WARNING,
            "releases are not signed",
            "Switch AI_ARTIST_SIGN on: shops ask for it.",
        )
        return
    try:
        certificate = known_certificate(now=now)
    except CertificateUnusable as error:
        yield Level.PROBLEM, str(error), "No release is packaged until then."
        return
    if certificate is None:
        yield Level.OK, "the certificate is made with the first bundle; its signer will be unknown"
        return
    yield Level.OK, f"releases are {who_signs(certificate)}"
    if certificate.not_after - now < CERTIFICATE_ENDS_SOON:
        renew = "Run: manage.py make_signing_cert --renew"
        yield (
            Level.WARNING,
            f"the certificate ends on {certificate.not_after:%Y-%m-%d}",
            renew if certificate.local else "Ask its issuer for a new one.",
        )
    key = Path(settings.SIGNING_KEY or Path(settings.SIGNING_DIR) / KEY)
    if key.stat().st_mode & 0o077:
        yield Level.WARNING, f"others may read the signing key {key}", f"Run: chmod 600 {key}"


def _channels(now: datetime) -> Iterator[Row]:
    """The key that encrypts channels' tokens, and channels that stand still."""
    count = Channel.objects.count()
    path = sealing.key_path()
    if settings.CHANNEL_KEY or path.is_file():
        try:
            for channel in Channel.objects.exclude(tokens=""):
                sealing.unseal(channel.tokens)
        except PublishingRefused as error:
            yield Level.PROBLEM, str(error), "Keep that key with your backups."
            return
    if not settings.CHANNEL_KEY and path.is_file() and path.stat().st_mode & 0o077:
        yield Level.WARNING, f"others may read the channels' key {path}", f"Run: chmod 600 {path}"
    for alarm in of_channels():
        yield (
            Level.WARNING,
            f"{alarm.subject} stands still: {alarm.words}",
            "See docs/publishing.md",
        )
    yield Level.OK, f"{counted(count, 'channel')}; key: {sealing.key_in_words()}"


def _telling(now: datetime) -> Iterator[Row]:
    """Mail and webhook by which people are told what needs a hand."""
    given_up = Letter.objects.filter(
        state=Letter.State.FAILED, created_at__gte=now - timedelta(days=7)
    )
    for way in Letter.Way:
        if count := given_up.filter(way=way).count():
            last = given_up.filter(way=way).latest("created_at").error
            found = f"{way}: {counted(count, 'message')} given up this week: {last}"
            yield Level.WARNING, found, "Correct the settings under “Telling people”."
    ways = {"mail": settings.MAIL_ENABLED, "webhook": bool(settings.WEBHOOK["url"])}
    told = [name for name, is_set in ways.items() if is_set]
    yield Level.OK, f"people are told by the bell{''.join(f', {name}' for name in told)}"


def _prices(now: datetime) -> Iterator[Row]:
    missing = list(unpriced())
    for name, setting in missing:
        advice = f"Its calls are booked at 0 and no budget stops them: give its price in {setting}."
        yield Level.WARNING, f"{name} has no price", advice
    if not missing:
        yield Level.OK, "everything configured that charges has a price"


def sqlite_file() -> Path | None:
    """Return the database file; None for a server or a database in memory."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or ":memory:" in name or "mode=memory" in name:
        return None
    return Path(name)


def database_fault() -> tuple[Level, str, str] | None:
    """Return why the database cannot be used at all; None if it answers."""
    path = sqlite_file()
    if path and not path.is_file():  # connecting would create an empty file
        return Level.PROBLEM, f"the database file {path.name} does not exist", _MIGRATE
    sqlite = connection.vendor == "sqlite"
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM sqlite_master" if sqlite else "SELECT 1")
    except DatabaseError as error:
        connection.close()
        return Level.PROBLEM, f"cannot be read: {first_line(error)}", _READ_ADVICE[sqlite]
    return None


def _database(now: datetime) -> Iterator[Row]:
    if fault := database_fault():
        yield fault
        return
    yield Level.OK, f"{connection.display_name} {_server_version()} answers"
    if path := sqlite_file():
        yield _intact(path)
    if missing := pending_migrations():
        yield Level.PROBLEM, f"{missing} migrations are not applied", _MIGRATE
        return
    if faults := schema_faults():
        more = f" and {len(faults) - FAULTS_NAMED} more" if len(faults) > FAULTS_NAMED else ""
        yield Level.PROBLEM, "; ".join(faults[:FAULTS_NAMED]) + more, ADVICE
        return
    yield Level.OK, "all migrations applied; every table, column and index is there"
    try:
        with transaction.atomic():
            WorkerBeat.objects.create(cluster="doctor's probe", at=now)
            transaction.set_rollback(True)
    except DatabaseError as error:
        connection.close()
        yield (
            Level.PROBLEM,
            f"cannot be written: {first_line(error)}",
            "Check the owner and free space of the database, and who holds a lock on it.",
        )
        return
    yield Level.OK, "can be written"
    try:
        cache.set("doctor", "here", 60)
        forgotten = cache.get("doctor") != "here"
    except DatabaseError:
        raise
    except Exception as error:  # of the cache's client library, whichever it is
        yield Level.WARNING, f"the cache does not answer: {first_line(error)}", "Start Redis."
        return
    if forgotten:
        yield Level.PROBLEM, "the cache forgets what it is given", "Check REDIS_URL."
    else:
        yield Level.OK, "so can the cache"


_MIGRATE = "Run: python manage.py migrate"
_READ_ADVICE = {
    True: "Check the owner of the file and of its folder. A damaged file cannot be used: move it "
    "away and restore a backup (docs/operating.md), or start again with manage.py migrate.",
    False: "Check DATABASE_URL and that the server runs and lets this machine in.",
}


def _server_version() -> str:
    version = connection.get_database_version()
    return ".".join(str(part) for part in version)


def _intact(path: Path) -> Row:
    size_mb = path.stat().st_size / MIB
    if size_mb > QUICK_CHECK_BELOW_MB:
        return Level.OK, f"{size_mb:,.0f} MiB; too large for a quick look at every page"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA quick_check(1)")
        verdict = cursor.fetchone()[0]
    if verdict != "ok":
        return Level.PROBLEM, f"the file is damaged: {verdict}", _READ_ADVICE[True]
    return Level.OK, f"{size_mb:,.1f} MiB, every page sound"


def _queue(now: datetime) -> Iterator[Row]:
    """Check that workers live, above all on this machine, whose watchdog restarts only its own."""
    due = Run.objects.due(now=now).count()
    newest = workers.clusters().first()
    # A command that does runs itself holds leases, but belongs to no cluster.
    held = Run.objects.held(now=now).count()
    if held or (newest and abs(now - newest.at) <= workers.BEAT_TOO_OLD):
        yield (
            Level.OK,
            f"workers are alive: {counted(held, 'run')} in progress; {counted(due, 'run')} due",
        )
    else:
        yield (
            Level.PROBLEM if due else Level.WARNING,
            f"no worker answers (last seen: {_ago(newest, now)}); {counted(due, 'run')} due",
            "Start one: make serve, or manage.py qcluster. If one runs, it hangs: restart it, "
            "no work is lost.",
        )
        return
    here = workers.clusters_here()
    if not here:
        yield (
            Level.WARNING,
            "no workers on this machine; others are alive",
            "If they should run here, start them: manage.py qcluster.",
        )
    for cluster in here:
        if now - cluster.at > workers.BEAT_TOO_OLD:
            yield (
                Level.PROBLEM,
                f"{cluster.label} does nothing (last seen: {_ago(cluster, now)})",
                "It hangs: restart it, no work is lost.",
            )
        else:
            yield Level.OK, f"{cluster.label} is alive"


def _schedules(now: datetime) -> Iterator[Row]:
    """Check what starts by itself: schedules, and the sweep, which any cluster may do."""
    waiting = queue_size()
    if waiting is None:
        yield (
            Level.WARNING,
            "the queue does not answer",
            "Start Redis. Runs, bundles and the sweep go on; schedules and notifications wait.",
        )
    else:
        yield Level.OK, f"{waiting} messages in the queue"
    swept = WorkerBeat.objects.filter(cluster=WorkerBeat.SWEEP).first()
    if swept and now - swept.at <= SWEEP_TOO_OLD:
        yield Level.OK, f"last sweep {_ago(swept, now)}"
    else:
        yield (
            Level.WARNING,
            f"no sweep (last one: {_ago(swept, now)})",
            "Each qcluster does it beside its workers: start or restart one, and read its log.",
        )
    planned = {plan.name for plan in schedules.planned()}
    missing = planned - set(Schedule.objects.values_list("name", flat=True))
    late = schedules.overdue(now=now)
    if missing:
        yield (
            Level.WARNING,
            f"schedules not installed: {', '.join(sorted(missing))}",
            "Run: python manage.py install_schedules. Without them nothing starts by itself.",
        )
    elif late:
        yield (
            Level.WARNING,
            f"schedules overdue: {', '.join(late)}",
            "The next start of a worker catches up. If one is running, look for a schedule "
            "whose arguments cannot be read: one such row stops all of them.",
        )
    else:
        yield Level.OK, f"{len(planned)} schedules, none overdue"


def _ago(beat: WorkerBeat | None, now: datetime) -> str:
    if beat is None:
        return "never"
    age_s = max((now - beat.at).total_seconds(), 0)
    return f"{age_s:.0f} s ago" if age_s < 90 else f"{age_s / 60:,.0f} min ago"


def _ffmpeg(now: datetime) -> Iterator[Row]:
    try:
        version = run_ffmpeg(["-version"], timeout_s=20, what="ffmpeg -version").stdout.decode()
        encoders = run_ffmpeg(["-encoders"], timeout_s=20, what="ffmpeg -encoders").stdout.decode()
    except MediaError as error:
        yield Level.PROBLEM, str(error), "Run: pip install --force-reinstall imageio-ffmpeg"
        return
    missing = [name for name in REQUIRED_ENCODERS if f" {name} " not in encoders]
    if missing:
        yield (
            Level.PROBLEM,
            f"this ffmpeg cannot encode {', '.join(missing)}",
            "Unset IMAGEIO_FFMPEG_EXE to use the one that came with the installation.",
        )
    else:
        yield Level.OK, f"{' '.join(version.split()[:3])}, encodes {', '.join(REQUIRED_ENCODERS)}"


def _soundfont(now: datetime) -> Iterator[Row]:
    path = Path(settings.SOUNDFONT)
    restore = "Restore assets/soundfont/ from the repository."
    try:
        with path.open("rb") as source:
            header = source.read(12)
        digest = sha256_of(path)
    except OSError as error:
        yield Level.PROBLEM, f"{path.name} cannot be read: {error.strerror}", restore
        return
    if header[:4] != b"RIFF" or header[8:12] != b"sfbk":
        yield Level.PROBLEM, f"{path.name} is no SoundFont", restore
    elif digest != SOUNDFONT_SHA256:
        yield Level.PROBLEM, f"{path.name} is damaged (its SHA-256 differs)", restore
    else:
        yield Level.OK, f"{path.name}, {path.stat().st_size / MIB:.1f} MiB, intact"


def _fonts(now: datetime) -> Iterator[Row]:
    broken = []
    for family in FAMILIES:
        try:
            load_font(family, 24)
        except MediaError as error:
            broken.append(str(error))
    if broken:
        yield Level.PROBLEM, "; ".join(broken), "Run: pip install -r requirements.txt"
    else:
        yield Level.OK, f"{len(FAMILIES)} font families found and readable"


def _places() -> dict[str, Path]:
    places = dict(artifact_storage().disks)
    if path := sqlite_file():
        places["database"] = path.parent
    return places


def existing(folder: Path) -> Path:
    """Return the folder, or its nearest existing parent."""
    return next(place for place in (folder, *folder.parents) if place.is_dir())


def _disk(now: datetime) -> Iterator[Row]:
    for name, folder in _places().items():
        free_mb = shutil.disk_usage(existing(folder)).free / MIB
        if free_mb < settings.MIN_FREE_MB:
            yield (
                Level.PROBLEM,
                f"{name}: {free_mb:,.0f} MiB free, a run needs {settings.MIN_FREE_MB}",
                "Free space, or move MEDIA_ROOT and AI_ARTIST_WORK_DIR to a larger disk.",
            )
        elif free_mb < 4 * settings.MIN_FREE_MB:
            free = "Free space soon."
            if not settings.PURGE_MEDIA_DAYS:
                free += " AI_ARTIST_PURGE_MEDIA_DAYS=30 removes files of rejected runs by itself."
            yield Level.WARNING, f"{name}: only {free_mb:,.0f} MiB free", free
        else:
            yield Level.OK, f"{name}: {free_mb / 1024:,.1f} GiB free"


def _retention(now: datetime) -> Iterator[Row]:
    yield Level.OK, f"kept: {'; '.join(retention.in_words())}"


def _media(now: datetime) -> Iterator[Row]:
    # The spool is small, but a paid answer that cannot be saved there is lost.
    for name, folder in {**_places(), "spool folder": Path(settings.SPOOL_DIR)}.items():
        if folder.exists() and not folder.is_dir():
            yield Level.PROBLEM, f"{name} is a file, not a folder", "Move it away."
            continue
        try:
            with tempfile.NamedTemporaryFile(prefix=".doctor-", dir=existing(folder)) as probe:
                probe.write(b"probe")
                probe.flush()
                gap_s = abs(os.fstat(probe.fileno()).st_mtime - time.time())
        except OSError as error:
            yield (
                Level.PROBLEM,
                f"{name} cannot be written: {error.strerror}",
                "Give the folder to the user who runs the panel and the workers.",
            )
            continue
        if gap_s > MAX_CLOCK_GAP_S:
            yield (
                Level.WARNING,
                f"{name}: its file system's clock is {gap_s:.0f} s off",
                "Synchronise the clocks of this machine and the file server.",
            )
    if database_fault():
        return
    newest = list(Artifact.objects.current().order_by("-created_at")[:SAMPLED_FILES])
    try:
        lost = [artifact for artifact in newest if not _is_whole(artifact)]
    except StoreTrouble:
        return  # the check of the store tells of it
    if lost:
        yield (
            Level.PROBLEM,
            f"{len(lost)} of the {len(newest)} newest files are missing or cut short "
            f"(such as {lost[0].file.name})",
            "Check MEDIA_ROOT or the bucket; a restored database needs the media of the same time.",
        )
    else:
        yield Level.OK, f"folders can be written; the {len(newest)} newest files are there"


def _is_whole(artifact: Artifact) -> bool:
    kept = artifact_storage().look(str(artifact.file))
    return kept is not None and kept.bytes == artifact.bytes


def _store(now: datetime) -> Iterator[Row]:
    store = artifact_storage()
    bucket = store.bucket
    if bucket is None:
        yield Level.OK, f"files lie in the folder {settings.MEDIA_ROOT}"
        return
    try:
        seconds = try_out(bucket)
    except StoreTrouble as error:
        yield Level.PROBLEM, str(error), error.advice
        return
    used = "new files go there" if store.target == bucket else "it is only read"
    yield (
        Level.OK,
        f"{bucket.place('')}: written, read in part, listed, removed in {seconds:.1f} s; {used}",
    )


def _clock(now: datetime) -> Iterator[Row]:
    # Earlier than this check was written: a machine without a clock battery starts in the past.
    if now.year < 2026:
        yield Level.PROBLEM, f"the clock says {now:%Y-%m-%d}", "Set the machine's clock."
        return
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            gap_s = abs((cursor.fetchone()[0] - timezone.now()).total_seconds())
        if gap_s > MAX_CLOCK_GAP_S:
            yield (
                Level.PROBLEM,
                f"the database server's clock is {gap_s:.0f} s off",
                "Synchronise the clocks (NTP): leases and schedules compare times.",
            )
            return
    ahead = Run.objects.filter(created_at__gt=now + timedelta(minutes=1)).count()
    if ahead:
        yield (
            Level.WARNING,
            f"{counted(ahead, 'run')} {'was' if ahead == 1 else 'were'} created in the future",
            "The clock went back, or another machine's is ahead: synchronise them (NTP).",
        )
    else:
        yield Level.OK, f"{now:%Y-%m-%d %H:%M:%S} UTC, in step with what is stored"


CHECKS: dict[str, Callable[[datetime], Iterator[Row]]] = {
    "python": _python,
    "voice": _voice,
    "artists": _artists,
    "settings": _settings,
    "keys": _keys,
    "accounts": _accounts,
    "signing": _signing,
    "channels": _channels,
    "telling": _telling,
    "prices": _prices,
    "database": _database,
    "queue": _queue,
    "schedules": _schedules,
    "ffmpeg": _ffmpeg,
    "soundfont": _soundfont,
    "fonts": _fonts,
    "disk": _disk,
    "retention": _retention,
    "store": _store,
    "media": _media,
    "clock": _clock,
}
# These checks read rows, so they are skipped without a database.
ABOUT_ROWS = ("voice", "artists", "accounts", "channels", "telling", "queue", "schedules", "clock")
