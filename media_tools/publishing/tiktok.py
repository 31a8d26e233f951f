"""TikTok: videos go to the account's inbox as drafts, and a person posts them in the app.

An application that posts directly needs an audit by TikTok, which tools for the operator's own
accounts do not pass; a draft needs none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field

from media_tools.errors import (
    NeedsPerson,
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
    SubmissionUnknown,
)
from media_tools.foreign import fields, label
from media_tools.providers.http import Call, HttpClient, HttpReply, Line, Timeouts
from media_tools.providers.job import bearer
from media_tools.providers.replies import (
    Label,
    LongLabel,
    Reference,
    Reply,
    Whole,
    at,
    first,
    rows,
)
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
)
from media_tools.publishing.oauth import OAuthSignIn, SignInPages
from media_tools.publishing.sending import lost, part_of, remember, remembered
from media_tools.publishing.sighting import look
from media_tools.publishing.signed import SignedClient, TokenRefused
from media_tools.publishing.tokens import Tokens

NAME = "tiktok"
LARGEST_BYTES = 4 * 1000**3
_UPLOAD_DOMAIN = ".tiktokapis.com"
_VIDEOS_A_CALL = 20
_DAY_S, _SOON_S = 86_400.0, 60.0
_ASK_AGAIN_S = 5.0
# The last four mean that the address is dead or the part is not the next one.
_CHUNK_ANSWERS = frozenset({*range(200, 300), 400, 403, 404, 416})
_CHUNK_TIME = Timeouts(connect_s=10.0, read_s=120.0, total_s=900.0)
_COUNTERS = {
    "view_count": "views",
    "like_count": "likes",
    "comment_count": "comments",
    "share_count": "shares",
}
FINISH = (
    "a draft is in the account's inbox in the TikTok app: add the caption, switch the label for "
    "AI-generated content on, and post it"
)

_WAITS = {
    "rate_limit_exceeded": (_SOON_S, "requests come too fast"),
    "internal_error": (_SOON_S, "it failed on its side"),
    "spam_risk_too_many_posts": (_DAY_S, "the account has posted as much as it may in a day"),
    "reached_active_user_cap": (_DAY_S, "the application serves no more accounts today"),
}
_PERSON = {
    "scope_not_authorized": (
        "the permission does not cover drafts",
        "connect the channel again and leave every switch on",
    ),
    "spam_risk_too_many_pending_share": (
        "too many drafts wait in the inbox",
        "post or discard some in the TikTok app, then retry the publication",
    ),
    "spam_risk_user_banned_from_posting": (
        "the account may not post",
        "look at its status in the TikTok app",
    ),
    "unaudited_client_can_only_post_to_private_accounts": (
        "the application has not passed TikTok's audit",
        "make the account private, or let TikTok audit the application",
    ),
    "url_ownership_unverified": (
        "TikTok does not know the address as ours",
        "prove it in TikTok's page for developers",
    ),
    "privacy_level_option_mismatch": (
        "the account does not offer this privacy",
        "check the account's privacy in the TikTok app",
    ),
}


@dataclass(frozen=True, kw_only=True)
class TikTokOptions:
    """What an operator may set. chunk_bytes: of a large file; TikTok takes 5 to 64 MB."""

    base_url: str = "https://open.tiktokapis.com"
    public_url: str = "https://www.tiktok.com"
    chunk_bytes: int = 10_000_000


class TikTokSignIn(OAuthSignIn):
    """Login Kit for desktop, whose challenge is the hash in hexadecimal. Refresh tokens change."""

    pages = SignInPages(
        name=NAME,
        setting="TIKTOK_CLIENT_ID",
        accounts_url="https://www.tiktok.com",
        authorize_path="/v2/auth/authorize/",
        grant_url="https://open.tiktokapis.com",
        grant_path="/v2/oauth/token/",
        revoke_path="/v2/oauth/revoke/",
        scopes=("user.info.basic", "video.upload", "video.list"),
        scope_separator=",",
        client_field="client_key",
        challenge=lambda verifier: hashlib.sha256(verifier.encode()).hexdigest(),
    )

    def revoke(self, tokens: Tokens) -> None:
        """Make the access token worthless. One that is dead already is a success."""
        form = {
            "client_key": self._id,
            "client_secret": self._options.client_secret.strip(),
            "token": tokens.access,
        }
        call = Call("POST", self.pages.revoke_path, data=form, safe=True, good=(200, 204, 400, 401))
        self._client((tokens.access, tokens.refresh)).call(call)


class _User(Reply):
    id: Reference = Field(validation_alias="open_id", min_length=1)
    name: Label = Field(default="", alias="display_name")


class _UserData(Reply):
    user: _User


class _Me(Reply):
    data: _UserData


class _Begun(Reply):
    publish_id: Reference = Field(min_length=1)
    address: Reference = Field(alias="upload_url", min_length=1)


class _Init(Reply):
    data: _Begun


class _State(Reply):
    status: Label = ""
    reason: Label = Field(default="", alias="fail_reason")
    stored: Whole | None = Field(default=None, alias="uploaded_bytes")
    # TikTok's spelling.
    posts: Annotated[list[Reference], first(10)] = Field(
        default=[], alias="publicaly_available_post_id"
    )


class _Fetched(Reply):
    data: _State


class _Video(Reply):
    id: Reference = ""
    url: LongLabel = Field(default="", alias="share_url")
    view_count: Whole | None = None
    like_count: Whole | None = None
    comment_count: Whole | None = None
    share_count: Whole | None = None


class _Queried(Reply):
    videos: Annotated[list[_Video], rows(_VIDEOS_A_CALL)] = at("data", "videos", default=[])


class TikTok(ChannelAdapter[Upload]):
    """Drafts of one account. What became of a draft is known by its publish id alone."""

    Options = TikTokOptions
    name = NAME

    def __init__(self, options: TikTokOptions, line: Line, account: Account) -> None:
        self._options = options
        self._line = line

        def client(token: str) -> HttpClient:
            http = HttpClient(
                NAME,
                options.base_url,
                headers=bearer(token),
                classify=lambda reply: _classify(reply, http),
                line=line,
            )
            return http

        self._http = SignedClient(account, client)
        self._stranger = HttpClient(NAME, options.public_url, line=replace(line, breaker=None))

    def account(self) -> AccountFacts:
        """Who is signed in."""
        call = Call("GET", "/v2/user/info/", params={"fields": "open_id,display_name"})
        user = self._http.read(call, _Me).data.user
        return AccountFacts(
            id=user.id,
            name=user.name or user.id,
            rights=("put drafts into the inbox", "read figures of public videos"),
            room="about five drafts may wait in the inbox",
            longest_s=600.0,
        )

    # --- Sending ---

    def send(self, item: Upload, memory: Memory) -> Sent:
        """Upload the file as a draft, going on at the part where it was."""
        if known := self.find(item, memory):
            return known
        if item.file.size_bytes > LARGEST_BYTES:
            raise ProviderRejected(
                NAME, "the file is larger than 4 GB", code="too_large", action="render it smaller"
            )
        if not memory.get("draft"):
            self._begin(item, memory)
        self._upload(item, memory)
        return remember(memory, Sent(memory.get("draft")))

    def find(self, item: Upload, memory: Memory) -> Sent | None:
        """Asks what became of the draft begun before; without its id nothing can be found."""
        if known := remembered(memory):
            return known
        draft = memory.get("draft")
        if not draft:
            return None
        state = self._state(draft)
        if state.status == "FAILED":
            _forget(memory)
            return None
        if state.status not in ("", "PROCESSING_UPLOAD") or state.stored == item.file.size_bytes:
            return remember(memory, Sent(draft))
        if state.stored is not None:
            memory.put(stored=str(state.stored))
        return None

    def _begin(self, item: Upload, memory: Memory) -> None:
        size = item.file.size_bytes
        chunk = self._chunk(size)
        source = {
            "source": "FILE_UPLOAD",
            "video_size": size,
            "chunk_size": chunk,
            "total_chunk_count": size // chunk,
        }
        call = Call("POST", "/v2/post/publish/inbox/video/init/", json={"source_info": source})
        begun = self._http.read(call, _Init).data
        memory.put(draft=begun.publish_id, address=begun.address, stored="0")

    def _chunk(self, size: int) -> int:
        """Bytes a part. The last takes what is left over, so a file below two parts is one."""
        return self._options.chunk_bytes if size >= 2 * self._options.chunk_bytes else size

    def _upload(self, item: Upload, memory: Memory) -> None:
        address, size = memory.get("address"), item.file.size_bytes
        http = HttpClient(NAME, self._origin(address), secrets=(address,), line=self._line)
        chunk = self._chunk(size)
        stored = int(memory.get("stored") or 0)
        while stored < size:
            left = size - stored
            content = part_of(NAME, item.file, stored, left if left < 2 * chunk else chunk)
            end = stored + len(content)
            headers = {
                "Content-Type": item.file.media_type,
                "Content-Range": f"bytes {stored}-{end - 1}/{size}",
            }
            call = Call(
                "PUT",
                address,
                data=content,
                headers=headers,
                good=_CHUNK_ANSWERS,
                submission=end == size,
                timeouts=_CHUNK_TIME,
            )
            self._put(http, call, memory)
            stored = end
            memory.put(stored=str(stored))
            memory.sent(stored, size)

    def _put(self, http: HttpClient, call: Call, memory: Memory) -> None:
        """Send a part. Raises ProviderUnavailable where it is known how to go on."""
        was_whole = memory.get("finishing")
        if call.submission:
            memory.put(finishing="1")
        try:
            status = http.call(call).status
        except SubmissionUnknown:
            # No need to look for the draft: it can be asked by its id.
            raise _interrupted("the answer to the last part of the file was lost") from None
        if status == (201 if call.submission else 206):
            return
        if status < 400:
            raise _interrupted(f"the answer to a part proves nothing (HTTP {status})")
        if was_whole:
            memory.put(finishing="")
            raise lost(NAME, "the file may have been complete when the upload was given up there")
        # Half a draft never reaches the inbox.
        _forget(memory)
        raise _interrupted(f"the upload was given up there (HTTP {status}), and begins anew")

    def _origin(self, address: str) -> str:
        """Where a file is sent to: TikTok's own servers alone."""
        try:
            parts = urlsplit(address)
            host = parts.hostname or ""
        except ValueError:
            parts, host = urlsplit(""), ""
        origin = f"{parts.scheme}://{parts.netloc}"
        ours = origin == self._options.base_url.rstrip("/")
        if not ours and not (parts.scheme == "https" and host.endswith(_UPLOAD_DOMAIN)):
            raise ProviderRejected(
                NAME,
                "it named an address for the file that is not its own",
                code="refused_address",
                action="correct the base URL in the settings if that host is meant",
            )
        return origin

    # --- Looking ---

    def standing(self, external_id: str, item: Upload) -> Standing:
        """What became of the draft."""
        state = self._state(external_id)
        if state.status == "FAILED":
            why = state.reason or "no reason is told"
            return Standing(stage=Stage.FAILED, reason=f"TikTok gave the draft up: {why}")
        if state.status == "SEND_TO_USER_INBOX":
            return Standing(stage=Stage.NEEDS_PERSON, reason=FINISH)
        if state.status != "PUBLISH_COMPLETE":
            return Standing(stage=Stage.PROCESSING)
        if not state.posts:
            return Standing(stage=Stage.HIDDEN, reason="it is posted, but not public, or not yet")
        found = self._videos(state.posts[:1])
        if not found:
            return Standing(stage=Stage.GONE)
        return Standing(stage=Stage.LIVE, url=found[0].url)

    def publish(self, external_id: str, item: Upload) -> None:
        """Only a person can: raises NeedsPerson unless it is public already."""
        if self.standing(external_id, item).stage is not Stage.LIVE:
            raise NeedsPerson(NAME, "a person has to post it", code="draft", action=FINISH)

    def take_down(self, external_id: str, *, confirmed: bool = False) -> None:
        """Only a person can: raises NeedsPerson until somebody says that it is done."""
        if not confirmed:
            raise NeedsPerson(
                NAME,
                "only a person can delete it",
                code="by_hand",
                action="delete the draft or the video in the TikTok app, then confirm it here",
            )

    def witness(self, external_id: str, url: str) -> Sighting:
        """What TikTok tells sites that embed videos. A draft has no address to look at."""
        if not url:
            return Sighting(
                there=None, address="", status=0, sha256="", words="it has no address yet"
            )
        return look(self._stranger, "/oembed", url=url)

    def figures(self, external_ids: Sequence[str], *, since: date) -> list[Figure]:
        """The counters of public videos as they stand."""
        drafts = {post: draft for draft in external_ids for post in self._state(draft).posts[:1]}
        posts = list(drafts)
        found: list[_Video] = []
        for start in range(0, len(posts), _VIDEOS_A_CALL):
            found += self._videos(posts[start : start + _VIDEOS_A_CALL])
        return [
            Figure(external_id=drafts[video.id], metric=metric, value=float(count))
            for video in found
            if video.id in drafts
            for counter, metric in _COUNTERS.items()
            if (count := getattr(video, counter)) is not None
        ]

    def _state(self, draft: str) -> _State:
        call = Call("POST", "/v2/post/publish/status/fetch/", json={"publish_id": draft}, safe=True)
        return self._http.read(call, _Fetched).data

    def _videos(self, posts: Sequence[str]) -> list[_Video]:
        call = Call(
            "POST",
            "/v2/video/query/",
            params={"fields": ",".join(("id", "share_url", *_COUNTERS))},
            json={"filters": {"video_ids": list(posts)}},
            safe=True,
        )
        return self._http.read(call, _Queried).videos


def _forget(memory: Memory) -> None:
    memory.put(draft="", address="", stored="", finishing="")


def _interrupted(why: str) -> ProviderUnavailable:
    return ProviderUnavailable(
        NAME, why, code="upload", action="it goes on by itself", retry_after_s=_ASK_AGAIN_S
    )


def _classify(reply: HttpReply, http: HttpClient) -> ProviderError | None:
    """The envelope's code decides; a good status proves nothing."""
    error: Any = fields(fields(reply.data).get("error"))
    reason = label(error.get("code"))
    code, said = f"HTTP {reply.status} {reason}".strip(), http.said(reply)
    if reason == "access_token_invalid" or (reply.status == 401 and reason not in _PERSON):
        return TokenRefused(NAME, f"the access token was refused: {said}", code=code)
    if reason in ("", "ok"):
        return None
    if reason in _WAITS:
        wait_s, cause = _WAITS[reason]
        return ProviderUnavailable(
            NAME,
            f"{cause}: {said}",
            code=code,
            action="it goes on by itself",
            retry_after_s=reply.retry_after_s or wait_s,
        )
    if reason in _PERSON:
        cause, action = _PERSON[reason]
        return NeedsPerson(NAME, f"{cause}: {said}", code=code, action=action)
    if reply.status == 403:
        return NeedsPerson(
            NAME,
            f"the account may not do this: {said}",
            code=code,
            action="look at the account in the TikTok app",
        )
    if reply.status < 500 and reply.status != 429:
        return ProviderRejected(
            NAME,
            f"the video was not accepted: {said}",
            code=code,
            action="correct what it names in the release, then retry the publication",
        )
    return None
