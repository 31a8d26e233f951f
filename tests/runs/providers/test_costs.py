"""Runs and their files bear what the ledger says was spent."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from media_tools.provenance import Provenance
from runs.models import Artifact, ProviderCall, Run
from runs.providers.costs import cost_of_files, cost_of_run
from runs.storage import NewArtifact, artifact_row, store_file
from tests.factories import RunFactory

pytestmark = pytest.mark.django_db

MADE_BY = Provenance(provider="suno", model="V6", licence="unverified", generator="ai")


@pytest.fixture
def run() -> Run:
    return RunFactory()


def spend(run: Run, amount: str, *, step: str = "music") -> None:
    number = ProviderCall.objects.count()
    ProviderCall.objects.create(
        run=run,
        step=step,
        purpose=step,
        provider="suno",
        idempotency_key=f"{run.pk}:{number}",
        committed_usd=Decimal(amount),
    )


def new(kind: str, name: str = "") -> NewArtifact:
    return NewArtifact(
        path=Path("song.wav"), kind=kind, media_type="audio/wav", provenance=MADE_BY, name=name
    )


def keep(run: Run, folder: Path, kind: str, name: str, cost_usd: Decimal) -> Artifact:
    path = folder / f"{kind}{name}.wav"
    path.write_bytes(f"{kind}{name}".encode())
    row = artifact_row(run, "music", new(kind, name), store_file(path), cost_usd=cost_usd)
    row.save()
    return row


def test_two_songs_of_one_submission_share_its_price(run) -> None:
    spend(run, "0.06")

    files = [new("mix"), new("stem", "drums"), new("take", "take 2")]

    assert cost_of_files(run.pk, "music", files) == [Decimal("0.03"), 0, Decimal("0.03")]


def test_nothing_is_lost_in_rounding(run) -> None:
    spend(run, "0.10")

    costs = cost_of_files(run.pk, "music", [new("take", str(n)) for n in range(3)])

    assert sum(costs) == Decimal("0.10")
    assert max(costs) - min(costs) <= Decimal("0.000001")


def test_other_steps_and_other_runs_are_theirs(run) -> None:
    spend(run, "0.06")
    spend(run, "0.04", step="cover")
    spend(RunFactory(), "0.50")

    assert cost_of_files(run.pk, "music", [new("mix")]) == [Decimal("0.06")]
    assert cost_of_run(run.pk) == Decimal("0.10")


def test_a_later_take_bears_only_what_came_on_top(run, tmp_path: Path, settings) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    spend(run, "0.06")
    (cost,) = cost_of_files(run.pk, "music", [new("mix")])
    first = keep(run, tmp_path, "mix", "", cost)
    first.superseded_at = first.created_at
    first.save()
    spend(run, "0.08")

    assert cost_of_files(run.pk, "music", [new("mix")]) == [Decimal("0.08")]


def test_a_file_worked_out_here_costs_nothing(run) -> None:
    spend(run, "0.06", step="master")

    assert cost_of_files(run.pk, "master", [new("wav"), new("mp3")]) == [0, 0]


def test_a_run_without_calls_costs_nothing(run) -> None:
    assert cost_of_run(run.pk) == 0
    assert cost_of_files(run.pk, "music", [new("mix")]) == [0]
