"""The panel's pages of channels, publications and the calendar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from runs.models import Channel, Part, Publication, Release
from runs.publishing import connecting
from tests.runs.publishing.conftest import World, new_channel, plan_video

pytestmark = pytest.mark.django_db
Status = Publication.Status


@pytest.fixture
def soon(release: Release, channel: Channel) -> Publication:
    """The main video, public in ten days of the real clock, which pages use."""
    return plan_video(release, channel, timezone.now() + timedelta(days=10))


def address(name: str, publication: Publication) -> str:
    return reverse(f"admin:runs_publication_{name}", args=[publication.pk])


def said(answer: HttpResponse) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def test_a_channel_is_added_by_hand_and_planned_on(
    boss: Client, release: Release, video_kind: None
) -> None:
    page = boss.get(reverse("admin:runs_channel_changelist")).content.decode()
    assert "No channel yet" in page

    added = boss.post(reverse("admin:channel_new"), {"kind": "by_hand", "name": "Shop"})

    shop = Channel.objects.get()
    assert added["Location"] == reverse("admin:runs_channel_change", args=[shop.pk])
    assert shop.artist_days == 7
    assert "a person hands releases over" in boss.get(added["Location"]).content.decode()
    plan = reverse("admin:runs_release_plan", args=[release.pk])
    assert "Shop" in boss.get(plan).content.decode()
    to = timezone.localtime(timezone.now() + timedelta(days=40))
    answer = boss.post(plan, {"to": f"{to:%Y-%m-%dT%H:%M}", "channels": [shop.pk]})
    assert said(answer) == "1 planned."
    (publication,) = Publication.objects.all()
    assert publication.part == Part.RELEASE
    page = boss.get(reverse("admin:runs_release_change", args=[release.pk])).content.decode()
    assert "Where it is out" in page and "Shop" in page

    # A person says that it is out, and where; a wrong address is refused at its field.
    out = address("out", publication)
    wrong = boss.post(out, {"address": "javascript:alert(1)"})
    assert wrong.status_code == 400 and "is no address of a page" in wrong.content.decode()
    boss.post(out, {"address": "https://shop.example/1", "upc": ""})
    publication.refresh_from_db()
    assert (publication.status, publication.url) == (Status.LIVE, "https://shop.example/1")


def test_the_form_of_a_channel_keeps_words_and_refuses_unknown_names(
    boss: Client, channel: Channel
) -> None:
    page = reverse("admin:runs_channel_change", args=[channel.pk])
    form = {
        "name": "Films",
        "parts": ["video"],
        "privacy": "public",
        "title_template": "{title} by {nobody}",
        "description_template": "{disclosure}",
        "tags": "synth\nnight",
        "public_after_days": 0,
        "public_time": "18:00",
        "lead_time_h": 24,
        "artist_most": 1,
        "artist_days": 1,
        "account_most": 1,
        "account_days": 1,
        "gap_h": 24,
        "jitter_min": 45,
    }

    refused = boss.post(page, form).content.decode()
    boss.post(page, {**form, "title_template": "{title} by {artist}"})

    assert "{nobody} means nothing here" in refused
    channel.refresh_from_db()
    assert (channel.name, channel.tags) == ("Films", ["synth", "night"])
    assert "refresh-0" not in boss.get(page).content.decode()


def test_an_account_is_connected_with_a_token_and_another_one_is_refused(
    boss: Client, channel: Channel
) -> None:
    connect = reverse("admin:runs_channel_connect", args=[channel.pk])
    assert "Token" in boss.get(connect).content.decode()

    answer = boss.post(connect, {"secret": "access-0"})

    assert said(answer).startswith("Connected to ")
    Channel.objects.update(account_id="somebody-else", account_name="Other")
    refused = boss.post(connect, {"secret": "access-0"})
    assert refused.status_code == 400 and "belongs to Other" in refused.content.decode()


def test_consent_in_the_browser_is_ended_only_by_who_began_it(
    boss: Client, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = connecting.Begun(
        channel.pk, "http://testserver/back", "state-1", "verifier", timezone.now()
    )
    monkeypatch.setattr(connecting, "asks_consent", lambda channel: True)
    monkeypatch.setattr(
        connecting, "begin_connecting", lambda channel, **_: ("https://platform.example/x", begun)
    )
    back = reverse("admin:channel_connected")
    assert said(boss.get(f"{back}?code=1&state=state-1")).startswith("Nobody began")

    page = boss.get(reverse("admin:runs_channel_connect", args=[channel.pk])).content.decode()
    assert 'href="https://platform.example/x"' in page and back in page

    assert "belongs to another attempt" in said(boss.get(f"{back}?code=1&state=forged"))
    assert said(boss.get(f"{back}?code=1&state=state-1")).endswith("begin again.")
    assert not Channel.objects.get().account_id


def test_the_calendar_shows_moves_and_warns(
    boss: Client, soon: Publication, release: Release
) -> None:
    at = timezone.localtime(soon.due_at)
    calendar = reverse("admin:calendar")

    month = boss.get(f"{calendar}?day={at:%Y-%m-%d}").content.decode()
    week = boss.get(f"{calendar}?day={at:%Y-%m-%d}&view=week").content.decode()

    for page in (month, week):
        assert release.title in page and f'data-move="{address("move", soon)}"' in page
    other = new_channel(name="Second", account_id="")
    Channel.objects.filter(pk=other.pk).update(account_id="a")
    Channel.objects.filter(pk=soon.channel_id).update(account_id="a")
    elsewhere = plan_video(release, other, soon.due_at + timedelta(days=5))
    day = timezone.localtime(elsewhere.due_at).date()
    days = boss.get(address("conflicts", soon), {"first": f"{at:%Y-%m-%d}", "days": 10}).json()
    assert any("takes 1 in a day" in words for words in days["days"][day.isoformat()])
    to = f"{day}T{at:%H:%M}"
    refused = boss.post(address("move", soon), {"to": to})
    assert "takes 1 in a day" in said(refused)
    boss.post(address("move", soon), {"to": f"{at + timedelta(days=2):%Y-%m-%dT%H:%M}"})
    soon.refresh_from_db()
    assert timezone.localtime(soon.due_at).date() == (at + timedelta(days=2)).date()


def test_an_announcement_is_short_unless_somebody_wants_it_longer(db: None) -> None:
    made = connecting.create_channel("mastodon", "News", address="https://social.example")

    assert "{credits}" not in made.description_template
    assert "{disclosure}" in made.description_template


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-02-30", "x", ""])
def test_odd_days_are_shown_as_today(boss: Client, day: str) -> None:
    assert boss.get(reverse("admin:calendar"), {"day": day}).status_code == 200


def test_a_recall_is_reported_and_open_ones_are_named(
    boss: Client, planned: Publication, world: World
) -> None:
    world.until(planned.due_at + timedelta(minutes=5))
    release = planned.release
    boss.post(reverse("admin:runs_release_recall", args=[release.pk]), {"reason": "Sample"})

    page = boss.get(reverse("admin:runs_release_change", args=[release.pk])).content.decode()
    report = boss.get(reverse("admin:runs_release_recall_report", args=[release.pk]))

    assert "Not proven gone yet" in page
    assert "Reason: Sample" in report.content.decode()
    assert "attachment" in report["Content-Disposition"]
    proofs = boss.get(address("change", planned)).content.decode()
    assert "From outside, without our token" in proofs


def test_roles_see_publish_and_connect(
    browser_of: Callable[[str], Client], soon: Publication
) -> None:
    reviewer, producer = browser_of("Reviewer"), browser_of("Producer")
    seen = [
        reverse("admin:runs_channel_changelist"),
        reverse("admin:runs_channel_change", args=[soon.channel_id]),
        reverse("admin:runs_publication_changelist"),
        address("change", soon),
        reverse("admin:calendar"),
    ]
    for page in seen:
        assert reviewer.get(page).status_code == producer.get(page).status_code == 200
    assert "data-move=" not in reviewer.get(reverse("admin:calendar")).content.decode()
    for name in ("move", "cancel", "confirm", "retry", "agree", "out", "found", "gone"):
        assert reviewer.post(address(name, soon)).status_code == 403, name
    for name in ("connect", "disconnect"):
        connect = reverse(f"admin:runs_channel_{name}", args=[soon.channel_id])
        assert producer.post(connect).status_code == 403
    assert producer.post(address("cancel", soon)).status_code == 302
    soon.refresh_from_db()
    assert soon.status == Status.CANCELLED


@pytest.mark.parametrize(("first", "days"), [("2026-02-30", "7"), ("x", ""), ("", "9" * 5000)])
def test_odd_questions_for_conflicts_are_answered(
    boss: Client, soon: Publication, first: str, days: str
) -> None:
    answer = boss.get(address("conflicts", soon), {"first": first, "days": days})

    assert answer.status_code == 200 and "days" in answer.json()
