"""Songs that people bring for runs with imported music, through the panel."""

from __future__ import annotations

import errno
import io
import json
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from media_tools.music.declaration import Declaration
from runs.admin import song as panel
from runs.errors import Pending, RunRefused
from runs.models import ProviderCall, Run, RunEvent
from runs.providers import engines
from runs.steps import music
from runs.steps.context import StepContext
from runs.work import songs
from tests.buckets import in_bucket, moto
from tests.contract_servers.songs import RATE, silent_wav
from tests.factories import CONCEPT, NOON, RunFactory, StepFactory, UserFactory, run_awaiting_song

__all__ = ["in_bucket", "moto"]
pytestmark = pytest.mark.django_db

DECLARED = {
    "generator": "ai",
    "model": "Suno V6, own Premier account",
    "licence": "CC BY 4.0",
    "author": "Zoë",
    "source_url": "https://example.org/song",
}
SONG, OTHER_SONG = silent_wav(20, RATE), silent_wav(21, RATE)
JSON = {"headers": {"Accept": "application/json"}}


@pytest.fixture
def run(db: None) -> Run:
    return run_awaiting_song()


@pytest.fixture
def inbox(settings: Any) -> Path:
    return Path(settings.INBOX_DIR)


def address(run: Run) -> str:
    return reverse("admin:runs_run_song", args=[run.pk])


def upload(content: bytes | None = None, name: str = "my song.mp3") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, SONG if content is None else content)


def lying(inbox: Path) -> list[str]:
    return sorted(path.name for path in inbox.iterdir()) if inbox.is_dir() else []


def test_song_and_declaration_lie_in_the_inbox_and_the_run_is_due(
    boss: Client, run: Run, inbox: Path
) -> None:
    response = boss.post(address(run), {**DECLARED, "song": upload()})

    assert response["Location"] == reverse("admin:runs_run_change", args=[run.pk])
    assert lying(inbox) == [f"{run.pk}.json", f"{run.pk}.wav"]
    assert (inbox / f"{run.pk}.wav").read_bytes() == SONG
    assert json.loads((inbox / f"{run.pk}.json").read_text("utf-8")) == DECLARED
    run.refresh_from_db()
    assert run.due_at > NOON
    event = RunEvent.objects.get(run=run, kind="song")
    assert event.actor is not None
    assert "CC BY 4.0" in event.message


@pytest.mark.parametrize("shared", [False, True], ids=["inbox", "bucket"])
def test_the_step_collects_what_was_uploaded(
    boss: Client, tmp_path: Path, settings: Any, request: pytest.FixtureRequest, shared: bool
) -> None:
    if shared:
        request.getfixturevalue("in_bucket")
    run = RunFactory(concept=dict(CONCEPT))
    words = {"sections": [{"kind": "verse", "lines": ["One line"]}]}
    StepFactory(
        run=run,
        name="lyrics",
        status="done",
        finished_at=NOON,
        output={"lyrics": words | {"explicit": False, "language": "en"}},
    )
    context = StepContext(
        run=run,
        step="music",
        workdir=tmp_path,
        engines=SimpleNamespace(music=lambda name: engines.imported()),  # type: ignore[arg-type]
        clock=lambda: NOON,
        report=lambda fraction: None,
        cancelled=lambda: False,
    )
    with pytest.raises(Pending):
        music.perform(context)

    boss.post(address(run), {**DECLARED, "song": upload()})
    if shared:  # the step is done at another machine
        shutil.rmtree(settings.INBOX_DIR)
    result = music.perform(context)

    made_by = result.artifacts[0].provenance
    assert (made_by.generator, made_by.licence, made_by.author) == ("ai", "CC BY 4.0", "Zoë")
    assert lying(Path(settings.INBOX_DIR)) == ["taken"]
    assert ProviderCall.objects.get().status == ProviderCall.Status.SUCCEEDED


def test_page_of_a_waiting_run_offers_the_form(boss: Client, run: Run) -> None:
    page = boss.get(reverse("admin:runs_run_change", args=[run.pk])).content.decode()

    assert f'action="{address(run)}"' in page
    assert 'enctype="multipart/form-data"' in page
    assert boss.get(address(run)).status_code == 200


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_page_of_another_run_does_not(boss: Client, run: Run, status: str) -> None:
    Run.objects.filter(pk=run.pk).update(status=status, error="x", finished_at=NOON)

    page = boss.get(reverse("admin:runs_run_change", args=[run.pk])).content.decode()

    assert address(run) not in page


def test_page_of_a_run_that_waits_for_another_provider_does_not(boss: Client, run: Run) -> None:
    ProviderCall.objects.update(provider="suno")

    response = boss.get(address(run))

    assert response["Location"] == reverse("admin:runs_run_change", args=[run.pk])
    assert "waits for no song" in " ".join(str(m) for m in get_messages(response.wsgi_request))


def test_who_may_only_look_gets_no_form(browser_of: Callable[[str], Client], run: Run) -> None:
    client = browser_of("Reviewer")

    page = client.get(reverse("admin:runs_run_change", args=[run.pk])).content.decode()

    assert address(run) not in page
    assert client.post(address(run), {"song": upload()}).status_code == 403


def test_post_without_a_token_is_refused_and_keeps_nothing(run: Run, inbox: Path) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory(is_superuser=True))

    response = client.post(address(run), {**DECLARED, "song": upload()})

    assert response.status_code == 403
    assert lying(inbox) == []


def test_post_with_a_token_is_taken(run: Run, inbox: Path) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory(is_superuser=True))
    client.get(address(run))
    token = client.cookies["csrftoken"].value

    client.post(address(run), {**DECLARED, "csrfmiddlewaretoken": token, "song": upload()})

    assert f"{run.pk}.wav" in lying(inbox)


def test_unknown_run_is_not_found(boss: Client) -> None:
    url = reverse("admin:runs_run_song", args=[uuid.uuid4()])

    assert boss.post(url, {"song": upload()}).status_code == 404


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"song": None}, "song", "This field is required"),
        ({"song": b""}, "song", "empty"),
        ({"song": b"<html>expired"}, "song", "a web page or message instead of audio"),
        ({"song": b"\x89PNG\r\n\x1a\n" + bytes(99)}, "song", "image/png, not audio"),
        ({"song": b"RIFF\x00\x00\x00\x00AVI " + bytes(99)}, "song", "not audio"),
        ({"song": b"MZ" + bytes(99)}, "song", "not audio"),
        # What is left would be long enough.
        ({"song": silent_wav(25)[: -2 * 8_000]}, "song", "cannot be used: the file is truncated"),
        ({"song": silent_wav(19)}, "song", "it is 19.0 s long; the least is 20 s"),
        ({"song": silent_wav(601)}, "song", "it is 601 s long; the limit is 600 s"),
        ({"generator": ""}, "generator", "This field is required"),
        ({"generator": "cat"}, "generator", "Select a valid choice"),
        ({"licence": "x" * 501}, "licence", "at most 500 characters"),
        ({"author": "a\0b"}, "author", "Null characters are not allowed"),
        ({"source_url": "javascript:alert(1)"}, "source_url", "Enter a valid URL"),
    ],
)
def test_what_does_not_fit_is_told_at_its_field_and_nothing_typed_is_lost(
    boss: Client, run: Run, inbox: Path, fields: dict[str, Any], field: str, said: str
) -> None:
    content = fields.get("song", SONG)
    posted = {**DECLARED, **fields, "song": upload(content) if content is not None else ""}

    response = boss.post(address(run), posted)

    form = response.context["song_form"]
    assert list(form.errors) == [field]
    assert said in " ".join(form.errors[field])
    assert form["model"].value() == DECLARED["model"]
    assert DECLARED["model"] in response.content.decode()
    assert lying(inbox) == []
    run.refresh_from_db()
    assert run.due_at == NOON


def test_name_of_the_upload_does_not_matter(boss: Client, run: Run, inbox: Path) -> None:
    boss.post(address(run), {**DECLARED, "song": upload(name="../../x.exe")})

    assert lying(inbox) == [f"{run.pk}.json", f"{run.pk}.wav"]


@pytest.mark.parametrize("first", ["song", "model"])
def test_song_over_the_limit_is_refused_in_words_and_the_rest_is_kept(
    boss: Client, run: Run, inbox: Path, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    monkeypatch.setattr(panel, "MAX_UPLOAD_BYTES", 100_000)
    content = SONG + bytes(200_000)
    posted = {first: None, **DECLARED, "song": None} | DECLARED | {"song": upload(content)}

    response = boss.post(address(run), posted)

    form = response.context["song_form"]
    assert form.errors == {"song": [panel.TOO_LARGE]}
    assert form["model"].value() == DECLARED["model"]
    assert lying(inbox) == []


def test_full_disk_is_told_at_the_field(
    boss: Client, run: Run, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.BytesIO):
        def write(self, data: Any) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(panel.tempfile, "TemporaryFile", lambda dir: Full())

    response = boss.post(address(run), {**DECLARED, "song": upload()})

    assert response.context["song_form"].errors == {
        "song": ["The song could not be kept (No space left on device)."]
    }


def test_several_files_of_a_body_are_one_song(boss: Client, run: Run, inbox: Path) -> None:
    boss.post(
        address(run),
        {**DECLARED, "song": [upload(), upload(OTHER_SONG)], "other": upload(b"x" * 1000)},
    )

    assert (inbox / f"{run.pk}.wav").read_bytes() == SONG


def test_second_song_for_a_run_is_refused(boss: Client, run: Run, inbox: Path) -> None:
    boss.post(address(run), {**DECLARED, "song": upload()})

    response = boss.post(address(run), {**DECLARED, "song": upload(OTHER_SONG)})

    assert "waits for this run already" in str(response.context["song_form"].errors)
    assert (inbox / f"{run.pk}.wav").read_bytes() == SONG


def test_run_that_stopped_waiting_takes_no_song(boss: Client, run: Run, inbox: Path) -> None:
    Run.objects.filter(pk=run.pk).update(status="cancelled", finished_at=NOON)

    response = boss.post(address(run), {**DECLARED, "song": upload()})

    assert response.context["song_form"].errors == {"song": [panel.NOT_WAITING]}
    with pytest.raises(RunRefused, match="waits for no song"):
        songs.deliver_song(
            run_id=run.pk, chunks=[SONG], declared=Declaration(), actor=None, now=NOON
        )
    assert lying(inbox) == []


def test_script_is_told_where_to_go_or_what_is_wrong(boss: Client, run: Run) -> None:
    refused = boss.post(address(run), {**DECLARED, "generator": "", "song": upload()}, **JSON)
    taken = boss.post(address(run), {**DECLARED, "song": upload()}, **JSON)

    assert list(refused.json()["errors"]) == ["generator"]
    assert taken.json() == {"next": reverse("admin:runs_run_change", args=[run.pk])}
