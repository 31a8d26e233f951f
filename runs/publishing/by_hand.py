"""What a person does for a channel that is served by hand, and says here afterwards."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from media_tools.foreign import label
from runs.errors import PublishingRefused, ReleaseRefused
from runs.models import Proof, Publication, Release
from runs.models.publication import LONGEST_URL
from runs.publishing.channels import kind_of
from runs.publishing.planning import locked_publication, log
from runs.releasing.releases import CodeChanges, locked, publish, set_codes

Status = Publication.Status


def confirm_out(
    *,
    publication_id: UUID,
    address: str,
    codes: CodeChanges | None = None,
    actor: User,
    now: datetime,
) -> Publication:
    """A person says that it is out at a channel served by hand, where, and with which codes.

    address: https; empty where there is none yet. Raises PublishingRefused.
    """
    with transaction.atomic():
        # The release is locked first, as a recall does.
        found = Publication.objects.filter(pk=publication_id)
        for release_id in found.values_list("release", flat=True):
            locked(release_id)
        publication = locked_publication(publication_id)
        if not kind_of(publication.channel).by_hand:
            raise PublishingRefused(f"{publication.channel} tells by itself what is out.")
        if publication.status not in (Status.NEEDS_PERSON, Status.PLANNED, Status.DUE):
            raise PublishingRefused(
                f"{publication} is {publication.get_status_display().lower()}; there is no task."
            )
        release = publication.release
        try:
            # First, for what is out is not packaged again because of its codes.
            if release.status in Release.UNPUBLISHED:
                publish(release_id=release.pk, actor=actor, now=now)
            if codes:
                set_codes(release_id=release.pk, changes=codes, actor=actor, now=now)
        except ReleaseRefused as error:
            raise PublishingRefused(str(error)) from error
        url = checked_address(address)
        Publication.objects.filter(pk=publication.pk).update(
            status=Status.LIVE,
            url=url,
            sent_at=publication.sent_at or now,
            live_at=now,
            wake_at=None,
            owner="",
            reason="",
            rung_at=None,
        )
        Proof.objects.create(
            publication=publication,
            what=Proof.What.PERSON,
            at=now,
            there=True,
            address=url,
            words="Said to be out.",
            by=actor,
        )
        log(publication, f"Out, by a person's word. {url}".strip(), actor=actor, now=now)
    Publication.objects.announcing(publication.release_id, now=now).update(wake_at=now)
    publication.refresh_from_db()
    return publication


def checked_address(text: str) -> str:
    """An address of the web, or "". Raises PublishingRefused."""
    address = label(text, longest=LONGEST_URL)
    parts = urlsplit(address)
    if address and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise PublishingRefused(f"“{address}” is no address of a page; copy it from the browser.")
    return address
