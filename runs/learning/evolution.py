"""Proposing another profile for evolving artists, from what the decisions say of their runs."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import datetime

from django.db.models import Q

from artists import evolution
from artists.evolution import EvolutionRefused
from artists.lessons import lessons_for
from artists.models import Artist, Evolution
from artists.roster import persona_of
from experiments.models import ExperimentEvent
from media_tools.errors import ProviderError
from media_tools.seeds import derive_seed
from media_tools.text.base import EvolutionBrief, ProposedChange
from media_tools.text.offline import OfflineWriter
from runs.models import Proposal, Review
from runs.providers import engines, ledger
from runs.providers.budgets import BudgetExhausted

logger = logging.getLogger(__name__)

DECISIONS_READ = 30
COMMENTS_READ = 8
FINDINGS_READ = 5
PROPOSALS_READ = 5
TRIED_READ = 10


def propose_due(*, now: datetime) -> list[Evolution]:
    """A proposal for every evolving artist that has none; safe to repeat at any time.

    A writer that does not answer, or answers what cannot be tried, is asked again next time.
    """
    made = []
    for artist_id in evolution.awaiting_proposal():
        try:
            made.append(propose_for(Artist.objects.get(pk=artist_id), now=now))
        except (ProviderError, BudgetExhausted, EvolutionRefused) as error:
            logger.warning("No evolution for artist %s: %s", artist_id, error)
    return made


def propose_for(artist: Artist, *, now: datetime) -> Evolution:
    """Ask the configured writer, outside any transaction, and write the proposal down.

    Raises EvolutionRefused, BudgetExhausted and what the writer raises.
    """
    book = ledger.Book(None, "", lambda: now)
    writer = engines.configured().writer(book, artist.temperature)
    changes = writer.evolution(brief_of(artist, now=now))
    offline = writer.name == OfflineWriter.name
    return evolution.propose(
        artist_id=artist.pk,
        values={change.field: change.new for change in changes},
        reasons=[f"{change.field.replace('_', ' ')}: {change.why}" for change in changes],
        source=Evolution.Source.OFFLINE if offline else Evolution.Source.LLM,
        model=writer.model if offline else f"{writer.name}:{writer.model}",
        actor=None,
        now=now,
    )


def brief_of(artist: Artist, *, now: datetime) -> EvolutionBrief:
    """What is known of why people approve and reject this artist's runs."""
    decisions = list(
        Review.objects.standing()
        .by_people()
        .filter(run__artist=artist)
        .select_related("run")
        .order_by("-at", "-pk")[:DECISIONS_READ]
    )
    approved = [one for one in decisions if one.decision == Review.Decision.APPROVE]
    rejected = [one for one in decisions if one.decision == Review.Decision.REJECT]
    reasons = Counter(code for one in rejected for code in one.reasons)
    return EvolutionBrief(
        persona=persona_of(artist),
        approved=len(approved),
        rejected=len(rejected),
        reasons=tuple(reasons.most_common()),
        comments=tuple(one.comment for one in rejected if one.comment)[:COMMENTS_READ],
        approved_bpm=tuple(one.run.tempo_bpm for one in approved if one.run.tempo_bpm),
        rejected_bpm=tuple(one.run.tempo_bpm for one in rejected if one.run.tempo_bpm),
        lessons=tuple(lesson.text for lesson in lessons_for(artist, now=now).given),
        findings=findings_for(artist),
        proposals=open_proposals(artist),
        tried=tried_in_vain(artist),
        # Another proposal of the same version must be able to differ from the one dismissed.
        seed=derive_seed(artist.pk, artist.profile_version, artist.evolutions.count()),
    )


def findings_for(artist: Artist) -> tuple[str, ...]:
    """How experiments with this artist, or with the whole roster, ended."""
    events = ExperimentEvent.objects.filter(
        Q(experiment__artist=artist) | Q(experiment__artist=None),
        kind=ExperimentEvent.Kind.CONCLUDED,
    )
    newest = events.order_by("-at", "-pk").values_list("message", flat=True)
    return tuple(newest[:FINDINGS_READ])


def open_proposals(artist: Artist) -> tuple[ProposedChange, ...]:
    """Changes that reflections propose and the profile has not outrun."""
    proposals = Proposal.objects.filter(
        reflection__run__artist=artist, kind=Proposal.Kind.CHANGE, status=Proposal.Status.OPEN
    ).order_by("-created_at", "pk")
    return tuple(
        ProposedChange(one.field, one.old, one.new, one.why)
        for one in proposals[:PROPOSALS_READ]
        if getattr(artist, one.field, None) == one.old
    )


def tried_in_vain(artist: Artist) -> tuple[tuple[str, object], ...]:
    """What was rolled back or dismissed lately, as (field, new value)."""
    ended = artist.evolutions.filter(
        state__in=[Evolution.State.ROLLED_BACK, Evolution.State.DISMISSED]
    )
    return tuple((field, new) for one in ended[:TRIED_READ] for field, (_, new) in one.diff.items())
