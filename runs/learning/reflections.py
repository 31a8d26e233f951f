"""Decides on what a reflection proposes: changes of the profile, and lessons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from artists import lessons
from artists.models import Artist, LessonEvidence
from artists.profiles import CHANGEABLE, ProfileRefused, write_profile
from runs.models import Proposal

Status = Proposal.Status


class ProposalRefused(Exception):
    """The proposal cannot be decided like this; the message says why and what to do."""


@dataclass(frozen=True)
class ProposalRow:
    """A proposal beside the present profile, for a page; values as a person would type them."""

    proposal: Proposal
    seen: str  # the value the model looked at
    current: str  # the present value
    draft: str  # the proposed value
    stale: bool  # the profile has changed since the model looked at it


def row_of(proposal: Proposal) -> ProposalRow:
    """Return a row; the proposal's reflection, run and artist must be loaded."""
    current = None
    if proposal.kind == Proposal.Kind.CHANGE:
        current = getattr(proposal.reflection.run.artist, proposal.field, None)
    return ProposalRow(
        proposal=proposal,
        seen=as_typed(proposal.old),
        current=as_typed(current),
        draft=as_typed(proposal.new),
        stale=proposal.kind == Proposal.Kind.CHANGE
        and proposal.status == Status.OPEN
        and current != proposal.old,
    )


def as_typed(value: Any) -> str:
    """Return a field's value as a person would type it: a list has one entry per line."""
    if value is None:
        return ""
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value)


def rows_of(proposals: Iterable[Proposal]) -> list[ProposalRow]:
    """Return rows in the order of the proposals."""
    return [row_of(proposal) for proposal in proposals]


def typed_value(proposal: Proposal, text: str) -> Any:
    """Parse what a person typed into the shape of the proposed value. Raises ProposalRefused."""
    if isinstance(proposal.new, list):
        value: Any = [line.strip() for line in text.splitlines() if line.strip()]
    elif isinstance(proposal.new, int):
        try:
            value = int(text)
        except ValueError:
            raise ProposalRefused(f"“{text[:40]}” is no whole number.") from None
    else:
        value = text.strip()
    if not value:
        raise ProposalRefused("Write the value to take in, or dismiss the proposal.")
    return value


@transaction.atomic
def decide_proposal(
    *,
    proposal_id: int,
    accept: bool,
    actor: User | None,
    now: datetime,
    value: Any = None,
) -> Proposal:
    """Put a proposal into the profile or the lessons, or dismiss it.

    value: used instead of the proposed one, then even if the profile has changed since.
    Raises ProposalRefused.
    """
    proposal = (
        Proposal.objects.select_for_update(of=("self",))
        .select_related("reflection__run__artist")
        .filter(pk=proposal_id)
        .first()
    )
    if proposal is None:
        raise ProposalRefused(f"There is no proposal {proposal_id}; reload the page.")
    if proposal.status != Status.OPEN:
        raise ProposalRefused(
            f"“{proposal}” is already {proposal.get_status_display().lower()}; nothing was changed."
        )
    edited = value is not None and value != proposal.new
    if accept:
        if proposal.kind == Proposal.Kind.CHANGE:
            _change_profile(proposal, value if edited else None, actor=actor)
        else:
            _learn(proposal, value if edited else proposal.new, now=now)
        proposal.status = Status.EDITED if edited else Status.ACCEPTED
        proposal.used = value if edited else None
    else:
        proposal.status = Status.DISMISSED
    proposal.decided_at, proposal.decided_by = now, actor
    proposal.save(update_fields=["status", "used", "decided_at", "decided_by"])
    return proposal


def _learn(proposal: Proposal, text: str, *, now: datetime) -> None:
    run = proposal.reflection.run
    lessons.note(
        artist=run.artist,
        kind=LessonEvidence.Kind.REFLECTION,
        text=text,
        run_id=run.pk,
        now=now,
    )


def _change_profile(proposal: Proposal, edited: Any, *, actor: User | None) -> None:
    """Write the new value as a new version of the profile."""
    run, field = proposal.reflection.run, proposal.field
    if field not in CHANGEABLE:
        raise ProposalRefused(f"A reflection may not change {field}; dismiss the proposal.")
    artist = Artist.objects.select_for_update(no_key=True).get(pk=run.artist_id)
    if edited is None and getattr(artist, field) != proposal.old:
        raise ProposalRefused(
            f"{artist}'s {field} has changed since; edit the proposal to fit, or dismiss it."
        )
    value = proposal.new if edited is None else edited
    try:
        write_profile(artist, {field: value}, actor=actor, why=f"Reflection on {run}")
    except ProfileRefused as refused:
        raise ProposalRefused(str(refused)) from refused
