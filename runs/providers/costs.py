"""What a run and its files cost: the ledger's sums, shared out to what providers made."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal
from uuid import UUID

from django.db.models import Sum

from runs.models import Artifact, ProviderCall
from runs.storage import NewArtifact

CENT_PARTS = Decimal("0.000001")  # as exact as the ledger


def cost_of_run(run_id: UUID) -> Decimal:
    """USD the run's calls have cost so far, failed ones included."""
    calls = ProviderCall.objects.filter(run=run_id)
    return calls.aggregate(total=Sum("committed_usd"))["total"] or Decimal(0)


def cost_of_files(run_id: UUID, step: str, files: Sequence[NewArtifact]) -> list[Decimal]:
    """USD for each new file of a step, in their order; the sum is all the step has spent.

    Files a provider made share equally what the step's calls cost, failed ones included, less
    what files of earlier takes bear already. Files worked out from others cost nothing.
    """
    provided = [new.kind in Artifact.PROVIDED for new in files]
    if not any(provided):
        return [Decimal(0)] * len(files)
    calls = ProviderCall.objects.filter(run=run_id, step=step)
    spent = calls.aggregate(total=Sum("committed_usd"))["total"] or Decimal(0)
    earlier = Artifact.objects.filter(run=run_id, step=step)
    left = spent - (earlier.aggregate(total=Sum("cost_usd"))["total"] or Decimal(0))
    share = (left / sum(provided)).quantize(CENT_PARTS, rounding=ROUND_DOWN)
    costs = [share if paid else Decimal(0) for paid in provided]
    costs[provided.index(True)] += left - sum(costs)
    return costs
