"""Batches, runs, their steps and files, the ledger of provider calls, reviews,
releases with their tracks, codes and licences, channels and what is published on them.

`Run` uses `Step` and `Artifact`, so these refer to it by its name in a string.
"""

from __future__ import annotations

from runs.models.artifact import Artifact, ArtifactQuerySet
from runs.models.autopilot_verdict import AutopilotVerdict
from runs.models.batch import Batch
from runs.models.budget import Budget
from runs.models.channel import Channel, PacingScope, Part, QuotaUse, Series, SeriesDate
from runs.models.codes import Code, CodeQuerySet, IsrcCounter, IsrcPrefix
from runs.models.fingerprint import AudioFingerprint, FingerprintKey
from runs.models.label import Credit, LabelProfile, Role
from runs.models.lesson_use import LessonUse
from runs.models.licence import LicenceEntry, LicenceQuerySet
from runs.models.packing import Packing
from runs.models.preview import PreviewComment, PreviewLink
from runs.models.proof import Proof
from runs.models.provider_call import ProviderCall
from runs.models.provider_health import ProviderHealth
from runs.models.publication import Publication, PublicationQuerySet
from runs.models.reflection import Proposal, Reflection
from runs.models.release import Release, ReleaseQuerySet
from runs.models.review import Review, ReviewQuerySet
from runs.models.run import Run, RunEvent, RunQuerySet
from runs.models.saved_filter import SavedFilter
from runs.models.sent_form import SentForm
from runs.models.spent_day import SpentDay
from runs.models.step import Step
from runs.models.telegram import (
    TelegramAccount,
    TelegramBot,
    TelegramCallback,
    TelegramLinkCode,
    TelegramMessage,
    TelegramUpdate,
)
from runs.models.telling import Letter, LetterQuerySet, NoticeLevel, PersonalSettings
from runs.models.timed_comment import TimedComment
from runs.models.track import Track
from runs.models.words import SongWords, WordKey
from runs.models.worker_beat import WorkerBeat

__all__ = [
    "Artifact",
    "ArtifactQuerySet",
    "AudioFingerprint",
    "AutopilotVerdict",
    "Batch",
    "Budget",
    "Channel",
    "Code",
    "CodeQuerySet",
    "Credit",
    "FingerprintKey",
    "IsrcCounter",
    "IsrcPrefix",
    "LabelProfile",
    "LessonUse",
    "Letter",
    "LetterQuerySet",
    "LicenceEntry",
    "LicenceQuerySet",
    "NoticeLevel",
    "PacingScope",
    "Packing",
    "Part",
    "PersonalSettings",
    "PreviewComment",
    "PreviewLink",
    "Proof",
    "Proposal",
    "ProviderCall",
    "ProviderHealth",
    "Publication",
    "PublicationQuerySet",
    "QuotaUse",
    "Reflection",
    "Release",
    "ReleaseQuerySet",
    "Review",
    "ReviewQuerySet",
    "Role",
    "Run",
    "RunEvent",
    "RunQuerySet",
    "SavedFilter",
    "SentForm",
    "Series",
    "SeriesDate",
    "SongWords",
    "SpentDay",
    "Step",
    "TelegramAccount",
    "TelegramBot",
    "TelegramCallback",
    "TelegramLinkCode",
    "TelegramMessage",
    "TelegramUpdate",
    "TimedComment",
    "Track",
    "WordKey",
    "WorkerBeat",
]
