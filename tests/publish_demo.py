"""The way out, against contract servers: `make demo PROVIDERS=contract` ends with it.

Approves the demo's newest candidate, connects channels by the ways the real ones are connected,
sends the release out a minute later and reads its audience back. Needs no more than the product.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import django
import requests

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ai_artist.settings")
django.setup()

from django.utils import timezone  # noqa: E402

from runs.models import (  # noqa: E402
    Channel,
    Credit,
    LabelProfile,
    Part,
    Publication,
    Release,
    Role,
    Run,
)
from runs.models.label import credits_to_json  # noqa: E402
from runs.publishing import connecting, performing, readback  # noqa: E402
from runs.publishing.planning import plan, wishes_for  # noqa: E402
from runs.releasing.releases import package_release, single_of  # noqa: E402
from runs.reviewing.reviews import apply_due, decide  # noqa: E402

PUBLIC_AFTER, ANNOUNCED_AFTER = timedelta(seconds=60), timedelta(seconds=40)
# Polls of channels are half a minute apart.
GIVEN_UP_AFTER = timedelta(minutes=6)
BACK = "http://127.0.0.1:9/back"


def main() -> int:
    release = approved_release()
    channels = list(connected())
    on = timezone.localtime(timezone.now() + PUBLIC_AFTER)
    # An announcement usually follows a quarter of an hour later.
    wishes = [
        replace(wish, at=on + ANNOUNCED_AFTER) if wish.part == Part.POST else wish
        for wish in wishes_for(release, on=on, channels=channels)
    ]
    plan(release_id=release.pk, wishes=wishes, actor=None, now=timezone.now())
    print(f"\n{release} by {release.artist}: out at {on:%H:%M:%S}")
    publish(until=timezone.now() + GIVEN_UP_AFTER)
    count_a_play(release)
    for told in readback.read_back(clock=timezone.now):
        print(f"Audience of {told.channel}: {told.problem or f'{told.new} figures'}")
    rows = list(release.publications.select_related("channel").order_by("channel__name"))
    for row in rows:
        print(f"{row.channel}: {row.get_status_display()}. {row.url or row.reason}")
    return 0 if all(row.status == Publication.Status.LIVE for row in rows) else 1


def approved_release() -> Release:
    """The newest candidate's single, approved for good and packaged."""
    LabelProfile.objects.get_or_create(
        is_default=True,
        defaults={
            "name": "Demo",
            "label": "Demo Label",
            "credits": credits_to_json([Credit("Erika Example", Role.COMPOSER)]),
        },
    )
    run = Run.objects.awaiting_review().last()
    if run is not None:
        decide(run_id=run.pk, decision="approve", reviewer=None, now=timezone.now())
        apply_due(now=timezone.now() + timedelta(hours=1))
    run = Run.objects.filter(status=Run.Status.APPROVED).order_by("-decided_at").first()
    if run is None:
        sys.exit("No candidate came to review; nothing can go out.")
    return package_release(release_id=single_of(run.pk).pk, now=timezone.now())


def connected() -> Any:
    """Channels of five kinds. Their accounts are those of the contract servers."""
    from tests.contract_servers.peertube import PASSWORD, USER

    yield consented(new(Channel.Kind.YOUTUBE, parts=[Part.VIDEO]))
    yield consented(new(Channel.Kind.SOUNDCLOUD))
    peertube = new(
        Channel.Kind.PEERTUBE, parts=[Part.VIDEO], address=os.environ["PEERTUBE_ADDRESS"]
    )
    yield typed(peertube, connecting.Secrets(PASSWORD, USER))
    mastodon = new(Channel.Kind.MASTODON, address=os.environ["MASTODON_ADDRESS"])
    yield typed(mastodon, connecting.Secrets(os.environ["MASTODON_TOKEN"]))


def new(kind: str, **fields: Any) -> Channel:
    name = f"Demo on {Channel.Kind(kind).label}"
    known = Channel.objects.filter(name=name).first()
    # Sent at once and as often as the demo is run.
    pace = {"lead_time_h": 0, "artist_most": 0, "account_most": 0, "gap_h": 0}
    return known or connecting.create_channel(kind, name, **pace, **fields)


def consented(channel: Channel) -> Channel:
    """Connect by consent in the browser; the person there agrees at once."""
    address, begun = connecting.begin_connecting(channel, redirect=BACK, now=timezone.now())
    answer = requests.get(address, allow_redirects=False, timeout=10)
    returned = answer.headers["Location"]
    facts = connecting.finish_connecting(begun, returned, clock=timezone.now)
    return told(channel, facts)


def typed(channel: Channel, secrets: connecting.Secrets) -> Channel:
    return told(channel, connecting.connect_with(channel, secrets, clock=timezone.now))


def told(channel: Channel, facts: Any) -> Channel:
    print(f"Connected {channel}: {facts.name}")
    channel.refresh_from_db()
    return channel


def publish(*, until: Any) -> None:
    """What the workers do, until all is out; prints each change of state."""
    shown: dict[Any, str] = {}
    ended = (*Publication.IN_RECALL, Publication.Status.LIVE, Publication.Status.CANCELLED)
    while timezone.now() < until:
        performing.publish_next(clock=timezone.now)
        for row in Publication.objects.select_related("channel"):
            if shown.get(row.pk) != row.status:
                shown[row.pk] = row.status
                print(f"{timezone.localtime():%H:%M:%S} {row.channel}: {row.get_status_display()}")
        waiting = Publication.objects.exclude(status__in=ended)
        if not waiting.exists():
            return
        following = waiting.order_by("wake_at").values_list("wake_at", flat=True).first()
        if following is None:
            return
        time.sleep(max(0.0, min(2.0, (following - timezone.now()).total_seconds())))


def count_a_play(release: Release) -> None:
    """Somebody looks at the video: the contract server counts views it is told of."""
    video = release.publications.filter(channel__kind=Channel.Kind.YOUTUBE).first()
    if video and video.external_id:
        base = urlsplit(os.environ["YOUTUBE_UPLOADS_URL"])
        requests.post(
            f"{base.scheme}://{base.netloc}/-/views",
            json={"video": video.external_id, "views": 42},
            timeout=10,
        )


if __name__ == "__main__":
    sys.exit(main())
