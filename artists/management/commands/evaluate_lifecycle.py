"""Judge the roster by its policies, or try one: `evaluate_lifecycle --dry-run --policy NAME`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from ai_artist.kit.commands import JsonCommand, Report, bad_usage
from ai_artist.kit.values import counted
from artists.lifecycle import evaluate_roster
from artists.lifecycle.replay import RosterReplay, replay_roster
from artists.models import Artist, LifecyclePolicy
from runs.models import Run

# More than on a page: a command may take a minute.
EVENTS = 200_000


class Command(JsonCommand):
    """Knows which artists wait for reviewers: a command sees the runs, the domain does not."""

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
            | ({"replay": [replay.as_json() for replay in replayed.replays]} if replayed else {}),
            text="\n".join([*(lines or ["Nothing to change."]), *_history(replayed)]),
        )


def _history(replayed: RosterReplay | None) -> Iterator[str]:
    """Yield what the policy would have done with the history, beside what happened."""
    if replayed is None:
        return
    yield ""
    yield "On the history this policy would have made these changes:"
    for replay in replayed.replays:
        happened = ", ".join(change.rule for change in replay.happened) or "nothing"
        yield f"{replay.artist} ({counted(replay.seen, 'run')}; really happened: {happened})"
        for change in replay.would:
            yield f"  {change.at:%Y-%m-%d} {change.to_status}: {change.verdict.reason}"
        if replay.unseen:
            yield f"  Later runs that would not have been made: {replay.unseen}."
    if replayed.left_out:
        left_out = counted(replayed.left_out, "artist")
        yield f"{left_out} left out: the histories before them are long enough."
