"""Proposes profile changes for evolving artists, from the decisions on their runs."""

from __future__ import annotations

import logging
import random
import time
from collections import Counter
from datetime import datetime

from artists import evolution
from artists.evolution import EvolutionRefused
from artists.lessons import lessons_for
from artists.models import Artist, Evolution
from artists.roster import persona_of
from experiments.models import Experiment, ExperimentEvent
from media_tools.errors import ProviderError
from media_tools.seeds import derive_seed
from media_tools.text.base import EvolutionBrief, ProposedChange
from media_tools.text.offline import OfflineWriter
from runs.models import Proposal, Review
from runs.providers import engines, ledger
from runs.providers.budgets import BudgetExhausted

logger = logging.getLogger(__name__)

AT_ONCE_S = 20  # the schedule comes again in five minutes
DECISIONS_READ = 30
COMMENTS_READ = 8
FINDINGS_READ = 5
PROPOSALS_READ = 5
TRIED_READ = 10


def propose_due(*, now: datetime) -> list[Evolution]:
    """Propose a change for every evolving artist that has none; safe to repeat at any time.

    A writer that does not answer, or whose answer cannot be tried, is asked again next time. Stops
    after AT_ONCE_S; the order is drawn each time, so that those who fail keep nobody from a turn.
    """
    made = []
    waiting, until = evolution.awaiting_proposal(), time.monotonic() + AT_ONCE_S
    random.Random(now.timestamp()).shuffle(waiting)
    for artist_id in waiting:
        if time.monotonic() > until:
            break
        try:
            made.append(propose_for(Artist.objects.get(pk=artist_id), now=now))
        except (ProviderError, BudgetExhausted, EvolutionRefused) as error:
            logger.warning("No evolution for artist %s: %s", artist_id, error)
    return made


def propose_for(artist: Artist, *, now: datetime) -> Evolution:
    """Ask the configured writer, outside any transaction, and save the proposal.

    Raises EvolutionRefused, BudgetExhausted and the writer's errors.
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
        now=now,
    )


def brief_of(artist: Artist, *, now: datetime) -> EvolutionBrief:
    """Return what is known of why people approve and reject this artist's runs."""
    decisions = list(
        Review.objects.standing()
        .by_people()
        .filter(run__artist=artist)
        .select_related("run")
        .order_by("-at", "-pk")[:DECISIONS_READ]
    )
    approved = [review for review in decisions if review.decision == Review.Decision.APPROVE]
    rejected = [review for review in decisions if review.decision == Review.Decision.REJECT]
    reasons = Counter(code for review in rejected for code in review.reasons)
    return EvolutionBrief(
        persona=persona_of(artist),
        approved=len(approved),
        rejected=len(rejected),
        reasons=tuple(reasons.most_common()),
        comments=tuple(review.comment for review in rejected if review.comment)[:COMMENTS_READ],
        approved_bpm=tuple(review.run.tempo_bpm for review in approved if review.run.tempo_bpm),
        rejected_bpm=tuple(review.run.tempo_bpm for review in rejected if review.run.tempo_bpm),
        lessons=tuple(lesson.text for lesson in lessons_for(artist, now=now).given),
        findings=findings_for(artist),
        proposals=open_proposals(artist),
        tried=tried_in_vain(artist),
        # Counts evolutions too: after a dismissal, the same version needs a different proposal.
        seed=derive_seed(artist.pk, artist.profile_version, artist.evolutions.count()),
    )


def findings_for(artist: Artist) -> tuple[str, ...]:
    """Return how experiments on this artist, its genre or the whole roster ended."""
    events = ExperimentEvent.objects.filter(
        experiment__in=Experiment.objects.touching([artist]),
        kind=ExperimentEvent.Kind.CONCLUDED,
    )
    newest = events.order_by("-at", "-pk").values_list("message", flat=True)
    return tuple(newest[:FINDINGS_READ])


def open_proposals(artist: Artist) -> tuple[ProposedChange, ...]:
    """Return changes that reflections propose and that still fit the profile."""
    proposals = Proposal.objects.filter(
        reflection__run__artist=artist, kind=Proposal.Kind.CHANGE, status=Proposal.Status.OPEN
    ).order_by("-created_at", "pk")
    return tuple(
        ProposedChange(proposal.field, proposal.old, proposal.new, proposal.why)
        for proposal in proposals[:PROPOSALS_READ]
        if getattr(artist, proposal.field, None) == proposal.old
    )


def tried_in_vain(artist: Artist) -> tuple[tuple[str, object], ...]:
    """Return what was rolled back or dismissed lately, as (field, new value)."""
    ended = artist.evolutions.filter(
        state__in=[Evolution.State.ROLLED_BACK, Evolution.State.DISMISSED]
    )
    return tuple(
        (field, new)
        for evolution in ended[:TRIED_READ]
        for field, (_, new) in evolution.diff.items()
    )
