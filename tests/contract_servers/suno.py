"""A gateway of the "sunoapi v1" family: envelopes, two songs an answer, both gateway dialects.

It checks what it is sent as the gateways do. Errors come as HTTP 200 with a code in the body.
`ending` decides how the next tasks end; `stages` what each poll of a task shows until then.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Any

from tests.contract_servers.base import ContractServer, Reply, Request, route
from tests.contract_servers.songs import song

KEY = "suno-contract-key-0123456789"
WEBHOOK_KEY = "suno-contract-webhook-key-0123"
OLD_MODELS = {"V4", "V4_5", "V4_5PLUS", "V4_5ALL", "V5", "V5_5"}
STAGES = ("PENDING", "TEXT_SUCCESS", "FIRST_SUCCESS")


@dataclass
class Ending:
    """How a task ends. forever: this status is shown for ever. as_text: `response` is JSON in a
    string. songs: how many; files: how many of them have a file."""

    status: str = "SUCCESS"
    error_code: int | None = None
    error_message: str | None = None
    forever: str = ""
    as_text: bool = False
    songs: int = 2
    files: int = 2


@dataclass
class Task:
    number: int
    body: dict[str, Any]
    ending: Ending
    made_at: float = field(default_factory=time.monotonic)
    polls: int = 0


def envelope(code: int, message: str, data: Any = None) -> Reply:
    """An answer of the family: always HTTP 200."""
    return Reply({"code": code, "msg": message, "data": data})


class SunoServer(ContractServer):
    """profile: whose meaning 429 has. song_s: length of its songs, None for the one asked for.

    work_s: how long a task takes; None: one stage a poll.
    """

    name = "suno"
    profile = "sunoapi"

    def reset_state(self) -> None:
        self.tasks: dict[str, Task] = {}
        self.endings: list[Ending] = []
        self.stages: tuple[str, ...] = STAGES
        self.credits = 1200.0
        self.song_s: float | None = None
        self.work_s: float | None = None

    def environment(self) -> dict[str, str]:
        return {
            "AI_ARTIST_MUSIC": "suno",
            "SUNO_API_KEY": KEY,
            "SUNO_BASE_URL": self.url,
            "SUNO_PROFILE": self.profile,
        }

    @property
    def paid(self) -> int:
        """How many submissions were taken and charged."""
        return len(self.tasks)

    @route("POST", "/api/v1/generate")
    def generate(self, request: Request) -> Reply:
        if request.bearer != KEY:
            return envelope(401, "You do not have access permissions")
        body = request.json
        if fault := self._fault_of(body):
            return fault
        if self.credits < 12:
            code = 429 if self.profile == "sunoapi" else 402
            return envelope(code, "The current credits are insufficient. Please top up.")
        self.credits -= 12
        ending = self.endings.pop(0) if self.endings else Ending()
        number = len(self.tasks) + 1
        task_id = f"task-{number:04d}"
        self.tasks[task_id] = Task(number, body, ending)
        return envelope(200, "success", {"taskId": task_id})

    @route("GET", "/api/v1/generate/record-info")
    def record_info(self, request: Request) -> Reply:
        if request.bearer != KEY:
            return envelope(401, "You do not have access permissions")
        task_id = request.query.get("taskId", "")
        task = self.tasks.get(task_id)
        if task is None:
            return envelope(200, "success", None)
        status = self._status(task)
        task.polls += 1
        songs = self._songs(task, status)
        response: Any = {"taskId": task_id, "sunoData": songs} if songs else None
        if task.ending.as_text and response:
            response = json.dumps(response)
        failed = status == task.ending.status and status != "SUCCESS"
        record = {
            "taskId": task_id,
            "parentMusicId": "",
            "param": json.dumps(task.body),
            "status": status,
            "type": "GENERATE",
            "errorCode": task.ending.error_code if failed else None,
            "errorMessage": task.ending.error_message if failed else None,
            "response": response,
        }
        return envelope(200, "success", record)

    @route("GET", "/api/v1/generate/credit")
    def credit(self, request: Request) -> Reply:
        if request.bearer != KEY:
            return envelope(401, "You do not have access permissions")
        return envelope(200, "success", int(self.credits))

    @route("GET", "/api/v1/chat/credit")
    def chat_credit(self, request: Request) -> Reply:
        return envelope(200, "success", self.credits + 0.5)

    @route("GET", "/files/{name}")
    def file(self, request: Request) -> Reply:
        task_id, _, place = request.parts["name"].removesuffix(".mp3").rpartition("_")
        task = self.tasks[task_id]
        # The second song is a little longer, as it happens.
        length_s = self.song_s or float(task.body.get("duration", 60))
        content = song(task.number * 2 + int(place), length_s + int(place) * 0.5)
        return Reply(content, content_type="audio/mpeg")

    def callback(self, task_id: str, kind: str, *, now: float) -> tuple[bytes, dict[str, str]]:
        """Body and headers of a callback; kie signs it."""
        body = {
            "code": 200 if kind != "error" else 501,
            "msg": "All generated successfully.",
            "data": {
                "callbackType": kind,
                "task_id": task_id,
                "data": [{"id": "s-1", "audio_url": "", "model_name": "chirp-v6"}],
            },
        }
        stamp = str(int(now))
        signed = hmac.new(WEBHOOK_KEY.encode(), f"{task_id}.{stamp}".encode(), hashlib.sha256)
        headers = {
            "X-Webhook-Timestamp": stamp,
            "X-Webhook-Signature": base64.b64encode(signed.digest()).decode(),
        }
        return json.dumps(body).encode(), headers if self.profile == "kie" else {}

    def _fault_of(self, body: dict[str, Any]) -> Reply | None:
        if not body.get("callBackUrl"):
            return envelope(422, "callBackUrl is required")
        if not isinstance(body.get("customMode"), bool) or not body.get("model"):
            return envelope(400, "customMode and model are required")
        if not body.get("style") or not body.get("title"):
            return envelope(422, "style and title are required in custom mode")
        if len(body["title"]) > 80 or len(body["style"]) > 1000:
            return envelope(413, "The title or the style is too long")
        old = body["model"] in OLD_MODELS
        lyrics = body.get("prompt" if old else "lyrics", "")
        if not body["instrumental"] and not lyrics:
            return envelope(422, f"{'prompt' if old else 'lyrics'} is required with vocals")
        if len(lyrics) > 5000:
            return envelope(413, "The lyrics are too long")
        return None

    def _status(self, task: Task) -> str:
        if task.ending.forever:
            return task.ending.forever
        if self.work_s is not None:
            done = (time.monotonic() - task.made_at) / self.work_s
            stage = int(done * len(self.stages))
        else:
            stage = task.polls
        return self.stages[stage] if stage < len(self.stages) else task.ending.status

    def _songs(self, task: Task, status: str) -> list[dict[str, Any]]:
        ended = status == task.ending.status and status in ("SUCCESS", "CALLBACK_EXCEPTION")
        if not ended and status != "FIRST_SUCCESS":
            return []
        files = task.ending.files if ended else 1
        return [self._song(task, place, place < files) for place in range(task.ending.songs)]

    def _song(self, task: Task, place: int, has_file: bool) -> dict[str, Any]:
        name = f"task-{task.number:04d}_{place}"
        return {
            "id": name,
            "audioUrl": f"{self.url}/files/{name}.mp3" if has_file else "",
            "streamAudioUrl": f"{self.url}/files/{name}",
            "imageUrl": f"{self.url}/files/{name}.jpeg",
            "prompt": task.body.get("lyrics", ""),
            "modelName": "chirp-v6",
            "title": task.body["title"],
            "tags": task.body["style"][:60],
            "createTime": "2026-11-22 10:00:00",
            "duration": 180.0 + place,
        }


class KieServer(SunoServer):
    """The same dialect, where 429 means too many requests and callbacks are signed."""

    profile = "kie"
