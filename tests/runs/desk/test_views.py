"""What the desk's page asks the server, and what it must not get."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from artists.models import Artist, PerformanceEntry
from runs.desk.items import items_of
from runs.models import Review, Run
from runs.reviewing.leases import lease_runs
from runs.reviewing.reviews import content_hash_of
from tests.factories import NOON, ArtifactFactory, ArtistFactory, RunFactory, UserFactory
from tests.runs.desk.conftest import ask, browser, verdict

pytestmark = pytest.mark.django_db

Desk = Callable[..., HttpResponse]
ADDRESSES = (
    "next",
    "heartbeat",
    "release",
    "decide",
    "undo",
    "reasons",
    "scopes",
    "several",
    "together",
)
EVIL = "</script><script>alert(1)</script>"


@pytest.mark.parametrize("name", ADDRESSES)
def test_staff_without_the_permission_get_403(name: str) -> None:
    client = browser(UserFactory())

    assert ask(client, name, **verdict(RunFactory(reviewable=True))).status_code == 403
    assert not Review.objects.exists()


@pytest.mark.parametrize("name", ADDRESSES)
def test_strangers_are_sent_to_the_login(name: str) -> None:
    assert ask(Client(), name).status_code == 302


@pytest.mark.parametrize("name", ADDRESSES)
def test_only_post_with_the_token(name: str, anna: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(anna)

    assert browser(anna).get(reverse(f"admin:desk_{name}")).status_code == 405
    assert ask(strict, name).status_code == 403


def test_the_page_is_for_reviewers(anna: User) -> None:
    page = browser(anna).get(reverse("admin:desk"))

    assert page.status_code == 200
    assert b"Approve" in page.content
    assert browser(UserFactory()).get(reverse("admin:desk")).status_code == 403


def test_items_come_with_all_to_judge_by(desk: Desk, new_run: Callable[..., Run]) -> None:
    run = new_run()

    item = desk("next", want=4).json()["items"][0]

    assert item["content_hash"] == content_hash_of(run)
    assert item["lyrics"][1]["lines"][0] == "We run on neon rivers"
    assert item["findings"][0]["message"] == "The intro is 4 dB quieter."
    assert {figure["label"] for figure in item["figures"]} >= {"Cost", "Licence", "Similarity"}
    assert "music_prompt" not in str(item) and "Music prompt" not in str(item)
    assert item["audio"] and item["poster"] and item["peaks"]


def test_a_missing_licence_shows(desk: Desk, new_run: Callable[..., Run]) -> None:
    run = new_run()
    run.artifacts.filter(kind="cover").update(provenance={"licence": ""})

    figures = desk("next", want=1).json()["items"][0]["figures"]

    assert next(f for f in figures if f["label"] == "Licence")["tone"] == "warning"


def test_joined_licences_are_each_told_in_words(desk: Desk, new_run: Callable[..., Run]) -> None:
    run = new_run()
    run.artifacts.update(provenance={"licence": "operator; fonts OFL-1.1"})

    figures = desk("next", want=1).json()["items"][0]["figures"]

    licence = next(f for f in figures if f["label"] == "Licence")
    assert licence["value"] == "fonts OFL-1.1; yours: made by this installation"


def test_a_persona_is_told_in_sentences_without_what_is_empty(
    desk: Desk, new_run: Callable[..., Run]
) -> None:
    artist = new_run().artist
    told = {"genre": "lofi", "voice": "plain, of one who was there. ", "style_notes": ""}
    Artist.objects.filter(pk=artist.pk).update(**told)

    item = desk("next", want=1).json()["items"][0]

    assert item["persona"] == "Lo-fi hip hop. Plain, of one who was there."


def test_an_unverified_licence_warns_in_its_own_words(
    desk: Desk, new_run: Callable[..., Run]
) -> None:
    run = new_run()
    words = "unverified: made through a reseller"
    run.artifacts.filter(kind="video").update(provenance={"licence": f"operator; {words}"})

    figures = desk("next", want=1).json()["items"][0]["figures"]

    licence = next(f for f in figures if f["label"] == "Licence")
    assert licence["tone"] == "warning"
    assert licence["value"].startswith(words)


def test_licences_of_the_footage_count_too(desk: Desk, new_run: Callable[..., Run]) -> None:
    run = new_run()
    words = "unverified: found on a stick"
    ArtifactFactory(run=run, kind="footage", name="clip 1", provenance={"licence": words})

    figures = desk("next", want=1).json()["items"][0]["figures"]

    licence = next(f for f in figures if f["label"] == "Licence")
    assert licence["tone"] == "warning"
    assert licence["value"].startswith(words)


def test_files_that_are_gone_are_not_offered(desk: Desk, new_run: Callable[..., Run]) -> None:
    run = new_run()
    run.artifacts.filter(kind="mp3").update(purged_at=NOON)

    item = desk("next", want=1).json()["items"][0]

    assert item["audio"] is None
    assert item["content_hash"] == content_hash_of(run)


def test_the_way_to_the_agreement_is_for_those_who_may_see_it(
    anna: User, browser_of: Callable[[str], Client]
) -> None:
    link = f'href="{reverse("admin:runs_review_changelist")}">Agreement of reviewers'

    assert link in browser_of("Reviewer").get(reverse("admin:desk")).content.decode()
    assert link not in browser(anna).get(reverse("admin:desk")).content.decode()


def test_cost_by_kind_of_file_adds_up_to_the_run(desk: Desk, new_run: Callable[..., Run]) -> None:
    run = new_run()
    Run.objects.filter(pk=run.pk).update(cost_usd="0.1500")
    run.artifacts.filter(kind="cover").update(cost_usd="0.04")
    for number in (1, 2):
        ArtifactFactory(run=run, kind="footage", name=str(number), cost_usd="0.03")

    costs = desk("next", want=1).json()["items"][0]["costs"]

    assert {row["label"]: row["value"] for row in costs} == {
        "Cover": "$0.04",
        "Footage": "$0.06",
        "Calls without a file, and earlier takes": "$0.05",
        "Total": "$0.15",
    }


def test_what_the_page_has_is_not_sent_again(desk: Desk) -> None:
    runs = RunFactory.create_batch(2, reviewable=True)

    items = desk("next", want=4, have=[runs[0].pk]).json()["items"]

    assert [item["id"] for item in items] == [str(runs[1].pk)]


def test_markup_never_reaches_the_page_as_such(anna: User, new_run: Callable[..., Run]) -> None:
    new_run(title=EVIL, artist=ArtistFactory(name=EVIL))
    anna.username = EVIL
    anna.save()
    client = browser(anna)

    answer = ask(client, "next", want=1)

    assert answer["Content-Type"] == "application/json"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert EVIL not in client.get(reverse("admin:desk")).content.decode()


def test_a_decision_and_its_repetition_answer_alike(desk: Desk) -> None:
    run = RunFactory(reviewable=True)
    body = verdict(run, "reject", comment="Thin.")

    first, again = desk("decide", **body), desk("decide", **body)

    assert first.json() == again.json()
    assert first.json()["verdict"]["state"] == "decided"
    review = Review.objects.get()
    assert (review.comment, review.active_seconds) == ("Thin.", 4.5)
    assert not PerformanceEntry.objects.exists()


def test_the_next_request_after_the_grace_lets_it_follow(desk: Desk) -> None:
    desk("decide", **verdict(RunFactory(reviewable=True)))
    Review.objects.update(effective_at=timezone.now() - timedelta(seconds=1))

    desk("heartbeat", runs=[])

    assert PerformanceEntry.objects.count() == 1


def test_a_conflict_tells_what_stands(desk: Desk, ben: User) -> None:
    run = RunFactory(reviewable=True, artist__approved_count=1)
    body = verdict(run)
    ask(browser(ben), "decide", **verdict(run, "reject"))

    answer = desk("decide", **body)

    assert answer.status_code == 409
    assert answer.json()["theirs"]["by"] == "ben"
    assert answer.json()["theirs"]["reasons"] == ["weak_hook"]


def test_what_another_has_on_the_desk_is_not_decided(desk: Desk, ben: User) -> None:
    run = RunFactory(reviewable=True)
    lease_runs(ben, now=timezone.now(), count=1)

    answer = desk("decide", **verdict(run))

    assert answer.status_code == 409
    assert "ben" in answer.json()["error"]


def test_changed_content_is_a_conflict(desk: Desk) -> None:
    run = RunFactory(reviewable=True)
    body = verdict(run)
    ArtifactFactory(run=run)

    assert "changed" in desk("decide", **body).json()["error"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"decision": "maybe"},
        {"reasons": ["too_loud"], "decision": "reject"},
        {"decision": "reject", "reasons": []},
        {"key": "1"},
        {"run": "x"},
        {"content_hash": ""},
        {"active_seconds": -1},
        {"active_seconds": [1]},
        {"decision": {"a": 1}},
        {"decision": "reject", "reasons": {"rights": 1}},
        {"decision": "reject", "reasons": [["rights"]]},
        {"decision": "reject", "reasons": "rights"},
        {"comment": "x" * 2001},
        {"key": "f" * 5000},
        {"run": [1, 2]},
        {"content_hash": "0" * 5000},
    ],
)
def test_what_the_page_never_sends_is_refused(desk: Desk, wrong: dict[str, object]) -> None:
    run = RunFactory(reviewable=True)

    assert desk("decide", **{**verdict(run), **wrong}).status_code == 400
    assert not Review.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"{",
        b'{"have": "x"}',
        b'{"have": ["x"]}',
        b'{"have": [null, {"a": 1}]}',
        b'{"have": ["' + b"f" * 5000 + b'"]}',
        b'{"scope": 3}',
        b'{"scope": {"artist": "x"}}',
        b'{"scope": {"artist": 1.5}}',
        b'{"scope": {"artist": -1}}',
        b'{"scope": {"batch": "' + b"9" * 5000 + b'"}}',
        b'{"scope": {"batch": [1]}}',
        b'{"scope": {"batch": true}}',
        b'{"want": NaN}',
        b'{"want": Infinity}',
        b'{"want": 1' + b"0" * 400 + b"}",
        b'{"genre": "\xff"}',
        b'{"have": ' + b"[" * 30_000 + b"]" * 30_000 + b"}",
        b'{"padding": "' + b"x" * 70_000 + b'"}',
    ],
)
def test_broken_requests_are_refused(anna: User, body: bytes) -> None:
    answer = browser(anna).post(reverse("admin:desk_next"), body, "application/json")

    assert answer.status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        {"want": "x"},
        {"want": -5},
        {"want": 2**63 - 1},
        {"scope": {"genre": "a\x00b"}},
        {"scope": {"genre": ["a"], "artist": 2**63 - 1}},
        {"scope": {"artist": "7"}},
    ],
)
def test_odd_requests_are_answered(desk: Desk, body: dict[str, object]) -> None:
    assert desk("next", **body).status_code == 200


@pytest.mark.parametrize("odd", ["x" * 5000, 2**63, [1], {"a": 1}, None, True, "a\x00b", 1.5])
@pytest.mark.parametrize(
    "address", ["heartbeat", "release", "decide", "undo", "reasons", "together"]
)
def test_no_odd_value_is_a_fault_of_ours(desk: Desk, address: str, odd: object) -> None:
    names = ("runs", "key", "group", "run", "scope", "items", "reasons", "comment", "decision")
    for name in names:
        assert desk(address, **{name: odd}).status_code in (200, 400, 409), name


def test_undo_by_key(desk: Desk) -> None:
    run = RunFactory(reviewable=True)
    body = verdict(run)
    desk("decide", **body)

    answer = desk("undo", key=body["key"])

    run.refresh_from_db()
    assert answer.json()["undone"][0]["state"] == "undone"
    assert run.status == Run.Status.AWAITING_REVIEW


def together(desk: Desk, runs: list[Run], **fields: object) -> HttpResponse:
    body: dict[str, object] = {
        "group": uuid4(),
        "scope": {"artist": runs[0].artist_id},
        "decision": "approve",
        "items": [
            {"run": run.pk, "key": uuid4(), "content_hash": content_hash_of(run)} for run in runs
        ],
    }
    return desk("together", **{**body, **fields})


def test_several_of_one_scope_with_one_undo(desk: Desk) -> None:
    runs = RunFactory.create_batch(3, artist=ArtistFactory(), reviewable=True)
    group = uuid4()

    shown = desk("several", scope={"artist": runs[0].artist_id}).json()["items"]
    answer = together(desk, runs, group=group)
    repeated = Review.objects.count()
    undone = desk("undo", group=group).json()["undone"]

    assert len(shown) == len(answer.json()["verdicts"]) == repeated == len(undone) == 3
    assert set(Run.objects.values_list("status", flat=True)) == {"awaiting_review"}


def test_one_that_changed_does_not_hold_up_the_others(desk: Desk) -> None:
    runs = RunFactory.create_batch(2, artist=ArtistFactory(), reviewable=True)
    hashes = [content_hash_of(run) for run in runs]
    ArtifactFactory(run=runs[0])
    items = [
        {"run": run.pk, "key": uuid4(), "content_hash": seen}
        for run, seen in zip(runs, hashes, strict=True)
    ]

    answer = together(desk, runs, items=items).json()

    assert len(answer["verdicts"]) == 1
    assert answer["refused"][0]["run"] == str(runs[0].pk)


def test_several_need_a_scope_that_holds_them_all(desk: Desk) -> None:
    run, other = RunFactory.create_batch(2, reviewable=True)

    assert together(desk, [run], scope={}).status_code == 400
    assert together(desk, [run, other]).status_code == 400
    assert desk("several").status_code == 400
    assert not Review.objects.exists()


def test_no_more_than_25_together(desk: Desk) -> None:
    runs = RunFactory.create_batch(26, artist=ArtistFactory(), reviewable=True)

    assert len(desk("several", scope={"artist": runs[0].artist_id}).json()["items"]) == 25
    assert together(desk, runs).status_code == 400


def test_reasons_are_corrected_and_the_last_decisions_listed(desk: Desk) -> None:
    body = verdict(RunFactory(reviewable=True), "reject")
    desk("decide", **body)

    answer = desk("reasons", key=body["key"], reasons=["rights", "other"], comment="Sample.")

    assert answer.json()["recent"][0]["reasons"] == ["rights", "other"]
    assert desk("reasons", key=body["key"], reasons=[]).status_code == 409


def test_scopes_of_the_queue(desk: Desk) -> None:
    run = RunFactory(reviewable=True)

    scopes = desk("scopes").json()

    assert scopes["artist"] == [{"value": run.artist_id, "label": run.artist.name, "count": 1}]
    assert scopes["genre"][0]["value"] == "synthwave"


# Of a role each of the two requests looks up the permissions: the account's own, its groups'.
@pytest.mark.usefixtures("bell")
@pytest.mark.parametrize(("role", "most"), [("", 15), ("Reviewer", 19)])
def test_opening_asks_no_more_of_a_long_queue(
    boss: Client,
    browser_of: Callable[[str], Client],
    new_run: Callable[..., Run],
    role: str,
    most: int,
) -> None:
    client = browser_of(role) if role else boss

    def queries() -> int:
        """Of the page and of its first request together."""
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("admin:desk")).status_code == 200
            assert len(ask(client, "next", want=4).json()["items"]) == 4
        return sum("SAVEPOINT" not in query["sql"] for query in captured)

    for _ in range(4):
        new_run()
    few = queries()
    for _ in range(20):
        new_run()

    assert queries() == few <= most


def test_the_script_is_checked_with_the_shape_that_is_sent() -> None:
    declarations = (settings.BASE_DIR / "ai_artist" / "javascript.d.ts").read_text("utf-8")
    shape = re.search(r"interface ItemData \{\n(.*?)\n\}", declarations, re.DOTALL)
    run = RunFactory(reviewable=True)

    [sent] = items_of([run.pk], reviewer=UserFactory(), now=NOON)

    assert shape and re.findall(r"^  (\w+)\??:", shape[1], re.MULTILINE) == list(sent)
