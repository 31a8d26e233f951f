"""A failure in words: what failed, what to do, and the page where it is mended."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from ai_artist.kit.values import words
from artists.admin.tabs import tab_with
from runs.models import ProviderCall, Run

Kind = Run.FailureKind
AT_A_PROVIDER = (Kind.PROVIDER_KEY, Kind.PROVIDER_CREDIT, Kind.PROVIDER_DOWN)


@dataclass(frozen=True)
class Remedy:
    """title: what failed. advice: what to do. url, label: where; empty where no page mends it."""

    title: str
    advice: str
    url: str = ""
    label: str = ""


# {subject}: what failed within its kind.
WORDS: dict[str, tuple[str, str]] = {
    Kind.PROVIDER_KEY: (
        "{subject} does not accept its key",
        "Set the right key in the environment and restart the workers; then retry.",
    ),
    Kind.PROVIDER_CREDIT: (
        "No credit left at {subject}",
        "Buy credit there, or choose another provider; then retry.",
    ),
    Kind.PROVIDER_DOWN: (
        "{subject} was down for too long",
        "Retry when it answers again.",
    ),
    Kind.PROVIDER_JOB: (
        "Jobs at {subject} ended without a result",
        "Retry: each attempt is a new job, and paid anew.",
    ),
    Kind.PROVIDER_REQUEST: (
        "{subject} refused the request",
        "Read what it says: the request or a setting has to change first.",
    ),
    Kind.SUBMISSION_UNKNOWN: (
        "{subject} may have taken a paid request whose answer was lost",
        "Look the job up at the provider and resolve its row in the ledger; then retry.",
    ),
    Kind.REFUSED_CONTENT: (
        "{subject} refused the content",
        "Change the artist's themes, or the lesson or trend behind it; then redo from the concept.",
    ),
    Kind.UNUSABLE: (
        "Answers of {subject} cannot be used",
        "Retry; if it lasts, choose another model or provider.",
    ),
    Kind.QUALITY_GATE: (
        "Quality gate: {subject}",
        "Redo from the concept or the music as another take; if it is always the same gate, "
        "change what the artist asks for.",
    ),
    Kind.MEDIA: (
        "A media file or tool failed ({subject})",
        "Retry; if it lasts, run manage.py doctor.",
    ),
    Kind.SETUP: (
        "The installation lacks something ({subject})",
        "Run manage.py doctor, correct the settings and restart the workers; then retry.",
    ),
    Kind.DISK: (
        "The disk is full",
        "Delete files or mount more space; then retry.",
    ),
    Kind.LOST_WORKER: (
        "Workers died at this step each time",
        "Look at the memory and the log of the workers; then retry.",
    ),
    Kind.SOFTWARE: (
        "A fault of the software ({subject})",
        "Retry; if it lasts, the log of the workers has the details.",
    ),
}


def remedy_of(run: Run, request: HttpRequest) -> Remedy:
    """What a failed run failed of, and where this person can mend it."""
    kind, subject = run.failure_kind, run.failure_subject
    if kind == Kind.PROFILE:
        return _profile(run, request)
    if kind not in WORDS:
        return Remedy("Other failures", "Read what the run says, mend it, then retry.")
    title, advice = WORDS[kind]
    about = words(subject) if kind == Kind.QUALITY_GATE else subject
    title = title.format(subject=about or "unknown")
    return Remedy(title[:1].upper() + title[1:], advice, *_page_of(run, request))


def _profile(run: Run, request: HttpRequest) -> Remedy:
    fields = run.failure_subject.split(", ")
    named = words(", ".join(fields)).lower()
    title = f"{run.artist.name}'s {named} cannot be used"
    advice = f"A retry fails again until {named} can be used: correct that, then retry."
    if not request.user.has_perm("artists.change_artist"):
        return Remedy(title, advice)
    return Remedy(
        title, advice, _profile_field(run, fields[0]), f"Correct {run.artist.name}'s {named}"
    )


def _profile_field(run: Run, field: str) -> str:
    """Return the address of a field of the artist's profile, on the tab that has it."""
    page = reverse("admin:artists_artist_change", args=[run.artist_id])
    return f"{page}?tab={tab_with(field)}#id_{field}"


def _page_of(run: Run, request: HttpRequest) -> tuple[str, str]:
    """(address, label) of the page that helps with a kind, if there is one for this person."""
    kind, may = run.failure_kind, request.user.has_perm
    if kind == Kind.SUBMISSION_UNKNOWN and may("runs.view_providercall"):
        unknown = urlencode({"status__exact": ProviderCall.Status.UNKNOWN})
        return f"{reverse('admin:runs_providercall_changelist')}?{unknown}", "Open the ledger"
    if kind == Kind.REFUSED_CONTENT and may("artists.view_artist"):
        return _profile_field(run, "themes"), f"Open {run.artist.name}'s themes"
    if kind in AT_A_PROVIDER and may("runs.view_providerhealth"):
        return reverse("admin:runs_providerhealth_changelist"), "Open the providers"
    return "", ""
