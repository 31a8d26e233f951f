"""Links by which people without an account hear a song."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from runs.errors import PreviewRefused
from runs.models import Artifact, PreviewComment, PreviewLink, Release, Run
from runs.previews import (
    MOST_OPEN,
    Invitation,
    Said,
    heard_by,
    link_of,
    links_of,
    make_link,
    note_seen,
    revoke_link,
    say,
)
from tests.factories import NOON, UserFactory, single_of

LATER = NOON + timedelta(days=1)


@pytest.fixture
def run(new_run: Callable[..., Run]) -> Run:
    return new_run()


@pytest.fixture
def maker(db: None) -> User:
    return UserFactory()


def test_a_token_leads_to_its_link_and_only_its_hash_is_kept(run: Run, maker: User) -> None:
    link, token = make_link(run, Invitation("Ada"), maker=maker, now=NOON)

    assert link_of(token) == link
    assert heard_by(link, now=LATER) == [run]
    assert link.expires_at == NOON + timedelta(days=14)
    kept = [str(value) for value in PreviewLink.objects.values().get().values()]
    assert not [value for value in kept if value in token or token in value if len(value) > 8]


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1] + "?", lambda t: t[1:], lambda t: "", str.upper]
)
def test_a_changed_token_leads_nowhere(run: Run, maker: User, change: Callable[[str], str]) -> None:
    _, token = make_link(run, Invitation(), maker=maker, now=NOON)

    assert link_of(change(token)) is None


def test_a_link_ends_by_time_and_by_revoking(run: Run, maker: User) -> None:
    short, _ = make_link(run, Invitation(days=1), maker=maker, now=NOON)
    revoked, _ = make_link(run, Invitation(), maker=maker, now=NOON)

    revoke_link(run, revoked.pk, now=NOON)
    revoked.refresh_from_db()

    assert heard_by(short, now=NOON + timedelta(hours=23)) == [run]
    assert heard_by(short, now=NOON + timedelta(hours=24)) == []
    assert heard_by(revoked, now=NOON) == []
    with pytest.raises(PreviewRefused):
        revoke_link(run, revoked.pk, now=NOON)


def rejected(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(status=Run.Status.REJECTED, decided_at=NOON)


def purged(run: Run) -> None:
    run.artifacts.filter(kind=Artifact.Kind.MP3).update(purged_at=NOON)


def recalled(run: Run) -> None:
    single_of(run, status="recalled", recalled_at=NOON, recall_reason="A sample.")


@pytest.mark.parametrize("end", [rejected, purged, recalled])
def test_what_is_not_to_be_heard_any_more_ends_its_links(
    run: Run, maker: User, end: Callable[[Run], None]
) -> None:
    _, token = make_link(run, Invitation(), maker=maker, now=NOON)

    end(run)
    link = link_of(token)

    assert link is not None
    assert heard_by(link, now=NOON) == []
    with pytest.raises(PreviewRefused):
        make_link(Run.objects.get(pk=run.pk), Invitation(), maker=maker, now=NOON)


def test_a_release_is_heard_whole_or_not_at_all(new_run: Callable[..., Run], maker: User) -> None:
    one, two = (new_run(status="approved", decided_at=NOON, title=title) for title in "AB")
    release: Release = single_of(one, kind="ep")
    release.tracks.create(run=two, title="B", position=2, place="album")
    link, _ = make_link(release, Invitation(), maker=maker, now=NOON)

    assert heard_by(link, now=NOON) == [one, two]
    purged(two)
    assert heard_by(link, now=NOON) == []


@pytest.mark.parametrize("days", [0, 91])
def test_a_link_lasts_90_days_at_most(run: Run, maker: User, days: int) -> None:
    with pytest.raises(PreviewRefused):
        make_link(run, Invitation(days=days), maker=maker, now=NOON)


def test_links_in_force_are_bounded(run: Run, maker: User) -> None:
    for _ in range(MOST_OPEN):
        make_link(run, Invitation(), maker=maker, now=NOON)

    with pytest.raises(PreviewRefused):
        make_link(run, Invitation(), maker=maker, now=NOON)


def test_comments_are_cleaned_and_bounded(run: Run, maker: User) -> None:
    link, _ = make_link(run, Invitation(), maker=maker, now=NOON)

    said = say(link, Said("  Ada\x07\n ", "Nice\x00\u202e\r\nsong" + "x" * 3000, "up"), now=NOON)

    assert said.name == "Ada"
    assert said.text.startswith("Nice")
    assert "\x00" not in said.text
    assert len(said.text) == PreviewComment.LONGEST
    for nothing in (Said("", "Nice"), Said("Ada"), Said("Ada", " \n", "sideways")):
        with pytest.raises(PreviewRefused):
            say(link, nothing, now=NOON)
    PreviewComment.objects.bulk_create(
        PreviewComment(link=link, name="x", text="x") for _ in range(PreviewLink.MOST_COMMENTS - 1)
    )
    with pytest.raises(PreviewRefused):
        say(link, Said("Ada", "Once more"), now=NOON)


def test_a_link_without_comments_takes_none(run: Run, maker: User) -> None:
    link, _ = make_link(run, Invitation(takes_comments=False), maker=maker, now=NOON)

    with pytest.raises(PreviewRefused):
        say(link, Said("Ada", "Nice"), now=NOON)


def test_new_comments_count_for_who_made_the_link_until_seen(run: Run, maker: User) -> None:
    link, _ = make_link(run, Invitation(), maker=maker, now=NOON)
    say(link, Said("Ada", "Nice"), now=NOON)
    other = UserFactory()
    unseen = PreviewComment.objects.unseen_by
    assert (unseen(maker).count(), unseen(other).count()) == (1, 0)

    note_seen(list(links_of(run)), maker=other, now=NOON)
    assert unseen(maker).count() == 1
    note_seen(list(links_of(run)), maker=maker, now=NOON)
    assert unseen(maker).count() == 0
