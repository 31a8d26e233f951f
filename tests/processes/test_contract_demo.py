"""`make demo PROVIDERS=contract`: a batch through providers over HTTP, to the reviewer."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.contract_servers.stock import SIZES, clip_bytes
from tests.databases import copy_database
from tests.processes.conftest import SMALL
from tests.processes.preloaded import ROOT

# Short enough to be quick; shorter ones are no songs to the quality gate.
LENGTH_S = {"AI_ARTIST_TRACK_MIN_S": "22", "AI_ARTIST_TRACK_MAX_S": "26"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Path:
    """The demo's folder; its database is migrated already."""
    folder = tmp_path_factory.mktemp("contract")
    copy_database(migrated, folder / "db.sqlite3")
    return folder


@pytest.fixture(scope="module")
def run(folder: Path) -> dict[str, Any]:
    """The run of the demo batch, as the command prints it."""
    demo = [sys.executable, "manage.py", "demo", "--runs", "1", "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.contract_servers", "--folder", str(folder), "--", *demo],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", **SMALL, **LENGTH_S},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    (made,) = json.loads(done.stdout)["runs"]
    return made


@pytest.fixture
def rows(folder: Path, run: dict[str, Any]):
    def ask(query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(folder / "db.sqlite3")) as database:
            return database.execute(query).fetchall()

    return ask


@pytest.fixture
def made_by(rows):
    """Provenance of each file: by kind and name."""
    found = rows("SELECT kind, name, provenance FROM runs_artifact")
    return {(kind, name): json.loads(text) for kind, name, text in found}


def test_the_batch_comes_to_review(run) -> None:
    assert run["status"] == "awaiting_review", run["error"]


def test_the_song_and_its_other_take_are_sunos(made_by) -> None:
    for key in (("mix", ""), ("take", "take 2")):
        assert (made_by[key]["provider"], made_by[key]["generator"]) == ("suno", "ai")
        assert made_by[key]["licence"].startswith("unverified")


@pytest.mark.parametrize("kind", ["wav", "mp3", "video"])
def test_what_holds_the_song_carries_its_rights(made_by, kind: str) -> None:
    assert "suno" in made_by[kind, ""]["provider"]
    assert "unverified" in made_by[kind, ""]["licence"]
    assert made_by[kind, ""]["generator"] == "ai"


def test_the_words_are_the_language_models(made_by) -> None:
    lyrics = made_by["lyrics", ""]

    assert (lyrics["provider"], lyrics["generator"]) == ("openai", "ai")


def test_the_clips_are_pexels_own_files(folder: Path, rows, made_by) -> None:
    clips = rows("SELECT name, file FROM runs_artifact WHERE kind = 'footage'")

    assert len(clips) >= 2
    for name, file in clips:
        clip = made_by["footage", name]
        assert (clip["provider"], clip["author"]) == ("pexels", "Jane Doe")
        assert "Pexels" in clip["licence"]
        sent = [clip_bytes(f"{clip['model']}-{width}x{height}.mp4") for width, height in SIZES]
        assert (folder / "media" / file).read_bytes() in sent


def test_the_video_names_its_footage(made_by) -> None:
    assert "Pexels" in made_by["video", ""]["licence"]


def test_the_trends_are_xs(rows) -> None:
    (count,) = rows(
        "SELECT COUNT(*) FROM trends_observation AS o JOIN trends_trendsource AS s"
        " ON o.source_id = s.id WHERE s.name = 'x'"
    )

    assert count[0] > 0


def test_every_call_is_in_the_ledger_with_its_cost(rows) -> None:
    calls = rows(
        "SELECT provider, purpose, status, SUM(cost_usd) FROM runs_providercall"
        " GROUP BY provider, purpose, status"
    )
    costs = {(provider, purpose): usd for provider, purpose, _, usd in calls}

    assert {status for *_, status, _ in calls} == {"succeeded"}
    assert costs["suno", "music"] == pytest.approx(0.06)
    assert costs["pexels", "footage"] == 0
    assert costs["x", "trend counts"] > 0
    for purpose in ("concept", "lyrics", "reflection"):
        assert costs["openai", purpose] > 0


def test_the_run_costs_what_its_calls_cost(rows) -> None:
    ((cost, calls),) = rows(
        "SELECT r.cost_usd, SUM(c.cost_usd) FROM runs_run AS r"
        " JOIN runs_providercall AS c ON c.run_id = r.id GROUP BY r.id"
    )

    assert cost == pytest.approx(calls, abs=1e-4)


def test_each_file_bears_what_its_provider_was_paid(rows) -> None:
    files = rows("SELECT kind, name, cost_usd FROM runs_artifact")
    costs = {(kind, name): usd for kind, name, usd in files}
    spent = dict(rows("SELECT step, SUM(cost_usd) FROM runs_providercall GROUP BY step"))

    assert costs["mix", ""] == costs["take", "take 2"] == pytest.approx(0.03)
    assert costs["lyrics", ""] == pytest.approx(spent["lyrics"]) != 0
    assert {usd for (kind, _), usd in costs.items() if kind in ("wav", "mp3", "video")} == {0}
    borne = sum(usd for usd in costs.values())
    assert borne == pytest.approx(spent["music"] + spent["lyrics"])


def test_the_servers_need_no_more_than_the_product() -> None:
    script = (
        "import sys; sys.modules['pytest'] = None\n"
        "from tests.contract_servers.__main__ import server_classes\n"
        "print(len(server_classes()))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)

    assert int(done.stdout) > 10, done.stderr
