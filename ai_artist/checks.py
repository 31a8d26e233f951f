"""Checks settings against each other; runs at every start and by `manage.py check`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from ai_artist.operations.schema import ADVICE, pending_migrations, schema_faults
from media_tools.errors import ToolMissing
from media_tools.ffmpeg import ffmpeg_exe
from media_tools.foreign import Refused
from media_tools.text.artist_names import read_names
from runs.work.crons import BadCron, require_cron

# A heartbeat comes every quarter of the lease; with a shorter lease a slow disk would drop runs.
MIN_LEASE_S = 20
TRACK_LIMITS_S = (10, 600)
X264_PRESETS = (
    "ultrafast",
    "superfast",
    "veryfast",
    "faster",
    "fast",
    "medium",
    "slow",
    "slower",
    "veryslow",
)


def check_queue(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check that retry > timeout > lease; otherwise a busy task is started a second time."""
    return list(_queue())


def check_production(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check what releases are made with: lengths, sizes, probabilities, times."""
    return [*_lengths(), *_picture(), *_roster()]


def check_places(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check that media stays private, and that tools and assets exist."""
    return list(_places())


def check_schema(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Check that the database has what the models need; asked for by what starts the product.

    Not while migrations wait: they may be what brings it, and must not be refused.
    """
    if not databases or pending_migrations():
        return []
    return [
        Error(f"Database: {fault}.", hint=ADVICE, id="ai_artist.E036") for fault in schema_faults()
    ]


def _queue() -> Iterator[CheckMessage]:
    timeout_s, retry_s = settings.Q_CLUSTER["timeout"], settings.Q_CLUSTER["retry"]
    if settings.Q_CLUSTER["workers"] < 1:
        yield Error(
            f"AI_ARTIST_WORKERS is {settings.Q_CLUSTER['workers']}: nothing would be made.",
            hint="Set it to 1 or more.",
            id="ai_artist.E001",
        )
    if retry_s <= timeout_s:
        yield Error(
            f"Q_CLUSTER retries a task after {retry_s} s, but it may take {timeout_s} s.",
            hint="retry counts from the moment a task is fetched: use 3 * timeout + 60.",
            id="ai_artist.E002",
        )
    if timeout_s <= settings.LEASE_S:
        yield Error(
            f"AI_ARTIST_TASK_TIMEOUT_S ({timeout_s}) is not above AI_ARTIST_LEASE_S "
            f"({settings.LEASE_S}).",
            hint="Raise the timeout above the longest step, or shorten the lease.",
            id="ai_artist.E003",
        )
    if settings.LEASE_S < MIN_LEASE_S:
        yield Error(
            f"AI_ARTIST_LEASE_S is {settings.LEASE_S}: living workers would lose their runs.",
            hint=f"Set it to {MIN_LEASE_S} or more.",
            id="ai_artist.E004",
        )
    if settings.STEP_ATTEMPTS < 1:
        yield Error(
            f"AI_ARTIST_STEP_ATTEMPTS is {settings.STEP_ATTEMPTS}: no step could ever start.",
            hint="Set it to 1 or more.",
            id="ai_artist.E005",
        )


def _lengths() -> Iterator[CheckMessage]:
    shortest_s, longest_s = settings.TRACK_LENGTH_S
    low_s, high_s = TRACK_LIMITS_S
    if not low_s <= shortest_s <= longest_s <= high_s:
        yield Error(
            f"Tracks of AI_ARTIST_TRACK_MIN_S={shortest_s} to AI_ARTIST_TRACK_MAX_S={longest_s} "
            "seconds cannot be made.",
            hint=f"Keep {low_s} <= shortest <= longest <= {high_s}.",
            id="ai_artist.E010",
        )


def _picture() -> Iterator[CheckMessage]:
    video = settings.VIDEO
    if video["side"] % 2 or not 64 <= video["side"] <= 2160:
        yield Error(
            f"AI_ARTIST_VIDEO_SIDE is {video['side']}.",
            hint="H.264 for phones needs an even number of pixels; 64 to 2160 are possible.",
            id="ai_artist.E011",
        )
    if not settings.VIDEO_SHAPES:
        yield Error(
            "AI_ARTIST_VIDEO_SHAPES is empty.",
            hint="Name one shape at least, such as 9:16.",
            id="ai_artist.E016",
        )
    if not 1 <= video["fps"] <= 60:
        yield Error(
            f"AI_ARTIST_VIDEO_FPS is {video['fps']}.", hint="Use 1 to 60.", id="ai_artist.E012"
        )
    if not 0 <= video["crf"] <= 51:
        yield Error(
            f"AI_ARTIST_VIDEO_CRF is {video['crf']}.", hint="Use 0 to 51.", id="ai_artist.E013"
        )
    if video["preset"] not in X264_PRESETS:
        yield Error(
            f"AI_ARTIST_VIDEO_PRESET is {video['preset']!r}.",
            hint=f"Use one of: {', '.join(X264_PRESETS)}.",
            id="ai_artist.E014",
        )
    if not 256 <= settings.COVER_PX <= 6000:
        yield Error(
            f"AI_ARTIST_COVER_PX is {settings.COVER_PX}.",
            hint="Use 256 to 6000; distributors ask for 3000.",
            id="ai_artist.E015",
        )


def _roster() -> Iterator[CheckMessage]:
    policy = settings.POLICY_DEFAULTS
    shares = {
        "ARTIST_CREATION_PROBABILITY": settings.ARTIST_CREATION_PROBABILITY,
        "ARTIST_OFFSPRING_SHARE": settings.ARTIST_OFFSPRING_SHARE,
        "AI_ARTIST_TREND_PROBABILITY": settings.TREND_PROBABILITY,
        "EVOLUTION_POOR_PERF_APPROVAL_RATE": policy["evolve_below_rate"],
        "EVOLUTION_GOOD_PERF_APPROVAL_RATE": policy["explore_above_rate"],
        "PAUSE_APPROVAL_RATE_THRESHOLD": policy["pause_below_rate"],
        "PAUSE_ERROR_RATE_THRESHOLD": policy["pause_above_error_rate"],
    }
    for name, share in shares.items():
        if not 0 <= share <= 1:
            yield Error(
                f"{name} is {share:g}, which is no share.",
                hint="Use 0 to 1.",
                id="ai_artist.E020",
            )
    if not policy["pause_below_rate"] <= policy["evolve_below_rate"] < policy["explore_above_rate"]:
        yield Error(
            "The approval rates of the lifecycle policy contradict each other: pause below "
            f"{policy['pause_below_rate']:g}, evolve below {policy['evolve_below_rate']:g}, "
            f"explore above {policy['explore_above_rate']:g}.",
            hint="Keep PAUSE_APPROVAL_RATE_THRESHOLD <= EVOLUTION_POOR_PERF_APPROVAL_RATE "
            "< EVOLUTION_GOOD_PERF_APPROVAL_RATE.",
            id="ai_artist.E021",
        )
    counts = {
        "AI_ARTIST_BATCH_SIZE": settings.BATCH_SIZE,
        "AI_ARTIST_ROSTER_CAP": settings.ROSTER_CAP,
        "RETIREMENT_CONSECUTIVE_REJECTIONS": policy["consecutive_rejections"],
        "PERFORMANCE_EVALUATION_PERIOD_DAYS": policy["evaluation_period_days"],
        "MIN_RUNS_FOR_EVALUATION": policy["min_runs"],
    }
    for name, count in counts.items():
        if count < 1:
            yield Error(f"{name} is {count}.", hint="Use 1 or more.", id="ai_artist.E022")
    try:
        require_cron(settings.BATCH_CRON)
    except BadCron as error:
        yield Error(
            f"AI_ARTIST_BATCH_CRON is {settings.BATCH_CRON!r}: {error}.",
            hint='Write it like "0 6 * * *": every day at six.',
            id="ai_artist.E023",
        )


def check_proxy(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check that logins behind a proxy are counted by visitor, not all for the proxy's address."""
    return list(_proxy())


def _proxy() -> Iterator[CheckMessage]:
    if settings.TRUST_PROXY and settings.PROXIES < 1:
        yield Error(
            f"AI_ARTIST_PROXIES is {settings.PROXIES}, and AI_ARTIST_TRUST_PROXY is on.",
            hint="Set it to the number of proxies in front of the panel: 1 or more.",
            id="ai_artist.E032",
        )
    behind = settings.X_ACCEL_PREFIX or settings.CSRF_TRUSTED_ORIGINS
    if settings.PRODUCTION and behind and not settings.TRUST_PROXY:
        yield Warning(
            "The panel seems to stand behind a proxy, but AI_ARTIST_TRUST_PROXY is off.",
            hint="Switch it on: every login counts for the proxy's address now, so that wrong "
            "passwords of one visitor lock the others out.",
            id="ai_artist.W003",
        )


def _places() -> Iterator[CheckMessage]:
    media = Path(settings.MEDIA_ROOT).resolve()
    private = {"MEDIA_ROOT": media, "AI_ARTIST_CACHE_DIR": Path(settings.CACHE_DIR).resolve()}
    for folder in filter(None, (settings.STATIC_ROOT, *settings.STATICFILES_DIRS)):
        public = Path(folder).resolve()
        for name, place in private.items():
            if place == public or public in place.parents or place in public.parents:
                yield Error(
                    f"{name} shares a folder with the static files, which everybody may read.",
                    hint="Give unreleased work its own folder.",
                    id="ai_artist.E030",
                )
    if settings.PRODUCTION and any(at.startswith("http:") for at in settings.FILE_ORIGINS):
        yield Warning(
            "AI_ARTIST_S3_ENDPOINT is http, and browsers play nothing from it on a page of https.",
            hint="Give the store a certificate, or set AI_ARTIST_S3_LINK_S=0: then they play from "
            "the panel.",
            id="ai_artist.W004",
        )
    prefix = settings.X_ACCEL_PREFIX
    if prefix and not (prefix.startswith("/") and prefix.endswith("/")):
        yield Error(
            f"AI_ARTIST_X_ACCEL_PREFIX is {prefix!r}.",
            hint='Write it with a slash at both ends, as in the proxy: "/protected-media/".',
            id="ai_artist.E031",
        )
    yield from _signing(media)
    if settings.NAMES_FILE:
        try:
            read_names(settings.NAMES_FILE)
        except Refused as error:
            yield Error(
                f"AI_ARTIST_NAMES_FILE: {settings.NAMES_FILE} {error}.",
                hint="Name a text file in UTF-8 with one artist's name a line, or none.",
                id="ai_artist.E035",
            )
    try:
        ffmpeg_exe()
    except ToolMissing as error:
        yield Warning(
            str(error),
            hint="No music can be encoded and no video made without it.",
            id="ai_artist.W001",
        )
    if not Path(settings.SOUNDFONT).is_file():
        yield Warning(
            "The SoundFont assets/soundfont/fluidr3-16.sf3 is missing.",
            hint="Restore it from the repository; the local composer plays its instruments.",
            id="ai_artist.W002",
        )


def _signing(media: Path) -> Iterator[CheckMessage]:
    """The key that signs releases lies where nobody fetches files."""
    if bool(settings.SIGNING_CERT) != bool(settings.SIGNING_KEY):
        yield Error(
            "Of AI_ARTIST_SIGNING_CERT and AI_ARTIST_SIGNING_KEY one is set and the other is not.",
            hint="Name the files of the certificate and of its key, or neither.",
            id="ai_artist.E033",
        )
    for secret in filter(None, (settings.SIGNING_KEY, settings.SIGNING_DIR)):
        place = Path(secret).resolve()
        if media in (place, *place.parents):
            yield Error(
                f"The signing key is in MEDIA_ROOT: {secret}.",
                hint="Move it out, and change AI_ARTIST_SIGNING_KEY or AI_ARTIST_SIGNING_DIR.",
                id="ai_artist.E034",
            )
