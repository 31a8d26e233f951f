"""Settings of the project: the one place that reads the environment (by configuration.SETTINGS)."""

from __future__ import annotations

import importlib.util
import logging
import os
import secrets
import warnings
import zoneinfo
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static

from ai_artist.configuration import LLM_PROVIDERS, SETTINGS, unknown_names
from ai_artist.error_reports import report_to
from ai_artist.object_storage import checked_s3, file_origins
from media_tools import VERSION
from media_tools.providers.prices import with_own
from media_tools.text.llm_profiles import parse_prices

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(BASE_DIR / ".env", overwrite=False)

# Before numpy is loaded. Its matrices here are small: more threads only wait for each other, and
# wait busily, which cost a film of some styles a fifth of its CPU time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

if messages := unknown_names(os.environ):
    raise ImproperlyConfigured(" ".join(messages))


def read_bool(name: str, *, default: bool) -> bool:
    """Unlike env.bool, a misspelt "ture" is an error and not False."""
    text = env.str(name, default="").strip().lower()
    if text in ("", "1", "true", "yes", "on", "0", "false", "no", "off"):
        return default if text == "" else text in ("1", "true", "yes", "on")
    raise ValueError(text)


def read(name: str) -> Any:
    """A setting's value by its row in the table. Raises ImproperlyConfigured on a bad value."""
    setting = SETTINGS[name]
    try:
        value = {
            "bool": read_bool,
            "int": env.int,
            "float": env.float,
            "list": env.list,
        }.get(setting.kind, env.str)(name, default=setting.default)
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name}={os.environ.get(name)!r} is not of type {setting.kind}: {setting.help}"
        ) from error
    for given in value if isinstance(value, list) else [value]:
        if setting.choices and given not in setting.choices:
            known = ", ".join(filter(None, setting.choices))
            raise ImproperlyConfigured(f"{name}={given!r} is unknown; use one of: {known}.")
    return BASE_DIR / value if setting.kind == "path" else value


def read_options(prefix: str, *names: str, **others: str) -> dict[str, Any]:
    """Options of a provider by their names. others: those whose setting is named differently."""
    settings_of = {name: name.upper() for name in names} | others
    return {option: read(f"{prefix}_{name}") for option, name in settings_of.items()}


def development_secret_key() -> str:
    """A key made once and kept in var/, so that sessions outlive a restart."""
    path = BASE_DIR / "var" / "secret_key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"secret_key.{os.getpid()}")
        partial.touch(mode=0o600)
        partial.write_text(secrets.token_urlsafe(50))
        partial.replace(path)
    return path.read_text()


PRODUCTION = read("AI_ARTIST_ENV") == "production"
DEBUG = read("AI_ARTIST_DEBUG") and not PRODUCTION
SECRET_KEY = read("SECRET_KEY")
ALLOWED_HOSTS = read("ALLOWED_HOSTS")
if PRODUCTION and not (SECRET_KEY and ALLOWED_HOSTS):
    raise ImproperlyConfigured("AI_ARTIST_ENV=production needs SECRET_KEY and ALLOWED_HOSTS.")
if not SECRET_KEY:
    SECRET_KEY = development_secret_key()
if not PRODUCTION and not ALLOWED_HOSTS:
    ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
CSRF_FAILURE_VIEW = "ai_artist.errors.stale_form"
CSRF_TRUSTED_ORIGINS = read("CSRF_TRUSTED_ORIGINS")
METRICS_TOKEN = read("AI_ARTIST_METRICS_TOKEN")
# Names only, for the doctor.
SECRETS_GIVEN = tuple(
    name for name, setting in SETTINGS.items() if setting.kind == "secret" and os.environ.get(name)
)

# unfold first: with django.contrib.admin before it the stock admin appears without a warning.
INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # the site is ours: ai_artist.site.PanelSite
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.inlines",
    "unfold.contrib.simple_history",
    "ai_artist.apps.PanelConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",  # for allauth's pages
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "simple_history",
    "axes",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "trends",
    "artists",
    "experiments",
    "runs",  # before django_q: its command qcluster looks after the workers as well
    "django_q",
    "ai_artist.apps.AiArtistConfig",
]

MIDDLEWARE = [
    "ai_artist.odd_requests.RefuseOddRequests",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "ai_artist.sessions.LastSeen",
    "ai_artist.second_factor.KeyFaults",
    "axes.middleware.AxesMiddleware",
    "ai_artist.once.SentOnce",
]

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

ROOT_URLCONF = "ai_artist.urls"
WSGI_APPLICATION = "ai_artist.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ai_artist.accounts.panel_around",
            ],
        },
    },
]

# --- Database: figures behind these options are in docs/architecture.md ---
with warnings.catch_warnings():
    # django-environ warns of an unknown scheme by printing the parts, password included.
    warnings.simplefilter("ignore")
    DATABASES = {"default": env.db_url_config(read("DATABASE_URL"))}
if DATABASES["default"].get("ENGINE") not in (
    "django.db.backends.sqlite3",
    "django.db.backends.postgresql",
):
    raise ImproperlyConfigured(
        f"DATABASE_URL cannot be used; write it as {SETTINGS['DATABASE_URL'].help}"
    )
SQLITE = DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
if SQLITE:
    name = DATABASES["default"]["NAME"]
    if name != ":memory:":
        DATABASES["default"]["NAME"] = str(BASE_DIR / name)
    DATABASES["default"] |= {
        "CONN_MAX_AGE": 600,
        "OPTIONS": {
            "timeout": 20,
            # A writer takes its lock at BEGIN: no deadlock when a reader turns writer.
            "transaction_mode": "IMMEDIATE",
            "init_command": (
                "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA cache_size=-64000;"
                "PRAGMA mmap_size=134217728;PRAGMA journal_size_limit=27103364;"
                "PRAGMA temp_store=MEMORY;"
            ),
        },
    }
else:
    if importlib.util.find_spec("psycopg") is None:
        raise ImproperlyConfigured(
            "DATABASE_URL names PostgreSQL, whose driver is missing: "
            "pip install -r requirements-server.txt"
        )
    DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = read("REDIS_URL")
if REDIS_URL and importlib.util.find_spec("redis") is None:
    raise ImproperlyConfigured(
        "REDIS_URL is set, but the client is missing: pip install -r requirements-server.txt"
    )
# A Redis that does not answer must not hold up a page.
REDIS_TIMEOUTS = {"socket_connect_timeout": 1, "socket_timeout": 1}
CACHE_TABLE = {
    "BACKEND": "django.core.cache.backends.db.DatabaseCache",
    "LOCATION": "django_cache",
    # Django's 300 would soon push out which one-time codes were used, and how many were tried.
    "OPTIONS": {"MAX_ENTRIES": 10_000},
}
CACHES = {
    # allauth's: nobody could sign in with a code while Redis is away if it were there.
    "default": CACHE_TABLE,
    # The panel's own (ai_artist/kit/caching.py).
    "shared": (
        {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": REDIS_TIMEOUTS,
        }
        if REDIS_URL
        else CACHE_TABLE
    ),
    # Counts of requests without a login (ai_artist/limits.py): in each process, so that a flood
    # reaches no table.
    "limits": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "limits",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    },
}

# --- Queue: workers find due work in the rows (runs/work/broker.py); it carries short tasks ---
WORKERS = read("AI_ARTIST_WORKERS")
TASK_TIMEOUT_S = read("AI_ARTIST_TASK_TIMEOUT_S")
Q_CLUSTER: dict[str, Any] = {
    "name": "ai-artist",
    "label": "Task queue",
    "workers": WORKERS,
    # What a cluster fetches early waits for its own busy workers, not for idle ones elsewhere.
    "queue_limit": 1,
    "bulk": 1,
    "timeout": TASK_TIMEOUT_S,
    # retry counts from the moment the pusher takes a task, which may wait behind others.
    "retry": 3 * TASK_TIMEOUT_S + 60,
    "max_attempts": 1,
    "ack_failures": True,
    "catch_up": False,
    "poll": 1,
    "guard_cycle": 0.5,
    "recycle": 100,
    "save_limit": 100,
}
if REDIS_URL:
    Q_CLUSTER |= {"broker_class": "runs.work.redis_broker.RedisBroker", "redis": REDIS_URL}
else:
    Q_CLUSTER |= {"broker_class": "runs.work.broker.OrmBroker", "orm": "default"}

# --- Security ---
SESSION_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
if PRODUCTION and read("AI_ARTIST_SECURE_SSL"):
    SECURE_SSL_REDIRECT = True
    # Probes and scrapers come from inside, without the proxy that speaks https.
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^metrics$"]
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
TRUST_PROXY = read("AI_ARTIST_TRUST_PROXY")
# How many entries at the end of X-Forwarded-For are the proxies' own (ai_artist/client_address.py).
PROXIES = read("AI_ARTIST_PROXIES") if TRUST_PROXY else 0
if TRUST_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        # unfold's Alpine build evaluates expressions; our own pages use no inline script.
        "script-src": [SELF, UNSAFE_EVAL],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, "data:", "blob:"],
        # data: a sound that is made for one page and kept nowhere.
        "media-src": [SELF, "blob:", "data:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "ai_artist.client_address.client_address"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_ENABLE_ACCESS_FAILURE_LOG = True
# Not kept with a failed sign-in: what was typed may be right all but for the time.
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "code", "credential"]

LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
# Of allauth its second factors and sessions alone: names and passwords are the panel's own page.
SECOND_FACTOR = read("AI_ARTIST_SECOND_FACTOR")
ACCOUNT_ADAPTER = "ai_artist.second_factor.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
MFA_ADAPTER = "ai_artist.second_factor.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "add_webauthn": "ai_artist.second_factor.AddPasskeyForm",
    "authenticate_webauthn": "ai_artist.second_factor.SecondPasskeyForm",
    "login_webauthn": "ai_artist.second_factor.SignInByPasskeyForm",
    "reauthenticate_webauthn": "ai_artist.second_factor.PasskeyAgainForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "AI Artist Platform"
MFA_TOTP_TOLERANCE = 1  # of 30 seconds each, for phones whose clock is not exact
USERSESSIONS_ADAPTER = "ai_artist.sessions.SessionsAdapter"

# --- Language, time, files ---
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
FORMAT_MODULE_PATH = ["ai_artist.formats"]
USE_TZ = True
TIME_ZONE = read("TIME_ZONE")
try:
    zoneinfo.ZoneInfo(TIME_ZONE)
except (zoneinfo.ZoneInfoNotFoundError, ValueError) as error:
    raise ImproperlyConfigured(
        f"TIME_ZONE={TIME_ZONE!r} is unknown; write it like Europe/Berlin or UTC."
    ) from error
STATIC_URL = "/static/"
# Collected for production alone; in development they are served from where they lie.
STATIC_ROOT = BASE_DIR / "staticfiles" if PRODUCTION else None
STATICFILES_DIRS = [BASE_DIR / "ai_artist" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Of all artifacts. Reads settings when it is used, and loads no client of a store before.
    "artifacts": {"BACKEND": "runs.storage.artifacts.ArtifactStorage"},
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if PRODUCTION
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
MEDIA_ROOT = read("MEDIA_ROOT")
STORE = read("AI_ARTIST_STORE")
S3 = checked_s3(
    read_options(
        "AI_ARTIST_S3",
        *("bucket", "endpoint", "region", "addressing", "prefix"),
        *("access_key", "secret_key", "link_s"),
    ),
    needed=STORE == "s3",
)
if S3 and importlib.util.find_spec("storages") is None:
    raise ImproperlyConfigured(
        "AI_ARTIST_S3_BUCKET needs the object store's client: "
        "pip install -r requirements-server.txt"
    )
# Where browsers fetch files from besides the panel.
FILE_ORIGINS = file_origins(S3)
for directive in ("img-src", "media-src", "connect-src"):
    CONTENT_SECURITY_POLICY["DIRECTIVES"][directive] += FILE_ORIGINS
CACHE_DIR = read("AI_ARTIST_CACHE_DIR")
CACHE_MB = read("AI_ARTIST_CACHE_MB")


def without_traceback_of_403(record: logging.LogRecord) -> bool:
    """Let every line through; that somebody lacks a permission is no fault of the program."""
    if getattr(record, "status_code", None) == 403:
        record.exc_info = None
    return True


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "refused": {"()": "django.utils.log.CallbackFilter", "callback": without_traceback_of_403},
        "work": {"()": "ai_artist.kit.log_context.WorkFilter"},
    },
    "formatters": {
        "plain": {"format": "%(asctime)s %(levelname)s %(name)s%(work)s: %(message)s"},
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "fmt": "asctime,levelname,name,message,batch,run,step,publication",
            "style": ",",
            "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
        },
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "filters": ["refused", "work"],
            "formatter": read("LOG_FORMAT"),
        }
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        app: {"level": read("LOG_LEVEL")}
        for app in ("ai_artist", "artists", "experiments", "runs", "trends")
    },
}

if dsn := read("SENTRY_DSN"):
    report_to(dsn, environment=read("AI_ARTIST_ENV"))

# --- The product ---
WORK_DIR = read("AI_ARTIST_WORK_DIR")
X_ACCEL_PREFIX = read("AI_ARTIST_X_ACCEL_PREFIX")
SOUNDFONT = BASE_DIR / "assets" / "soundfont" / "fluidr3-16.sf3"
LEASE_S = read("AI_ARTIST_LEASE_S")
SITE_DIR = BASE_DIR / read("AI_ARTIST_SITE_DIR") if read("AI_ARTIST_SITE_DIR") else None
SITE_URL = read("AI_ARTIST_SITE_URL")
SITE_TITLE = read("AI_ARTIST_SITE_TITLE")
if SITE_DIR and not SITE_URL:
    raise ImproperlyConfigured("AI_ARTIST_SITE_DIR needs AI_ARTIST_SITE_URL, where it is found.")
MIN_FREE_MB = read("AI_ARTIST_MIN_FREE_MB")
BATCH_SIZE = read("AI_ARTIST_BATCH_SIZE")
BATCH_CRON = read("AI_ARTIST_BATCH_CRON")
KEEP_DAYS = {
    name: read(f"AI_ARTIST_KEEP_{name.upper()}_DAYS")
    for name in (
        *("logins", "run_details", "calls", "lesson_uses", "observations", "previews"),
        "rejected_stems",
    )
}
PURGE_MEDIA_DAYS = read("AI_ARTIST_PURGE_MEDIA_DAYS")
ARTIST_CREATION_PROBABILITY = read("ARTIST_CREATION_PROBABILITY")
SINGING = read("AI_ARTIST_SINGING")
ARTIST_OFFSPRING_SHARE = read("ARTIST_OFFSPRING_SHARE")
ROSTER_CAP = read("AI_ARTIST_ROSTER_CAP")
ARTIST_SELECTION = read("ARTIST_SELECTION")
WRITER = read("AI_ARTIST_WRITER")
LLM_MODELS = (read("REFLECTION_LLM_PRIMARY"), *read("REFLECTION_LLM_FALLBACKS"))
LLM_OFFLINE_FALLBACK = read("AI_ARTIST_LLM_OFFLINE_FALLBACK")
LLM_REASONING_EFFORT = read("AI_ARTIST_LLM_REASONING_EFFORT")
LLM_ACCESS = {
    name.lower(): (read(f"{name}_API_KEY"), read(f"{name}_BASE_URL")) for name in LLM_PROVIDERS
}
MUSIC = read("AI_ARTIST_MUSIC")
try:
    PRICES = with_own(read("AI_ARTIST_PRICES"))
    LLM_PRICES = parse_prices(read("AI_ARTIST_LLM_PRICES"))
except ValueError as error:
    raise ImproperlyConfigured(f"AI_ARTIST_PRICES or AI_ARTIST_LLM_PRICES: {error}") from error
SPOOL_DIR = read("AI_ARTIST_SPOOL_DIR")
INBOX_DIR = read("AI_ARTIST_INBOX_DIR")
SIGN = read("AI_ARTIST_SIGN")
SIGN_WAV = read("AI_ARTIST_SIGN_WAV")
SIGNING_CERT, SIGNING_KEY = (
    BASE_DIR / path if path else None
    for path in (read("AI_ARTIST_SIGNING_CERT"), read("AI_ARTIST_SIGNING_KEY"))
)
# The spool is kept and shared by all workers, and its parent is theirs to write.
SIGNING_DIR = BASE_DIR / (read("AI_ARTIST_SIGNING_DIR") or Path(SPOOL_DIR).parent / "signing")
CHANNEL_KEY = read("AI_ARTIST_CHANNEL_KEY")
PUBLISH_MOST_A_DAY = read("AI_ARTIST_PUBLISH_MOST_A_DAY")
# Options of providers by the names their adapters give them (runs/providers/engines.py).
SUNO = read_options(
    "SUNO",
    *("api_key", "webhook_key", "profile", "base_url", "model", "callback_url", "lyrics_field"),
)
ELEVENLABS_MUSIC = read_options(
    "ELEVENLABS", "api_key", "base_url", model="MUSIC_MODEL", output_format="MUSIC_FORMAT"
)
ACESTEP = read_options("ACESTEP", "base_url", "api_key", "model", "takes", "thinking")
REPLICATE_MUSIC = read_options(
    "REPLICATE", "api_token", "webhook_secret", "base_url", "webhook_url", model="MUSIC_MODEL"
)
FOOTAGE = read("AI_ARTIST_FOOTAGE")
FOOTAGE_DIR = read("AI_ARTIST_FOOTAGE_DIR")
PEXELS = read_options("PEXELS", "api_key", "base_url", "file_hosts")
PIXABAY = read_options("PIXABAY", "api_key", "base_url", "file_hosts")
ACOUSTID = read_options("ACOUSTID", "api_key", "base_url")
COVER_ART = read("AI_ARTIST_COVER_ART")
OPENAI_IMAGES = {
    "api_key": read("OPENAI_API_KEY"),
    "model": read("OPENAI_IMAGES_MODEL"),
    "quality": read("OPENAI_IMAGES_QUALITY"),
    # The key belongs to the server the language models are asked at.
    "base_url": read("OPENAI_IMAGES_BASE_URL") or read("OPENAI_BASE_URL"),
}
REPLICATE_IMAGES = {
    "api_token": read("REPLICATE_API_TOKEN"),
    "model": read("REPLICATE_IMAGES_MODEL"),
    "base_url": read("REPLICATE_IMAGES_BASE_URL") or read("REPLICATE_BASE_URL"),
}
NAMES_FILE = BASE_DIR / names_file if (names_file := read("AI_ARTIST_NAMES_FILE")) else None
VOICE = read("AI_ARTIST_VOICE")
WATERMARK = read("AI_ARTIST_WATERMARK")
WATERMARK_KEY = read("AI_ARTIST_WATERMARK_KEY")
ELEVENLABS_VOICE = read_options(
    "ELEVENLABS", "api_key", "base_url", model="VOICE_MODEL", voice="VOICE_ID"
)
SPEECH = read_options("SPEECH", "base_url", "api_key", "model", "voice", "paid")
# Of the adapters in media_tools/publishing and of their sign-ins.
YOUTUBE_CHANNEL = read_options(
    "YOUTUBE",
    "client_id",
    "client_secret",
    "captions",
    "deletes",
    "analytics_url",
    "accounts_url",
    "grant_url",
    "public_url",
    base_url="UPLOADS_URL",
)
SOUNDCLOUD_CHANNEL = read_options(
    "SOUNDCLOUD",
    "client_id",
    "client_secret",
    "licence",
    "artwork",
    "base_url",
    "accounts_url",
    "grant_url",
    "public_url",
)
TIKTOK_CHANNEL = read_options(
    "TIKTOK",
    "client_id",
    "client_secret",
    "base_url",
    "accounts_url",
    "grant_url",
    "public_url",
)
PEERTUBE_CHANNEL = read_options("PEERTUBE", "keep_password", "comments", "downloads")
LABELGRID_CHANNEL = read_options("LABELGRID", "base_url", "label_email", "composition_type")
MASTODON_CHANNEL = read_options("MASTODON", "visibility")
BLUESKY_CHANNEL = read_options("BLUESKY", "keep_password", "base_url", "public_url")
TRACK_LENGTH_S = (read("AI_ARTIST_TRACK_MIN_S"), read("AI_ARTIST_TRACK_MAX_S"))
COVER_PX = read("AI_ARTIST_COVER_PX")
VIDEO = {
    "side": read("AI_ARTIST_VIDEO_SIDE"),
    "fps": read("AI_ARTIST_VIDEO_FPS"),
    "preset": read("AI_ARTIST_VIDEO_PRESET"),
    "crf": read("AI_ARTIST_VIDEO_CRF"),
}
VIDEO_SHAPES = read("AI_ARTIST_VIDEO_SHAPES")
VIDEO_TEASERS_S = [int(seconds) for seconds in read("AI_ARTIST_VIDEO_TEASERS")]
VIDEO_CANVAS = read("AI_ARTIST_VIDEO_CANVAS")
VIDEO_CALL = read("AI_ARTIST_VIDEO_CALL")
VIDEO_POEM = read("AI_ARTIST_VIDEO_POEM")
STEP_ATTEMPTS = read("AI_ARTIST_STEP_ATTEMPTS")
TREND_PROBABILITY = read("AI_ARTIST_TREND_PROBABILITY")
# Plain values for trends/sources.
TRENDS = {
    "sources": read("AI_ARTIST_TREND_SOURCES"),
    "countries": read("AI_ARTIST_TREND_COUNTRIES"),
    "apple_base_url": read("APPLE_CHARTS_BASE_URL"),
    "deezer_base_url": read("DEEZER_BASE_URL"),
    "lastfm_api_key": read("LASTFM_API_KEY"),
    "lastfm_base_url": read("LASTFM_BASE_URL"),
    "youtube_api_key": read("YOUTUBE_API_KEY"),
    "youtube_base_url": read("YOUTUBE_BASE_URL"),
    "chartmetric_refresh_token": read("CHARTMETRIC_REFRESH_TOKEN"),
    "chartmetric_base_url": read("CHARTMETRIC_BASE_URL"),
    "chartmetric_charts": read("CHARTMETRIC_CHARTS"),
    "chartmetric_call_usd": read("CHARTMETRIC_CALL_USD"),
    "chartmetric_monthly_usd": read("CHARTMETRIC_MONTHLY_USD"),
    "x_bearer_token": read("X_BEARER_TOKEN"),
    "x_base_url": read("X_BASE_URL"),
    "x_field_style": read("X_FIELD_STYLE"),
    "x_queries": read("X_QUERIES"),
    "x_sampled_queries": read("X_SAMPLED_QUERIES"),
    "x_sample_posts": read("X_SAMPLE_POSTS"),
    "x_monthly_post_reads": read("X_MONTHLY_POST_READS"),
    "x_monthly_usd": read("X_MONTHLY_USD"),
    "x_post_usd": read("X_POST_USD"),
    "x_counts_usd": read("X_COUNTS_USD"),
}
REVIEW_GRACE_S = read("AI_ARTIST_REVIEW_GRACE_S")
SECOND_REVIEW_SHARE = read("AI_ARTIST_SECOND_REVIEW_SHARE")
SECOND_REVIEW_FIRST_RELEASE = read("AI_ARTIST_SECOND_REVIEW_FIRST_RELEASE")
DISCLOSE_ALGORITHMS_AS_AI = read("AI_ARTIST_DISCLOSE_ALGORITHMS_AS_AI")
# Plain values for runs/releasing/ddex.py.
DDEX_FEED = {
    "sender": read("AI_ARTIST_DDEX_PARTY_ID"),
    "recipient": read("AI_ARTIST_DDEX_RECIPIENT_ID"),
    "recipient_name": read("AI_ARTIST_DDEX_RECIPIENT_NAME"),
    "value_sets": read("AI_ARTIST_DDEX_VALUE_SETS"),
}
DDEX_SCHEMA = Path(read("AI_ARTIST_DDEX_SCHEMA")) if read("AI_ARTIST_DDEX_SCHEMA") else None
TELEGRAM_BOT_TOKEN = read("TELEGRAM_BOT_TOKEN")
TELEGRAM_CHAT_ID = read("TELEGRAM_CHAT_ID")
TELEGRAM_BASE_URL = read("TELEGRAM_BASE_URL")
TELEGRAM_WEBHOOK_SECRET = read("TELEGRAM_WEBHOOK_SECRET")
# --- Telling people: mail, and a webhook of the operator's ---
PANEL_URL = read("AI_ARTIST_PANEL_URL").rstrip("/")
MAIL_ENABLED = bool(read("EMAIL_URL"))
if MAIL_ENABLED and not PANEL_URL:
    raise ImproperlyConfigured("EMAIL_URL needs AI_ARTIST_PANEL_URL, for the links in mails.")
try:
    MAIL = environ.Env.email_url_config(read("EMAIL_URL") or "dummymail://")
except (KeyError, ValueError) as error:
    # The address holds a password: it is not repeated.
    raise ImproperlyConfigured(
        f"EMAIL_URL cannot be used; write it as {SETTINGS['EMAIL_URL'].help}"
    ) from error
EMAIL_BACKEND = MAIL["EMAIL_BACKEND"]
EMAIL_HOST = MAIL["EMAIL_HOST"] or "localhost"
EMAIL_PORT = MAIL["EMAIL_PORT"] or 25
EMAIL_HOST_USER = MAIL["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD = MAIL["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS = bool(MAIL.get("EMAIL_USE_TLS"))
EMAIL_USE_SSL = bool(MAIL.get("EMAIL_USE_SSL"))
EMAIL_FILE_PATH = MAIL["EMAIL_FILE_PATH"]
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = read("AI_ARTIST_MAIL_FROM")
WEBHOOK = {"url": read("AI_ARTIST_WEBHOOK_URL"), "secret": read("AI_ARTIST_WEBHOOK_SECRET")}
if WEBHOOK["url"] and not WEBHOOK["secret"]:
    raise ImproperlyConfigured("AI_ARTIST_WEBHOOK_URL needs AI_ARTIST_WEBHOOK_SECRET to sign by.")
AB_TESTING_ENABLED = read("AB_TESTING_ENABLED")
# Seeds the default policy row once (artists/lifecycle/policies.py); the panel owns it afterwards.
POLICY_DEFAULTS = {
    "consecutive_rejections": read("RETIREMENT_CONSECUTIVE_REJECTIONS"),
    "evaluation_period_days": read("PERFORMANCE_EVALUATION_PERIOD_DAYS"),
    "min_runs": read("MIN_RUNS_FOR_EVALUATION"),
    "evolve_below_rate": read("EVOLUTION_POOR_PERF_APPROVAL_RATE"),
    "explore_above_rate": read("EVOLUTION_GOOD_PERF_APPROVAL_RATE"),
    "pause_below_rate": read("PAUSE_APPROVAL_RATE_THRESHOLD"),
    "pause_above_error_rate": read("PAUSE_ERROR_RATE_THRESHOLD"),
    "pause_inactivity_days": read("PAUSE_INACTIVITY_DAYS"),
    "retire_paused_days": read("RETIREMENT_PAUSED_DAYS"),
    "retire_failed_evolutions": read("RETIREMENT_FAILED_EVOLUTIONS"),
    "retirement_mode": read("RETIREMENT_MODE"),
}

# --- Panel ---
UNFOLD = {
    "SITE_TITLE": "AI Artist Platform",
    "SITE_HEADER": "AI Artist Platform",
    "SITE_SUBHEADER": f"Version {VERSION}",
    "SITE_SYMBOL": "graphic_eq",
    "SITE_URL": SITE_URL or None,  # "View site" is for the public one
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "ai_artist.dashboard.dashboard",
    "COMMAND": {"search_models": False, "show_history": False},
    "SIDEBAR": {
        "navigation": "ai_artist.site.navigation",
        "show_search": True,
        "command_search": True,
    },
    "ACCOUNT": {"navigation": "ai_artist.site.account_links"},
    "ENVIRONMENT": "ai_artist.site.time_zone",
    "BORDER_RADIUS": "8px",
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda request: static("panel/icon.svg"),
        }
    ],
    "STYLES": [lambda request: static("panel/panel.css")],
    "SCRIPTS": [
        lambda request: static("panel/panel.js"),
        lambda request: static("panel/sound.js"),
        lambda request: static("panel/player.js"),
        lambda request: static("panel/live.js"),
        lambda request: static("panel/upload.js"),
        lambda request: static("panel/forms.js"),
    ],
}
