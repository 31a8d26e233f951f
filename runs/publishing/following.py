"""Follows what a channel has taken: until it is out, and every week while it is."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db import transaction

from ai_artist.kit.columns import fitted
from media_tools.errors import ProviderError
from media_tools.publishing.base import Stage, Standing, Upload
from runs.errors import ReleaseRefused
from runs.models import Channel, Proof, Publication, Release
from runs.publishing import pacing
from runs.publishing.handling import LONGEST_WORDS, Handling
from runs.publishing.items import PageItem
from runs.publishing.planning import candidate_of, log
from runs.releasing.releases import publish as publish_release

Status = Publication.Status
WEEK = timedelta(days=7)
CORRECTED_AGAIN = timedelta(minutes=5)
# Labels are corrected so often before a person is asked.
CORRECTIONS = 3
# A platform that schedules makes it public at the minute, but not at the second.
AFTER_DUE = timedelta(seconds=30)
# What a person does there is seen by itself.
# Stage of what has lost its date there, until a person has labelled it.
KEPT_BACK = "kept_back"
PERSON_AT_IT = timedelta(hours=1)
LATE_AFTER = timedelta(minutes=10)


def follow(handling: Handling) -> None:
    """Look how a taken item stands, and do what it needs to come out at its time."""
    publication = handling.publication
    standing = stand(handling)
    if standing.stage is Stage.PROCESSING:
        handling.let_go(Status.PROCESSING, after=poll_after(handling), **told(standing))
    elif standing.stage is Stage.HIDDEN:
        hidden(handling, standing)
    elif standing.stage is Stage.LIVE:
        out(handling, standing)
    elif standing.stage is Stage.NEEDS_PERSON:
        why = standing.reason or f"Go on with it at {publication.channel}."
        handling.let_go(Status.NEEDS_PERSON, after=PERSON_AT_IT, why=why, **told(standing))
    else:
        gone = "It is not there any more." if standing.stage is Stage.GONE else "It was refused."
        handling.let_go(Status.FAILED, after=None, why=standing.reason or gone, **told(standing))


def stand(handling: Handling) -> Standing:
    publication = handling.publication
    standing: Standing = handling.adapter.standing(publication.external_id, handling.item)
    return standing


def told(standing: Standing) -> dict[str, Any]:
    """The columns that a look fills. An address that is not told any more stays."""
    fields = fitted(Publication, stage=standing.stage.value)
    if standing.url:
        fields |= fitted(Publication, url=standing.url)
    return fields | {"flagged": standing.synthetic, "disclosed": standing.disclosed}


def poll_after(handling: Handling) -> timedelta:
    sent_at = handling.publication.sent_at or handling.clock()
    waited_s = max(0.0, (handling.clock() - sent_at).total_seconds())
    return timedelta(seconds=handling.adapter.poll_after_s(waited_s))


def mislabelled(handling: Handling, standing: Standing) -> str:
    """What of our disclosure is missing there, in words; "" if nothing."""
    item = handling.item
    if isinstance(item, Upload) and item.synthetic and standing.synthetic is False:
        return "The AI flag is not set there."
    return "The disclosure is missing there." if standing.disclosed is False else ""


def hidden(handling: Handling, standing: Standing) -> None:
    """Complete and not public: label it right, and make it public at its time."""
    publication, now = handling.publication, handling.clock()
    if wrong := mislabelled(handling, standing):
        correct(handling, standing, wrong)
        return
    if publication.stage == KEPT_BACK:
        handling.adapter.correct(publication.external_id, handling.item)
    if publication.channel.privacy == Channel.Privacy.PRIVATE:
        out(handling, standing)
        return
    due = publication.due_at
    if now < due:
        extra = AFTER_DUE if handling.adapter.schedules else timedelta(0)
        handling.let_go(Status.PROCESSING, after=due - now + extra, **told(standing))
        return
    if handling.adapter.schedules:
        handling.let_go(Status.PROCESSING, after=poll_since_due(handling), **told(standing))
    elif may_come_out(handling):
        if isinstance(handling.item, PageItem):
            # Our own pages show what counts as out.
            declare_out(publication, handling)
        handling.adapter.publish(publication.external_id, handling.item)
        handling.let_go(Status.PROCESSING, after=timedelta(0), **told(standing))


def poll_since_due(handling: Handling) -> timedelta:
    waited_s = (handling.clock() - handling.publication.due_at).total_seconds()
    return timedelta(seconds=handling.adapter.poll_after_s(waited_s))


def may_come_out(handling: Handling) -> bool:
    """Whether now is a free place, which it takes then; else it waits for the next.

    It is looked at once more, since others may have come out late.
    """
    publication, now = handling.publication, handling.clock()
    with transaction.atomic():
        pacing.lock([publication.channel])
        free_at = pacing.free_from(candidate_of(publication), now, certain=True)
        # One UPDATE: after a second one the database would want the release's row too.
        if free_at <= now:
            handling.claim.write(due_at=free_at, fixed=True)
        else:
            handling.let_go(Status.PROCESSING, after=free_at - now, due_at=free_at)
    return free_at <= now


def correct(handling: Handling, standing: Standing, wrong: str) -> None:
    """Write the labels again, some times; then a person is asked, and it stays hidden."""
    publication = handling.publication
    looks = publication.looks + 1
    if looks > CORRECTIONS:
        why = f"{wrong} Set it there by hand, then go on here."
        fields = told(standing)
        if standing.stage is Stage.HIDDEN and isinstance(handling.item, Upload):
            # Without a date a platform that schedules does not make it public meanwhile.
            undated = replace(handling.item, public_at=None)
            handling.adapter.correct(publication.external_id, undated)
            fields["stage"] = KEPT_BACK
        handling.let_go(Status.NEEDS_PERSON, after=None, why=why, looks=0, **fields)
        return
    handling.adapter.correct(publication.external_id, handling.item)
    handling.let_go(
        publication.status, after=CORRECTED_AGAIN, why=wrong, looks=looks, **told(standing)
    )


def out(handling: Handling, standing: Standing) -> None:
    """Note that it is out, and that its release is."""
    publication, now = handling.publication, handling.clock()
    fields = told(standing)
    if now > publication.due_at + LATE_AFTER:
        # Of a platform that schedules, and was late: others count it at its real time.
        fields["due_at"] = now
    early = ""
    if publication.channel.privacy == Channel.Privacy.PUBLIC and now < publication.due_at:
        early = f"It came out before its time, {publication.due_at:%Y-%m-%d %H:%M %Z}."
    note(publication, standing, handling)
    with transaction.atomic():
        # The release is locked first, as a recall does.
        declare_out(publication, handling)
        handling.let_go(
            Status.LIVE,
            after=timedelta(minutes=1),
            why=early,
            live_at=now,
            tries=0,
            looks=0,
            **fields,
        )
        log(publication, f"Out: {fields.get('url') or publication.url}", actor=None, now=now)
    # After the transaction: waiting for a post's row with the release locked could be a deadlock.
    Publication.objects.announcing(publication.release_id, now=now).update(wake_at=now)


def declare_out(publication: Publication, handling: Handling) -> None:
    """Record the release as published with the first that is out, as a person would."""
    if publication.channel.privacy == Channel.Privacy.PRIVATE:
        return
    if Release.objects.unpublished().filter(pk=publication.release_id).exists():
        try:
            with transaction.atomic():
                publish_release(release_id=publication.release_id, actor=None, now=handling.clock())
        except ReleaseRefused as error:
            log(publication, f"Not recorded as out: {error}", actor=None, now=handling.clock())


def note(publication: Publication, standing: Standing, handling: Handling) -> None:
    """Store what the channel told."""
    labels = {True: "set", False: "missing"}
    words = "; ".join(
        f"{name} {labels[value]}"
        for name, value in (("AI flag", standing.synthetic), ("disclosure", standing.disclosed))
        if value is not None
    )
    Proof.objects.create(
        publication=publication,
        what=Proof.What.CHANNEL,
        at=handling.clock(),
        there=standing.stage in (Stage.LIVE, Stage.HIDDEN, Stage.PROCESSING),
        words="; ".join(filter(None, (f"{standing.stage.value}", words, standing.reason)))[
            :LONGEST_WORDS
        ],
    )


def watch(handling: Handling) -> None:
    """The look of each week over what is out: still there, still labelled, privacy as planned."""
    publication = handling.publication
    standing = stand(handling)
    note(publication, standing, handling)
    private = publication.channel.privacy == Channel.Privacy.PRIVATE
    if not private:
        # Without an answer the channel's own word stands; the next week looks again.
        with suppress(ProviderError):
            handling.prove(handling.adapter.witness(publication.external_id, publication.url))
    if standing.stage in (Stage.GONE, Stage.FAILED):
        why = standing.reason or "It is not there any more, and nobody here took it down."
        handling.let_go(Status.NEEDS_PERSON, after=None, why=why, **told(standing))
    elif private and standing.stage is Stage.LIVE:
        why = "It is public there, and was to stay private."
        handling.let_go(Status.LIVE, after=WEEK, why=why, **told(standing))
    elif not private and standing.stage is Stage.HIDDEN:
        why = "It is hidden there, and was to be public."
        handling.let_go(Status.LIVE, after=WEEK, why=why, **told(standing))
    elif wrong := mislabelled(handling, standing):
        correct(handling, standing, wrong)
    else:
        # Once more: when it came out, the release may have been edited and not yet packed.
        declare_out(publication, handling)
        handling.let_go(Status.LIVE, after=WEEK, looks=0, **told(standing))
