"""ACE-Step 1.5 on the operator's own server: open weights, no cost by the song.

The server never says that it does not know a task: a forgotten one looks like a queued one, so
only our own deadline ends the wait. A failed task may hold no word about the cause.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from media_tools import foreign
from media_tools.errors import (
    JobFailed,
    JobRefused,
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
)
from media_tools.music.base import (
    MusicHealth,
    MusicProvider,
    MusicRequest,
    MusicTrack,
    late_backoff_s,
    unusable,
)
from media_tools.music.intake import SONG_LIMITS, fetch_songs
from media_tools.music.takes import best_first
from media_tools.music.wording import (
    INSTRUMENTAL_MARK,
    is_instrumental,
    lyrics_within,
    style_words,
)
from media_tools.provenance import Provenance
from media_tools.providers.http import PLAIN, Call, HttpClient, HttpReply, Line

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


class AceStepMusic(MusicProvider):
    """resubmit_safe: a second submission costs the server's time only.

    model: one of the server's, empty for its default. takes: songs for one request, 1 to 8.
    thinking: let the server's language model plan the song (better; it has to be loaded).
    """

    name = NAME
    resubmit_safe = True
    sings = True
    # The server itself gives a task up after an hour.
    deadline_s = 3900.0

    def __init__(
        self,
        *,
        base_url: str = BASE_URL,
        api_key: str = "",
        model: str = "",
        takes: int = 1,
        thinking: bool = False,
        vocal_language: str = "en",
        line: Line = PLAIN,
    ) -> None:
        self.model = model or "default"
        self._asked_model = model
        self._takes = min(8, max(1, takes))
        self._thinking = thinking
        self._vocal_language = vocal_language
        self._http = HttpClient(
            NAME,
            base_url or BASE_URL,
            headers={"Authorization": f"Bearer {api_key.strip()}"} if api_key.strip() else {},
            line=line,
            classify=self._classify,
        )

    def submit(self, request: MusicRequest, *, idempotency_key: str) -> str:
        data = self._data(self._http.json(Call("POST", "/release_task", json=self.body(request))))
        task = foreign.reference(foreign.fields(data).get("task_id"))
        if not task:
            raise unusable(NAME, "the answer to POST /release_task")
        return task

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
            "vocal_language": self._vocal_language,
            "audio_duration": min(longest, max(shortest, float(request.duration_s))),
            "bpm": min(fastest, max(slowest, request.tempo_bpm)),
            "time_signature": "4",
            "audio_format": "flac",
            "batch_size": self._takes,
            "thinking": self._thinking,
            "use_random_seed": False,
            "seed": request.seed % 2**31,
            "task_type": "text2music",
        }
        if request.key and _KEY.match(request.key):
            body["key_scale"] = request.key
        if self._asked_model:
            body["model"] = self._asked_model
        return body

    def collect(self, external_id: str, request: MusicRequest, workdir: Path) -> MusicTrack | None:
        """The best song of the task, the others as its takes."""
        task = self._task(external_id)
        songs = _items(task.get("result"))
        if task.get("status") == _FAILED:
            raise self._failure(external_id, task, songs)
        if task.get("status") != _SUCCEEDED:
            return None
        with_files = [song for song in songs if foreign.reference(song.get("file"))]
        if not with_files:
            raise self._failure(external_id, task, songs)
        return self._track(external_id, with_files, request, workdir)

    def poll_after_s(self, waited_s: float) -> float:
        return late_backoff_s(waited_s, first_s=4.0, last_s=15.0)

    def estimate_cost(self, request: MusicRequest) -> Decimal | None:
        """Own hardware: no price by the song."""
        return Decimal(0)

    def health(self) -> MusicHealth:
        """The server's state and its queue."""
        state = self._data(self._http.json(Call("GET", "/health")))
        if not isinstance(state, Mapping) or state.get("status") != "ok":
            raise ProviderUnavailable(
                NAME, "it does not call itself healthy", code="health", action="look at its log"
            )
        stats = self._data(self._http.json(Call("GET", "/v1/stats")))
        jobs = foreign.fields(foreign.fields(stats).get("jobs"))
        queued, running = (foreign.whole(jobs.get(name)) or 0 for name in ("queued", "running"))
        note = f"{queued} queued, {running} running"
        return MusicHealth(NAME, self.model, note=note)

    def _task(self, task_id: str) -> Mapping[str, Any]:
        answer = self._http.json(
            Call("POST", "/query_result", json={"task_id_list": [task_id]}, safe=True)
        )
        for listed in foreign.items(self._data(answer), _TASKS_READ):
            task = foreign.fields(listed)
            if foreign.reference(task.get("task_id")) == task_id:
                return task
        raise unusable(NAME, f"the state of task {task_id}")

    def _data(self, answer: Any) -> Any:
        if not isinstance(answer, Mapping) or "data" not in answer:
            raise unusable(NAME, "an answer without its envelope")
        return answer["data"]

    def _failure(
        self, task_id: str, task: Mapping[str, Any], songs: list[Mapping[str, Any]]
    ) -> JobFailed:
        told = [*(song.get("error") for song in songs), task.get("progress_text")]
        said = next(filter(None, map(self._http.words, told)), "it says no cause")
        return JobFailed(
            NAME,
            f"task {task_id} failed: {said}",
            code="task_failed",
            action="it is submitted again; look at the server's log if it happens often",
        )

    def _track(
        self,
        task_id: str,
        songs: list[Mapping[str, Any]],
        request: MusicRequest,
        workdir: Path,
    ) -> MusicTrack:
        def fetcher(path: str) -> Any:
            return lambda target: self._http.fetch_to(Call("GET", path), target, limits=SONG_LIMITS)

        try:
            fetched = fetch_songs(NAME, [fetcher(song["file"]) for song in songs], workdir)
        except JobRefused as error:
            if error.code != "HTTP 404":
                raise
            raise JobFailed(
                NAME,
                f"the files of task {task_id} are gone",
                code="HTTP 404",
                action="it is submitted again",
            ) from None
        tracks = []
        for index, file in fetched.songs.items():
            song = songs[index]
            told = foreign.fields(song.get("metas"))
            tracks.append(
                MusicTrack(
                    audio=file.path,
                    duration_s=file.duration_s,
                    tempo_bpm=foreign.figure(told.get("bpm"), low=30.0, high=300.0),
                    key=_key(told.get("keyscale")),
                    sections=(),
                    provenance=Provenance(
                        provider=NAME,
                        model=foreign.label(song.get("dit_model")) or self.model,
                        licence=LICENCE,
                        generator="ai",
                        prompt=style_words(request, limit=_PROMPT_CHARACTERS),
                        seed=_seed(song.get("seed_value"), index),
                    ),
                    facts={
                        "take": index + 1,
                        "task_id": task_id,
                        "gain_db": file.gain_db,
                        "lost_takes": list(fetched.lost),
                    },
                )
            )
        return best_first(tracks, request, late=fetched.late)

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


def _items(result: Any) -> list[Mapping[str, Any]]:
    """The songs in a task's result, which is JSON inside JSON."""
    try:
        listed = foreign.read_json(result) if isinstance(result, str) else result
    except foreign.Refused:
        return []
    return [song for song in foreign.items(listed, _SONGS_READ) if isinstance(song, Mapping)]


def _key(value: Any) -> str | None:
    return (
        f"{value[:-5].strip()} {value[-5:].lower()}"
        if isinstance(value, str) and _KEY.match(value)
        else None
    )


def _seed(value: Any, index: int) -> int | None:
    """The seed of one song in "1,2"."""
    seeds = foreign.label(value).split(",")
    return foreign.whole(foreign.figure(seeds[min(index, len(seeds) - 1)]))
