"""YouTube: videos are sent hidden with a date, and YouTube makes them public then."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from media_tools import foreign
from media_tools.errors import NeedsPerson, ProviderUnavailable, SubmissionUnknown
from media_tools.providers.http import Call, HttpClient, Line
from media_tools.publishing.base import (
    Account,
    AccountFacts,
    ChannelAdapter,
    Figure,
    MediaFile,
    Memory,
    Sent,
    Sighting,
    Stage,
    Standing,
    Upload,
    tag_of,
)
from media_tools.publishing.oauth import OAuthSignIn, SignInPages
from media_tools.publishing.sending import lost, part_of, remember, remembered, small_file
from media_tools.publishing.sighting import look
from media_tools.publishing.wording import carries, cut, description_of, tags_within
from media_tools.publishing.youtube_wire import (
    API,
    NAME,
    Channels,
    Forbidden,
    Made,
    Missing,
    Page,
    Place,
    Report,
    Video,
    YouTubeApi,
)

SCOPES = tuple(
    f"https://www.googleapis.com/auth/{right}"
    for right in ("youtube.upload", "youtube.force-ssl", "yt-analytics.readonly")
)
TITLE_CHARACTERS, DESCRIPTION_BYTES, TAG_CHARACTERS = 100, 5_000, 500
PLAYLIST_CHARACTERS = 150
THUMBNAIL_BYTES, CAPTIONS_BYTES = 2_000_000, 1_000_000
UNIT_BYTES = 262_144  # every part of an upload but the last is a multiple of it
_SHORT_FILMS_S = 15 * 60.0  # of a channel that is not verified by phone
_ASK_AGAIN_S = 5.0
_PAGES = 4  # of 50, newest first, when our copy is looked for
# A date so near could be over when the announcement arrives, and be refused.
_TOO_NEAR_S = 60.0

# Their names at YouTube, and the importer's.
_DAILY = {
    "views": "views",
    "engagedViews": "engaged_views",
    "estimatedMinutesWatched": "watch_time_minutes",
    "averageViewDuration": "avg_view_duration_seconds",
    "likes": "likes",
    "comments": "comments",
    "shares": "shares",
    "subscribersGained": "subscribers_gained",
    "subscribersLost": "subscribers_lost",
}
_TOTALS = {"viewCount": "views", "likeCount": "likes", "commentCount": "comments"}
_PROCESSING = frozenset({"", "uploaded"})
_BROKEN = frozenset({"failed", "rejected"})


@dataclass(frozen=True, kw_only=True)
class YouTubeOptions:
    """What an operator may set for a channel. category: YouTube's number; 10 is music.

    chunk_bytes: a multiple of 256 KiB. captions: sends subtitles, at 400 units of the daily quota
    each. deletes: taking down deletes the video; else it is made private, which no stranger can
    tell from a video that may not be embedded.
    """

    base_url: str = "https://www.googleapis.com"
    analytics_url: str = "https://youtubeanalytics.googleapis.com"
    public_url: str = "https://www.youtube.com"
    chunk_bytes: int = 32 * UNIT_BYTES
    category: str = "10"
    captions: bool = False
    deletes: bool = True


class GoogleSignIn(OAuthSignIn):
    """The sign-in of an OAuth client of a Google Cloud project."""

    pages = SignInPages(
        name=NAME,
        setting="YOUTUBE_CLIENT_ID",
        accounts_url="https://accounts.google.com",
        authorize_path="/o/oauth2/v2/auth",
        grant_url="https://oauth2.googleapis.com",
        grant_path="/token",
        revoke_path="/revoke",
        scopes=SCOPES,
        # Without these a second consent brings no lasting permission, or another account's.
        extras={"access_type": "offline", "prompt": "consent select_account"},
    )


class YouTube(ChannelAdapter[Upload]):
    """One channel of one Google account."""

    Options = YouTubeOptions
    name = NAME
    schedules = True

    def __init__(self, options: YouTubeOptions, line: Line, account: Account) -> None:
        self._options = options
        self._clock = line.clock
        self._api = YouTubeApi(options.base_url, options.analytics_url, line=line, account=account)
        # Nobody's token, and nobody's breaker: YouTube's pages are another service.
        self._stranger = HttpClient(NAME, options.public_url, line=replace(line, breaker=None))

    def account(self) -> AccountFacts:
        """The channel the permission is for. Raises NeedsPerson if the account has none."""
        parts = {"part": "id,snippet,contentDetails,status", "mine": "true"}
        call = Call("GET", f"{API}/channels", params=parts)
        found = self._api.read("channels.list", call, Channels).items
        if not found or not found[0].id:
            raise NeedsPerson(
                NAME,
                "the Google account has no channel",
                code="no_channel",
                action="make one at youtube.com, then connect again",
            )
        channel = found[0]
        short = channel.long_uploads != "allowed"
        return AccountFacts(
            id=channel.id,
            name=channel.title or channel.handle or channel.id,
            url=f"{self._options.public_url}/channel/{channel.id}",
            rights=("upload and change videos", "read figures"),
            room="15 minutes a video; verify at youtube.com/verify for more" if short else "",
            longest_s=_SHORT_FILMS_S if short else None,
        )

    # --- Sending ---

    def send(self, item: Upload, memory: Memory) -> Sent:
        """Upload the file, going on at the byte where it was, then add what belongs to it."""
        sent = remembered(memory) or remember(memory, self._sent(self._uploaded(item, memory)))
        self._add_to(sent.external_id, item, memory)
        if memory.get("dateless"):
            self._show_when_due(sent.external_id, item, memory)
        return sent

    def find(self, item: Upload, memory: Memory) -> Sent | None:
        """Asks the upload itself where it is, then looks through the newest videos."""
        if known := remembered(memory):
            return known
        address = memory.get("upload")
        if address:
            try:
                place = self._api.place(address, item.file.size_bytes)
            except Missing:
                address = ""
            else:
                return remember(memory, self._sent(place.video)) if place.video else None
        video = self._ours(item)
        return remember(memory, self._sent(video)) if video else None

    def _ours(self, item: Upload) -> str:
        """Our copy among the newest videos, the older one if somebody doubled it; "" if none."""
        mark = tag_of(item.key)
        for videos in self._newest():
            copies = [video.id for video in videos if carries(video.description, mark)]
            if copies:
                return copies[-1]
        return ""

    def _uploaded(self, item: Upload, memory: Memory) -> str:
        address, place = memory.get("upload"), Place()
        if address:
            try:
                place = self._api.place(address, item.file.size_bytes)
            except Missing:
                address = self._restart(memory)
        if not address:
            # A memory may be lost too: a restored backup knows nothing of what was sent since.
            if video := self._ours(item):
                self.correct(video, item)
                return video
            file, resource = item.file, self._resource(item)
            address = self._api.start_upload(
                resource, size=file.size_bytes, media_type=file.media_type
            )
            dateless = item.public_at is not None and "publishAt" not in resource["status"]
            memory.put(upload=address, finishing="", dateless="1" if dateless else "")
        try:
            return self._sent_through(address, place, item.file, memory)
        except Missing:
            self._restart(memory)
        raise _interrupted("the upload was forgotten there, and begins anew", "upload_gone")

    def _restart(self, memory: Memory) -> str:
        """Forget an upload that YouTube has forgotten. Raises SubmissionUnknown if it was whole."""
        whole = memory.get("finishing")
        memory.put(upload="", finishing="")
        if whole:
            raise lost(NAME, "the upload was complete, and its answer is lost")
        return ""

    def _sent_through(self, address: str, place: Place, file: MediaFile, memory: Memory) -> str:
        size, step = file.size_bytes, self._options.chunk_bytes
        while not place.video:
            start = place.stored
            chunk = part_of(NAME, file, start, step)
            if start + len(chunk) == size:
                memory.put(finishing="1")
            try:
                place = self._api.put(
                    address, chunk, start=start, size=size, media_type=file.media_type
                )
            except SubmissionUnknown:
                # No need to look for the video: the upload itself can be asked.
                why = "the answer to the last part of the file was lost"
                raise _interrupted(why, "answer_lost") from None
            if not place.video and place.stored <= start:
                raise _interrupted("the upload does not move on", "standstill")
            memory.sent(place.stored if not place.video else size, size)
        return place.video

    def _add_to(self, video: str, item: Upload, memory: Memory) -> None:
        """Add thumbnail, captions and place in the playlist, each once."""
        if item.thumbnail and not memory.get("thumbnail"):
            self._set_thumbnail(video, item.thumbnail)
            memory.put(thumbnail="1")
        if item.captions and self._options.captions and not memory.get("captions"):
            self._api.add_captions(
                {
                    "videoId": video,
                    "language": item.language or "en",
                    "name": "Lyrics",
                    "isDraft": False,
                },
                small_file(NAME, item.captions, CAPTIONS_BYTES),
            )
            memory.put(captions="1")
        if item.playlist and not memory.get("playlist_entry"):
            self._enlist(video, self._playlist(cut(item.playlist, PLAYLIST_CHARACTERS)))
            memory.put(playlist_entry="1")

    def _set_thumbnail(self, video: str, path: Path) -> None:
        """Send a picture; a channel that is not verified by phone keeps a frame of the video."""
        kind = "image/png" if path.suffix.lower() == ".png" else "image/jpeg"
        picture = small_file(NAME, path, THUMBNAIL_BYTES)
        params = {"videoId": video, "uploadType": "media"}
        with contextlib.suppress(Forbidden):
            self._api.attach("thumbnails.set", "/thumbnails/set", picture, kind, **params)

    def _show_when_due(self, video: str, item: Upload, memory: Memory) -> None:
        """Publish a video that had no date because it was all but over when the upload began."""
        wait_s = item.public_at.timestamp() - self._clock() if item.public_at else 0.0
        if wait_s > 0:
            raise ProviderUnavailable(
                NAME, "the video is due in a moment", code="due", retry_after_s=wait_s
            )
        self.publish(video, item)
        memory.put(dateless="")

    def _playlist(self, title: str) -> str:
        for playlist in self._playlists():
            if playlist[1] == title:
                return playlist[0]
        resource = {"snippet": {"title": title}, "status": {"privacyStatus": "public"}}
        call = Call("POST", f"{API}/playlists", params={"part": "snippet,status"}, json=resource)
        return self._api.read("playlists.insert", call, Made).id

    def _playlists(self) -> Iterator[tuple[str, str]]:
        for page in self._pages("playlists.list", part="snippet", mine="true"):
            yield from ((playlist.id, playlist.title) for playlist in page.items if playlist.id)

    def _enlist(self, video: str, playlist: str) -> None:
        """Add to a playlist, which would take the same video twice."""
        if self._entries(video, playlist):
            return
        snippet = {
            "playlistId": playlist,
            "resourceId": {"kind": "youtube#video", "videoId": video},
        }
        call = Call(
            "POST", f"{API}/playlistItems", params={"part": "snippet"}, json={"snippet": snippet}
        )
        self._api.read("playlistItems.insert", call, Made)

    def _entries(self, video: str, playlist: str) -> list[str]:
        page = self._api.listed("playlistItems.list", part="id", playlistId=playlist, videoId=video)
        return [entry.id for entry in page.items if entry.id]

    def _newest(self) -> Iterator[list[Video]]:
        uploads = f"UU{self.account().id[2:]}"
        for page in self._pages("playlistItems.list", part="contentDetails", playlistId=uploads):
            ids = ",".join(entry.video for entry in page.items if entry.video)
            yield self._api.videos(ids, "snippet,status") if ids else []

    def _pages(self, name: str, **params: str) -> Iterator[Page]:
        more: dict[str, str] = {}
        for _ in range(_PAGES):
            page = self._api.listed(name, maxResults="50", **params, **more)
            yield page
            if not page.next:
                return
            more = {"pageToken": page.next}

    # --- Looking and changing ---

    def standing(self, external_id: str, item: Upload) -> Standing:
        """How YouTube lists the video to its owner."""
        video = self._video(external_id, "snippet,status")
        if video is None or video.status.upload == "deleted":
            return Standing(stage=Stage.GONE)
        status = video.status
        stage, reason = self._stage(video)
        return Standing(
            stage=stage,
            url=self._sent(video.id).url,
            reason=reason,
            synthetic=bool(status.synthetic),
            disclosed=item.disclosure in video.description if item.disclosure else None,
            public_at=foreign.moment(status.publish_at),
        )

    def publish(self, external_id: str, item: Upload) -> None:
        """Make it public now, whatever its date."""
        self._write(external_id, item, privacy="public")

    def correct(self, external_id: str, item: Upload) -> None:
        """Write all words and flags, and the date while it is hidden."""
        self._write(external_id, item)

    def take_down(self, external_id: str, *, confirmed: bool = False) -> None:
        """Take it off the playlists and delete it, or make it private."""
        try:
            if self._options.deletes:
                self._delete(external_id)
            elif video := self._video(external_id, "status"):
                status = {**self._kept_status(video), "privacyStatus": "private"}
                self._update({"id": external_id, "status": status}, "status")
        except Missing:
            return

    def witness(self, external_id: str, url: str) -> Sighting:
        """What YouTube tells sites that embed videos; its own page answers 200 for anything."""
        address = f"{self._options.public_url}/watch?v={external_id}"
        return look(self._stranger, "/oembed", url=address, format="json")

    def figures(self, external_ids: Sequence[str], *, since: date) -> list[Figure]:
        """Figures of each day, and the counters as they stand."""
        today = datetime.fromtimestamp(self._clock(), tz=UTC).date()
        found: list[Figure] = []
        for video in external_ids:
            report = self._api.report(
                startDate=since.isoformat(),
                endDate=today.isoformat(),
                metrics=",".join(_DAILY),
                dimensions="day",
                filters=f"video=={video}",
            )
            found += _daily(video, report)
        for start in range(0, len(external_ids), 50):
            some = external_ids[start : start + 50]
            for listed in self._api.videos(",".join(some), "statistics"):
                found += _totals(listed)
        return found

    def _video(self, external_id: str, part: str) -> Video | None:
        return next(iter(self._api.videos(external_id, part)), None)

    def _stage(self, video: Video) -> tuple[Stage, str]:
        status = video.status
        if status.upload in _BROKEN:
            why = status.rejection or status.failure or "no reason is told"
            return Stage.FAILED, f"YouTube {status.upload} the video: {why}"
        if status.upload in _PROCESSING:
            return Stage.PROCESSING, ""
        if status.privacy == "public":
            return Stage.LIVE, ""
        return Stage.HIDDEN, "it is unlisted" if status.privacy == "unlisted" else ""

    def _write(self, external_id: str, item: Upload, *, privacy: str = "") -> None:
        """Write both parts of a video whole: what is left out of one would be reset."""
        video = self._video(external_id, "snippet,status")
        if video is None:
            raise Missing(
                NAME,
                f"there is no video {external_id}",
                code="gone",
                action="look in YouTube Studio whether somebody deleted it",
            )
        status = {**self._kept_status(video), "containsSyntheticMedia": item.synthetic}
        if privacy:
            status["privacyStatus"] = privacy
        elif status["privacyStatus"] == "private":
            status |= self._schedule(item)
        snippet = self._snippet(item) | {"categoryId": video.category or self._options.category}
        self._update({"id": external_id, "snippet": snippet, "status": status}, "snippet,status")

    def _update(self, resource: Mapping[str, Any], parts: str) -> None:
        call = Call("PUT", f"{API}/videos", params={"part": parts}, json=resource, safe=True)
        self._api.read("videos.update", call, Made)

    def _delete(self, external_id: str) -> None:
        for playlist, _ in self._playlists():
            for entry in self._entries(external_id, playlist):
                self._api.delete("playlistItems.delete", id=entry)
        self._api.delete("videos.delete", id=external_id)

    # --- Resources ---

    def _sent(self, video: str) -> Sent:
        return Sent(video, f"{self._options.public_url}/watch?v={video}")

    def _resource(self, item: Upload) -> dict[str, Any]:
        status = {
            # A missing privacy would mean public.
            "privacyStatus": "private",
            "selfDeclaredMadeForKids": False,
            "containsSyntheticMedia": item.synthetic,
            "embeddable": True,
            "license": "youtube",
            "publicStatsViewable": True,
            **self._schedule(item),
        }
        return {"snippet": self._snippet(item), "status": status}

    def _snippet(self, item: Upload) -> dict[str, Any]:
        snippet: dict[str, Any] = {
            "title": cut(_plain(item.title), TITLE_CHARACTERS),
            "description": _plain(
                description_of(
                    item,
                    limit=DESCRIPTION_BYTES,
                    mark=tag_of(item.key),
                    size=lambda text: len(text.encode()),
                )
            ),
            # A comma follows each, and quotes stand around one with a blank.
            "tags": list(
                tags_within(
                    [_plain(tag).replace(",", " ") for tag in item.tags],
                    TAG_CHARACTERS,
                    cost=lambda tag: len(tag) + 1 + 2 * (" " in tag),
                )
            ),
            "categoryId": self._options.category,
        }
        if item.language:
            snippet["defaultLanguage"] = snippet["defaultAudioLanguage"] = item.language
        return snippet

    def _schedule(self, item: Upload) -> dict[str, str]:
        if item.public_at is None:
            return {}
        if item.public_at.timestamp() < self._clock() + _TOO_NEAR_S:
            return {}
        moment = item.public_at.astimezone(UTC)
        return {"publishAt": moment.strftime("%Y-%m-%dT%H:%M:%SZ")}

    def _kept_status(self, video: Video) -> dict[str, Any]:
        """What of a video's status is written back as it was."""
        status = video.status
        return {
            "privacyStatus": status.privacy or "private",
            "selfDeclaredMadeForKids": False,
            "containsSyntheticMedia": bool(status.synthetic),
            "embeddable": status.embeddable,
            "license": status.licence or "youtube",
            "publicStatsViewable": status.public_stats,
        }


def _interrupted(why: str, code: str) -> ProviderUnavailable:
    return ProviderUnavailable(
        NAME,
        why,
        code=code,
        action="it goes on where it is, by itself",
        retry_after_s=_ASK_AGAIN_S,
    )


def _plain(text: str) -> str:
    """`text` without angle brackets, which YouTube refuses."""
    return text.replace("<", "‹").replace(">", "›")


def _daily(video: str, report: Report) -> Iterator[Figure]:
    names = [foreign.label(header.get("name")) for header in report.headers]
    for row in report.days:
        cells = dict(zip(names, row, strict=False))
        day = foreign.moment(cells.get("day"))
        for name, metric in _DAILY.items():
            value = foreign.figure(cells.get(name))
            if day is not None and value is not None:
                yield Figure(external_id=video, metric=metric, value=value, day=day.date())


def _totals(video: Video) -> Iterator[Figure]:
    for name, metric in _TOTALS.items():
        value = foreign.figure(video.statistics.get(name))
        if value is not None:
            yield Figure(external_id=video.id, metric=metric, value=value)
