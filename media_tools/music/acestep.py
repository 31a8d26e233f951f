"""ACE-Step 1.5 on the operator's own server: open weights, no cost by the song.

The server never says that it does not know a task: a forgotten one looks like a queued one, so
only our own deadline ends the wait. A failed task may hold no word about the cause.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from media_tools import foreign
from media_tools.errors import (
    JobFailed,
    JobRefused,
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
)
from media_tools.music.base import MusicOptions, MusicProvider, MusicRequest, MusicTrack
from media_tools.music.intake import SONG_LIMITS
from media_tools.music.takes import OfferedSong, fetch_takes
from media_tools.music.wording import (
    INSTRUMENTAL_MARK,
    is_instrumental,
    lyrics_within,
    style_words,
)
from media_tools.provenance import Provenance
from media_tools.providers.health import ProviderHealth
from media_tools.providers.http import PLAIN, Call, HttpClient, HttpReply, Line
from media_tools.providers.job import bearer, late_backoff_s, unusable
from media_tools.providers.replies import (
    UNPACKED,
    Figure,
    Label,
    Reference,
    Reply,
    Whole,
    at,
    rows,
)

NAME = "acestep"
BASE_URL = "http://127.0.0.1:8001"
LICENCE = "MIT (ACE-Step 1.5 weights and code, own server)"

_PROMPT_CHARACTERS = 1000
_LYRICS_CHARACTERS = 8000
_DURATION_LIMITS_S = (10.0, 600.0)
_TEMPO_LIMITS_BPM = (30, 300)
_BUSY_S = 30.0
_KEY = re.compile(r"[A-G][#b]? (major|minor)\Z", re.IGNORECASE)

# A task has 8 songs at most; more are read only so that those left out can be counted.
_SONGS_READ = 1000
_TASKS_READ = 100

# The states of a task.
_SUCCEEDED, _FAILED = 1, 2


@dataclass(frozen=True, kw_only=True)
class AceStepOptions(MusicOptions):
    """thinking: let the server's language model plan the song (better; it has to be loaded)."""

    base_url: str = ""
    api_key: str = field(default="", repr=False)
    model: str = ""  # one of the server's; empty for its default
    takes: int = 1  # songs for one request, 1 to 8
    thinking: bool = False
    vocal_language: str = "en"


class _Released(Reply):
    task_id: Reference = Field(min_length=1)


class _Release(Reply):
    data: _Released


class _Metas(Reply):
    bpm: Annotated[Figure | None, Field(ge=30.0, le=300.0)] = None
    keyscale: Any = None


class _Song(Reply):
    file: Reference = ""
    error: Any = None
    metas: _Metas = _Metas()
    dit_model: Label = ""
    seed_value: Label = ""  # of all songs: "1,2"


class _Task(Reply):
    task_id: Reference = ""
    status: Whole | None = None
    progress_text: Any = None
    # JSON inside JSON.
    result: Annotated[list[_Song], rows(_SONGS_READ), UNPACKED] = []


class _Tasks(Reply):
    data: Annotated[list[_Task], rows(_TASKS_READ)]


class _State(Reply):
    status: Label = at("data", "status")


class _Queue(Reply):
    queued: Whole = at("data", "jobs", "queued", default=0)
    running: Whole = at("data", "jobs", "running", default=0)


class AceStepMusic(MusicProvider):
    """A second submission costs the server's time only."""

    Options = AceStepOptions
    name = NAME
    resubmit_safe = True
    sings = True
    # The server itself gives a task up after an hour.
    deadline_s = 3900.0

    def __init__(self, options: AceStepOptions, line: Line = PLAIN) -> None:
        self.model = options.model or "default"
        self._options = options
        self._http = HttpClient(
            NAME,
            options.base_url or BASE_URL,
            headers=bearer(options.api_key),
            line=line,
            classify=self._classify,
        )

    def submit(self, request: MusicRequest, *, idempotency_key: str) -> str:
        call = Call("POST", "/release_task", json=self.body(request))
        return self._http.read(call, _Release).data.task_id

    def body(self, request: MusicRequest) -> dict[str, Any]:
        """The JSON of POST /release_task. Raises ProviderRejected for lyrics too long."""
        shortest, longest = _DURATION_LIMITS_S
        slowest, fastest = _TEMPO_LIMITS_BPM
        instrumental = is_instrumental(request)
        body: dict[str, Any] = {
            "prompt": style_words(request, limit=_PROMPT_CHARACTERS),
            "lyrics": INSTRUMENTAL_MARK
            if instrumental
            else lyrics_within(request, _LYRICS_CHARACTERS, provider=NAME),
            "vocal_language": self._options.vocal_language,
            "audio_duration": min(longest, max(shortest, float(request.duration_s))),
            "bpm": min(fastest, max(slowest, request.tempo_bpm)),
            "time_signature": "4",
            "audio_format": "flac",
            "batch_size": min(8, max(1, self._options.takes)),
            "thinking": self._options.thinking,
            "use_random_seed": False,
            "seed": request.seed % 2**31,
            "task_type": "text2music",
        }
        if request.key and _KEY.match(request.key):
            body["key_scale"] = request.key
        if self._options.model:
            body["model"] = self._options.model
        return body

    def collect(self, external_id: str, request: MusicRequest, workdir: Path) -> MusicTrack | None:
        """The best song of the task, the others as its takes."""
        task = self._task(external_id)
        if task.status not in (_SUCCEEDED, _FAILED):
            return None
        songs = [song for song in task.result if song.file]
        if task.status == _FAILED or not songs:
            raise self._failure(external_id, task)
        offered = [
            self._offered(external_id, song, index, request) for index, song in enumerate(songs)
        ]
        try:
            return fetch_takes(offered, request, workdir)
        except JobRefused as error:
            if error.code != "HTTP 404":
                raise
            raise JobFailed(
                NAME,
                f"the files of task {external_id} are gone",
                code="HTTP 404",
                action="it is submitted again",
            ) from None

    def poll_after_s(self, waited_s: float) -> float:
        return late_backoff_s(waited_s, first_s=4.0, last_s=15.0)

    def health(self) -> ProviderHealth:
        """The server's state and its queue."""
        if self._http.read(Call("GET", "/health"), _State).status != "ok":
            raise ProviderUnavailable(
                NAME, "it does not call itself healthy", code="health", action="look at its log"
            )
        jobs = self._http.read(Call("GET", "/v1/stats"), _Queue)
        return ProviderHealth(
            NAME, self.model, note=f"{jobs.queued} queued, {jobs.running} running"
        )

    def _task(self, task_id: str) -> _Task:
        call = Call("POST", "/query_result", json={"task_id_list": [task_id]}, safe=True)
        for task in self._http.read(call, _Tasks).data:
            if task.task_id == task_id:
                return task
        raise unusable(NAME, f"the state of task {task_id}")

    def _failure(self, task_id: str, task: _Task) -> JobFailed:
        told = [*(song.error for song in task.result), task.progress_text]
        said = next(filter(None, map(self._http.words, told)), "it says no cause")
        return JobFailed(
            NAME,
            f"task {task_id} failed: {said}",
            code="task_failed",
            action="it is submitted again; look at the server's log if it happens often",
        )

    def _offered(self, task_id: str, song: _Song, index: int, request: MusicRequest) -> OfferedSong:
        return OfferedSong(
            fetch=partial(self._http.fetch_to, Call("GET", song.file), limits=SONG_LIMITS),
            provenance=Provenance(
                provider=NAME,
                model=song.dit_model or self.model,
                licence=LICENCE,
                generator="ai",
                prompt=style_words(request, limit=_PROMPT_CHARACTERS),
                seed=_seed(song.seed_value.split(","), index),
            ),
            facts={"task_id": task_id},
            tempo_bpm=song.metas.bpm,
            key=_key(song.metas.keyscale),
        )

    def _classify(self, reply: HttpReply) -> ProviderError | None:
        """The envelope's code inside HTTP 200, and this server's own meanings."""
        data = reply.data
        code = foreign.whole(foreign.fields(data).get("code"), low=1, high=99_999)
        inside = 200 <= reply.status < 300 and code not in (None, 200)
        status = code if inside and code else reply.status
        said = self._http.said(reply)
        if status == 429:
            return self._unavailable(
                f"its queue is full: {said}", status, wait_s=reply.retry_after_s or _BUSY_S
            )
        if status == 503:
            return self._unavailable(
                f"a model is not loaded: {said}",
                status,
                wait_s=reply.retry_after_s,
                action="load the language model on the server, or switch thinking off",
            )
        if status == 401:
            return ProviderRejected(
                NAME,
                f"the key was refused: {said}",
                code="HTTP 401",
                action="check ACESTEP_API_KEY",
            )
        if inside:
            return self._http.default_error(replace(reply, status=status), "the request")
        return None

    def _unavailable(
        self,
        cause: str,
        status: int,
        *,
        wait_s: float | None,
        action: str = "it is tried again later",
    ) -> ProviderUnavailable:
        return ProviderUnavailable(
            NAME, cause, code=f"HTTP {status}", action=action, retry_after_s=wait_s
        )


def _key(value: Any) -> str | None:
    return (
        f"{value[:-5].strip()} {value[-5:].lower()}"
        if isinstance(value, str) and _KEY.match(value)
        else None
    )


def _seed(seeds: Sequence[str], index: int) -> int | None:
    """The seed of one song; the last counts for those after it."""
    return foreign.whole(foreign.figure(seeds[min(index, len(seeds) - 1)]))
