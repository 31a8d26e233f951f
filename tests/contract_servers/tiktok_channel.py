"""TikTok as tools that put drafts into an inbox see it: envelopes, chunks in order, statuses.

Whether a person has posted a draft is `post()`; only then is there a video that strangers see.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any

from tests.contract_servers.base import Reply, Request, route
from tests.contract_servers.channel import CLIENT_ID, CLIENT_SECRET, Copy, form_of
from tests.contract_servers.sign_in import SignInServer

VIDEO_FIELDS = {
    "id",
    "title",
    "create_time",
    "view_count",
    "like_count",
    "comment_count",
    "share_count",
    "share_url",
    "duration",
}


def envelope(data: Any = None, code: str = "ok", status: int = 200) -> Reply:
    """An answer of the API, good or not."""
    said = "" if code == "ok" else f"it failed: {code}"
    error = {"code": code, "message": said, "log_id": "20261204120000"}
    return Reply({"data": data or {}, "error": error}, status)


@dataclass
class Draft:
    """An upload. failure: why TikTok gave it up; post: of the video a person made of it."""

    size: int
    chunk: int
    data: bytearray = field(default_factory=bytearray)
    whole: bool = False
    failure: str = ""
    post: str = ""


class TikTokChannelServer(SignInServer):
    """One account. least_chunk: TikTok's 5 MB, less in tests."""

    name = "tiktok-channel"
    single_use = True
    client_field = "client_key"
    least_chunk = 5_000_000

    def reset_state(self) -> None:
        super().reset_state()
        self.account_id = "open-id-1"
        self.drafts: dict[str, Draft] = {}
        self.processed = False

    def environment(self) -> dict[str, str]:
        hosts = ("BASE", "ACCOUNTS", "GRANT", "PUBLIC")
        return {
            "TIKTOK_CLIENT_ID": CLIENT_ID,
            "TIKTOK_CLIENT_SECRET": CLIENT_SECRET,
            **{f"TIKTOK_{host}_URL": self.url for host in hosts},
        }

    # --- Signing in ---

    def challenge_of(self, verifier: str) -> str:
        return hashlib.sha256(verifier.encode()).hexdigest()

    @route("GET", "/v2/auth/authorize/")
    def authorise(self, request: Request) -> Reply:
        return self.consent(request)

    @route("POST", "/v2/oauth/token/")
    def token(self, request: Request) -> Reply:
        return self.grant(request)

    @route("POST", "/v2/oauth/revoke/")
    def revoke(self, request: Request) -> Reply:
        if form_of(request).get("token") != self.access:
            return self.refusal(400, "invalid_request")
        self.lapse()
        return Reply({})

    @route("GET", "/v2/user/info/")
    def user(self, request: Request) -> Reply:
        if fault := self._stranger(request):
            return fault
        if not set(request.query["fields"].split(",")) <= {"open_id", "display_name"}:
            return envelope(code="scope_not_authorized", status=401)
        return envelope({"user": {"open_id": self.account_id, "display_name": "Nova Lane"}})

    # --- Drafts ---

    @route("POST", "/v2/post/publish/inbox/video/init/")
    def begin(self, request: Request) -> Reply:
        if fault := self._stranger(request):
            return fault
        source = request.json["source_info"]
        if set(request.json) != {"source_info"} or source.get("source") != "FILE_UPLOAD":
            return envelope(code="invalid_params", status=400)
        size, chunk, count = (
            source[name] for name in ("video_size", "chunk_size", "total_chunk_count")
        )
        large_enough = chunk >= self.least_chunk or (chunk == size and count == 1)
        if count != size // chunk or not large_enough:
            return envelope(code="invalid_params", status=400)
        number = f"v_inbox_file~v2.{len(self.drafts) + 1:04d}"
        self.drafts[number] = Draft(size, chunk)
        place = f"{self.url}/video/?upload_id={number}&upload_token=secret-upload-token"
        return envelope({"publish_id": number, "upload_url": place})

    @route("PUT", "/video/")
    def take_bytes(self, request: Request) -> Reply:
        draft = self.drafts.get(request.query.get("upload_id", ""))
        if draft is None or request.query.get("upload_token") != "secret-upload-token":
            return Reply("", 403)
        if request.header("Authorization"):
            return Reply("", 400)
        match = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", request.header("Content-Range"))
        start, end, total = (int(part) for part in match.groups()) if match else (-1, -1, -1)
        last = end + 1 == draft.size
        if start != len(draft.data) or total != draft.size or len(request.body) != end + 1 - start:
            return Reply("", 416)
        if not last and len(request.body) != draft.chunk:
            return Reply("", 400)
        draft.data += request.body
        if not last:
            return Reply("", 206)
        sha256 = hashlib.sha256(draft.data).hexdigest()
        draft.whole, draft.data = True, bytearray()
        # Nothing of ours is in a draft; a test knows its own file.
        self.take(self.keys.get(sha256, sha256), request.query["upload_id"], sha256=sha256)
        return Reply("Created", 201)

    @property
    def keys(self) -> dict[str, str]:
        """Our keys by the hash of their file, told by a test."""
        return self.__dict__.setdefault("_keys", {})

    def lose_uploads(self) -> None:
        """Let the addresses of all uploads expire."""
        for draft in self.drafts.values():
            if not draft.whole:
                draft.failure = "upload_expired"

    @route("POST", "/v2/post/publish/status/fetch/")
    def status(self, request: Request) -> Reply:
        if fault := self._stranger(request):
            return fault
        draft = self.drafts.get(request.json["publish_id"])
        if draft is None:
            return envelope(code="invalid_publish_id", status=400)
        stored = draft.size if draft.whole else len(draft.data)
        body: dict[str, Any] = {"status": "PROCESSING_UPLOAD", "uploaded_bytes": stored}
        if draft.failure:
            body = {"status": "FAILED", "fail_reason": draft.failure}
        elif draft.post:
            body["status"] = "PUBLISH_COMPLETE"
            body["publicaly_available_post_id"] = [draft.post]
        elif draft.whole and self.processed:
            body["status"] = "SEND_TO_USER_INBOX"
        return envelope(body)

    def process(self) -> None:
        self.processed = True

    def post(self, external_id: str) -> None:
        """A person posts a draft, for everybody."""
        copy = self.there(external_id)
        assert copy
        draft = self.drafts[external_id]
        draft.post = f"75{len(self.copies):017d}"
        copy.public_at = self.clock()

    # --- Videos ---

    @route("POST", "/v2/video/query/")
    def videos(self, request: Request) -> Reply:
        if fault := self._stranger(request):
            return fault
        wanted = set(request.query["fields"].split(","))
        ids = request.json["filters"]["video_ids"]
        if not wanted <= VIDEO_FIELDS or len(ids) > 20:
            return envelope(code="invalid_params", status=400)
        shown = [self._shown(number, wanted) for number in ids if self._posted(number)]
        return envelope({"videos": shown})

    @route("GET", "/oembed")
    def oembed(self, request: Request) -> Reply:
        if self._posted(request.query.get("url", "").rpartition("/")[2]):
            return Reply({"version": "1.0", "type": "video"})
        return Reply({"code": 404}, 404)

    def _shown(self, number: str, wanted: set[str]) -> dict[str, Any]:
        counts = dict.fromkeys(("view_count", "like_count", "comment_count", "share_count"), 4)
        url = f"https://www.tiktok.com/@novalane/video/{number}"
        whole = {"id": number, "share_url": url, **counts}
        return {name: value for name, value in whole.items() if name in wanted}

    def _posted(self, number: str) -> Copy | None:
        for name, draft in self.drafts.items():
            if number and draft.post == number:
                return self.there(name)
        return None

    def _stranger(self, request: Request) -> Reply | None:
        if request.bearer != self.access:
            return envelope(code="access_token_invalid", status=401)
        return None
