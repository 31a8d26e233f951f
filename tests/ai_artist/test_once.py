"""A form that is sent twice does its work once."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.test import Client
from django.urls import reverse

from artists.models import Artist
from runs.models import Batch, SentForm
from tests.factories import ArtistFactory, RunFactory, UserFactory

pytestmark = pytest.mark.django_db


def key_on(browser: Client, address: str, action: str = "") -> str:
    """The key of the form on a page that posts to `action`."""
    page = browser.get(address).content.decode()
    forms = [part for part in page.split("<form")[1:] if f'action="{action}"' in part or not action]
    found = re.search(r'name="form_key"[^>]* value="([0-9a-f-]{36})"', "".join(forms))
    assert found, f"no key for {action} on {address}"
    return found[1]


def warnings_on(response) -> list[str]:
    return [str(message) for message in response.context["messages"] if message.tags == "warning"]


def test_a_batch_is_started_once_and_the_second_answer_says_so(boss: Client) -> None:
    ArtistFactory()
    RunFactory()
    batches = Batch.objects.count()
    address = reverse("admin:start_batch")
    form = {"size": "1", "form_key": key_on(boss, reverse("admin:index"), address)}

    first = boss.post(address, form)
    second = boss.post(address, form, follow=True)

    assert Batch.objects.count() == batches + 1
    assert second.redirect_chain[0][0] == first.url
    assert len(warnings_on(second)) == 1


def test_another_form_starts_another_batch(boss: Client) -> None:
    ArtistFactory()
    for _ in range(2):
        boss.post(reverse("admin:start_batch"), {"size": "1", "form_key": uuid4()})

    assert Batch.objects.count() == 2


def test_run_now_replay_and_new_run_carry_a_key(boss: Client) -> None:
    artist = ArtistFactory()
    run = RunFactory(reviewable=True, artist=artist)
    run_page = reverse("admin:runs_run_change", args=[run.pk])
    new = reverse("admin:runs_run_new")
    run_now = reverse("admin:artists_artist_run", args=[artist.pk])
    replay = reverse("admin:runs_run_replay", args=[run.pk])
    retry = reverse("admin:runs_run_retry", args=[run.pk])
    forms = [
        (run_now, reverse("admin:artists_artist_change", args=[artist.pk]), run_now, {}),
        (replay, run_page, replay, {}),
        (new, new, "", {"artist": artist.pk}),
    ]
    for count, (address, page, action, fields) in enumerate(forms, start=2):
        form = {**fields, "form_key": key_on(boss, page, action)}
        answers = [boss.post(address, form) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [302, 302]
        assert Batch.objects.count() == count
    assert key_on(boss, run_page, retry)


def test_the_action_of_a_list_is_done_once(boss: Client) -> None:
    artist = ArtistFactory()
    address = reverse("admin:artists_artist_changelist")
    form = {"action": "run_now", "_selected_action": [artist.pk], "form_key": key_on(boss, address)}

    for _ in range(2):
        boss.post(address, form)

    assert Batch.objects.count() == 1


def test_a_form_that_comes_back_with_its_errors_may_be_sent_again(boss: Client) -> None:
    artist = ArtistFactory()
    address = reverse("admin:runs_run_new")
    form = {"artist": artist.pk, "seed": "-1", "form_key": uuid4()}

    assert boss.post(address, form).status_code == 200
    assert boss.post(address, {**form, "seed": "1"}).status_code == 302

    assert Batch.objects.count() == 1


@pytest.mark.parametrize("key", ["", "x" * 5000, "\x00", "0" * 4301])
def test_an_odd_key_is_no_key(key: str, boss: Client) -> None:
    ArtistFactory()

    answer = boss.post(reverse("admin:start_batch"), {"size": "1", "form_key": key})

    assert answer.status_code == 302
    assert Batch.objects.count() == 1
    assert not SentForm.objects.exists()


def test_strangers_leave_no_keys(client: Client) -> None:
    client.post(reverse("admin:start_batch"), {"size": "1", "form_key": uuid4()})
    client.force_login(UserFactory(is_staff=False))
    client.post(reverse("admin:start_batch"), {"size": "1", "form_key": uuid4()})

    assert not Batch.objects.exists()


@pytest.mark.skipif(connection.vendor == "sqlite", reason="threads share one database in memory")
@pytest.mark.django_db(transaction=True)
def test_eight_presses_at_the_same_time_start_one_batch(settings: Any) -> None:
    settings.ARTIST_CREATION_PROBABILITY = 0  # else a batch makes an artist now and then
    ArtistFactory.create_batch(3)
    user = UserFactory(is_superuser=True)
    form = {"size": "1", "form_key": str(uuid4())}
    browsers = [Client() for _ in range(8)]
    for browser in browsers:
        browser.force_login(user)

    def press(browser: Client) -> int:
        try:
            return browser.post(reverse("admin:start_batch"), form).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(press, browsers))

    assert answers == [302] * 8
    assert Batch.objects.count() == 1
    assert Artist.objects.count() == 3
