"""Hostile answers as data: who sends what, and what has to become of it.

Each row changes good answers of a contract server: by `put` (a value somewhere in the JSON), by one
of the forms below (the same JSON in other bytes), or by other bytes altogether. The table is played
by tests/runs/test_hostile_answers.py and printed as docs/hostile-answers.md.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from tests.contract_servers import media
from tests.contract_servers.base import Fault
from tests.contract_servers.songs import song

Edit = Callable[[Any], Any]


class Outcome(Enum):
    """What has to become of an answer, in words for the page."""

    KEPT = "kept"
    PERSON = "waits for a person"
    OPEN = "fails, job stays open"
    FAILED = "fails with the reason"
    WITHOUT = "goes on without"
    LATER = "asked again later"


@dataclass(frozen=True)
class Row:
    """One kind of hostile answer of one provider.

    faults: stand for the whole run. kept: how many songs, pictures, clips, topics or messages are
    there in the end. setup: attributes of the contract server.
    """

    provider: str
    kind: str
    outcome: Outcome
    faults: tuple[Fault, ...] = ()
    kept: int = 0
    setup: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.provider}: {self.kind}"


# Values

NUL = "night\x00rain"
SURROGATE = "night\ud800rain"
LONG = "night rain " * 1_000
LONG_ID = "x" * 5_000
NAN, INFINITY = float("nan"), float("inf")
HUGE = 10**400
NOISE = bytes(range(1, 256)) * 40
PAGE = "<!doctype html><html><h1>Sign in to the network</h1></html>"
METADATA_HOST = "http://169.254.169.254/latest/meta-data/song.mp3"
LOCAL_FILE = "file:///etc/passwd"


def put(path: str, value: Any) -> Edit:
    """An edit that sets what lies at "data.songs.0.tags"; "*" is every entry of a list.

    value: a callable gets what was there. Where there is no such place, all stays as it is.
    """

    def edit(body: Any) -> Any:
        edited = copy.deepcopy(body)
        return edited if _put(edited, path.split("."), value) else body

    return edit


def _put(node: Any, parts: list[str], value: Any) -> bool:
    head, *rest = parts
    places: Iterable[Any] = [int(head)] if head.isdigit() else [head]
    if head == "*":
        places = range(len(node)) if isinstance(node, list) else list(node)
    done = False
    for place in places:
        if place not in (range(len(node)) if isinstance(node, list) else node) and (
            rest or isinstance(node, list)
        ):
            continue
        if rest:
            done = _put(node[place], rest, value) or done
        else:
            was = node[place] if isinstance(node, list) else node.get(place)
            node[place] = value(was) if callable(value) else value
            done = True
    return done


def in_text(path: str, edit: Edit) -> Edit:
    """An edit of JSON that lies as text inside the JSON."""
    return put(path, lambda text: json.dumps(edit(json.loads(text))))


def nothing(body: Any) -> Any:
    """The same shape with null for every value."""
    if isinstance(body, Mapping):
        return {name: nothing(value) for name, value in body.items()}
    if isinstance(body, list):
        return [nothing(value) for value in body]
    return None


# The same JSON in other bytes: every reader has to take them.
FORMS: Mapping[str, Edit] = {
    "UTF-16": lambda body: json.dumps(body).encode("utf-16"),
    "a byte order mark in front": lambda body: b"\xef\xbb\xbf" + json.dumps(body).encode(),
    "names that come twice": lambda body: "{" + '"code": 7, "id": 7, ' + json.dumps(body)[1:],
    "a NUL among its names": lambda body: {"o\x00dd": NUL, **body},
}
# Bytes nobody can use.
_DEEP = "[" * 100_000 + "]" * 100_000
_LARGE = json.dumps({"padding": "x" * 60_000_000}).encode()
_BYTES: Mapping[str, Edit] = {
    "a web page with status 200": lambda body: PAGE,
    "JSON cut off in the middle": lambda body: json.dumps(body)[:-9],
    "JSON nested 100,000 deep": lambda body: _DEEP,
    "the number NaN alone": lambda body: "NaN",
    "null": lambda body: "null",
    "an empty list": lambda body: "[]",
    "null for every value": nothing,
}
# Three of them, for providers whose answers go through the same door as the others'.
_FEW_BYTES: Mapping[str, Edit] = {
    kind: _BYTES[kind]
    for kind in (
        "a web page with status 200",
        "JSON nested 100,000 deep",
        "null for every value",
    )
}
_ODD_BYTES: Mapping[str, Edit] = {"UTF-16": FORMS["UTF-16"]}
_OVERSIZED: Mapping[str, Edit] = {"60 MB of JSON": lambda body: _LARGE}


def rows(
    provider: str,
    where: str,
    outcome: Outcome,
    kinds: Mapping[str, Edit],
    *,
    what: str = "",
    kept: int = 0,
    setup: Mapping[str, Any] | None = None,
) -> list[Row]:
    """A row for each kind. where: the answers meant. what: their name, in front of the kind."""
    return [
        Row(
            provider,
            f"{what}: {kind}" if what else kind,
            outcome,
            (Fault(where=where, edit=edit),),
            kept,
            setup or {},
        )
        for kind, edit in kinds.items()
    ]


def files(
    provider: str,
    where: str,
    outcome: Outcome,
    kinds: Mapping[str, Fault],
    *,
    what: str = "file",
    kept: int = 0,
) -> list[Row]:
    """A row for each kind of file. where: part of the file's address."""
    return [
        Row(provider, f"{what}: {kind}", outcome, (_at(fault, where),), kept)
        for kind, fault in kinds.items()
    ]


def _at(fault: Fault, where: str) -> Fault:
    return Fault(**{**vars(fault), "where": where})


def _no_audio() -> Mapping[str, Fault]:
    return {
        "a web page with status 200": Fault(body=PAGE),
        "nothing at all": Fault(body=b""),
        "noise": Fault(body=NOISE),
        "a picture": Fault(body=media.image(".png")),
        "noise behind the first bytes of a song": Fault(body=b"ID3" + NOISE),
        "cut off in the middle": Fault(truncate_at=5_000),
    }


def _few(kinds: Mapping[str, Fault], count: int) -> dict[str, Fault]:
    return dict(list(kinds.items())[:count])


def _suno() -> list[Row]:
    submit, record = "POST /api/v1/generate", "GET /api/v1/generate/record-info"
    songs = "data.response.sunoData"
    task = "data.taskId"

    def of_song(name: str, value: Any) -> Edit:
        return put(f"{songs}.0.{name}", value)

    def many(listed: Any) -> Any:
        return [dict(listed[place % 2], id=f"s{place}") for place in range(120)]

    return [
        Row("suno", "task id of 5,000 characters", Outcome.KEPT, kept=2, setup={"task": LONG_ID}),
        Row("suno", "task id that is a number", Outcome.KEPT, kept=2, setup={"task": 4711}),
        *rows(
            "suno",
            submit,
            Outcome.PERSON,
            {
                "none": put("data", {}),
                "null": put(task, None),
                "a list": put(task, ["task-0001"]),
                "20,000 characters": put(task, LONG_ID * 4),
                "words with blanks": put(task, "see your e-mail"),
            },
            what="task id",
        ),
        *rows("suno", submit, Outcome.PERSON, _BYTES | _OVERSIZED, what="answer to the order"),
        *rows("suno", submit, Outcome.KEPT, FORMS, what="answer to the order", kept=2),
        *rows(
            "suno",
            submit,
            Outcome.KEPT,
            {
                "code as text": put("code", "200"),
                "code NaN": put("code", NAN),
                "code 10**400": put("code", HUGE),
                "code that is an object": put("code", {"a": 1}),
            },
            what="order",
            kept=2,
        ),
        *rows(
            "suno",
            record,
            Outcome.KEPT,
            {
                "NUL in the tags": of_song("tags", NUL),
                "lone surrogate in the tags": of_song("tags", SURROGATE),
                "tags of 10,000 characters": of_song("tags", LONG),
                "tags that are a list": of_song("tags", ["pop", None]),
                "NUL in the song's id": of_song("id", NUL),
                "lone surrogate in the song's id": of_song("id", SURROGATE),
                "song's id NaN": of_song("id", NAN),
                "NUL in the model's name": of_song("modelName", NUL),
                "lone surrogate in the model's name": of_song("modelName", SURROGATE),
                "model's name of 10,000 characters": of_song("modelName", LONG),
                "model's name that is an object": of_song("modelName", {"name": "v6"}),
                "duration NaN": of_song("duration", NAN),
                "duration 10**400": of_song("duration", HUGE),
                "duration as text": of_song("duration", "a while"),
                "title that is a list": of_song("title", [[]]),
                "null between the songs": put(songs, lambda two: [two[0], None, two[1]]),
            },
            what="record",
            kept=2,
        ),
        *rows("suno", record, Outcome.KEPT, FORMS, what="record", kept=2),
        *rows("suno", record, Outcome.KEPT, {"120 songs": put(songs, many)}, what="record", kept=8),
        *rows(
            "suno",
            record,
            Outcome.KEPT,
            {
                "none": of_song("audioUrl", None),
                "of a file on our disk": of_song("audioUrl", LOCAL_FILE),
                "of an address inside the network": of_song("audioUrl", METADATA_HOST),
                "100,000 characters": of_song("audioUrl", "http://a.example/" + "x" * 100_000),
                "a number": of_song("audioUrl", 7),
                "with a line break": of_song("audioUrl", "http://a.example/\r\nHost: b"),
            },
            what="address of one of two songs",
            kept=1,
        ),
        *rows(
            "suno",
            record,
            Outcome.OPEN,
            {
                "address of a file on our disk in every song": put(
                    f"{songs}.*.audioUrl", LOCAL_FILE
                ),
                "no address in any song": put(f"{songs}.*.audioUrl", ""),
                "an empty list of songs": put(songs, []),
                "songs null": put(songs, None),
                "songs in text that is no JSON": put("data.response", "{not json"),
                "songs in text nested 100,000 deep": put("data.response", _DEEP),
                "status that is a list": put("data.status", ["SUCCESS"]),
            },
            what="record",
        ),
        *rows("suno", record, Outcome.OPEN, _BYTES, what="record"),
        *rows(
            "suno",
            record,
            Outcome.FAILED,
            {
                "failed with a NUL in its words": put(
                    "data",
                    lambda data: data | {"status": "CREATE_TASK_FAILED", "errorMessage": NUL * 900},
                ),
                "failed with an object for its code and words": put(
                    "data",
                    lambda data: (
                        data
                        | {"status": "CREATE_TASK_FAILED", "errorCode": {}, "errorMessage": [{}]}
                    ),
                ),
            },
            what="record",
        ),
        *files("suno", "GET /files/", Outcome.OPEN, _no_audio()),
        *files(
            "suno", "_1.mp3", Outcome.KEPT, _few(_no_audio(), 3), what="one of two files", kept=1
        ),
        *files(
            "suno",
            "_1.mp3",
            Outcome.KEPT,
            {
                "redirected into the network": Fault(
                    status=302, headers={"Location": METADATA_HOST}
                ),
                "redirected to no address": Fault(status=302, headers={"Location": "http://["}),
            },
            what="one of two files",
            kept=1,
        ),
        *files(
            "suno",
            "GET /files/",
            Outcome.KEPT,
            {
                "named a web page": Fault(content_type="text/html"),
                "with a name that leads elsewhere": Fault(
                    headers={"Content-Disposition": 'attachment; filename="../../a\\x00.mp3"'}
                ),
            },
            kept=2,
        ),
    ]


def _elevenlabs() -> list[Row]:
    music, speech, plan = "POST /v1/music", "POST /v1/text-to-speech", "GET /v1/user/subscription"
    lost = {kind: fault for kind, fault in _no_audio().items() if "behind the first" not in kind}
    broken = {"noise behind the first bytes of a song": Fault(body=b"ID3" + NOISE, taken=True)}
    odd_headers = {
        "labels of 5,000 characters": Fault(
            headers={"song-id": LONG_ID, "request-id": LONG_ID, "character-cost": LONG_ID}
        ),
        "labels that are no text": Fault(
            headers={"song-id": "\x80\x9f", "request-id": "\xff", "character-cost": "NaN"}
        ),
        "named a web page": Fault(content_type="text/html"),
    }
    return [
        *files("elevenlabs", music, Outcome.PERSON, lost),
        *files("elevenlabs", music, Outcome.OPEN, broken),
        *files("elevenlabs", music, Outcome.KEPT, odd_headers, kept=1),
        *_refusals("elevenlabs", music, {"detail": _detail}),
        *files("elevenlabs-voice", speech, Outcome.PERSON, _few(lost, 3)),
        *files("elevenlabs-voice", speech, Outcome.WITHOUT, broken),
        *files("elevenlabs-voice", speech, Outcome.KEPT, odd_headers, kept=1),
        *rows(
            "elevenlabs-voice",
            plan,
            Outcome.KEPT,
            {
                "NUL in its name": put("tier", NUL),
                "a name of 10,000 characters": put("tier", LONG),
                "an object for its name": put("tier", {"name": "creator"}),
                **_FEW_BYTES,
            },
            what="plan",
            kept=1,
        ),
        *files("speech", "POST /v1/audio/speech", Outcome.KEPT, odd_headers, kept=1),
        *files("speech", "POST /v1/audio/speech", Outcome.WITHOUT, broken),
        *files("speech", "POST /v1/audio/speech", Outcome.PERSON, _few(lost, 2)),
    ]


_detail: list[Any] = [{"loc": [{}, None, 10**30], "msg": [NUL]}, None, 7, {"msg": SURROGATE * 999}]


def _refusals(provider: str, where: str, body: Any) -> list[Row]:
    """A refusal in an odd shape: nothing was sold."""
    shapes = {
        "in odd shapes": body,
        "nested 60 deep": _nested(60),
        "a list": [NUL, {"error": SURROGATE}],
        "words of 10,000 characters with NUL": {"error": {"message": (NUL + " ") * 900}},
        "a number": 10**30,
    }
    return [
        Row(
            provider,
            f"refusal: {kind}",
            Outcome.FAILED,
            (Fault(status=422, body=shape, where=where),),
        )
        for kind, shape in shapes.items()
    ]


def _nested(depth: int) -> Any:
    return {"error": _nested(depth - 1)} if depth else NUL


def _replicate() -> list[Row]:
    create, read = "POST /v1/predictions", "GET /v1/predictions/"
    model = "GET /v1/models/"
    schema = "latest_version.openapi_schema.components.schemas.Input"
    failed = {"status": "failed", "output": None}

    def outputs(address: str) -> list[str]:
        return [address] * 120

    return [
        Row(
            "replicate",
            "prediction's id of 5,000 characters",
            Outcome.KEPT,
            kept=1,
            setup={"job": LONG_ID},
        ),
        *rows(
            "replicate",
            create,
            Outcome.PERSON,
            {"null": put("id", None), "an object": put("id", {}), "with blanks": put("id", "a b")},
            what="prediction's id",
        ),
        *rows("replicate", create, Outcome.PERSON, _FEW_BYTES, what="answer to the order"),
        *rows("replicate", create, Outcome.KEPT, {"UTF-16": FORMS["UTF-16"]}, what="order", kept=1),
        *rows(
            "replicate",
            read,
            Outcome.KEPT,
            {
                "NUL in the version": put("version", NUL),
                "version of 10,000 characters": put("version", LONG),
                "version that is a list": put("version", [1]),
                "seed 10**400": put("input.seed", HUGE),
                "seed NaN": put("input.seed", NAN),
                "input that is a list": put("input", []),
                "metrics NaN": put("metrics", {"predict_time": NAN}),
                "file inside five lists": put("output", lambda file: [[[[[file]]], None, 7]]),
            },
            what="prediction",
            kept=1,
        ),
        *rows("replicate", read, Outcome.KEPT, {"120 files": put("output", outputs)}, kept=8),
        *rows(
            "replicate",
            read,
            Outcome.FAILED,
            {
                "finished without a file": put("output", None),
                "output of numbers": put("output", [1, NAN, {}]),
                "output on our disk": put("output", LOCAL_FILE),
                "failed with a NUL in its words": lambda body: body | failed | {"error": NUL * 900},
                "failed with an object for words": lambda body: (
                    body | failed | {"error": {"a": {}}}
                ),
            },
            what="prediction",
        ),
        *rows("replicate", read, Outcome.OPEN, _FEW_BYTES, what="prediction"),
        *rows(
            "replicate",
            model,
            Outcome.KEPT,
            {
                "required fields that are objects": put(f"{schema}.required", [{"a": 1}, "prompt"]),
                "limits NaN": put(
                    f"{schema}.properties.duration", {"minimum": NAN, "maximum": HUGE}
                ),
                "limits that contradict": put(
                    f"{schema}.properties.duration", {"minimum": 600, "maximum": 10}
                ),
                "lengths below zero": put(f"{schema}.properties.prompt", {"maxLength": -4}),
                "properties that are no objects": put(f"{schema}.properties.duration", [1]),
            },
            what="model's page",
            kept=1,
            setup={"lenient": True},
        ),
        *files("replicate", "GET /files/", Outcome.OPEN, _few(_no_audio(), 2)),
        Row(
            "replicate-images",
            "prediction's id of 5,000 characters",
            Outcome.KEPT,
            kept=1,
            setup={"job": LONG_ID},
        ),
        *rows(
            "replicate-images",
            read,
            Outcome.KEPT,
            {
                "NUL in the version": put("version", NUL),
                "seed 10**400": put("input.seed", HUGE),
                "120 files": put("output", outputs),
                **_ODD_BYTES,
            },
            what="prediction",
            kept=1,
        ),
        *rows(
            "replicate-images",
            read,
            Outcome.WITHOUT,
            {
                "finished without a file": put("output", None),
                "output on our disk": put("output", LOCAL_FILE),
            },
            what="prediction",
        ),
        *files(
            "replicate-images",
            "GET /files/",
            Outcome.WITHOUT,
            {
                "noise": Fault(body=NOISE),
                "a song": Fault(body=song(1, 1.5)),
                "a picture of 16 pixels": Fault(body=media.image(".png", width=16, height=16)),
            },
        ),
    ]


def _acestep() -> list[Row]:
    query, result = "POST /query_result", "data.0.result"

    def of_song(name: str, value: Any) -> Edit:
        return in_text(result, put(f"0.{name}", value))

    return [
        Row("acestep", "task id of 5,000 characters", Outcome.KEPT, kept=1, setup={"job": LONG_ID}),
        *rows(
            "acestep",
            query,
            Outcome.KEPT,
            {
                "tempo NaN": of_song("metas.bpm", NAN),
                "tempo 10**400": of_song("metas.bpm", HUGE),
                "tempo as text": of_song("metas.bpm", "fast"),
                "key of 10,000 characters": of_song("metas.keyscale", LONG),
                "facts that are a list": of_song("metas", [1]),
                "seeds of 10,000 digits": of_song("seed_value", "9" * 10_000),
                "NUL in the model's name": of_song("dit_model", NUL),
                "lone surrogate in the model's name": of_song("dit_model", SURROGATE),
                "result as a list, not as text": put(result, json.loads),
                **_ODD_BYTES,
            },
            what="result",
            kept=1,
        ),
        *rows(
            "acestep",
            query,
            Outcome.KEPT,
            {"120 songs": in_text(result, lambda songs: songs * 120)},
            what="result",
            kept=8,
        ),
        *rows(
            "acestep",
            query,
            Outcome.FAILED,
            {
                "no JSON": put(result, "{not json"),
                "nested 100,000 deep": put(result, _DEEP),
                "no file": of_song("file", None),
                "words with NUL": put(
                    "data.0",
                    lambda task: (
                        task | {"status": 2, "result": "[]", "progress_text": (NUL + " ") * 900}
                    ),
                ),
            },
            what="result",
        ),
        *rows(
            "acestep",
            query,
            Outcome.OPEN,
            {"file on our disk": of_song("file", LOCAL_FILE), "null for every value": nothing},
            what="result",
        ),
    ]


def _openai_images() -> list[Row]:
    paint = "POST /v1/images/generations"

    def usage(value: Any) -> Edit:
        return put("usage.output_tokens", value)

    return [
        *rows(
            "openai-images",
            paint,
            Outcome.KEPT,
            {
                "NUL in the revised prompt": put("data.0.revised_prompt", NUL),
                "revised prompt that is a list": put("data.0.revised_prompt", [1]),
                "size of 10,000 characters": put("size", LONG),
                "tokens NaN": usage(NAN),
                "tokens 10**400": usage(HUGE),
                "tokens 10**18": usage(10**18),
                "tokens below zero": usage(-5),
                "tokens as text": usage("many"),
                "usage that is a list": put("usage", []),
                "null before the picture": put("data", lambda data: [None, {}, *data]),
                "120 pictures": put("data", lambda data: data + [{"b64_json": "no"}] * 119),
                **_ODD_BYTES,
            },
            what="answer",
            kept=1,
        ),
        *rows("openai-images", paint, Outcome.PERSON, _BYTES_WITHOUT_NULL, what="answer"),
        *rows(
            "openai-images",
            paint,
            Outcome.WITHOUT,
            {
                "no picture": put("data", []),
                "null for every value": nothing,
                "picture that is no base64": put("data.0.b64_json", "!!!"),
                "picture of noise": put("data.0.b64_json", "bm9pc2U=" * 40),
                "picture on our disk": put("data.0", {"url": LOCAL_FILE}),
                "picture inside the network": put("data.0", {"url": METADATA_HOST}),
            },
            what="answer",
        ),
    ]


_BYTES_WITHOUT_NULL = {
    kind: edit
    for kind, edit in _BYTES.items()
    if kind not in ("null", "null for every value", "an empty list", "the number NaN alone")
}


def _stock() -> list[Row]:
    found = []
    for provider, where, clips, words, author in (
        ("pexels", "GET /v1/videos/search", "videos", "tags", "user.name"),
        ("pixabay", "GET /api/videos/", "hits", "tags", "user"),
    ):
        found += rows(
            provider,
            where,
            Outcome.KEPT,
            {
                "one clip null": put(f"{clips}.0", None),
                "one clip that is a list": put(f"{clips}.0", [[]]),
                "one clip without an id": put(f"{clips}.0.id", None),
                "one clip's length NaN": put(f"{clips}.0.duration", NAN),
                "one clip's length 10**400": put(f"{clips}.0.duration", HUGE),
                "NUL in the authors": put(f"{clips}.*.{author}", NUL),
                "authors of 10,000 characters": put(f"{clips}.*.{author}", LONG),
                "words that are no text": put(f"{clips}.*.{words}", [None, {}, 7]),
                "1,000 clips": put(clips, lambda listed: listed * 200),
                **_ODD_BYTES,
            },
            what="answer",
            kept=3,
        )
        found += rows(
            provider,
            where,
            Outcome.WITHOUT,
            {
                "clips null": put(clips, None),
                "clips that are numbers": put(clips, [1, 2, NAN]),
                "ids that are objects": put(f"{clips}.*.id", {}),
                **_FEW_BYTES,
            },
            what="answer",
        )
        found += files(
            provider,
            "GET /files/",
            Outcome.WITHOUT,
            {
                "a web page with status 200": Fault(body=PAGE),
                "a song": Fault(body=song(1, 1.5)),
                "noise behind the first bytes of a clip": Fault(body=media.video()[:64] + NOISE),
            },
        )
        found += [
            Row(
                provider,
                "limits that are no numbers",
                Outcome.KEPT,
                (
                    Fault(
                        where=where,
                        headers={
                            "X-Ratelimit-Remaining": "\xb2",
                            "X-RateLimit-Reset": "9" * 400,
                        },
                    ),
                ),
                3,
            )
        ]
    return found


def _charts() -> list[Row]:
    """Of eight rows of a chart one is odd; the words of the others have to arrive."""
    found = []
    for provider, where, entries, title, artist in (
        ("apple", "GET /api/v2/", "feed.results", "name", "artistName"),
        ("deezer", "GET /chart/0", "data", "title_short", "artist.name"),
        ("lastfm", "GET /2.0", "tracks.track", "name", "artist.name"),
        ("youtube", "GET /youtube/v3/videos", "items", "snippet.title", "snippet.channelTitle"),
        ("chartmetric", "GET /api/charts", "obj.data", "name", "artist_names.0"),
    ):
        one = f"{entries}.0"
        found += rows(
            provider,
            where,
            Outcome.KEPT,
            {
                "one row null": put(one, None),
                "one row a list": put(one, [1]),
                "NUL in a title": put(f"{one}.{title}", NUL),
                "title of 10,000 characters": put(f"{one}.{title}", LONG),
                "lone surrogate in an artist": put(f"{one}.{artist}", SURROGATE),
                "UTF-16": FORMS["UTF-16"],
            },
            what="chart",
            kept=1,
        )
        found += rows(provider, where, Outcome.LATER, _FEW_BYTES, what="chart")
    found += rows(
        "apple",
        "GET /api/v2/",
        Outcome.KEPT,
        {
            "genre of 10,000 characters": put("feed.results.0.genres.0.name", LONG),
            "genres that are numbers": put("feed.results.0.genres", [1, None]),
            "date in the year 9999": put("feed.updated", "Fri, 31 Dec 9999 23:59:59 -2359"),
            "date in the year 1": put("feed.updated", "Mon, 01 Jan 0001 00:00:00 +0000"),
            "date that is a list": put("feed.updated", []),
        },
        what="chart",
        kept=1,
    )
    found += rows(
        "deezer",
        "GET /chart/0",
        Outcome.KEPT,
        {
            "rank 0": put("data.*.position", 0),
            "rank NaN": put("data.*.position", NAN),
            "popularity 10**400": put("data.*.rank", HUGE),
            "pages without end": put("next", "more"),
        },
        what="chart",
        kept=1,
    )
    found += rows(
        "lastfm",
        "GET /2.0",
        Outcome.KEPT,
        {
            "counts NaN": put("tags.tag.0.taggings", "NaN"),
            "counts of 1e999": put("tracks.track.0.listeners", "1e999"),
        },
        what="chart",
        kept=1,
    )
    found += rows(
        "youtube",
        "GET /youtube/v3/videos",
        Outcome.KEPT,
        {
            "views of 5,000 digits": put("items.0.statistics.viewCount", "9" * 5_000),
            "views in other digits": put("items.0.statistics.viewCount", "²"),
            "statistics that are a list": put("items.0.statistics", [1]),
        },
        what="chart",
        kept=1,
    )
    found += rows(
        "chartmetric",
        "GET /api/charts",
        Outcome.KEPT,
        {
            "rank 0": put("obj.data.*.rank", 0),
            "plays NaN": put("obj.data.*.current_plays", NAN),
            "artists as text": put("obj.data.0.artist_names", NUL),
        },
        what="chart",
        kept=1,
    )
    found += rows(
        "chartmetric",
        "POST /api/token",
        Outcome.LATER,
        {
            "with a line break": put("token", "abc\r\nX: 1"),
            "in other letters": put("token", "tökén"),
            "an object": put("token", {}),
        },
        what="token",
    )
    return found


def _x() -> list[Row]:
    counts, search = "GET /2/tweets/counts", "GET /2/tweets/search"
    return [
        *rows(
            "x",
            counts,
            Outcome.KEPT,
            {
                "one day null": put("data.0", None),
                "one day's posts NaN": put("data.0.tweet_count", NAN),
                "one day's posts 10**400": put("data.0.tweet_count", HUGE),
                "one day's posts below zero": put("data.0.tweet_count", -7),
                "one day without a date": put("data.0.start", None),
                "one day of the year 1": put("data.0.start", "0001-01-01T00:00:00Z"),
                "one day in the future": put("data.0.start", "2999-01-01T00:00:00Z"),
                "10,000 days": put("data", lambda days: days * 1_700),
                **_ODD_BYTES,
            },
            what="counts",
            kept=1,
        ),
        *rows("x", counts, Outcome.LATER, _FEW_BYTES, what="counts"),
        *rows(
            "x",
            search,
            Outcome.KEPT,
            {
                "tag of 10,000 characters": put("data.*.entities.hashtags.0.tag", "x" * 10_000),
                "NUL in the tags": put("data.*.entities.hashtags.0.tag", NUL),
                "tags that are numbers": put("data.*.entities.hashtags", [1, None]),
                "likes NaN": put("data.*.public_metrics.like_count", NAN),
                "metrics that are a list": put("data.*.public_metrics", []),
                "meta that is a list": put("meta", []),
                "10,000 posts": put("data", lambda posts: posts * 500),
                "empty pages without end": lambda body: {
                    "data": [],
                    "meta": {"next_token": "t0"},
                },
            },
            what="posts",
            kept=1,
        ),
    ]


def _llm() -> list[Row]:
    chat = "POST /v1/chat/completions"
    text = "choices.0.message.content"
    return [
        *rows(
            "llm",
            chat,
            Outcome.KEPT,
            {
                "cost 1e30": put("usage.cost", 1e30),
                "cost NaN": put("usage.cost", NAN),
                "cost below zero": put("usage.cost", -1),
                "tokens 10**400": put("usage.prompt_tokens", HUGE),
                "tokens NaN": put("usage.completion_tokens", NAN),
                "usage that is a list": put("usage", []),
                "id of 5,000 characters": put("id", LONG_ID),
                "NUL in the model's name": put("model", NUL),
                "NUL in the title": in_text(text, put("title", "Neon\x00 Rivers")),
                "lone surrogate in the title": in_text(text, put("title", "Neon\ud800 Rivers")),
                "NUL in the keywords": in_text(text, put("keywords.0", "ne\x00on")),
                "byte order mark before the object": put(text, lambda said: "\ufeff" + said),
                **FORMS,
            },
            what="answer",
            kept=1,
        ),
        *rows(
            "llm",
            chat,
            Outcome.FAILED,
            {
                "words nested 100,000 deep": put(text, _DEEP),
                "words null": put(text, None),
                "null for every value": nothing,
                "no choices": put("choices", []),
                "a web page with status 200": _BYTES["a web page with status 200"],
                "JSON nested 100,000 deep": _BYTES["JSON nested 100,000 deep"],
            },
            what="answer",
        ),
    ]


def _telegram() -> list[Row]:
    send, fetch = "/sendMessage", "/getUpdates"

    def refused(**fields: Any) -> Edit:
        return lambda body: {"ok": False, "error_code": 400, "description": "Bad Request"} | fields

    return [
        *rows("telegram", send, Outcome.KEPT, FORMS, what="sent message", kept=1),
        *rows(
            "telegram",
            send,
            Outcome.LATER,
            {
                "id 10**400": put("result.message_id", HUGE),
                "id NaN": put("result.message_id", NAN),
                "chat null": put("result.chat", None),
                "wait of 1e30 seconds": refused(error_code=429, parameters={"retry_after": 1e30}),
                "wait of NaN seconds": refused(error_code=429, parameters={"retry_after": NAN}),
                "wait below zero": refused(error_code=429, parameters={"retry_after": -5}),
                **_FEW_BYTES,
            },
            what="sent message",
        ),
        *rows(
            "telegram",
            send,
            Outcome.FAILED,
            {
                "words of 10,000 characters": refused(description=(NUL + " ") * 900),
                "words that are an object": refused(description={"a": SURROGATE}),
                "a group's new id of 10**400": refused(parameters={"migrate_to_chat_id": HUGE}),
                "parameters that are a list": refused(parameters=[1]),
            },
            what="refusal",
        ),
        *rows(
            "telegram",
            fetch,
            Outcome.KEPT,
            {
                "one null": put("result.0", None),
                "one's number 10**400": put("result.0.update_id", HUGE),
                "one's number NaN": put("result.0.update_id", NAN),
                "one's number true": put("result.0.update_id", True),
                "one's message a list": put("result.0.message", [1]),
                "one's sender null": put("result.0.message.from", None),
                "one's sender 10**400": put("result.0.message.from.id", HUGE),
                "one's words an object": put("result.0.message.text", {}),
                "one's words with NUL": put("result.0.message.text", NUL),
            },
            what="updates",
            kept=1,
        ),
    ]


ROWS: tuple[Row, ...] = (
    *_suno(),
    *_elevenlabs(),
    *_replicate(),
    *_acestep(),
    *_openai_images(),
    *_stock(),
    *_charts(),
    *_x(),
    *_llm(),
    *_telegram(),
)
