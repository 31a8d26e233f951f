"""Prepares a run for a template: its files, figures, texts and warnings."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, QuerySet, Sum
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ai_artist.kit.admin import BAD, GOOD, INFO, PLAIN, WARN
from ai_artist.kit.values import DASH, minutes, money, percent
from experiments.models import Assignment
from media_tools.findings import Finding
from media_tools.text.base import LyricsSection
from runs.models import Artifact, ProviderCall, Release, Run, Step
from runs.outputs import (
    CHECKED,
    AnOutput,
    LyricsOutput,
    MasterOutput,
    MusicOutput,
    QualityOutput,
)
from runs.reviewing.reviews import content_hash

STATUS_TONES = {
    Run.Status.QUEUED: PLAIN,
    Run.Status.RUNNING: INFO,
    Run.Status.WAITING: PLAIN,
    Run.Status.AWAITING_REVIEW: WARN,
    Run.Status.APPROVED: GOOD,
    Run.Status.REJECTED: BAD,
    Run.Status.RELEASED: GOOD,
    Run.Status.FAILED: BAD,
    Run.Status.CANCELLED: PLAIN,
}
STEP_TONES = {
    Step.Status.PENDING: PLAIN,
    Step.Status.RUNNING: INFO,
    Step.Status.WAITING: WARN,
    Step.Status.DONE: GOOD,
    Step.Status.FAILED: BAD,
}
# The files a card plays and shows, best first.
AUDIO = (Artifact.Kind.MP3, Artifact.Kind.MASTER, Artifact.Kind.MIX)
PICTURES = (Artifact.Kind.THUMBNAIL, Artifact.Kind.COVER)
# What a prompt for pictures ends in: the colours, which are shown as colours.
PROMPT_TAIL = re.compile(r",?\s*colours (?:#[0-9a-fA-F]{6}\s*)+(?:, no text)?\s*$")
# Licences that a file may name, and what they mean to people.
LICENCES = {"operator": "yours: made by this installation"}
# Loudness of a master for streaming, and how far it may differ.
TARGET_LUFS, LUFS_TOLERANCE, PEAK_LIMIT_DBTP = -14.0, 1.0, -1.0


@dataclass(frozen=True)
class Figure:
    """A measured value; its tone marks a value outside the range."""

    label: str
    value: str
    tone: str = PLAIN


@dataclass(frozen=True)
class SectionMark:
    """A section on the waveform: where it begins and how long it is, in percent of the track."""

    kind: str
    place: float
    share: float


@dataclass(frozen=True)
class FoundMark:
    """A finding on the waveform: where it begins and how long it lasts, in percent of the track."""

    finding: Finding
    place: float
    share: float


@dataclass
class RunCard:
    """What a reviewer needs to judge a run."""

    run: Run
    content_hash: str
    tone: str
    cover: Artifact | None = None
    thumbnail: Artifact | None = None
    poster: Artifact | None = None
    audio: Artifact | None = None
    video: Artifact | None = None
    spectrogram: Artifact | None = None
    figures: list[Figure] = field(default_factory=list)
    concept: list[tuple[str, str]] = field(default_factory=list)
    keywords: list[str] = field(default_factory=list)
    palette: list[str] = field(default_factory=list)
    lessons_applied: list[str] = field(default_factory=list)
    lyrics: tuple[LyricsSection, ...] = ()
    warnings: list[Finding] = field(default_factory=list)
    peaks: tuple[float, ...] = ()
    sections: tuple[SectionMark, ...] = ()
    found: tuple[FoundMark, ...] = ()
    sung: bool = False
    blind: bool = True


def with_card_rows(runs: QuerySet[Run]) -> QuerySet[Run]:
    """Load the rows that `card` reads with the runs, in a fixed number of queries.

    files_now: the current files but bundles. The card shows some of them; the content hash covers
    all.
    """
    files = Artifact.objects.current().exclude(kind__in=Artifact.OF_RELEASES)
    return runs.select_related("artist", "reflection", "topic").prefetch_related(
        Prefetch("artifacts", queryset=files.order_by("kind", "name"), to_attr="files_now"),
        Prefetch("steps", queryset=Step.objects.order_by("position"), to_attr="steps_now"),
    )


# What a line in a list of runs shows: its picture and its progress.
ROW_EXTRAS = (
    Prefetch(
        "artifacts",
        queryset=Artifact.objects.current().filter(
            kind__in=[*PICTURES, Artifact.Kind.MP3], purged_at=None
        ),
        to_attr="files_now",
    ),
    Prefetch(
        "steps",
        queryset=Step.objects.order_by("position").only(
            "run_id", "name", "position", "status", "progress"
        ),
        to_attr="steps_now",
    ),
)


def with_row_extras(runs: QuerySet[Run]) -> QuerySet[Run]:
    """Load what a line in a list of runs shows."""
    return runs.prefetch_related(*ROW_EXTRAS)


def best_file(files: Iterable[Artifact], kinds: Iterable[str]) -> Artifact | None:
    """Return the file of the first kind that exists; of several, the one without a name."""
    by_kind = {file.kind: file for file in sorted(files, key=lambda file: file.name, reverse=True)}
    return next((by_kind[kind] for kind in kinds if kind in by_kind), None)


def thumbnail_of(run: Run) -> Artifact | None:
    """Return the small picture of a run loaded with its files."""
    return best_file(run.files_now, PICTURES)  # type: ignore[attr-defined]


def thumbnail(artifact_id: uuid.UUID | None) -> SafeString:
    """Return the small picture for a list, or an empty frame."""
    if artifact_id is None:
        return SafeString('<span class="panel-thumb panel-thumb-empty"></span>')
    return format_html(
        '<img class="panel-thumb" src="{}" alt="" width="44" height="44" loading="lazy">',
        reverse("artifact", args=[artifact_id]),
    )


def listen_button(run: Run) -> SafeString:
    """Return the small picture of a run loaded with its files, as a button if there is a track.

    ai_artist/static/panel/player.js plays it at the foot of the page.
    """
    picture, track = thumbnail_of(run), best_file(run.files_now, AUDIO)  # type: ignore[attr-defined]
    shown = thumbnail(picture.pk if picture else None)
    if track is None:
        return shown
    return format_html(
        '<button type="button" class="panel-listen" data-listen="{}" data-song="{}" data-by="{}"'
        ' data-page="{}" aria-label="Play {}">{}<span class="material-symbols-outlined"'
        ' aria-hidden="true">play_arrow</span></button>',
        reverse("artifact", args=[track.pk]),
        run.title or "Untitled",
        run.artist.name,
        reverse("admin:runs_run_change", args=[run.pk]),
        run.title or "Untitled",
        shown,
    )


def thumbnails(run_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """Return the small picture of each run that has one, by the run's id."""
    wanted = set(run_ids)
    if not wanted:
        return {}
    files = Artifact.objects.current().filter(
        run__in=wanted, kind=Artifact.Kind.THUMBNAIL, purged_at=None
    )
    return dict(files.values_list("run_id", "pk"))


def release_pictures(releases: Sequence[Release]) -> dict[uuid.UUID, uuid.UUID]:
    """Return the small picture of each release that has one, by the release's id.

    Its own cover before the one of its first track. releases: with their tracks.
    """
    first = {row.pk: row.tracks.all()[0].run_id for row in releases if row.tracks.all()}
    pictures = thumbnails(first.values())
    found = {pk: pictures[run_id] for pk, run_id in first.items() if run_id in pictures}
    return found | {row.pk: row.cover_id for row in releases if row.cover_id}


def run_link(run: Run | None) -> SafeString | str:
    """Return a link to a run by its title and artist."""
    if run is None:
        return DASH
    return format_html(
        '<a class="panel-link" href="{}">{}</a> <span class="panel-faint">{}</span>',
        reverse("admin:runs_run_change", args=[run.pk]),
        run.title or "Untitled",
        run.artist.name,
    )


@dataclass(frozen=True)
class Progress:
    """How far a run got: steps done of all, the present step, and the share in percent."""

    done: int
    total: int
    at: str
    percent: int


def progress_of(run: Run) -> Progress:
    """Return the progress of a run loaded with its steps."""
    steps: list[Step] = run.steps_now  # type: ignore[attr-defined]
    done = sum(step.status == Step.Status.DONE for step in steps)
    now = next((step for step in steps if step.status != Step.Status.DONE), None)
    share = done + (now.progress if now and now.status == Step.Status.RUNNING else 0.0)
    total = len(steps)
    return Progress(
        done=done,
        total=total,
        at=now.name if now else "",
        percent=round(100 * share / total) if total else 0,
    )


@dataclass(frozen=True)
class StepRow:
    """A step in the timeline of its run.

    Times are in percent of the way from the run's start to its end.
    """

    step: Step
    tone: str
    cost_usd: Decimal
    seconds: float | None  # of its last attempt so far
    start: float  # when the attempt began, in percent
    share: float  # how long it took, in percent; 0 if it has not begun


def step_rows(run: Run, *, now: datetime) -> list[StepRow]:
    """Return the timeline of a run loaded with its steps."""
    steps: list[Step] = run.steps_now  # type: ignore[attr-defined]
    calls = ProviderCall.objects.filter(run=run).order_by().values_list("step")
    costs = dict(calls.annotate(cost=Sum("committed_usd")))
    begun = [step.started_at for step in steps if step.started_at]
    first = min(begun, default=now)
    last = max((ended_at(step, now) for step in steps if step.started_at), default=now)
    whole = max(1.0, (last - first).total_seconds())
    return [_step_row(step, costs, first, whole, now) for step in steps]


def ended_at(step: Step, now: datetime) -> datetime:
    """Return when a begun step ended; a running one ends now."""
    at_work = step.status in (Step.Status.RUNNING, Step.Status.WAITING)
    return now if at_work else step.finished_at or step.started_at or now


def _step_row(
    step: Step, costs: Mapping[str, Decimal], first: datetime, whole: float, now: datetime
) -> StepRow:
    seconds = None
    start = share = 0.0
    if step.started_at and step.status != Step.Status.PENDING:
        seconds = max(0.0, (ended_at(step, now) - step.started_at).total_seconds())
        share = max(0.6, 100 * seconds / whole)  # keeps the shortest steps visible
        start = min(100 - share, max(0.0, 100 * (step.started_at - first).total_seconds() / whole))
    return StepRow(
        step=step,
        tone=STEP_TONES[Step.Status(step.status)],
        cost_usd=costs.get(step.name, Decimal(0)),
        seconds=seconds,
        start=round(start, 2),
        share=round(share, 2),
    )


PREVIEW_BYTES = 6000


@dataclass(frozen=True)
class FileRow:
    """A file and how to preview it: "audio", "video", "image", "text" or ""."""

    artifact: Artifact
    preview: str

    @property
    def origin(self) -> dict[str, Any]:
        return origin_of(self.artifact)

    @property
    def text(self) -> str:
        """The beginning of a text; empty if the file is gone."""
        if self.preview != "text":
            return ""
        try:
            with self.artifact.path.open("rb") as file:
                return file.read(PREVIEW_BYTES).decode(errors="replace")
        except OSError:
            return ""


def origin_of(artifact: Artifact) -> dict[str, Any]:
    """Return the provenance of a file, its licence in words."""
    terms = terms_of(str(artifact.provenance.get("licence") or ""))
    return {**artifact.provenance, **({"licence": "; ".join(terms)} if terms else {})}


def terms_of(licence: str) -> list[str]:
    """Return the terms that a file's licence joins, each in words."""
    return [LICENCES.get(term, term) for term in licence.split("; ") if term]


def file_rows(artifacts: Iterable[Artifact]) -> list[FileRow]:
    """Return the files in their order, each with the way to preview it."""
    return [
        FileRow(artifact, "" if artifact.purged_at else preview_of(artifact.media_type))
        for artifact in artifacts
    ]


def preview_of(media_type: str) -> str:
    """Return how a browser previews a media type; MIDI and bundles can only be downloaded."""
    kind = media_type.partition("/")[0]
    if media_type == "audio/midi":
        return ""
    return kind if kind in ("audio", "video", "image", "text") else ""


def figures_of(run: Run) -> list[Figure]:
    """Return the measured figures, with those out of range marked."""
    figures = [Figure("Length", minutes(run.duration_s))]
    if run.lufs is not None:
        off = abs(run.lufs - TARGET_LUFS) > LUFS_TOLERANCE
        figures.append(Figure("Loudness", f"{run.lufs:.1f} LUFS", WARN if off else GOOD))
    if run.true_peak_dbtp is not None:
        hot = run.true_peak_dbtp > PEAK_LIMIT_DBTP
        figures.append(Figure("True peak", f"{run.true_peak_dbtp:.1f} dBTP", WARN if hot else GOOD))
    if run.tempo_bpm is not None:
        figures.append(Figure("Tempo", f"{run.tempo_bpm:.0f} BPM"))
    if run.concept and run.concept.get("key"):
        figures.append(Figure("Key", str(run.concept["key"])))
    if hasattr(run, "reflection"):
        figures.append(Figure("Fits the persona", percent(run.reflection.alignment)))
    figures.append(Figure("Cost", money(run.cost_usd)))
    return figures


def concept_of(concept: dict[str, Any], *, blind: bool) -> list[tuple[str, str]]:
    """Return the concept in words.

    blind: leaves out the music prompt, which may begin with the words of an experiment's variant.
    """
    rows = [
        ("Theme", concept.get("theme")),
        ("Mood", concept.get("mood")),
        ("Story", concept.get("story")),
        ("Hook", concept.get("hook")),
        ("Pictures", PROMPT_TAIL.sub("", str(concept.get("visual_prompt") or ""))),
        ("Follows the trend", concept.get("trend")),
    ]
    if not blind:
        rows.insert(4, ("Music prompt", concept.get("music_prompt")))
    return [(label, str(value)) for label, value in rows if value]


def card(run: Run) -> RunCard:
    """Prepare a run loaded by `with_card_rows` for its reviewer."""
    current: list[Artifact] = run.files_now  # type: ignore[attr-defined]
    files = [file for file in current if not file.name and file.purged_at is None]
    lyrics, master = shown_output(run, LyricsOutput), shown_output(run, MasterOutput)
    music = shown_output(run, MusicOutput)
    concept = run.concept or {}
    blind = run.status in Run.UNDECIDED
    warnings = warnings_of(run)
    return RunCard(
        run=run,
        content_hash=content_hash(run, [(file.kind, file.name, file.sha256) for file in current]),
        tone=STATUS_TONES[Run.Status(run.status)],
        cover=best_file(files, (Artifact.Kind.COVER, Artifact.Kind.THUMBNAIL)),
        thumbnail=best_file(files, PICTURES),
        poster=best_file(files, (Artifact.Kind.POSTER, Artifact.Kind.COVER)),
        audio=best_file(files, AUDIO),
        video=best_file(files, (Artifact.Kind.VIDEO,)),
        spectrogram=best_file(files, (Artifact.Kind.SPECTROGRAM,)),
        figures=figures_of(run),
        concept=concept_of(concept, blind=blind),
        keywords=concept.get("keywords", []),
        palette=concept.get("palette", []),
        lessons_applied=concept.get("lessons_applied", []),
        lyrics=lyrics.lyrics.sections if lyrics else (),
        warnings=warnings,
        peaks=master.peaks if master else (),
        sections=section_marks(music, run.duration_s),
        found=found_marks(warnings, run.duration_s),
        sung=music is not None and music.vocals != "none",
        blind=blind,
    )


def section_marks(music: MusicOutput | None, length_s: float | None) -> tuple[SectionMark, ...]:
    """Return the sections of a track of a length; none if either is not known."""
    if music is None or not length_s:
        return ()
    return tuple(
        SectionMark(
            kind=section.kind,
            place=_percent_of(section.start_s, length_s),
            share=_percent_of(section.end_s - section.start_s, length_s),
        )
        for section in music.sections
        if section.start_s < length_s
    )


def found_marks(findings: Iterable[Finding], length_s: float | None) -> tuple[FoundMark, ...]:
    """Return the marks of the findings that have a place in a track of a length."""
    if not length_s:
        return ()
    return tuple(
        FoundMark(
            finding,
            place=_percent_of(finding.start_s, length_s),
            share=_percent_of((finding.end_s or finding.start_s) - finding.start_s, length_s),
        )
        for finding in findings
        if finding.start_s is not None
    )


def _percent_of(seconds: float, length_s: float) -> float:
    return round(100 * min(1.0, max(0.0, seconds / length_s)), 2)


def shown_output(run: Run, kind: type[AnOutput]) -> AnOutput | None:
    """Do the same as Run.shown_output for a run loaded with its steps."""
    steps: list[Step] = run.steps_now  # type: ignore[attr-defined]
    for step in steps:
        if step.name == kind.step and step.status == Step.Status.DONE:
            return step.shown(kind)
    return None


def warnings_of(run: Run) -> list[Finding]:
    """Return what the quality step warns a reviewer of; it gathers the findings of all steps."""
    if quality := shown_output(run, QualityOutput):
        return list(quality.findings)
    return [
        finding
        for kind in CHECKED
        if (output := shown_output(run, kind))
        for finding in output.findings
    ]


def assignments_of(run: Run) -> list[Assignment]:
    """Return the experiment arms of a run; none while a reviewer must not know them."""
    if run.status in Run.UNDECIDED:
        return []
    rows = Assignment.objects.filter(run_id=run.pk)
    return list(rows.select_related("experiment", "variant"))
