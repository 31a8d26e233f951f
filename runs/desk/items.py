"""A run as the desk shows it: plain data, no markup, without what could bias the verdict."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.urls import reverse

from ai_artist.kit.admin import GOOD, WARN
from ai_artist.kit.values import genre, money, sentences
from runs.models import Artifact, Run
from runs.outputs import MusicOutput, QualityOutput
from runs.presentation import Figure, card, shown_output, terms_of, with_card_rows
from runs.reviewing.comments import comment_as_json, comments_for
from runs.reviewing.leases import age_of

# The parts of a release; each needs a licence whose terms are known.
LICENSED = (
    Artifact.Kind.LYRICS,
    Artifact.Kind.MIX,
    Artifact.Kind.VOICE_TAG,
    Artifact.Kind.COVER,
    Artifact.Kind.FOOTAGE,
    Artifact.Kind.VIDEO,
)
SIMILAR = "duplicate"
# How a provider's licence begins if its terms leave the rights open.
UNVERIFIED = "unverified"


def items_of(run_ids: Sequence[UUID], *, reviewer: User, now: datetime) -> list[dict[str, Any]]:
    """Return the runs in the order of their ids, in a fixed number of queries."""
    rows = {run.pk: run for run in with_card_rows(Run.objects.filter(pk__in=run_ids))}
    comments: dict[UUID, list[dict[str, Any]]] = {run_id: [] for run_id in rows}
    for comment in comments_for(reviewer, rows):
        comments[comment.run_id].append(comment_as_json(comment, reviewer))
    return [
        item(rows[run_id], comments=comments[run_id], now=now)
        for run_id in run_ids
        if run_id in rows
    ]


def item(run: Run, *, comments: Sequence[dict[str, Any]], now: datetime) -> dict[str, Any]:
    """Return all a reviewer needs to judge a run loaded by `with_card_rows`."""
    files: list[Artifact] = run.files_now  # type: ignore[attr-defined]
    shown = card(run)
    music, quality = shown_output(run, MusicOutput), shown_output(run, QualityOutput)
    artist = run.artist
    reflection = getattr(run, "reflection", None)
    return {
        "id": str(run.pk),
        "content_hash": shown.content_hash,
        "title": run.title,
        "artist": artist.name,
        "persona": sentences(genre(artist.genre), artist.voice, artist.style_notes),
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "age": age_of(run, now=now),
        "duration_s": run.duration_s,
        "audio": address(shown.audio),
        "video": address(shown.video),
        "poster": address(shown.poster),
        "cover": address(shown.cover),
        "thumbnail": address(shown.thumbnail),
        "page": reverse("admin:runs_run_change", args=[run.pk]),
        "compare": reverse("admin:runs_run_compare", args=[run.pk]),
        "take": run.take,
        "comments": comments,
        "peaks": shown.peaks,
        "sections": [asdict(section) for section in music.sections] if music else [],
        "findings": [
            {
                "severity": finding.severity,
                "message": finding.message,
                "start_s": finding.start_s,
                "end_s": finding.end_s,
            }
            for finding in shown.warnings
        ],
        "figures": [
            {"label": figure.label, "value": figure.value, "tone": figure.tone}
            for figure in [*shown.figures, *checks_of(files, quality)]
        ],
        "costs": costs_of(run, files),
        "concept": [{"label": label, "value": value} for label, value in shown.concept],
        "lyrics": [asdict(section) for section in shown.lyrics],
        "reflection": reflection
        and {
            "text": reflection.text,
            "strengths": reflection.strengths,
            "problems": reflection.problems,
        },
    }


def checks_of(files: Sequence[Artifact], quality: QualityOutput | None) -> list[Figure]:
    """Return the similarity to the catalogue, and whether every part has a licence."""
    checks = []
    if quality:
        near = any(SIMILAR in finding.code for finding in quality.findings)
        checks.append(
            Figure("Similarity", "near duplicate" if near else "none near", WARN if near else GOOD)
        )
    licences = {
        str(file.provenance.get("licence") or "") for file in files if file.kind in LICENSED
    }
    return [*checks, licence_check(licences)] if licences else checks


def licence_check(licences: Collection[str]) -> Figure:
    """Return the licences of a run's parts, unconfirmed ones first.

    licences: of each part; "" if none is stated.
    """
    terms = {term for licence in licences for term in terms_of(licence)}
    named = sorted(terms, key=lambda term: (not term.startswith(UNVERIFIED), term))
    open_terms = [term for term in named if term.startswith(UNVERIFIED)]
    unclear = ["unclear for a part"] if "" in licences else []
    return Figure("Licence", "; ".join(unclear + named), WARN if unclear or open_terms else GOOD)


def costs_of(run: Run, files: Sequence[Artifact]) -> list[dict[str, str]]:
    """Return what was paid for each kind of file, for the run's other calls, and in total.

    Empty for a run that cost nothing.
    """
    if not run.cost_usd:
        return []
    paid: dict[str, Decimal] = {}
    for file in files:
        if file.cost_usd:
            label = Artifact.Kind(file.kind).label
            paid[label] = paid.get(label, Decimal(0)) + file.cost_usd
    rest = run.cost_usd - sum(paid.values(), Decimal(0))
    if paid and rest > 0:
        paid["Calls without a file, and earlier takes"] = rest
    rows = {**paid, "Total": run.cost_usd}
    return [{"label": label, "value": money(cost)} for label, cost in rows.items()]


def address(artifact: Artifact | None) -> str | None:
    """Return the address from which the desk fetches a file."""
    return reverse("artifact", args=[artifact.pk]) if artifact else None
