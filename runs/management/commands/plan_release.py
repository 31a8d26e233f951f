"""Plan a release on its channels: `plan_release ID --at "2026-12-04 18:00"`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from ai_artist.kit.commands import JsonCommand, Report, bad_usage
from runs.errors import PublishingRefused
from runs.management.runref import find_release
from runs.models import Channel
from runs.publishing.planning import plan, wishes_for


class Command(JsonCommand):
    help = "Plan a release for a date; the channels' lead times and limits give each its time."
    refusals = (PublishingRefused,)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("release", help="Id of the release, or of the run of a single.")
        parser.add_argument("--at", required=True, help="When it is out, in the site's time zone.")
        parser.add_argument(
            "--channel", action="append", default=[], help="By name; none: all of the artist."
        )

    def perform(self, **options: Any) -> Report:
        release = find_release(options["release"])
        names = options["channel"]
        channels = list(Channel.objects.filter(name__in=names)) if names else None
        if channels is not None and len(channels) != len(set(names)):
            known = ", ".join(Channel.objects.values_list("name", flat=True)) or "none yet"
            raise bad_usage(f"There are these channels: {known}.")
        wishes = wishes_for(release, on=moment(options["at"]), channels=channels)
        planned = plan(release_id=release.pk, wishes=wishes, actor=None, now=timezone.now())
        lines = [
            f"{timezone.localtime(one.due_at):%Y-%m-%d %H:%M}  {one.channel}: "
            f"{one.get_part_display().lower()}"
            for one in planned
        ]
        return Report(
            data={
                "release": str(release.pk),
                "planned": [
                    {"id": str(one.pk), "channel": one.channel.name, "due_at": one.due_at}
                    for one in planned
                ],
            },
            text="\n".join(lines) or "Nothing was to be planned.",
        )


def moment(text: str) -> datetime:
    """A time of the command line, in the site's zone if it names none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise bad_usage(f"“{text}” is no time; write it like 2026-12-04 18:00.") from None
    return at if at.tzinfo else timezone.make_aware(at)
