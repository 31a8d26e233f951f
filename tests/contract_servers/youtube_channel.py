"""YouTube as its uploaders see it: Data API v3, resumable uploads, Analytics v2, oEmbed, sign-in.

Every request is checked against Google's discovery documents (tests.contract_servers.discovery);
what they do not know is refused with a 400 and kept in `unknown`. Scheduled videos become public by
the server's clock.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from tests.contract_servers.base import Reply, Request, route
from tests.contract_servers.channel import CLIENT_ID, CLIENT_SECRET, Copy, form_of, parts_of
from tests.contract_servers.discovery import discovery
from tests.contract_servers.sign_in import SignInServer

SCOPES = "https://www.googleapis.com/auth/"
UNIT_BYTES = 262_144
_MARK = re.compile(r"aap:(\S+)")
_DESCRIPTION_BYTES, _TITLE_CHARACTERS, _TAG_CHARACTERS = 5_000, 100, 500


def google_error(status: int, reason: str, message: str = "") -> Reply:
    """An error as Google's APIs write it."""
    said = message or f"The request failed: {reason}."
    detail = {"message": said, "domain": "youtube", "reason": reason}
    return Reply({"error": {"code": status, "message": said, "errors": [detail]}}, status)


@dataclass
class Session:
    """A resumable upload. data: what has come of it, in whole units of 256 KiB."""

    resource: dict[str, Any]
    total: int
    media_type: str
    data: bytearray = field(default_factory=bytearray)
    video: dict[str, Any] | None = None


class YouTubeChannelServer(SignInServer):
    """One Google account with one channel. processing_polls: looks until a video is processed.

    long_uploads: whether the person has verified the channel by phone.
    """

    name = "youtube-channel"

    def reset_state(self) -> None:
        super().reset_state()
        self.account_id = "UC0000000001"
        self.processing_polls = 0
        self.long_uploads = "allowed"
        self.scopes = {
            f"{SCOPES}{name}"
            for name in ("youtube.upload", "youtube.force-ssl", "yt-analytics.readonly")
        }
        self.sessions: dict[str, Session] = {}
        self.playlists: dict[str, dict[str, Any]] = {}
        self.playlist_items: dict[str, dict[str, Any]] = {}
        self.thumbnails: dict[str, int] = {}
        self.captions: list[dict[str, Any]] = []
        self.views_a_day: dict[str, int] = {}
        self.unknown: list[str] = []
        self.checked = 0

    def environment(self) -> dict[str, str]:
        hosts = ("UPLOADS", "ANALYTICS", "ACCOUNTS", "GRANT", "PUBLIC")
        return {
            "YOUTUBE_CLIENT_ID": CLIENT_ID,
            "YOUTUBE_CLIENT_SECRET": CLIENT_SECRET,
            **{f"YOUTUBE_{host}_URL": self.url for host in hosts},
        }

    def watched(self, external_id: str, views: int) -> None:
        self.views_a_day[external_id] = views

    # --- Signing in ---

    @route("GET", "/o/oauth2/v2/auth")
    def authorise(self, request: Request) -> Reply:
        if request.query.get("access_type") != "offline":
            self.lasting = False
        return self.consent(request)

    @route("POST", "/token")
    def token(self, request: Request) -> Reply:
        return self.grant(request)

    @route("POST", "/revoke")
    def revoke(self, request: Request) -> Reply:
        if form_of(request).get("token") not in (self.refresh, self.access):
            return Reply({"error": "invalid_token"}, 400)
        self.lapse()
        return Reply({})

    # --- Uploads ---

    @route("POST", "/upload/youtube/v3/videos")
    def start_upload(self, request: Request) -> Reply:
        resource = request.json
        if fault := self._refused(request, resource) or self._bad_video(resource):
            return fault
        total = int(request.header("X-Upload-Content-Length") or 0)
        media_type = request.header("X-Upload-Content-Type")
        if request.query.get("uploadType") != "resumable" or not total:
            return google_error(400, "mediaBodyRequired")
        if not media_type.startswith("video/"):
            return google_error(400, "invalidVideoMetadata", "the media type is no video's")
        number = f"session-{len(self.sessions) + 1:04d}-secret"
        self.sessions[number] = Session(resource, total, media_type)
        place = f"{self.url}/upload/youtube/v3/videos?uploadType=resumable&upload_id={number}"
        return Reply(b"", 200, {"Location": place})

    @route("PUT", "/upload/youtube/v3/videos")
    def take_bytes(self, request: Request) -> Reply:
        session = self.sessions.get(request.query.get("upload_id", ""))
        if session is None:
            return Reply("Not Found", 404)
        if request.bearer and request.bearer != self.access:
            return google_error(401, "authError", "Invalid Credentials")
        if session.video:
            return Reply(session.video)
        if request.header("Content-Range").startswith("bytes */"):
            return self._more(session)
        start, end = self._range(request)
        last = end + 1 == session.total
        if start != len(session.data) or (not last and (end + 1 - start) % UNIT_BYTES):
            return google_error(400, "badRequest", f"bytes {start}-{end} do not belong here")
        session.data += request.body
        return Reply(self._made(session)) if last else self._more(session)

    def cut_off(self, request: Request) -> None:
        session = self.sessions.get(request.query.get("upload_id", ""))
        if session and self._range(request)[0] == len(session.data):
            whole = len(request.body) // UNIT_BYTES * UNIT_BYTES
            session.data += request.body[:whole]

    def lose_sessions(self) -> None:
        """Forget where uploads are, as happens after some days."""
        self.sessions.clear()

    @route("POST", "/upload/youtube/v3/thumbnails/set")
    def set_thumbnail(self, request: Request) -> Reply:
        if fault := self._refused(request):
            return fault
        video = request.query["videoId"]
        if self.there(video) is None:
            return google_error(404, "videoNotFound")
        if len(request.body) > 2_000_000 or request.body[:2] not in (b"\xff\xd8", b"\x89P"):
            return google_error(400, "invalidImage")
        self.thumbnails[video] = len(request.body)
        return Reply({"kind": "youtube#thumbnailSetResponse", "items": []})

    @route("POST", "/upload/youtube/v3/captions")
    def add_captions(self, request: Request) -> Reply:
        (_, _, kind, head), (_, _, _, text) = parts_of(request)
        resource = json.loads(head)
        if fault := self._refused(request, resource):
            return fault
        snippet = resource["snippet"]
        if kind != "application/json" or b"-->" not in text:
            return google_error(400, "contentRequired")
        if self.there(snippet["videoId"]) is None:
            return google_error(404, "videoNotFound")
        if any(caption["snippet"] == snippet for caption in self.captions):
            return google_error(409, "captionExists")
        made = {"kind": "youtube#caption", "id": f"cap{len(self.captions)}", "snippet": snippet}
        self.captions.append(made)
        return Reply(made)

    # --- Videos ---

    @route("GET", "/youtube/v3/videos")
    def videos(self, request: Request) -> Reply:
        if fault := self._refused(request):
            return fault
        ids = request.query.get("id", "").split(",")
        if len(ids) > 50:
            return google_error(400, "invalidFilters")
        copies = [copy for name in ids if (copy := self.there(name))]
        for copy in copies:
            self._look(copy)
        return Reply({"items": [self._shown(copy, request.query["part"]) for copy in copies]})

    @route("PUT", "/youtube/v3/videos")
    def update(self, request: Request) -> Reply:
        resource = request.json
        if fault := self._refused(request, resource):
            return fault
        copy = self.there(resource.get("id", ""))
        if copy is None:
            return google_error(404, "videoNotFound")
        if fault := self._bad_video({"snippet": copy.fields["snippet"], **resource}):
            return fault
        status = resource.get("status")
        if status and status.get("publishAt") and copy.public_at is not None:
            return google_error(400, "invalidPublishAt")
        # What is left out of a part that is named is reset.
        for part in request.query["part"].split(","):
            copy.fields[part] = resource[part]
        self.settle()
        return Reply(self._shown(copy, request.query["part"]))

    @route("DELETE", "/youtube/v3/videos")
    def delete(self, request: Request) -> Reply:
        if fault := self._refused(request):
            return fault
        copy = self.there(request.query["id"])
        if copy is None:
            return google_error(404, "videoNotFound")
        copy.gone = True
        return Reply(b"", 204)

    def process(self) -> None:
        for copy in self.copies:
            copy.fields["polls"] = self.processing_polls
            self._look(copy)

    def settle(self) -> None:
        for copy in self.copies:
            status = copy.fields["status"]
            due = status.get("publishAt") or ""
            if due and self.clock() >= datetime.fromisoformat(due).timestamp():
                status["privacyStatus"] = "public"
                del status["publishAt"]
            if status.get("privacyStatus", "public") == "public" and copy.public_at is None:
                copy.public_at = self.clock()

    # --- Channel and playlists ---

    @route("GET", "/youtube/v3/channels")
    def channels(self, request: Request) -> Reply:
        if fault := self._refused(request):
            return fault
        if not self.account_id:
            return Reply({"kind": "youtube#channelListResponse"})
        return Reply(
            {
                "items": [
                    {
                        "id": self.account_id,
                        "snippet": {"title": "Nova Lane", "customUrl": "@novalane"},
                        "contentDetails": {
                            "relatedPlaylists": {"likes": "", "uploads": f"UU{self.account_id[2:]}"}
                        },
                        "status": {"longUploadsStatus": self.long_uploads},
                        "statistics": {"videoCount": "0"},
                    }
                ]
            }
        )

    @route("GET", "/youtube/v3/playlists")
    def list_playlists(self, request: Request) -> Reply:
        return self._refused(request) or Reply({"items": list(self.playlists.values())})

    @route("POST", "/youtube/v3/playlists")
    def add_playlist(self, request: Request) -> Reply:
        resource = request.json
        if fault := self._refused(request, resource):
            return fault
        if not 0 < len(resource["snippet"]["title"]) <= 150:
            return google_error(400, "playlistTitleRequired")
        made = {"kind": "youtube#playlist", "id": f"PL{len(self.playlists) + 1:04d}", **resource}
        self.playlists[made["id"]] = made
        return Reply(made)

    @route("GET", "/youtube/v3/playlistItems")
    def list_items(self, request: Request) -> Reply:
        if fault := self._refused(request):
            return fault
        playlist, video = request.query["playlistId"], request.query.get("videoId")
        if playlist == f"UU{self.account_id[2:]}":
            return self._uploads(request)
        return Reply(
            {
                "items": [
                    item
                    for item in self.playlist_items.values()
                    if item["snippet"]["playlistId"] == playlist
                    and video in (None, item["snippet"]["resourceId"]["videoId"])
                ]
            }
        )

    @route("POST", "/youtube/v3/playlistItems")
    def add_item(self, request: Request) -> Reply:
        resource = request.json
        if fault := self._refused(request, resource):
            return fault
        snippet = resource["snippet"]
        if snippet["playlistId"] not in self.playlists:
            return google_error(404, "playlistNotFound")
        if self.there(snippet["resourceId"]["videoId"]) is None:
            return google_error(404, "videoNotFound")
        made = {"id": f"item{len(self.playlist_items) + 1:04d}", **resource}
        self.playlist_items[made["id"]] = made
        return Reply(made)

    @route("DELETE", "/youtube/v3/playlistItems")
    def delete_item(self, request: Request) -> Reply:
        if fault := self._refused(request):
            return fault
        if self.playlist_items.pop(request.query["id"], None) is None:
            return google_error(404, "playlistItemNotFound")
        return Reply(b"", 204)

    # --- The audience, and strangers ---

    @route("GET", "/v2/reports")
    def reports(self, request: Request) -> Reply:
        if fault := self._refused(request, api="youtubeAnalytics.v2"):
            return fault
        query = request.query
        day, last = date.fromisoformat(query["startDate"]), date.fromisoformat(query["endDate"])
        video = query["filters"].removeprefix("video==")
        names = query["metrics"].split(",")
        rows = []
        while day <= last and video in self.views_a_day:
            rows.append([day.isoformat(), *(self.views_a_day[video] for _ in names)])
            day += timedelta(days=1)
        headers = [{"name": name} for name in (query["dimensions"], *names)]
        return Reply({"columnHeaders": headers} | ({"rows": rows} if rows else {}))

    @route("GET", "/oembed")
    def oembed(self, request: Request) -> Reply:
        copy = self.there(request.query.get("url", "").rpartition("v=")[2])
        if copy is None:
            return Reply("Not Found", 404)
        if copy.public_at is None or copy.fields["status"]["privacyStatus"] == "private":
            return Reply("Unauthorized", 401)
        return Reply({"type": "video", "title": copy.fields["snippet"]["title"]})

    # --- Inside ---

    def _refused(
        self, request: Request, resource: Any = None, *, api: str = "youtube.v3"
    ) -> Reply | None:
        """The answer to a request without a valid token, or that the API does not know."""
        if request.bearer != self.access:
            return google_error(401, "authError", "Invalid Credentials")
        described = discovery(api)
        if described is None:
            return None
        faults = described.faults(request, resource, scopes=self.scopes)
        self.checked += 1
        self.unknown += faults
        return google_error(400, "badRequest", "; ".join(faults)) if faults else None

    def _bad_video(self, resource: dict[str, Any]) -> Reply | None:
        snippet, status = resource["snippet"], resource.get("status", {})
        words = (snippet.get("title", ""), snippet.get("description", ""))
        if not 0 < len(words[0]) <= _TITLE_CHARACTERS or set("<>") & set(words[0]):
            return google_error(400, "invalidTitle")
        if len(words[1].encode()) > _DESCRIPTION_BYTES or set("<>") & set(words[1]):
            return google_error(400, "invalidDescription")
        tags = snippet.get("tags", [])
        if sum(len(tag) + 2 * (" " in tag) for tag in tags) + len(tags) > _TAG_CHARACTERS:
            return google_error(400, "invalidTags")
        if not snippet.get("categoryId", "").isdigit():
            return google_error(400, "invalidCategoryId")
        if status.get("publishAt") and status.get("privacyStatus") != "private":
            return google_error(400, "invalidPublishAt")
        return None

    def _range(self, request: Request) -> tuple[int, int]:
        match = re.fullmatch(r"bytes (\d+)-(\d+)/\d+", request.header("Content-Range"))
        return (int(match[1]), int(match[2])) if match else (-1, -1)

    def _more(self, session: Session) -> Reply:
        stored = len(session.data)
        return Reply(b"", 308, {"Range": f"bytes=0-{stored - 1}"} if stored else {})

    def _made(self, session: Session) -> dict[str, Any]:
        mark = _MARK.search(session.resource["snippet"].get("description", ""))
        sha256 = hashlib.sha256(session.data).hexdigest()
        twin = any(
            copy.fields["sha256"] == sha256 and not copy.gone and copy.key == (mark and mark[1])
            for copy in self.copies
        )
        copy = self.take(mark[1] if mark else "", f"vid{len(self.copies) + 1:08d}")
        copy.fields |= {
            **session.resource,
            "sha256": sha256,
            "polls": 0,
            "uploaded": "rejected" if twin else "uploaded",
        }
        session.data = bytearray()
        session.video = self._shown(copy, "snippet,status")
        self.settle()
        return session.video

    def _look(self, copy: Copy) -> None:
        if copy.fields["uploaded"] == "uploaded" and copy.fields["polls"] >= self.processing_polls:
            copy.fields["uploaded"] = "processed"
        copy.fields["polls"] += 1

    def _shown(self, copy: Copy, parts: str) -> dict[str, Any]:
        made: dict[str, Any] = {"kind": "youtube#video", "id": copy.external_id}
        for part in parts.split(","):
            made[part] = dict(copy.fields.get(part, {}))
        if "status" in made:
            made["status"]["uploadStatus"] = copy.fields["uploaded"]
            if copy.fields["uploaded"] == "rejected":
                made["status"]["rejectionReason"] = "duplicate"
        if "statistics" in made:
            views = self.views_a_day.get(copy.external_id, 0)
            made["statistics"] = {"viewCount": str(views), "likeCount": "3", "commentCount": "1"}
        return made

    def _uploads(self, request: Request) -> Reply:
        newest = [copy for copy in reversed(self.copies) if not copy.gone]
        start = int(request.query.get("pageToken", "0"))
        end = start + int(request.query.get("maxResults", "5"))
        page = [{"contentDetails": {"videoId": copy.external_id}} for copy in newest[start:end]]
        more = {"nextPageToken": str(end)} if end < len(newest) else {}
        return Reply({"items": page, **more})
