"""Judge the roster by its policies, or try one: `evaluate_lifecycle --dry-run --policy NAME`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from ai_artist.kit.commands import JsonCommand, Report, bad_usage
from artists.lifecycle import evaluate_roster
from artists.lifecycle.replay import RosterReplay, replay_roster
from artists.models import Artist, LifecyclePolicy
from runs.models import Run

# A command may take a minute where a page may not.
EVENTS = 200_000


class Command(JsonCommand):
    """Here and not among the artists: only runs tell an idle artist from one that waits for us."""

    help = "Judge every artist that is not retired by all rules of its policy and apply them."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--dry-run", action="store_true", help="Only say what would change.")
        parser.add_argument(
            "--policy",
            metavar="NAME",
            help="With --dry-run: judge everybody by this policy, now and on their whole history.",
        )

    def perform(self, **options: Any) -> Report:
        policy = None
        if options["policy"]:
            if not options["dry_run"]:
                raise bad_usage("--policy tries a policy out; add --dry-run.")
            policy = LifecyclePolicy.objects.filter(name=options["policy"]).first()
            if policy is None:
                raise bad_usage(f"There is no policy {options['policy']!r}.")
        busy = Run.objects.filter(status__in=[*Run.OPEN, Run.Status.AWAITING_REVIEW])
        verdicts = evaluate_roster(
            now=timezone.now(),
            dry_run=options["dry_run"],
            policy=policy,
            waiting=frozenset(busy.values_list("artist_id", flat=True)),
        )
        would = "would be" if options["dry_run"] else "is now"
        lines = [f"{v.artist} {would} {v.to_status}: {v.reason} [{v.rule}]" for v in verdicts]
        replayed = (
            replay_roster(policy, Artist.objects.order_by("name").iterator(), most_events=EVENTS)
            if policy
            else None
        )
        return Report(
            data={
                "dry_run": options["dry_run"],
                "verdicts": [
                    {
                        "artist": v.artist.slug,
                        "from": v.change.from_status if v.change else v.artist.status,
                        "to": v.to_status,
                        "rule": v.rule,
                        "reason": v.reason,
                        "figures": v.figures,
                    }
                    for v in verdicts
                ],
            }
            | ({"replay": [one.as_json() for one in replayed.replays]} if replayed else {}),
            text="\n".join([*(lines or ["Nothing to change."]), *_history(replayed)]),
        )


def _history(replayed: RosterReplay | None) -> Iterator[str]:
    """What the policy would have done on the history, beside what happened."""
    if replayed is None:
        return
    yield ""
    yield "On the history this policy would have made these changes:"
    for one in replayed.replays:
        happened = ", ".join(change.rule for change in one.happened) or "nothing"
        yield f"{one.artist} ({one.seen} runs; really happened: {happened})"
        for change in one.would:
            yield f"  {change.at:%Y-%m-%d} {change.to_status}: {change.verdict.reason}"
        if one.unseen:
            yield f"  Later runs that would not have been made: {one.unseen}."
    if replayed.left_out:
        yield f"{replayed.left_out} artists left out: the histories before them are long enough."
