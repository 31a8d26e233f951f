"""An ACE-Step 1.5 server: queued tasks, results as JSON in JSON, and its odd habits.

`ending` of a task: "" for success, "silent" for a failure without a word, "no-file", else the
text of an error. A task the server does not know looks like a queued one.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from tests.contract_servers.base import ContractServer, Reply, Request, route
from tests.contract_servers.songs import song

KEY = "acestep-contract-key"


@dataclass
class Task:
    number: int
    body: dict[str, Any]
    ending: str
    polls: int = 0


def wrapped(data: Any, *, code: int = 200, error: str | None = None) -> Reply:
    stamp = int(time.time() * 1000)
    return Reply({"data": data, "code": code, "error": error, "timestamp": stamp, "extra": None})


class AceStepServer(ContractServer):
    """polls_needed: how often a task is still running when asked. song_s: as SunoServer's."""

    name = "acestep"

    def reset_state(self) -> None:
        self.tasks: dict[str, Task] = {}
        self.endings: list[str] = []
        self.polls_needed = 1
        self.song_s: float | None = None
        self.forgets_files = False

    def environment(self) -> dict[str, str]:
        return {"ACESTEP_BASE_URL": self.url, "ACESTEP_API_KEY": KEY}

    @route("POST", "/release_task")
    def release_task(self, request: Request) -> Reply:
        if request.bearer != KEY:
            return Reply({"detail": "Missing or wrong API key"}, 401)
        body = request.json
        if not 10 <= body["audio_duration"] <= 600 or not 30 <= body["bpm"] <= 300:
            return Reply({"detail": "audio_duration or bpm out of range"}, 400)
        number = len(self.tasks) + 1
        task_id = f"00000000-0000-4000-8000-{number:012d}"
        ending = self.endings.pop(0) if self.endings else ""
        self.tasks[task_id] = Task(number, body, ending)
        return wrapped({"task_id": task_id, "status": "queued", "queue_position": 1})

    @route("POST", "/query_result")
    def query_result(self, request: Request) -> Reply:
        if request.bearer != KEY:
            return Reply({"detail": "Missing or wrong API key"}, 401)
        return wrapped([self._state(task_id) for task_id in request.json["task_id_list"]])

    @route("GET", "/v1/audio")
    def audio(self, request: Request) -> Reply:
        if request.bearer != KEY:
            return Reply({"detail": "Missing or wrong API key"}, 401)
        path = request.query["path"]
        if not path.startswith("/outputs/"):
            return Reply({"detail": "Access denied"}, 403)
        if self.forgets_files:
            return Reply({"detail": "File not found"}, 404)
        number, place = path.removeprefix("/outputs/").removesuffix(".flac").split("-")
        task = next(task for task in self.tasks.values() if task.number == int(number))
        length_s = self.song_s or task.body["audio_duration"]
        content = song(200 + int(number) * 8 + int(place), length_s, ".flac")
        return Reply(content, content_type="audio/flac")

    @route("GET", "/health")
    def health(self, request: Request) -> Reply:
        return wrapped({"status": "ok", "service": "ACE-Step API"})

    @route("GET", "/v1/stats")
    def stats(self, request: Request) -> Reply:
        jobs = {"queued": 2, "running": 1, "succeeded": len(self.tasks), "failed": 0}
        return wrapped({"jobs": jobs, "queue_size": 2, "queue_maxsize": 200})

    def _state(self, task_id: str) -> dict[str, Any]:
        task = self.tasks.get(task_id)
        if task is None:
            return {"task_id": task_id, "status": 0, "result": "[]"}
        task.polls += 1
        if task.polls <= self.polls_needed:
            running = [{"file": "", "status": 0, "progress": 0.4, "stage": "running"}]
            return {"task_id": task_id, "status": 0, "result": json.dumps(running)}
        if task.ending in ("", "no-file"):
            count = task.body["batch_size"]
            songs = [self._song(task, place, task.ending == "") for place in range(count)]
            return {"task_id": task_id, "status": 1, "result": json.dumps(songs)}
        failed: dict[str, Any] = {"file": "", "status": 2, "stage": "failed"}
        if task.ending != "silent":
            failed["error"] = task.ending
        return {"task_id": task_id, "status": 2, "result": json.dumps([failed])}

    def _song(self, task: Task, place: int, has_file: bool) -> dict[str, Any]:
        path = quote(f"/outputs/{task.number}-{place}.flac", safe="")
        seed = int(task.body["seed"])
        count = task.body["batch_size"]
        return {
            "file": f"/v1/audio?path={path}" if has_file else "",
            "status": 1,
            "create_time": 1763790000,
            "prompt": task.body["prompt"],
            "lyrics": task.body["lyrics"],
            "metas": {
                "bpm": task.body["bpm"],
                "duration": task.body["audio_duration"],
                "keyscale": task.body.get("key_scale", "N/A"),
                "timesignature": "4",
            },
            "seed_value": ",".join(str(seed + index) for index in range(count)),
            "lm_model": "acestep-5Hz-lm-0.6B",
            "dit_model": "acestep-v15-turbo",
            "progress": 1.0,
            "stage": "succeeded",
        }
