"""PeerTube: videos on an instance of the fediverse, uploaded in chunks, shown by its own schedule.

There is no field for AI: the description says it. Our tag is the last line of the description.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from media_tools import foreign
from media_tools.errors import NeedsPerson, ProviderError, ProviderUnavailable, SubmissionUnknown
from media_tools.foreign import clean_text
from media_tools.providers.http import Call, HttpClient, HttpReply, Line, Timeouts
from media_tools.providers.job import unusable
from media_tools.providers.multipart import FilePart, MultipartBody
from media_tools.providers.replies import read_reply
from media_tools.publishing.base import (
    Account,
    AccountFacts,
    ChannelAdapter,
    Figure,
    Memory,
    Sent,
    Sighting,
    Stage,
    Standing,
    Upload,
    tag_of,
)
from media_tools.publishing.forms import form, form_call
from media_tools.publishing.peertube_wire import (
    LISTED,
    NAME,
    Channel,
    Listed,
    Made,
    Me,
    PeerTubeOptions,
    QuotaReached,
    Uploaded,
    Used,
    Video,
    Watched,
    open_client,
)
from media_tools.publishing.sending import lost, part_of, remember, remembered
from media_tools.publishing.sighting import look
from media_tools.publishing.signed import SignedClient
from media_tools.publishing.wording import carries, cut, description_of, tags_within

TITLE_CHARACTERS = (3, 120)
DESCRIPTION_CHARACTERS = 10_000
MOST_TAGS = 5
TAG_CHARACTERS = (2, 30)
PUBLIC, PRIVATE = 1, 3
MUSIC = 1
NO_WORDS = "zxx"

_UPLOADS = "/api/v1/videos/upload-resumable"
_UPLOAD = Timeouts(connect_s=5.0, read_s=120.0, total_s=900.0)
# A chunk that is lost costs a part of the file; more chunks would run into the limit of 50 calls in
# 10 seconds that instances begin with.
_CHUNKS = 40
_SMALLEST_CHUNK, _LARGEST_CHUNK = 64 * 1024, 16 * 1024 * 1024
_STANDSTILLS = 3
# A schedule must be in the future when it arrives.
_SCHEDULE_LEAD_S = 60.0
_DAY_S = 86_400.0
# To a stranger a private video is as good as none.
_HIDDEN = frozenset({401, 403, 404, 410})

_STATES = {
    2: "it is transcoded there",
    3: "it is imported there",
    6: "it is moved to storage there",
    9: "it is edited there",
}
_BROKEN = {7: "its transcoding failed there", 8: "its move to storage failed there"}


class PeerTube(ChannelAdapter[Upload]):
    """One account on one instance.

    Memory holds the address of the upload (a secret), and "last" while the answer to the end of the
    file is open: the instance may have made the video then.
    """

    Options = PeerTubeOptions
    name = NAME
    schedules = True

    def __init__(self, options: PeerTubeOptions, line: Line, account: Account) -> None:
        self._options = options
        self._line = line
        self._base = options.instance
        self._http = SignedClient(account, lambda token: open_client(options, line, token))

    # --- Whose account it is ---

    def account(self) -> AccountFacts:
        me = self._http.read(Call("GET", "/api/v1/users/me"), Me)
        used = self._http.read(Call("GET", "/api/v1/users/me/video-quota-used"), Used)
        channel = self._channel(me)
        missing = () if channel else (self._no_channel(me),)
        return AccountFacts(
            id=str(me.id),
            name=me.username,
            url=f"{self._base}/a/{quote(me.username)}",
            rights=(f"upload to the channel {channel.name}",) if channel else (),
            missing=missing,
            room=_room(me, used),
        )

    def _channel(self, me: Me) -> Channel | None:
        wanted = self._options.channel
        return next((c for c in me.channels if c.name == wanted or not wanted), None)

    def _no_channel(self, me: Me) -> str:
        wanted = self._options.channel
        if not wanted:
            return "make a channel on the instance"
        names = ", ".join(channel.name for channel in me.channels[:10]) or "none"
        return f"make the channel {wanted!r} there, or set another: the account has {names}"

    # --- Sending ---

    def send(self, item: Upload, memory: Memory) -> Sent:
        sent = remembered(memory) or self._uploaded(item, memory)
        self._dress(sent.external_id, item)
        return sent

    def find(self, item: Upload, memory: Memory) -> Sent | None:
        if sent := remembered(memory):
            return sent
        made = self._found(item)
        return self._kept(made, memory) if made else None

    def _found(self, item: Upload) -> Made | None:
        """The video that carries our tag. The list cuts descriptions, so each one is read."""
        seen: set[str] = set()
        # By its title, which may have been changed meanwhile, then among the newest.
        for search in ({"search": _title(item)}, {}):
            query = {"start": 0, "count": LISTED, "sort": "-createdAt", **search}
            listed = self._http.read(Call("GET", "/api/v1/users/me/videos", params=query), Listed)
            for uuid in [video.uuid for video in listed.data if video.uuid not in {"", *seen}]:
                seen.add(uuid)
                whole = self._video(uuid)
                if whole and carries(whole.words, tag_of(item.key)):
                    return Made(uuid=uuid, short=whole.short)
        return None

    def _page(self, video: str) -> str:
        return f"{self._base}/w/{quote(video, safe='')}"

    def _uploaded(self, item: Upload, memory: Memory) -> Sent:
        session, stored = memory.get("session"), 0
        if session:
            place = self._place(session, item)
            # An upload that is over is forgotten there, however it ended.
            made = self._found(item) if place is None else place
            if isinstance(made, Made):
                return self._kept(made, memory)
            if place is None and memory.get("last"):
                memory.put(last="")
                raise lost(NAME, "the upload was complete, and the video is not there yet")
            session, stored = (session, place) if isinstance(place, int) else ("", 0)
        if not session:
            session, begun = self._begin(item)
            memory.put(session=session)
            place = self._place(session, item) if begun else 0
            stored = place if isinstance(place, int) else 0
        return self._kept(self._poured(session, stored, item, memory), memory)

    def _kept(self, made: Made, memory: Memory) -> Sent:
        memory.put(session="", last="")
        return remember(memory, Sent(made.uuid, self._page(made.short or made.uuid)))

    def _begin(self, item: Upload) -> tuple[str, bool]:
        """The address of a new upload, and whether the instance has a part of the file already."""
        me = self._http.read(Call("GET", "/api/v1/users/me"), Me)
        channel = self._channel(me)
        if channel is None:
            raise NeedsPerson(NAME, "no channel to upload to", action=self._no_channel(me))
        body = {
            **self._fields(item),
            "filename": f"{item.file.sha256[:16]}{item.file.path.suffix}",
            "channelId": channel.id,
            "privacy": PRIVATE,
            "category": self._category(),
            "waitTranscoding": True,
            "commentsPolicy": 1 if self._options.comments else 2,
            "downloadEnabled": self._options.downloads,
        }
        if schedule := self._schedule(item):
            body["scheduleUpdate"] = schedule
        headers = {
            "X-Upload-Content-Length": str(item.file.size_bytes),
            "X-Upload-Content-Type": item.file.media_type,
        }
        try:
            reply = self._http.call(Call("POST", _UPLOADS, json=body, headers=headers))
        except QuotaReached as error:
            raise self._no_room(error, me, item) from None
        location = urlsplit(reply.headers.get("location", ""))
        if not location.query:
            raise ProviderUnavailable(
                NAME,
                "it did not say where to upload to",
                code="bad_answer",
                action="it is tried again later",
            )
        # Only what follows the host: proxies get the rest wrong, and our token goes to no other.
        return f"{location.path or _UPLOADS}?{location.query}", reply.status == 200

    def _no_room(self, error: ProviderError, me: Me, item: Upload) -> ProviderError:
        used = self._http.read(Call("GET", "/api/v1/users/me/video-quota-used"), Used)
        if 0 <= me.quota < used.total + item.file.size_bytes or me.daily < 0:
            return NeedsPerson(
                NAME,
                f"the account has no room for {_megabytes(item.file.size_bytes)}: "
                f"{_room(me, used)}",
                code=error.code,
                action="ask for a larger quota there, or delete old videos",
            )
        return ProviderUnavailable(
            NAME,
            f"the account has uploaded what it may in a day: {_room(me, used)}",
            code=error.code,
            action="it goes on tomorrow by itself",
            retry_after_s=_DAY_S,
        )

    def _place(self, session: str, item: Upload) -> int | Made | None:
        """How many bytes the instance has, or the video if it has all; None: no such upload."""
        headers = {"Content-Range": f"bytes */{item.file.size_bytes}"}
        call = Call("PUT", session, data=b"", headers=headers, safe=True, good=(200, 308, 404))
        reply = self._http.call(call)
        if reply.status == 404:
            return None
        return _stored(reply) or 0 if reply.status == 308 else _made(reply)

    def _poured(self, session: str, stored: int, item: Upload, memory: Memory) -> Made:
        """Send the file from byte `stored` on. Returns the video made of it."""
        size, step = item.file.size_bytes, self._chunk_bytes(item.file.size_bytes)
        standstills = 0
        while standstills < _STANDSTILLS:
            chunk = part_of(NAME, item.file, stored, step)
            end = stored + len(chunk)
            last = end >= size
            if last:
                memory.put(last="1")
            try:
                reply = self._chunk(session, chunk, f"bytes {stored}-{end - 1}/{size}", last)
            except SubmissionUnknown:
                memory.put(last="")
                raise lost(NAME, "the answer to the end of the upload was lost") from None
            except ProviderError:
                # Known to the caller from here on; only a killed worker leaves the note behind.
                memory.put(last="")
                raise
            if reply.status == 200:
                memory.sent(size, size)
                return _made(reply)
            reached = _stored(reply) if reply.status == 308 else None
            if reached is None:  # 409, or nothing told: it knows best
                place = self._place(session, item)
                if isinstance(place, Made):
                    return place
                if place is None:
                    break
                reached = place
            standstills = 0 if reached > stored else standstills + 1
            stored = min(reached, size)
            memory.sent(stored, size)
        raise ProviderUnavailable(
            NAME,
            f"the upload stands still at byte {stored} of {size}",
            code="standstill",
            action="it goes on from there later",
        )

    def _chunk(self, session: str, chunk: bytes, place: str, last: bool) -> HttpReply:
        headers = {"Content-Type": "application/octet-stream", "Content-Range": place}
        return self._http.call(
            Call(
                "PUT",
                session,
                data=chunk,
                headers=headers,
                good=(200, 308, 404, 409),
                submission=last,
                timeouts=self._line.timeouts or _UPLOAD,
            )
        )

    def _chunk_bytes(self, size: int) -> int:
        by_size = min(max(size // _CHUNKS, _SMALLEST_CHUNK), _LARGEST_CHUNK)
        return self._options.chunk_bytes or by_size

    def _dress(self, video: str, item: Upload) -> None:
        """Add captions and picture; both may be repeated."""
        path, language = _path(video), _language(item)
        if item.captions and language != NO_WORDS:
            file = FilePart("captionfile", item.captions, "captions.srt", "application/x-subrip")
            self._put(f"{path}/captions/{language}", form(NAME, {}, file))
        if item.thumbnail:
            pictures = [
                FilePart(field, item.thumbnail, "picture.jpg", "image/jpeg")
                for field in ("thumbnailfile", "previewfile")
            ]
            self._put(path, form(NAME, {}, *pictures))

    def _put(self, path: str, body: MultipartBody) -> None:
        self._http.call(form_call("PUT", path, body))

    def _fields(self, item: Upload) -> dict[str, Any]:
        """What can be changed later too."""
        shortest, longest = TAG_CHARACTERS
        fitting = [tag for tag in item.tags if shortest <= len(tag) <= longest]
        return {
            "name": _title(item),
            "description": description_of(
                item, limit=DESCRIPTION_CHARACTERS, mark=tag_of(item.key)
            ),
            "tags": list(tags_within(fitting, MOST_TAGS, cost=lambda tag: 1)),
            "language": _language(item),
            "nsfw": item.explicit,
        }

    def _category(self) -> int:
        listed = foreign.fields(self._http.call(Call("GET", "/api/v1/videos/categories")).data)
        ids = (foreign.digits(key) for key, label in listed.items() if label == "Music")
        return next((number for number in ids if number is not None), MUSIC)

    def _schedule(self, item: Upload) -> dict[str, Any] | None:
        """When to show it: at once if its time is over. None if never."""
        if item.public_at is None:
            return None
        soon = datetime.fromtimestamp(math.ceil(self._line.clock() + _SCHEDULE_LEAD_S), UTC)
        moment = max(item.public_at.astimezone(UTC), soon)
        return {"updateAt": f"{moment:%Y-%m-%dT%H:%M:%S}.000Z", "privacy": PUBLIC}

    # --- What became of it ---

    def _video(self, video: str) -> Video | None:
        call = Call("GET", _path(video), good=(200, 404))
        reply = self._http.call(call)
        if reply.status == 404 and reply.data is None:
            raise unusable(NAME, "an answer that may mean “not found”")
        return None if reply.status == 404 else read_reply(Video, reply.data, provider=NAME)

    def standing(self, external_id: str, item: Upload) -> Standing:
        video = self._video(external_id)
        if video is None:
            return Standing(stage=Stage.GONE, reason="the instance does not know it")
        stage, reason = _stage(video)
        return Standing(
            stage=stage,
            url=self._page(video.short or external_id),
            reason=reason,
            disclosed=clean_text(item.disclosure) in video.words if item.disclosure else None,
            public_at=foreign.moment(video.update_at),
        )

    def correct(self, external_id: str, item: Upload) -> None:
        fields = self._fields(item)
        changes: dict[str, str | list[str]] = {
            "name": fields["name"],
            "description": fields["description"],
            "tags[]": fields["tags"],
            "language": fields["language"],
            "nsfw": "true" if fields["nsfw"] else "false",
        }
        video = self._video(external_id)
        if video and video.privacy != PUBLIC:
            if schedule := self._schedule(item):
                changes["scheduleUpdate[updateAt]"] = schedule["updateAt"]
                changes["scheduleUpdate[privacy]"] = str(schedule["privacy"])
            elif item.public_at is None and video.update_at:
                changes["scheduleUpdate"] = "null"
        self._put(_path(external_id), form(NAME, changes))

    def take_down(self, external_id: str, *, confirmed: bool = False) -> None:
        path = _path(external_id)
        if self._http.call(Call("DELETE", path, safe=True, good=(200, 204, 404))).status == 200:
            raise unusable(NAME, "the answer to a deletion")  # a page of the network's, say

    def witness(self, external_id: str, url: str) -> Sighting:
        with HttpClient(NAME, self._base, line=self._line) as stranger:
            path = _path(external_id)
            seen = look(stranger, path, gone=_HIDDEN)
            if seen.there is not False or not url:
                return seen
            # The API alone may be closed to strangers; the player must not know it either.
            embedded = look(stranger, "/services/oembed", gone=_HIDDEN, url=url)
        return seen if embedded.there is False else embedded

    def figures(self, external_ids: Sequence[str], *, since: date) -> list[Figure]:
        found: list[Figure] = []
        for video in external_ids:
            path = _path(video)
            told = self._video(video)
            if told is None:
                continue
            counted = {"views": told.views, "likes": told.likes, "comments": told.comments}
            found += [
                Figure(external_id=video, metric=metric, value=value)
                for metric, value in counted.items()
                if value is not None
            ]
            watched = self._http.read(Call("GET", f"{path}/stats/overall"), Watched)
            if watched.total_s:
                average, minutes = "avg_view_duration_seconds", "watch_time_minutes"
                found.append(Figure(external_id=video, metric=average, value=watched.average_s))
                found.append(Figure(external_id=video, metric=minutes, value=watched.total_s / 60))
        return found


def _path(video: str) -> str:
    return f"/api/v1/videos/{quote(video, safe='')}"


def _stored(reply: HttpReply) -> int | None:
    """How many bytes a 308 says are there; None if it does not say."""
    end = foreign.digits(reply.headers.get("range", "").rpartition("-")[2].strip())
    return None if end is None else end + 1


def _made(reply: HttpReply) -> Made:
    return read_reply(Uploaded, reply.data, provider=NAME).video


def _stage(video: Video) -> tuple[Stage, str]:
    if video.blacklisted:
        why = video.why_blacklisted or "it gives no reason; new uploads may wait for a moderator"
        return Stage.NEEDS_PERSON, f"the instance blocked it: {why}"
    if video.state in _BROKEN:
        return Stage.FAILED, _BROKEN[video.state]
    if video.state != 1:
        return Stage.PROCESSING, _STATES.get(video.state, "it is worked on there")
    return (Stage.LIVE if video.privacy == PUBLIC else Stage.HIDDEN), ""


def _title(item: Upload) -> str:
    shortest, longest = TITLE_CHARACTERS
    title = cut(" ".join(item.title.split()), longest)
    return title if len(title) >= shortest else cut(f"{title} - {item.artist}", longest)


def _language(item: Upload) -> str:
    return item.language.partition("-")[0].lower() or NO_WORDS


def _room(me: Me, used: Used) -> str:
    if me.quota < 0 and me.daily < 0:
        return "without a limit"
    total = f"{_megabytes(used.total)} of {_megabytes(me.quota)} used" if me.quota >= 0 else ""
    today = f"{_megabytes(used.today)} of {_megabytes(me.daily)} today" if me.daily >= 0 else ""
    return ", ".join(part for part in (total, today) if part)


def _megabytes(size: int) -> str:
    return f"{math.ceil(size / 1e6):,} MB"
