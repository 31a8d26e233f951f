"""A PeerTube instance: tokens that work once, uploads in chunks, a schedule, moderation, figures.

It checks what it is sent by the OpenAPI of version 7. `busy` last chunks are answered 503 while the
video is made; `hides_range` answers chunks without Range; `forgets` drops finished uploads at once.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from tests.contract_servers.base import Reply, Request, route
from tests.contract_servers.channel import ChannelServer, Copy, form_of, parts_of

USER, PASSWORD, OTP = "aap", "peertube-contract-password", "123456"
CHANNEL = "nova_lane"
CLIENT = {"client_id": "c" * 32, "client_secret": "s" * 32}
UPLOADS = "/api/v1/videos/upload-resumable"
SPACE = UUID("0c6f1b1e-6a0e-4f0e-9f2e-5b7b3c1d2e4f")

FIELDS: dict[str, type | tuple[type, ...]] = {
    "filename": str,
    "name": str,
    "channelId": int,
    "privacy": int,
    "category": int,
    "licence": int,
    "language": str,
    "description": str,
    "tags": list,
    "waitTranscoding": bool,
    "scheduleUpdate": dict,
    "commentsPolicy": int,
    "downloadEnabled": bool,
    "nsfw": bool,
    "generateTranscription": bool,
    "originallyPublishedAt": (str, type(None)),
    "support": str,
    "videoPasswords": list,
}
REQUIRED = ("filename", "name", "channelId")
CHANGEABLE = {*FIELDS} - {"filename", "tags", "scheduleUpdate"} | {
    "tags[]",
    "scheduleUpdate",
    "scheduleUpdate[updateAt]",
    "scheduleUpdate[privacy]",
}


@dataclass
class Session:
    """An upload. sha: of what has come, for chunks come in order."""

    id: str
    meta: dict[str, Any]
    size: int
    stored: int = 0
    sha: Any = field(default_factory=hashlib.sha256)
    video: str = ""


def problem(status: int, detail: str, code: str = "", *fields: str) -> Reply:
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": "Bad Request",
        "status": status,
        "detail": detail,
        "error": detail,
    }
    if code:
        body["code"] = code
    if fields:
        body["invalid-params"] = {
            name: {"location": "body", "msg": "Invalid value", "param": name} for name in fields
        }
    return Reply(body, status, content_type="application/problem+json")


class PeerTubeServer(ChannelServer):
    name = "peertube"

    def reset_state(self) -> None:
        super().reset_state()
        self.sessions: dict[str, Session] = {}
        self.captions: dict[tuple[str, str], bytes] = {}
        self.pictures: dict[str, bytes] = {}
        self.second_factor = False
        self.quota, self.daily, self.used = -1, -1, 0
        self.busy = 0
        self.hides_range = False
        self.forgets = True
        self.auto_block = False
        self.work_polls = 0
        self.broken = False
        self.views = 7

    def environment(self) -> dict[str, str]:
        return {"PEERTUBE_ADDRESS": f"{self.url}/c/{CHANNEL}"}

    # --- Tokens ---

    @route("GET", "/api/v1/oauth-clients/local")
    def client(self, request: Request) -> Reply:
        return Reply(CLIENT)

    @route("POST", "/api/v1/users/token")
    def token(self, request: Request) -> Reply:
        form = form_of(request)
        if {k: form.get(k) for k in CLIENT} != CLIENT:
            return problem(400, "Invalid client", "invalid_client")
        if form.get("grant_type") == "refresh_token":
            if form.get("refresh_token") != self.refresh:
                return problem(400, "Invalid refresh token", "invalid_grant")
        elif (form.get("username"), form.get("password")) != (USER, PASSWORD):
            return problem(400, "Invalid username or password", "invalid_grant")
        elif self.second_factor and request.header("x-peertube-otp") != OTP:
            code = "invalid" if request.header("x-peertube-otp") else "missing"
            return problem(401, f"{code} two factor header", f"{code}_two_factor")
        self.new_tokens()
        return Reply(
            {
                "token_type": "Bearer",
                "access_token": self.access,
                "refresh_token": self.refresh,
                "expires_in": 86399,
                "refresh_token_expires_in": 1209599,
            }
        )

    @route("POST", "/api/v1/users/revoke-token")
    def revoke(self, request: Request) -> Reply:
        if refused := self._refused(request):
            return refused
        self.new_tokens()
        return Reply({})

    def _refused(self, request: Request) -> Reply | None:
        if request.bearer == self.access:
            return None
        return problem(401, "Token is invalid", "invalid_token")

    # --- The account ---

    @route("GET", "/api/v1/users/me")
    def me(self, request: Request) -> Reply:
        return self._refused(request) or Reply(
            {
                "id": 3 + int(self.account_id[-1]),
                "username": USER,
                "videoQuota": self.quota,
                "videoQuotaDaily": self.daily,
                "role": {"id": 2, "label": "User"},
                "videoChannels": [{"id": 3, "name": CHANNEL, "displayName": "Nova Lane"}],
            }
        )

    @route("GET", "/api/v1/users/me/video-quota-used")
    def quota_used(self, request: Request) -> Reply:
        return self._refused(request) or Reply(
            {"videoQuotaUsed": self.used, "videoQuotaUsedDaily": self.used}
        )

    @route("GET", "/api/v1/videos/categories")
    def categories(self, request: Request) -> Reply:
        return Reply({"2": "Films", "1": "Music"})

    @route("GET", "/api/v1/users/me/videos")
    def own(self, request: Request) -> Reply:
        if refused := self._refused(request):
            return refused
        wanted, count = request.query.get("search", ""), int(request.query["count"])
        if request.query["sort"] != "-createdAt":
            return problem(400, "Incorrect request parameters: sort", "", "sort")
        copies = [c for c in self.copies if not c.gone and wanted in c.fields["name"]]
        listed = [self._video(copy) for copy in reversed(copies)][:count]
        for video in listed:
            video["description"] = video["description"][:250]
        return Reply({"total": len(copies), "data": listed})

    # --- Uploads ---

    @route("POST", UPLOADS)
    def begin(self, request: Request) -> Reply:
        if refused := self._refused(request):
            return refused
        meta, size = request.json, int(request.header("X-Upload-Content-Length"))
        if fault := self._fault_of(meta):
            return fault
        if not request.header("X-Upload-Content-Type").startswith(("video/", "audio/")):
            return problem(415, "This video file type is not accepted.")
        if any(0 <= limit < self.used + size for limit in (self.quota, self.daily)):
            return problem(
                413, "The user video quota is exceeded with this video.", "quota_reached"
            )
        # The server knows a file by its name, size and uploader.
        known = next(
            (s for s in self.sessions.values() if (s.meta, s.size) == (meta, size) and not s.video),
            None,
        )
        session = known or Session(f"upload-{len(self.sessions) + 1:04d}", meta, size)
        self.sessions[session.id] = session
        path = f"{UPLOADS}?upload_id={session.id}"
        host = request.header("Host")
        spellings = (f"http://{host}{path}", f"//{host}{path}", path)
        location = spellings[len(self.sessions) % 3]
        return Reply(b"", 200 if known else 201, {"Location": location})

    def _fault_of(self, meta: dict[str, Any]) -> Reply | None:
        wrong = [
            name
            for name, value in meta.items()
            if name not in FIELDS or not isinstance(value, FIELDS[name])
        ]
        wrong += [name for name in REQUIRED if name not in meta]
        wrong += _limits(meta, now=self.clock())
        if meta.get("privacy") != 3:
            wrong.append("privacy")
        if meta.get("channelId") != 3:
            wrong.append("channelId")
        if wrong:
            text = f"Incorrect request parameters: {', '.join(wrong)}"
            return problem(400, text, "", *wrong)
        return None

    @route("PUT", UPLOADS)
    def chunk(self, request: Request) -> Reply:
        if refused := self._refused(request):
            return refused
        session = self.sessions.get(request.query.get("upload_id", ""))
        if session is None:
            return Reply(b"", 404)
        place, _, total = request.header("Content-Range").removeprefix("bytes ").partition("/")
        if int(total) != session.size:
            return problem(400, "Incorrect request parameters: size", "", "size")
        if session.stored == session.size and not session.video:
            return self._finished(session)
        if place != "*":
            first, _, last = place.partition("-")
            if request.header("Content-Type") != "application/octet-stream":
                return problem(400, "Incorrect request parameters: Content-Type", "", "headers")
            if int(last) - int(first) + 1 != len(request.body):
                return problem(400, "Incorrect request parameters: Content-Range", "", "headers")
            if int(first) != session.stored:
                return problem(409, "The chunk does not match the stored range")
            self._store(session, request.body)
            if session.stored == session.size:
                if self.busy:
                    self.busy -= 1
                    return Reply(b"", 503, {"Retry-After": "300"})
                return self._finished(session)
        told = session.stored and not (self.hides_range and place != "*")
        return Reply(b"", 308, {"Range": f"bytes=0-{session.stored - 1}"} if told else {})

    @route("DELETE", UPLOADS)
    def cancel(self, request: Request) -> Reply:
        known = self.sessions.pop(request.query.get("upload_id", ""), None)
        return self._refused(request) or Reply(b"", 204 if known else 404)

    def cut_off(self, request: Request) -> None:
        session = self.sessions.get(request.query.get("upload_id", ""))
        first = request.header("Content-Range").removeprefix("bytes ").partition("-")[0]
        if session and request.method == "PUT" and first == str(session.stored):
            self._store(session, request.body)

    def _store(self, session: Session, body: bytes) -> None:
        session.sha.update(body)
        session.stored += len(body)

    def _finished(self, session: Session) -> Reply:
        number = len(self.copies) + 1
        uuid = str(uuid5(SPACE, str(number)))
        tag = session.meta.get("description", "").rpartition("\n")[2]
        meta = {**session.meta, "sha256": session.sha.hexdigest(), "state": 2}
        copy = self.take(tag.removeprefix("aap:"), uuid, number=number, polls=0, **meta)
        copy.fields["blocked"] = self.auto_block
        self.used += session.size
        session.video = uuid
        if self.forgets:
            del self.sessions[session.id]
        return Reply({"video": {"id": number, "uuid": uuid, "shortUUID": f"short{number:04d}"}})

    # --- Videos ---

    def settle(self) -> None:
        for copy in self.copies:
            schedule = copy.fields.get("scheduleUpdate")
            due = schedule and _unix(schedule["updateAt"]) <= self.clock()
            if due and not copy.gone:
                copy.fields["privacy"] = schedule["privacy"]
                copy.fields["scheduleUpdate"] = None
            shown = copy.fields["privacy"] == 1 and not copy.fields["blocked"] and not copy.gone
            if shown and copy.public_at is None:
                copy.public_at = self.clock()

    def process(self) -> None:
        for copy in self.copies:
            copy.fields["state"] = 1

    @route("GET", "/api/v1/videos/{video}")
    def read(self, request: Request) -> Reply:
        copy = self._known(request.parts["video"])
        owner = bool(request.bearer)
        if owner and (refused := self._refused(request)):
            return refused
        if copy is None:
            return problem(404, "Video not found")
        if not owner and (copy.fields["privacy"] not in (1, 2) or copy.fields["blocked"]):
            return problem(401, "Please authenticate to get the video")
        if owner:
            copy.fields["polls"] += 1
            if copy.fields["state"] == 2 and copy.fields["polls"] > self.work_polls:
                copy.fields["state"] = 7 if self.broken else 1
        return Reply(self._video(copy))

    def _known(self, name: str) -> Copy | None:
        return next(
            (
                copy
                for copy in self.copies
                if not copy.gone and name in (copy.external_id, f"short{copy.fields['number']:04d}")
            ),
            None,
        )

    def _video(self, copy: Copy) -> dict[str, Any]:
        fields = copy.fields
        return {
            "id": fields["number"],
            "uuid": copy.external_id,
            "shortUUID": f"short{fields['number']:04d}",
            "name": fields["name"],
            "description": fields["description"],
            "tags": fields["tags"],
            "state": {"id": fields["state"], "label": "State"},
            "privacy": {"id": fields["privacy"], "label": "Privacy"},
            "scheduledUpdate": fields.get("scheduleUpdate"),
            "waitTranscoding": fields["waitTranscoding"],
            "blacklisted": fields["blocked"],
            "blacklistedReason": "Auto-blacklisted. Moderator review needed."
            if fields["blocked"]
            else None,
            "views": self.views,
            "likes": 2,
            "comments": 1,
        }

    @route("PUT", "/api/v1/videos/{video}")
    def modify(self, request: Request) -> Reply:
        if refused := self._refused(request):
            return refused
        copy = self._known(request.parts["video"])
        if copy is None:
            return problem(404, "Video not found")
        parts = parts_of(request)
        given: dict[str, Any] = {}
        for name, filename, _, content in parts:
            if filename:
                if name not in ("thumbnailfile", "previewfile") or content[:2] != b"\xff\xd8":
                    return problem(400, f"Incorrect request parameters: {name}", "", name)
                self.pictures[copy.external_id] = content
            elif name not in CHANGEABLE:
                return problem(400, f"Incorrect request parameters: {name}", "", name)
            elif name == "tags[]":
                given.setdefault("tags", []).append(content.decode())
            else:
                given[name] = content.decode()
        updated = {
            "updateAt": given.pop("scheduleUpdate[updateAt]", None),
            "privacy": int(given.pop("scheduleUpdate[privacy]", 0)),
        }
        if updated["updateAt"]:
            given["scheduleUpdate"] = updated
        elif given.get("scheduleUpdate") == "null":
            given["scheduleUpdate"] = None
        for name in ("privacy", "channelId", "commentsPolicy", "category"):
            if name in given:
                given[name] = int(given[name])
        if wrong := _limits(given, now=self.clock()):
            text = f"Incorrect request parameters: {', '.join(wrong)}"
            return problem(400, text, "", *wrong)
        copy.fields |= given
        self.settle()
        return Reply(b"", 204)

    @route("DELETE", "/api/v1/videos/{video}")
    def delete(self, request: Request) -> Reply:
        if refused := self._refused(request):
            return refused
        copy = self._known(request.parts["video"])
        if copy is None:
            return problem(404, "Video not found")
        copy.gone = True
        return Reply(b"", 204)

    @route("PUT", "/api/v1/videos/{video}/captions/{language}")
    def caption(self, request: Request) -> Reply:
        if refused := self._refused(request):
            return refused
        ((name, filename, _, content),) = parts_of(request)
        if name != "captionfile" or not filename.endswith((".srt", ".vtt")):
            return problem(400, "Incorrect request parameters: captionfile", "", "captionfile")
        self.captions[request.parts["video"], request.parts["language"]] = content
        return Reply(b"", 204)

    @route("GET", "/api/v1/videos/{video}/stats/overall")
    def overall(self, request: Request) -> Reply:
        return self._refused(request) or Reply(
            {"averageWatchTime": 61, "totalWatchTime": 7320, "totalViewers": 120, "countries": []}
        )

    @route("GET", "/services/oembed")
    def oembed(self, request: Request) -> Reply:
        copy = self._known(request.query["url"].rpartition("/")[2])
        if copy is None:
            return Reply(json.dumps({"error": "Video not found"}), 404)
        return Reply({"type": "video"} if copy.fields["privacy"] == 1 else b"", 200)


def _limits(fields: dict[str, Any], *, now: float) -> list[str]:
    """Fields that are too long, too short, or of the past."""
    wrong = []
    if "name" in fields and not 3 <= len(fields["name"]) <= 120:
        wrong.append("name")
    if "description" in fields and not 3 <= len(fields["description"]) <= 10_000:
        wrong.append("description")
    tags = fields.get("tags", [])
    if len(tags) > 5 or len(set(tags)) < len(tags) or not all(2 <= len(t) <= 30 for t in tags):
        wrong.append("tags")
    schedule = fields.get("scheduleUpdate")
    if schedule and (
        schedule.get("privacy") not in (1, 2, 4) or _unix(schedule["updateAt"]) <= now
    ):
        wrong.append("scheduleUpdate")
    return wrong


def _unix(written: str) -> float:
    return datetime.fromisoformat(written).timestamp()
