"""Every setting an operator can give through the environment: name, type, default, meaning.

Pure data. `ai_artist/settings.py` reads the environment by this table; `.env.example` and
`docs/configuration.md` are printed from it, so the three cannot drift apart.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from media_tools import music

OWN_PREFIX = "AI_ARTIST_"
LLM_PROVIDERS = (
    "OPENAI",
    "DEEPSEEK",
    "GEMINI",
    "XAI",
    "MISTRAL",
    "ANTHROPIC",
    "OPENROUTER",
    "OLLAMA",
    "LLAMACPP",
    "VLLM",
)


@dataclass(frozen=True)
class Setting:
    """kind: "str", "bool", "int", "float", "list" (comma separated), "path" or "secret".

    choices: what the value, or each value of a list, may be.
    """

    name: str
    kind: str
    default: Any
    help: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """Settings that belong together, under a heading."""

    title: str
    settings: tuple[Setting, ...]


GROUPS: tuple[Group, ...] = (
    Group(
        "Site",
        (
            Setting(
                "AI_ARTIST_ENV",
                "str",
                "development",
                "development: a secret key made on first start; production: strict security, "
                "SECRET_KEY and ALLOWED_HOSTS required.",
                ("development", "production"),
            ),
            Setting(
                "AI_ARTIST_DEBUG",
                "bool",
                False,
                "Django's debug pages, for who changes the code; never in production.",
            ),
            Setting("SECRET_KEY", "secret", "", "Signs sessions and queue payloads."),
            Setting("ALLOWED_HOSTS", "list", [], "Host names the site answers to."),
            Setting(
                "CSRF_TRUSTED_ORIGINS",
                "list",
                [],
                "Origins (https://panel.example.org) behind a proxy.",
            ),
            Setting("TIME_ZONE", "str", "UTC", "Zone in which the panel shows times."),
            Setting(
                "LOG_LEVEL",
                "str",
                "INFO",
                "How much the product logs.",
                ("DEBUG", "INFO", "WARNING", "ERROR"),
            ),
            Setting(
                "LOG_FORMAT",
                "str",
                "plain",
                "Lines for people, or JSON objects; both name run, batch and step.",
                ("plain", "json"),
            ),
            Setting(
                "SENTRY_DSN",
                "secret",
                "",
                "Sentry server that faults are reported to, without values, bodies or people.",
            ),
            Setting(
                "AI_ARTIST_SECURE_SSL",
                "bool",
                True,
                "In production: redirect to https, secure cookies and HSTS.",
            ),
            Setting(
                "AI_ARTIST_TRUST_PROXY",
                "bool",
                False,
                "The site runs behind a reverse proxy that sets X-Forwarded-Proto and "
                "X-Forwarded-For.",
            ),
            Setting(
                "AI_ARTIST_PROXIES",
                "int",
                1,
                "With AI_ARTIST_TRUST_PROXY: how many proxies stand in front of the panel, one "
                "after the other, each of which adds to X-Forwarded-For.",
            ),
            Setting(
                "AI_ARTIST_SECOND_FACTOR",
                "str",
                "",
                "Who must sign in with a one-time code or a passkey besides the password: spending "
                "(roles that spend, publish or give rights), all, or empty: nobody must, everybody "
                "may. See docs/accounts.md.",
                ("", "spending", "all"),
            ),
            Setting(
                "AI_ARTIST_METRICS_TOKEN",
                "secret",
                "",
                "Bearer token with which a monitoring server reads /metrics; empty: staff only.",
            ),
        ),
    ),
    Group(
        "What is kept",
        (
            Setting(
                "AI_ARTIST_KEEP_LOGINS_DAYS", "int", 180, "Days a sign-in is kept; 0: for ever."
            ),
            Setting(
                "AI_ARTIST_KEEP_RUN_DETAILS_DAYS",
                "int",
                365,
                "Days logs, steps and prints of runs that ended badly are kept; 0: "
                "for ever. The runs themselves stay.",
            ),
            Setting(
                "AI_ARTIST_KEEP_CALLS_DAYS",
                "int",
                400,
                "Days a provider call is kept, and then only in its day's sum; 0: for ever.",
            ),
            Setting(
                "AI_ARTIST_KEEP_LESSON_USES_DAYS",
                "int",
                730,
                "Days uses of lessons are kept; 0: for ever.",
            ),
            Setting(
                "AI_ARTIST_KEEP_OBSERVATIONS_DAYS",
                "int",
                90,
                "Days all observations of trends are kept, and then one a week; 0: for ever.",
            ),
            Setting(
                "AI_ARTIST_KEEP_PREVIEWS_DAYS",
                "int",
                90,
                "Days a preview link and what was said on it are kept after its last day; 0: "
                "for ever.",
            ),
            Setting(
                "AI_ARTIST_KEEP_REJECTED_STEMS_DAYS",
                "int",
                7,
                "Days mix and stems of a rejected run are kept, a third of its files; 0: for ever. "
                "What was judged stays, so the rejection can still be undone.",
            ),
            Setting(
                "AI_ARTIST_PURGE_MEDIA_DAYS",
                "int",
                0,
                "Days after which files of runs that ended badly, and replaced ones, go "
                "every night; 0: never. manage.py purge_media does it once.",
            ),
        ),
    ),
    Group(
        "Storage and queue",
        (
            Setting(
                "DATABASE_URL",
                "str",
                "sqlite:///db.sqlite3",
                "sqlite:///FILE or postgres://USER:PASSWORD@HOST:PORT/NAME.",
            ),
            Setting(
                "REDIS_URL",
                "str",
                "",
                "Queue broker and cache; empty: both live in the database (the safer choice).",
            ),
            Setting(
                "AI_ARTIST_STORE",
                "str",
                "folder",
                "Where new artifacts go: into MEDIA_ROOT, or into the bucket named below.",
                ("folder", "s3"),
            ),
            Setting("MEDIA_ROOT", "path", "media", "Folder of all artifacts; never public."),
            Setting("AI_ARTIST_WORK_DIR", "path", "var/work", "Folder of steps in progress."),
            Setting(
                "AI_ARTIST_S3_BUCKET",
                "str",
                "",
                "Bucket of an S3-compatible store. With AI_ARTIST_STORE=folder it is only read, "
                "for what has not been moved back yet.",
            ),
            Setting(
                "AI_ARTIST_S3_ENDPOINT",
                "str",
                "",
                "Address of the store; empty: Amazon's in that region.",
            ),
            Setting("AI_ARTIST_S3_REGION", "str", "us-east-1", "Region; R2 calls it auto."),
            Setting(
                "AI_ARTIST_S3_ADDRESSING",
                "str",
                "path",
                "Whether the bucket stands in the path or in the host name of addresses.",
                ("path", "virtual"),
            ),
            Setting("AI_ARTIST_S3_PREFIX", "str", "", "Names of objects begin with it: a/folder."),
            Setting(
                "AI_ARTIST_S3_ACCESS_KEY",
                "secret",
                "",
                "Both keys empty: the rights of the machine, as boto3 finds them.",
            ),
            Setting("AI_ARTIST_S3_SECRET_KEY", "secret", "", "Belongs to the access key."),
            Setting(
                "AI_ARTIST_S3_LINK_S",
                "int",
                14400,
                "Seconds for which browsers may play from the store by a signed address; longer "
                "than somebody watches. 0: they do not reach the store, and play from the panel "
                "or its proxy.",
            ),
            Setting(
                "AI_ARTIST_CACHE_DIR",
                "path",
                "var/cache",
                "Copies of objects in use, on each machine's own disk.",
            ),
            Setting(
                "AI_ARTIST_CACHE_MB",
                "int",
                10000,
                "Size of that folder; what was used within the hour stays above it.",
            ),
            Setting(
                "AI_ARTIST_X_ACCEL_PREFIX",
                "str",
                "",
                "Internal location of MEDIA_ROOT at the reverse proxy (nginx X-Accel-Redirect); "
                "empty: the application serves the files.",
            ),
            Setting("AI_ARTIST_WORKERS", "int", 2, "Worker processes of one qcluster."),
            Setting(
                "AI_ARTIST_TASK_TIMEOUT_S",
                "int",
                1800,
                "Longest time a queue task may take; above the longest step.",
            ),
            Setting(
                "AI_ARTIST_LEASE_S",
                "int",
                120,
                "Seconds without a heartbeat before a run counts as dropped.",
            ),
            Setting("AI_ARTIST_MIN_FREE_MB", "int", 500, "A run does not start with less disk."),
        ),
    ),
    Group(
        "Making releases",
        (
            Setting("AI_ARTIST_BATCH_SIZE", "int", 3, "Runs of a scheduled batch."),
            Setting(
                "AI_ARTIST_BATCH_CRON", "str", "0 6 * * *", "When scheduled batches start (cron)."
            ),
            Setting(
                "ARTIST_CREATION_PROBABILITY",
                "float",
                0.1,
                "Chance that a turn creates a new artist instead of taking one of the roster.",
            ),
            Setting(
                "AI_ARTIST_SINGING",
                "bool",
                True,
                "New artists of sung genres sing, if the voice is installed (make voice).",
            ),
            Setting(
                "ARTIST_OFFSPRING_SHARE",
                "float",
                0.0,
                "Chance that a new artist is the offspring of a strong one, if there is any.",
            ),
            Setting("AI_ARTIST_ROSTER_CAP", "int", 50, "No new artist above this many."),
            Setting(
                "ARTIST_SELECTION",
                "str",
                "turn",
                "Who runs next: who waits longest, or who is liked or little known (no artist "
                "waits more than three turns of the roster).",
                ("turn", "value"),
            ),
            Setting(
                "AI_ARTIST_WRITER",
                "str",
                "offline",
                "Who writes the texts: the offline writer, or the language models named below.",
                ("offline", "llm"),
            ),
            Setting(
                "AI_ARTIST_MUSIC",
                "str",
                "local",
                "Who makes the music; an artist may have another.",
                music.PROVIDERS,
            ),
            Setting(
                "AI_ARTIST_SPOOL_DIR",
                "path",
                "var/spool",
                "Paid answers on their way into a run; shared by all workers.",
            ),
            Setting(
                "AI_ARTIST_INBOX_DIR",
                "path",
                "var/inbox",
                "Drop <run id>.wav (or .flac, .mp3 ...) here for runs with imported music.",
            ),
            Setting(
                "AI_ARTIST_COVER_ART",
                "str",
                "local",
                "Who paints the cover's picture: our own drawing, or an image model; where that "
                "refuses, the drawing steps in.",
                ("local", "openai", "replicate"),
            ),
            Setting(
                "AI_ARTIST_FOOTAGE",
                "list",
                [],
                "Where footage for videos is looked for, in this order; empty: generated pictures.",
                ("pexels", "pixabay", "local"),
            ),
            Setting(
                "AI_ARTIST_FOOTAGE_DIR",
                "path",
                "footage",
                "Folder of your own clips, found by the words of their names (local).",
            ),
            Setting(
                "AI_ARTIST_NAMES_FILE",
                "str",
                "",
                "File with more names of real artists that no song, picture or voice may name, one "
                "a line; see docs/reviewing.md.",
            ),
            Setting(
                "AI_ARTIST_VOICE",
                "str",
                "",
                "Who speaks the artist's name over the intro; empty: nobody.",
                ("", "elevenlabs", "speech", "espeak"),
            ),
            Setting(
                "AI_ARTIST_WATERMARK",
                "bool",
                True,
                "Write an inaudible mark that names the run into the sound of release bundles; "
                "`manage.py detect_mark FILE` finds it.",
            ),
            Setting(
                "AI_ARTIST_WATERMARK_KEY",
                "secret",
                "",
                "Key of that mark; empty: made from SECRET_KEY. Marks are found only with the key "
                "they were written with.",
            ),
            Setting("AI_ARTIST_TRACK_MIN_S", "int", 70, "Shortest track, seconds."),
            Setting("AI_ARTIST_TRACK_MAX_S", "int", 105, "Longest track, seconds."),
            Setting("AI_ARTIST_COVER_PX", "int", 3000, "Side of the cover, pixels."),
            Setting(
                "AI_ARTIST_VIDEO_SHAPES",
                "list",
                ["9:16"],
                "Shapes of the video; the first is shown for review. See docs/video.md.",
                ("9:16", "16:9", "1:1"),
            ),
            Setting("AI_ARTIST_VIDEO_SIDE", "int", 1080, "Shorter side of the video, pixels."),
            Setting(
                "AI_ARTIST_VIDEO_TEASERS",
                "list",
                ["15"],
                "Lengths of teasers of the hook, seconds; empty: none.",
                ("15", "30", "60"),
            ),
            Setting(
                "AI_ARTIST_VIDEO_CANVAS",
                "bool",
                True,
                "Also draw a silent loop of eight seconds for streaming services.",
            ),
            Setting(
                "AI_ARTIST_VIDEO_CALL",
                "str",
                "Follow for the next song",
                "What the end card asks of the viewer; empty: nothing.",
            ),
            Setting(
                "AI_ARTIST_VIDEO_POEM",
                "bool",
                False,
                "Show the words of songs in which nobody sings, called a silent poem.",
            ),
            Setting("AI_ARTIST_VIDEO_FPS", "int", 24, "Frames a second."),
            Setting("AI_ARTIST_VIDEO_PRESET", "str", "superfast", "x264 preset."),
            Setting("AI_ARTIST_VIDEO_CRF", "int", 23, "x264 quality, lower is better."),
            Setting(
                "AI_ARTIST_STEP_ATTEMPTS", "int", 3, "Attempts of a step before the run fails."
            ),
            Setting(
                "AI_ARTIST_TREND_PROBABILITY",
                "float",
                0.3,
                "Chance that a concept follows a scored trend topic.",
            ),
        ),
    ),
    Group(
        "Marks in releases",
        (
            Setting(
                "AI_ARTIST_SIGN",
                "bool",
                True,
                "Sign the media of release bundles (Content Credentials, C2PA); see docs/marks.md.",
            ),
            Setting(
                "AI_ARTIST_SIGN_WAV",
                "bool",
                False,
                "Sign WAV files too; a distributor may refuse the chunk that this adds.",
            ),
            Setting(
                "AI_ARTIST_SIGNING_CERT",
                "str",
                "",
                "PEM file of your own certificate, then those above it; empty: one made here, "
                "whose signer is unknown to others.",
            ),
            Setting(
                "AI_ARTIST_SIGNING_KEY",
                "str",
                "",
                "PEM file of its private key, readable by the workers alone.",
            ),
            Setting(
                "AI_ARTIST_SIGNING_DIR",
                "str",
                "",
                "Folder of the certificate made here, with its keys; empty: signing, beside "
                "AI_ARTIST_SPOOL_DIR.",
            ),
        ),
    ),
    Group(
        "Language models",
        (
            Setting(
                "REFLECTION_LLM_PRIMARY",
                "str",
                "openai:gpt-6-luna",
                "Model that writes, as provider:model.",
            ),
            Setting(
                "REFLECTION_LLM_FALLBACKS",
                "list",
                [],
                "Models asked in this order when the one before fails.",
            ),
            Setting(
                "AI_ARTIST_LLM_OFFLINE_FALLBACK",
                "bool",
                False,
                "The offline writer steps in, and is named as such, when no model answers.",
            ),
            Setting(
                "AI_ARTIST_LLM_PRICES",
                "list",
                [
                    "openai:gpt-6-luna=0.10/0.50",
                    "openai:gpt-6-sol=2/10",
                    "deepseek:deepseek-flash=0.30/1.20/0.006",
                    "gemini:gemini-3.5-flash-lite=0.30/2.50",
                ],
                "USD for a million tokens, input/output[/cached input]; as of 2026-11-22.",
            ),
            Setting("AI_ARTIST_LLM_REASONING_EFFORT", "str", "", "Empty: the model's own default."),
            *(
                setting
                for name in LLM_PROVIDERS
                for setting in (
                    Setting(f"{name}_API_KEY", "secret", "", "Key; local servers may need none."),
                    Setting(f"{name}_BASE_URL", "str", "", "Empty: the provider's own address."),
                )
            ),
        ),
    ),
    Group(
        "Trends",
        (
            Setting(
                "AI_ARTIST_TREND_SOURCES",
                "list",
                ["local-calendar"],
                "What is asked for trends: local-calendar (no network), apple, deezer (no key), "
                "lastfm, youtube (free key), chartmetric, x (paid); see docs/trends.md.",
            ),
            Setting(
                "AI_ARTIST_TREND_COUNTRIES",
                "list",
                ["us", "gb", "de"],
                "Countries whose charts are read, as two-letter codes.",
            ),
            Setting(
                "APPLE_CHARTS_BASE_URL",
                "str",
                "https://rss.marketingtools.apple.com",
                "Apple Music charts.",
            ),
            Setting("DEEZER_BASE_URL", "str", "https://api.deezer.com", "Deezer charts."),
            Setting("LASTFM_API_KEY", "secret", "", "Last.fm key; its terms are non-commercial."),
            Setting("LASTFM_BASE_URL", "str", "https://ws.audioscrobbler.com/2.0/", "Last.fm."),
            Setting("YOUTUBE_API_KEY", "secret", "", "YouTube Data API key."),
            Setting(
                "YOUTUBE_BASE_URL",
                "str",
                "https://www.googleapis.com/youtube/v3",
                "YouTube Data API.",
            ),
            Setting("CHARTMETRIC_REFRESH_TOKEN", "secret", "", "Chartmetric refresh token."),
            Setting("CHARTMETRIC_BASE_URL", "str", "https://api.chartmetric.com", "Chartmetric."),
            Setting(
                "CHARTMETRIC_CHARTS",
                "list",
                ["spotify", "shazam"],
                "Charts read there, of spotify, spotify-viral, applemusic, shazam, tiktok, "
                "soundcloud.",
            ),
            Setting(
                "CHARTMETRIC_CALL_USD",
                "float",
                0.01,
                "Price of a call on its credit plan (2026-06); 0 on a flat plan.",
            ),
            Setting("CHARTMETRIC_MONTHLY_USD", "float", 5.0, "Most that it may cost in a month."),
            Setting("X_BEARER_TOKEN", "secret", "", "App-only token of the X API."),
            Setting("X_BASE_URL", "str", "https://api.x.com", "X API."),
            Setting(
                "X_FIELD_STYLE",
                "str",
                "tweet",
                "Spelling of its fields parameter that is tried first.",
                ("tweet", "post"),
            ),
            Setting(
                "X_QUERIES",
                "list",
                [],
                "What is counted there, as topic=query or a topic alone; empty: a query for each "
                "of the composer's genres.",
            ),
            Setting(
                "X_SAMPLED_QUERIES",
                "int",
                0,
                "For how many of the fastest growing queries posts are read as well; 0: counts "
                "only.",
            ),
            Setting("X_SAMPLE_POSTS", "int", 100, "Posts read for each of them, 10 or more."),
            Setting("X_MONTHLY_POST_READS", "int", 2000, "Most posts read in a month."),
            Setting("X_MONTHLY_USD", "float", 10.0, "Most that X may cost in a month."),
            Setting("X_POST_USD", "float", 0.005, "Price of a post returned (2026-08-22)."),
            Setting("X_COUNTS_USD", "float", 0.005, "Price of a request for counts (2026-08-22)."),
        ),
    ),
    Group(
        "Review",
        (
            Setting(
                "AI_ARTIST_REVIEW_GRACE_S",
                "int",
                10,
                "Seconds in which a decision of the review desk is undone without a trace, before "
                "history, lifecycle and release follow.",
            ),
            Setting(
                "AI_ARTIST_SECOND_REVIEW_SHARE",
                "float",
                0.0,
                "Share of runs (0 to 1) that two reviewers judge blind of each other.",
            ),
            Setting(
                "AI_ARTIST_SECOND_REVIEW_FIRST_RELEASE",
                "bool",
                True,
                "Two reviewers judge an artist's runs until the first is approved, where at least "
                "two people may review.",
            ),
        ),
    ),
    Group(
        "Hand-over",
        (
            Setting(
                "AI_ARTIST_DISCLOSE_ALGORITHMS_AS_AI",
                "bool",
                True,
                "Shops are told of what an algorithm made, such as the built-in composer, as of "
                "AI. They ask for generative AI; yes is the open answer.",
            ),
            Setting(
                "AI_ARTIST_DDEX_PARTY_ID",
                "str",
                "",
                "Your party id at DDEX (PADPIDA...); without it release.xml is a test message.",
            ),
            Setting("AI_ARTIST_DDEX_RECIPIENT_ID", "str", "", "Party id of who receives it."),
            Setting("AI_ARTIST_DDEX_RECIPIENT_NAME", "str", "", "Name of who receives it."),
            Setting(
                "AI_ARTIST_DDEX_VALUE_SETS",
                "str",
                "9",
                "Version of DDEX's allowed value sets (AVS) the recipient wants.",
            ),
            Setting(
                "AI_ARTIST_DDEX_SCHEMA",
                "str",
                "",
                "DDEX's release-notification.xsd for ERN 4.3.2, its allowed-value-sets.xsd beside "
                "it: release.xml is checked against it. DDEX gives it to licensees.",
            ),
        ),
    ),
    Group(
        "Channels",
        (
            Setting(
                "AI_ARTIST_CHANNEL_KEY",
                "secret",
                "",
                "Encrypts the tokens of channels and the keys of second factors: a Fernet key, or "
                "several with commas, of which the first encrypts; empty: channels.key in "
                "AI_ARTIST_SIGNING_DIR, made on first use. See docs/publishing.md.",
            ),
            Setting(
                "AI_ARTIST_PUBLISH_MOST_A_DAY",
                "int",
                0,
                "Public items a day on all channels together; 0: only the channels' own limits.",
            ),
        ),
    ),
    Group(
        "Public site",
        (
            Setting(
                "AI_ARTIST_SITE_DIR",
                "str",
                "",
                "Folder the public pages and feeds are written to after each publication and "
                "recall; empty: only by export_site. See docs/site.md.",
            ),
            Setting(
                "AI_ARTIST_SITE_URL",
                "str",
                "",
                "Where that folder is found, such as https://music.example.org.",
            ),
            Setting("AI_ARTIST_SITE_TITLE", "str", "Music", "What the public pages are called."),
        ),
    ),
    Group(
        "Video and music platforms",
        (
            Setting(
                "YOUTUBE_CLIENT_ID",
                "str",
                "",
                "OAuth client of a Google Cloud project with the YouTube Data and Analytics APIs; "
                "empty: no YouTube channel can be connected. See docs/channels.md.",
            ),
            Setting("YOUTUBE_CLIENT_SECRET", "secret", "", "Secret of that client."),
            Setting(
                "YOUTUBE_CAPTIONS",
                "bool",
                False,
                "Sends subtitles of sung songs; each costs 400 of the project's 10,000 units a "
                "day.",
            ),
            Setting(
                "YOUTUBE_DELETES",
                "bool",
                True,
                "Taking down deletes a video; false: makes it private, which a look from outside "
                "cannot prove.",
            ),
            Setting("YOUTUBE_UPLOADS_URL", "str", "https://www.googleapis.com", "Data API."),
            Setting(
                "YOUTUBE_ANALYTICS_URL",
                "str",
                "https://youtubeanalytics.googleapis.com",
                "Analytics API.",
            ),
            Setting(
                "YOUTUBE_ACCOUNTS_URL",
                "str",
                "https://accounts.google.com",
                "Where people sign in.",
            ),
            Setting("YOUTUBE_GRANT_URL", "str", "https://oauth2.googleapis.com", "Gives tokens."),
            Setting("YOUTUBE_PUBLIC_URL", "str", "https://www.youtube.com", "Public pages."),
            Setting(
                "SOUNDCLOUD_CLIENT_ID",
                "str",
                "",
                "Application registered at soundcloud.com/you/apps; empty: no SoundCloud channel "
                "can be connected.",
            ),
            Setting("SOUNDCLOUD_CLIENT_SECRET", "secret", "", "Secret of that application."),
            Setting(
                "SOUNDCLOUD_LICENCE",
                "str",
                "all-rights-reserved",
                "Licence that tracks are published under.",
                (
                    "no-rights-reserved",
                    "all-rights-reserved",
                    "cc-by",
                    "cc-by-nc",
                    "cc-by-nd",
                    "cc-by-sa",
                    "cc-by-nc-nd",
                    "cc-by-nc-sa",
                ),
            ),
            Setting(
                "SOUNDCLOUD_ARTWORK",
                "bool",
                True,
                "Sends covers, which some plans do not allow.",
            ),
            Setting("SOUNDCLOUD_BASE_URL", "str", "https://api.soundcloud.com", "API."),
            Setting(
                "SOUNDCLOUD_ACCOUNTS_URL",
                "str",
                "https://secure.soundcloud.com",
                "Where people sign in.",
            ),
            Setting(
                "SOUNDCLOUD_GRANT_URL", "str", "https://secure.soundcloud.com", "Gives tokens."
            ),
            Setting("SOUNDCLOUD_PUBLIC_URL", "str", "https://soundcloud.com", "Public pages."),
            Setting(
                "TIKTOK_CLIENT_ID",
                "str",
                "",
                "Client key of a TikTok application with Login Kit and the Content Posting API; "
                "empty: no drafts are sent to TikTok.",
            ),
            Setting("TIKTOK_CLIENT_SECRET", "secret", "", "Secret of that application."),
            Setting("TIKTOK_BASE_URL", "str", "https://open.tiktokapis.com", "API."),
            Setting(
                "TIKTOK_ACCOUNTS_URL", "str", "https://www.tiktok.com", "Where people sign in."
            ),
            Setting("TIKTOK_GRANT_URL", "str", "https://open.tiktokapis.com", "Gives tokens."),
            Setting("TIKTOK_PUBLIC_URL", "str", "https://www.tiktok.com", "Public pages."),
            Setting(
                "PEERTUBE_KEEP_PASSWORD",
                "bool",
                True,
                "Keeps the password, encrypted: a sign-in lasts two weeks without use, and is lost "
                "with an answer that is. False: a person connects the channel again then.",
            ),
            Setting("PEERTUBE_COMMENTS", "bool", True, "Lets people comment on videos."),
            Setting("PEERTUBE_DOWNLOADS", "bool", False, "Lets people download videos."),
            Setting(
                "LABELGRID_BASE_URL",
                "str",
                "https://api-sandbox.stg.labelgrid.com/api/public",
                "API of the sandbox, where nothing goes out; the real one is "
                "https://api.labelgrid.com/api/public.",
            ),
            Setting(
                "LABELGRID_LABEL_EMAIL",
                "str",
                "",
                "Contact of labels that are made there by themselves; empty: people make them.",
            ),
            Setting(
                "LABELGRID_COMPOSITION_TYPE",
                "str",
                "original_composition",
                "What tracks are said to be of.",
            ),
        ),
    ),
    Group(
        "Announcements",
        (
            Setting(
                "MASTODON_VISIBILITY",
                "str",
                "public",
                "Who sees posts; unlisted: on the profile, in no public timeline.",
                ("public", "unlisted"),
            ),
            Setting(
                "BLUESKY_KEEP_PASSWORD",
                "bool",
                True,
                "Keeps the app password, encrypted, to sign in again when a session is over.",
            ),
            Setting("BLUESKY_BASE_URL", "str", "https://bsky.social", "Where accounts sign in."),
            Setting(
                "BLUESKY_PUBLIC_URL",
                "str",
                "https://public.api.bsky.app",
                "What strangers may ask whether a post is there.",
            ),
        ),
    ),
    Group(
        "Telegram",
        (
            Setting(
                "TELEGRAM_BOT_TOKEN",
                "secret",
                "",
                "Token of the bot from @BotFather; empty: no bot. See docs/telegram.md.",
            ),
            Setting(
                "TELEGRAM_CHAT_ID",
                "int",
                0,
                "Chat that gets the items to review, such as a group (negative); 0: every linked "
                "reviewer gets them privately.",
            ),
            Setting(
                "TELEGRAM_BASE_URL",
                "str",
                "https://api.telegram.org",
                "Bot API server, without the token.",
            ),
            Setting(
                "TELEGRAM_WEBHOOK_SECRET",
                "secret",
                "",
                "Letters, digits, - and _ that Telegram sends with each webhook call; empty: no "
                "webhook, run_telegram polls.",
            ),
        ),
    ),
    Group(
        "Telling people",
        (
            Setting(
                "EMAIL_URL",
                "secret",
                "",
                "smtp+tls://USER:PASSWORD@HOST:587 or smtp+ssl://USER:PASSWORD@HOST:465, the mail "
                "server by which people are told what needs a hand; empty: no mail.",
            ),
            Setting("AI_ARTIST_MAIL_FROM", "str", "panel@localhost", "Sender of the mails."),
            Setting(
                "AI_ARTIST_PANEL_URL",
                "str",
                "",
                "Where people open the panel, such as https://panel.example.org, for the links in "
                "mails and in calls of the webhook.",
            ),
            Setting(
                "AI_ARTIST_WEBHOOK_URL",
                "str",
                "",
                "Address that is called when something goes wrong; empty: none is. See "
                "docs/operating.md.",
            ),
            Setting(
                "AI_ARTIST_WEBHOOK_SECRET",
                "secret",
                "",
                "Secret by which those calls are signed.",
            ),
        ),
    ),
    Group(
        "Music providers",
        (
            Setting(
                "AI_ARTIST_PRICES",
                "list",
                [],
                "Your own prices instead of the dated ones in docs/providers.md: "
                "suno/sunoapi=0.06 for a submission, openai/gpt-image-2=0.20 for a picture, "
                "elevenlabs=0.15/min for music, speech=0.015/1000 for a thousand characters.",
            ),
            Setting("SUNO_API_KEY", "secret", "", "Key of the Suno gateway."),
            Setting("SUNO_WEBHOOK_KEY", "secret", "", "Key that signs its callbacks (kie)."),
            Setting(
                "SUNO_PROFILE",
                "str",
                "sunoapi",
                "Dialect of the gateway: the same code means different things.",
                ("sunoapi", "kie"),
            ),
            Setting("SUNO_BASE_URL", "str", "", "Empty: the profile's own address."),
            Setting("SUNO_MODEL", "str", "V6", "Any model the gateway lists."),
            Setting("SUNO_CALLBACK_URL", "str", "", "Empty: results are polled."),
            Setting("SUNO_LYRICS_FIELD", "str", "", "Empty: prompt before V6, else lyrics."),
            Setting("ELEVENLABS_API_KEY", "secret", "", "Music and voice by ElevenLabs."),
            Setting("ELEVENLABS_BASE_URL", "str", "https://api.elevenlabs.io", "Its address."),
            Setting("ELEVENLABS_MUSIC_MODEL", "str", "music_v2_5", "Its music model."),
            Setting("ELEVENLABS_MUSIC_FORMAT", "str", "auto", "Such as mp3_48000_320."),
            Setting("ACESTEP_BASE_URL", "str", "http://127.0.0.1:8001", "Your own server."),
            Setting("ACESTEP_API_KEY", "secret", "", "If the server asks for one."),
            Setting("ACESTEP_MODEL", "str", "", "Empty: the server's default."),
            Setting("ACESTEP_TAKES", "int", 1, "Songs for each request, 1 to 8."),
            Setting("ACESTEP_THINKING", "bool", False, "Needs its language model loaded."),
            Setting("REPLICATE_API_TOKEN", "secret", "", "Music and images by Replicate."),
            Setting("REPLICATE_WEBHOOK_SECRET", "secret", "", "Signs its callbacks."),
            Setting("REPLICATE_BASE_URL", "str", "https://api.replicate.com/v1", "Its address."),
            Setting(
                "REPLICATE_MUSIC_MODEL",
                "str",
                "fishaudio/ace-step-1.5",
                "Its music model, as owner/name[:version].",
            ),
            Setting("REPLICATE_WEBHOOK_URL", "str", "", "Empty: results are polled."),
        ),
    ),
    Group(
        "Footage, images and voice",
        (
            Setting(
                "ACOUSTID_API_KEY",
                "secret",
                "",
                "Has music of providers and imports looked up among known recordings.",
            ),
            Setting("ACOUSTID_BASE_URL", "str", "https://api.acoustid.org", "Its address."),
            Setting("PEXELS_API_KEY", "secret", "", "Key of Pexels, free."),
            Setting(
                "PEXELS_BASE_URL", "str", "https://api.pexels.com/v1/videos", "Its video search."
            ),
            Setting(
                "PEXELS_FILE_HOSTS",
                "list",
                ["pexels.com", "vimeo.com", "vimeocdn.com"],
                "Hosts its files may come from, subdomains included.",
            ),
            Setting("PIXABAY_API_KEY", "secret", "", "Key of Pixabay, free."),
            Setting("PIXABAY_BASE_URL", "str", "https://pixabay.com/api", "Its search."),
            Setting(
                "PIXABAY_FILE_HOSTS",
                "list",
                ["pixabay.com", "vimeo.com", "vimeocdn.com"],
                "Hosts its files may come from, subdomains included.",
            ),
            Setting(
                "OPENAI_IMAGES_MODEL",
                "str",
                "gpt-image-2.5-flare",
                "Its image model; the key is OPENAI_API_KEY.",
            ),
            Setting("OPENAI_IMAGES_QUALITY", "str", "high", "Such as low, medium or high."),
            Setting("OPENAI_IMAGES_BASE_URL", "str", "", "Empty: OPENAI_BASE_URL."),
            Setting(
                "REPLICATE_IMAGES_MODEL",
                "str",
                "flux-1.1-pro",
                "Its image model; the key is REPLICATE_API_TOKEN.",
                ("flux-schnell", "flux-1.1-pro", "flux-2-pro", "flux-2-max"),
            ),
            Setting("REPLICATE_IMAGES_BASE_URL", "str", "", "Empty: REPLICATE_BASE_URL."),
            Setting(
                "ELEVENLABS_VOICE_ID",
                "str",
                "",
                "Voice that speaks; a designed or stock one, by its id.",
            ),
            Setting("ELEVENLABS_VOICE_MODEL", "str", "eleven_v4_turbo", "Its speech model."),
            Setting(
                "SPEECH_BASE_URL",
                "str",
                "http://127.0.0.1:8880/v1",
                "Any server with OpenAI's /audio/speech, such as your own Kokoro.",
            ),
            Setting("SPEECH_API_KEY", "secret", "", "If the server asks for one."),
            Setting("SPEECH_MODEL", "str", "kokoro", "Its model."),
            Setting("SPEECH_VOICE", "str", "af_bella", "Its voice."),
            Setting(
                "SPEECH_PAID",
                "bool",
                False,
                "Its requests cost money: each is sent once, and a lost answer waits for you.",
            ),
        ),
    ),
    Group(
        "Learning",
        (
            Setting("AB_TESTING_ENABLED", "bool", True, "Run A/B experiments."),
            Setting(
                "RETIREMENT_CONSECUTIVE_REJECTIONS",
                "int",
                5,
                "Rejections in a row that retire an artist.",
            ),
            Setting(
                "PERFORMANCE_EVALUATION_PERIOD_DAYS",
                "int",
                30,
                "Days that the counts stored with a change of status cover.",
            ),
            Setting("MIN_RUNS_FOR_EVALUATION", "int", 10, "Decided runs before an evaluation."),
            Setting(
                "EVOLUTION_POOR_PERF_APPROVAL_RATE",
                "float",
                0.40,
                "Approval rate below which an artist is to evolve.",
            ),
            Setting(
                "EVOLUTION_GOOD_PERF_APPROVAL_RATE",
                "float",
                0.85,
                "Approval rate above which a bold variant may be explored.",
            ),
            Setting(
                "PAUSE_APPROVAL_RATE_THRESHOLD",
                "float",
                0.20,
                "Approval rate below which an artist is paused.",
            ),
            Setting(
                "PAUSE_ERROR_RATE_THRESHOLD",
                "float",
                0.30,
                "Share of failed runs above which an artist is paused.",
            ),
            Setting("PAUSE_INACTIVITY_DAYS", "int", 45, "Days without a run before a pause."),
            Setting("RETIREMENT_PAUSED_DAYS", "int", 90, "Days paused before retirement."),
            Setting(
                "RETIREMENT_FAILED_EVOLUTIONS", "int", 3, "Failed evolutions before retirement."
            ),
            Setting(
                "RETIREMENT_MODE",
                "str",
                "streak",
                "What a streak of rejections does: retire at once, put on probation, or propose "
                "it to a person.",
                ("streak", "probation", "propose"),
            ),
        ),
    ),
)

SETTINGS: dict[str, Setting] = {
    setting.name: setting for group in GROUPS for setting in group.settings
}


def unknown_names(names: Iterable[str]) -> list[str]:
    """Messages for names that carry our prefix but are not ours, with the nearest known name."""
    messages = []
    for name in sorted(names):
        if name.startswith(OWN_PREFIX) and name not in SETTINGS:
            near = difflib.get_close_matches(name, SETTINGS, n=1, cutoff=0.0)
            messages.append(f"{name} is not a setting of this product; did you mean {near[0]}?")
    return messages


def env_example() -> str:
    """The text of `.env.example`: every setting with its default, commented out."""
    lines = ["# Copy to .env and change what you need; docs/configuration.md explains each."]
    for group in GROUPS:
        lines += ["", f"# --- {group.title} ---"]
        for setting in group.settings:
            lines.append(f"# {setting.help}")
            lines.append(f"#{setting.name}={default_text(setting)}")
    return "\n".join(lines) + "\n"


def configuration_page() -> str:
    """The text of `docs/configuration.md`."""
    lines = [
        "# Configuration",
        "",
        "Set these in the environment or in a `.env` file beside `manage.py`, with comments on",
        "lines of their own: one behind a value would be a part of it. An unknown name",
        f"that starts with `{OWN_PREFIX}` is refused at start-up. ffmpeg comes with the",
        "installation; `IMAGEIO_FFMPEG_EXE` names another binary. Policy thresholds (under",
        "Learning) seed the default lifecycle policy once; after that the panel owns them.",
        "",
        "This page is printed by `manage.py describe_settings`; a test keeps it current.",
    ]
    for group in GROUPS:
        lines += ["", f"## {group.title}", "", "| name | type | default | meaning |"]
        lines.append("| --- | --- | --- | --- |")
        for setting in group.settings:
            meaning = setting.help
            if setting.choices:
                many = "Any of" if setting.kind == "list" else "One of"
                names = ", ".join(choice or "(empty)" for choice in setting.choices)
                meaning += f" {many}: {names}."
            default = default_text(setting)
            shown = f"`{default}`" if default else "(empty)"
            lines.append(f"| `{setting.name}` | {setting.kind} | {shown} | {meaning} |")
    return "\n".join(lines) + "\n"


def default_text(setting: Setting) -> str:
    """The default as one writes it in an environment file."""
    if isinstance(setting.default, bool):
        return "true" if setting.default else "false"
    if isinstance(setting.default, list):
        return ",".join(setting.default)
    return str(setting.default)
