"""YouTube's Data and Analytics APIs: calls, what they cost of the quota, errors, answers."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field

from media_tools.errors import NeedsPerson, ProviderError, ProviderRejected, ProviderUnavailable
from media_tools.foreign import fields, items, label, reference
from media_tools.providers.http import Call, HttpClient, HttpReply, Line, Timeouts
from media_tools.providers.job import bearer, unusable
from media_tools.providers.replies import Label, LongLabel, Read, Reference, Reply, at, first, rows
from media_tools.publishing.base import Account
from media_tools.publishing.sending import lost
from media_tools.publishing.signed import SignedClient, TokenRefused

NAME = "youtube"
API, UPLOAD = "/youtube/v3", "/upload/youtube/v3"
INSERTS = "videos.insert"  # a quota of its own, counted in calls

# Units of a call; https://developers.google.com/youtube/v3/determine_quota_cost
COSTS: Mapping[str, int] = {
    "videos.insert": 1,
    "videos.list": 1,
    "videos.update": 50,
    "videos.delete": 50,
    "thumbnails.set": 50,
    "captions.insert": 400,
    "channels.list": 1,
    "playlists.list": 1,
    "playlists.insert": 50,
    "playlistItems.list": 1,
    "playlistItems.insert": 50,
    "playlistItems.delete": 50,
}
_QUOTA_ZONE = ZoneInfo("America/Los_Angeles")
_CHUNK_TIME = Timeouts(connect_s=10.0, read_s=120.0, total_s=900.0)
_STORED = re.compile(r"bytes=0-(\d{1,18})")

# Reasons to wait, how long (None: until the quota's day is over), and what of.
_WAITS: Mapping[str, tuple[float | None, str]] = {
    "rateLimitExceeded": (60.0, "requests come too fast"),
    "userRateLimitExceeded": (60.0, "requests come too fast"),
    "uploadLimitExceeded": (86_400.0, "the channel takes no more videos for a day"),
    "quotaExceeded": (None, "the project's quota of the day is used up"),
    "dailyLimitExceeded": (None, "the project's quota of the day is used up"),
}
_PERSON = {
    "youtubeSignupRequired": ("the Google account has no channel", "make one, then connect again"),
    "insufficientPermissions": (
        "the permission does not cover this",
        "connect the channel again and leave every box ticked",
    ),
    "forbiddenPrivacySetting": (
        "the channel may not use this privacy",
        "check the channel's settings in YouTube Studio",
    ),
    "forbiddenLicenseSetting": (
        "the channel may not use this licence",
        "check the channel's settings in YouTube Studio",
    ),
    "forbiddenEmbedSetting": (
        "the channel may not let others embed videos",
        "check the channel's settings in YouTube Studio",
    ),
    "playlistContainsMaximumNumberOfVideos": (
        "the playlist is full",
        "rename the playlist for this artist or empty it",
    ),
    "maxPlaylistExceeded": ("there are too many playlists", "delete some in YouTube Studio"),
}
_FIELDS = {
    "invalidTitle": "the title",
    "invalidDescription": "the description",
    "invalidTags": "the tags",
    "invalidCategoryId": "the category",
    "invalidPublishAt": "the date of publishing",
    "invalidVideoMetadata": "the words or settings of the video",
    "mediaBodyRequired": "the file",
    "invalidImage": "the thumbnail",
    "nameTooLong": "the name of the captions",
    "contentRequired": "the captions",
    "invalidMetadata": "the captions",
    "defaultLanguageNotSet": "the language",
    "playlistTitleRequired": "the name of the playlist",
    "invalidPlaylistSnippet": "the name of the playlist",
    "playlistOperationUnsupported": "a change of the playlist",
    "manualSortRequired": "the order of the playlist",
}


class Missing(ProviderRejected):
    """There is no such video, playlist or upload."""


class Forbidden(NeedsPerson):
    """The channel as it is may not do this."""


class AlreadyThere(ProviderRejected):
    """Captions of this name and language are there already."""


class Status(Reply):
    upload: Label = Field(default="", alias="uploadStatus")
    failure: Label = Field(default="", alias="failureReason")
    rejection: Label = Field(default="", alias="rejectionReason")
    privacy: Label = Field(default="", alias="privacyStatus")
    publish_at: Label = Field(default="", alias="publishAt")
    licence: Label = Field(default="youtube", alias="license")
    embeddable: bool = True
    public_stats: bool = Field(default=True, alias="publicStatsViewable")
    synthetic: bool | None = Field(default=None, alias="containsSyntheticMedia")


class Video(Reply):
    id: Reference = Field(min_length=1)
    description: str = at("snippet", "description")
    category: Label = at("snippet", "categoryId")
    status: Status = Status()
    statistics: dict[str, Any] = {}


class Videos(Reply):
    items: Annotated[list[Video], rows(50)] = []


class _Channel(Reply):
    id: Reference = ""
    title: Label = at("snippet", "title")
    handle: Label = at("snippet", "customUrl")
    uploads: Reference = at("contentDetails", "relatedPlaylists", "uploads")
    long_uploads: Label = at("status", "longUploadsStatus")


class Channels(Reply):
    items: Annotated[list[_Channel], rows(50)] = []


class _Named(Reply):
    """A playlist or an entry of one."""

    id: Reference = ""
    title: LongLabel = at("snippet", "title")
    video: Reference = at("contentDetails", "videoId")


class Page(Reply):
    items: Annotated[list[_Named], rows(50)] = []
    next: Reference = Field(default="", alias="nextPageToken")


class Made(Reply):
    id: Reference = Field(min_length=1)


class Answered(Reply):
    """Any answer of YouTube's own, as opposed to a page somebody put in between."""

    kind: Label = Field(min_length=1)


class Report(Reply):
    headers: Annotated[list[dict[str, Any]], rows(50)] = Field(default=[], alias="columnHeaders")
    days: Annotated[list[list[Any]], first(4_000)] = Field(default=[], alias="rows")


@dataclass(frozen=True)
class Place:
    """Where an upload is: the video it became, or how many bytes have arrived."""

    video: str = ""
    stored: int = 0


class YouTubeApi:
    """Calls in the name of one account. Books the quota before each."""

    def __init__(self, base_url: str, analytics_url: str, *, line: Line, account: Account) -> None:
        self._account = account
        self._clock = line.clock

        def client(address: str, token: str) -> HttpClient:
            http = HttpClient(
                NAME,
                address,
                headers=bearer(token),
                classify=lambda reply: self._classify(reply, http.said(reply)),
                line=line,
            )
            return http

        self._http = SignedClient(account, partial(client, base_url))
        self._analytics = SignedClient(account, partial(client, analytics_url))

    def read(self, name: str, call: Call, model: type[Read]) -> Read:
        """Return the answer to a method, such as "videos.list". Raises as HttpClient does."""
        self._spend(name)
        return self._http.read(call, model)

    def delete(self, name: str, **params: str) -> None:
        """Delete a resource. Raises Missing if it is gone."""
        self._spend(name)
        resource = name.partition(".")[0]
        call = Call("DELETE", f"{API}/{resource}", params=params, safe=True)
        if self._http.call(call).status != 204:
            raise unusable(NAME, "the answer to a deletion")

    def listed(self, name: str, **params: Any) -> Page:
        """A page of playlists or of their entries."""
        resource = name.partition(".")[0]
        return self.read(name, Call("GET", f"{API}/{resource}", params=params), Page)

    def videos(self, ids: str, part: str) -> list[Video]:
        """Videos by their ids, separated by commas; those that are gone are left out."""
        call = Call("GET", f"{API}/videos", params={"part": part, "id": ids})
        return self.read("videos.list", call, Videos).items

    def report(self, **params: str) -> Report:
        """A report of the Analytics API, which has a quota of its own."""
        call = Call("GET", "/v2/reports", params={"ids": "channel==MINE", **params})
        return self._analytics.read(call, Report)

    # --- Uploads ---

    def start_upload(self, resource: Mapping[str, Any], *, size: int, media_type: str) -> str:
        """Announce a file. Returns the address it is sent to, which is a secret."""
        parts = {"uploadType": "resumable", "part": "snippet,status", "notifySubscribers": "false"}
        call = Call(
            "POST",
            f"{UPLOAD}/videos",
            params=parts,
            json=resource,
            headers={
                "Content-Type": "application/json; charset=UTF-8",
                "X-Upload-Content-Length": str(size),
                "X-Upload-Content-Type": media_type,
            },
        )
        self._spend(INSERTS)
        address = reference(self._http.call(call).headers.get("Location"))
        if not address:
            raise unusable(NAME, "where the file goes")
        return address

    def place(self, address: str, size: int) -> Place:
        """Ask where an upload is. Raises Missing if nobody knows it any more."""
        headers = {"Content-Range": f"bytes */{size}"}
        call = Call("PUT", address, headers=headers, data=b"", safe=True, good=(200, 201, 308))
        return self._placed(self._http.call(call))

    def put(self, address: str, chunk: bytes, *, start: int, size: int, media_type: str) -> Place:
        """Send a part of a file. The last one makes the video: raises SubmissionUnknown there."""
        last = start + len(chunk) == size
        call = Call(
            "PUT",
            address,
            data=chunk,
            headers={
                "Content-Type": media_type,
                "Content-Range": f"bytes {start}-{start + len(chunk) - 1}/{size}",
            },
            good=(200, 201, 308),
            submission=last,
            timeouts=_CHUNK_TIME,
        )
        return self._placed(self._http.call(call), last=last)

    def _placed(self, reply: HttpReply, *, last: bool = False) -> Place:
        if reply.status == 308:
            stored = _STORED.fullmatch(reply.headers.get("Range", "").strip())
            return Place(stored=int(stored[1]) + 1 if stored else 0)
        video = label(fields(reply.data).get("id"))
        if video:
            return Place(video=video)
        if last:
            raise lost(NAME, "the answer to the last part of the file names no video")
        raise unusable(NAME, "where the upload is")

    def attach(self, name: str, path: str, content: bytes, media_type: str, **params: str) -> None:
        """Send a small file along with a video."""
        headers = {"Content-Type": media_type}
        call = Call("POST", f"{UPLOAD}{path}", params=params, data=content, headers=headers)
        self.read(name, call, Answered)

    def add_captions(self, snippet: Mapping[str, Any], text: bytes) -> None:
        """Send subtitles. Those that are there already are a success."""
        boundary = secrets.token_hex(16)
        head = json.dumps({"snippet": snippet}).encode()
        body = (
            f"--{boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n".encode()
            + head
            + f"\r\n--{boundary}\r\nContent-Type: application/octet-stream\r\n\r\n".encode()
            + text
            + f"\r\n--{boundary}--\r\n".encode()
        )
        kind = f"multipart/related; boundary={boundary}"
        try:
            self.attach(
                "captions.insert", "/captions", body, kind, uploadType="multipart", part="snippet"
            )
        except AlreadyThere:
            return

    # --- Inside ---

    def _spend(self, name: str) -> None:
        self._account.spend(COSTS[name], bucket=INSERTS if name == INSERTS else "")

    def _classify(self, reply: HttpReply, said: str) -> ProviderError | None:
        if reply.status < 400:
            return None
        error = fields(fields(reply.data).get("error"))
        detail = next(iter(items(error.get("errors"), 1)), None)
        reason = label(fields(detail).get("reason"))
        code = f"HTTP {reply.status} {reason}".strip()
        return self._error(reply.status, reason, code, said)

    def _error(self, status: int, reason: str, code: str, said: str) -> ProviderError | None:
        """The error for a refusal; None where the general rules know better (5xx, 408, 429)."""
        if reason in _WAITS:
            wait_s, cause = _WAITS[reason]
            return ProviderUnavailable(
                NAME,
                f"{cause}: {said}",
                code=code,
                action="it goes on by itself",
                retry_after_s=self._until_midnight_s() if wait_s is None else wait_s,
            )
        if reason in _PERSON:
            cause, action = _PERSON[reason]
            return NeedsPerson(NAME, f"{cause}: {said}", code=code, action=action)
        if status == 401:
            return TokenRefused(NAME, f"the access token was refused: {said}", code=code)
        if status == 403:
            return Forbidden(
                NAME,
                f"the account may not do this: {said}",
                code=code,
                action="look at the channel in YouTube Studio; connect it again if it is another",
            )
        if status in (404, 410):
            return Missing(NAME, f"it is not there: {said}", code=code, action="look in Studio")
        if reason == "captionExists":
            return AlreadyThere(NAME, said, code=code)
        if reason in _FIELDS:
            return ProviderRejected(
                NAME,
                f"YouTube does not accept {_FIELDS[reason]}: {said}",
                code=code,
                action="correct it in the release, then retry the publication",
            )
        return None

    def _until_midnight_s(self) -> float:
        """Seconds until the quota is filled again."""
        now = datetime.fromtimestamp(self._clock(), tz=UTC)
        tomorrow = now.astimezone(_QUOTA_ZONE).date() + timedelta(days=1)
        midnight = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=_QUOTA_ZONE)
        return (midnight - now).total_seconds()
