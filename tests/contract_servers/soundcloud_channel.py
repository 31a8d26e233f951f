"""SoundCloud as its uploaders see it: OAuth 2.1, tracks by URN, counters, oEmbed.

It refuses fields that its OpenAPI does not list, and notes in `careless` a track that was sent
public, or downloadable, because a field was left out. A refresh token works once.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any
from urllib.parse import unquote

from tests.contract_servers.base import Reply, Request, route
from tests.contract_servers.channel import CLIENT_ID, CLIENT_SECRET, Copy, parts_of
from tests.contract_servers.sign_in import SignInServer

# TrackDataRequest, and its form for multipart.
FIELDS = {
    "title",
    "permalink",
    "sharing",
    "embeddable_by",
    "purchase_url",
    "description",
    "genre",
    "tag_list",
    "label_name",
    "release",
    "release_date",
    "streamable",
    "downloadable",
    "license",
    "commentable",
    "reveal_stats",
    "reveal_comments",
    "isrc",
}
FILES = {"asset_data", "artwork_data"}
LICENCES = {
    "no-rights-reserved",
    "all-rights-reserved",
    "cc-by",
    "cc-by-nc",
    "cc-by-nd",
    "cc-by-sa",
    "cc-by-nc-nd",
    "cc-by-nc-sa",
}
AUDIO = (b"RIFF", b"fLaC", b"ID3", b"OggS", b"FORM")
_MARK = re.compile(r"aap:id=(\S+)")


def trouble(status: int, message: str) -> Reply:
    """An error as SoundCloud writes it."""
    return Reply(
        {
            "code": status,
            "message": message,
            "link": "https://developers.soundcloud.com/docs/api/explorer/open-api",
            "status": f"{status} - {message}",
            "errors": [{"error_message": message}],
            "error": None,
        },
        status,
    )


class SoundCloudChannelServer(SignInServer):
    """One account. processing_polls: looks until a track plays; seconds_left: of the plan's room.

    needs_audio: refuse files that do not begin as sound does. page: tracks of a list's page.
    """

    name = "soundcloud-channel"
    single_use = True
    page = 50

    def reset_state(self) -> None:
        super().reset_state()
        self.account_id = "soundcloud:users:1"
        self.processing_polls = 0
        self.seconds_left: int | None = 9_600
        self.needs_audio = False
        self.careless: list[str] = []

    def environment(self) -> dict[str, str]:
        hosts = ("BASE", "ACCOUNTS", "GRANT", "PUBLIC")
        return {
            "SOUNDCLOUD_CLIENT_ID": CLIENT_ID,
            "SOUNDCLOUD_CLIENT_SECRET": CLIENT_SECRET,
            **{f"SOUNDCLOUD_{host}_URL": self.url for host in hosts},
        }

    # --- Signing in ---

    @route("GET", "/authorize")
    def authorise(self, request: Request) -> Reply:
        return self.consent(request)

    @route("POST", "/oauth/token")
    def token(self, request: Request) -> Reply:
        return self.grant(request)

    def refusal(self, status: int, code: str) -> Reply:
        return trouble(status, code)

    @route("POST", "/sign-out")
    def sign_out(self, request: Request) -> Reply:
        if fault := self._stranger(request):
            return fault
        self.lapse()
        return Reply({})

    @route("GET", "/me")
    def me(self, request: Request) -> Reply:
        if fault := self._stranger(request):
            return fault
        return Reply(
            {
                "kind": "user",
                "urn": self.account_id,
                "username": "nova",
                "permalink_url": "https://soundcloud.com/nova",
                "plan": "Pro Unlimited" if self.seconds_left is None else "Free",
                "track_count": len(self.copies),
                "quota": {
                    "unlimited_upload_quota": self.seconds_left is None,
                    "upload_seconds_used": 1_200,
                    "upload_seconds_left": self.seconds_left or 0,
                },
            }
        )

    # --- Tracks ---

    @route("POST", "/tracks")
    def upload(self, request: Request) -> Reply:
        if fault := self._stranger(request):
            return fault
        fields: dict[str, Any] = {}
        sha256 = ""
        for name, _, _, content in parts_of(request):
            field = name.removeprefix("track[").removesuffix("]")
            if name != f"track[{field}]" or field not in FIELDS | FILES:
                return trouble(400, f"{name} is no field of a track")
            if field == "asset_data":
                sha256 = hashlib.sha256(content).hexdigest()
                if self.needs_audio and not content.startswith(AUDIO):
                    return trouble(422, "The file is no sound that can be read")
            elif field not in FILES:
                fields[field] = content.decode()
        if fault := self._unfit(fields):
            return fault
        if not fields.get("title") or not sha256:
            return trouble(422, "title and asset_data are required")
        for name, safe in (("sharing", "private"), ("downloadable", "false")):
            if fields.get(name) != safe:
                self.careless.append(f"{name}={fields.get(name, 'left out')}")
        mark = _MARK.search(fields.get("tag_list", ""))
        urn = f"soundcloud:tracks:{308_946_187 + len(self.copies)}"
        copy = self.take(mark[1] if mark else "", urn)
        copy.fields |= {"track": {"sharing": "public", **fields}, "sha256": sha256, "polls": 0}
        self.settle()
        return Reply(self._shown(copy), 201)

    @route("GET", "/tracks/{urn}")
    def track(self, request: Request) -> Reply:
        if fault := self._stranger(request):
            return fault
        copy = self._named(request)
        if copy is None:
            return trouble(404, "Not Found")
        copy.fields["polls"] += 1
        return Reply(self._shown(copy))

    @route("PUT", "/tracks/{urn}")
    def update(self, request: Request) -> Reply:
        if fault := self._stranger(request):
            return fault
        copy, fields = self._named(request), request.json["track"]
        if copy is None:
            return trouble(404, "Not Found")
        if unknown := set(fields) - FIELDS:
            return trouble(400, f"{unknown} are no fields of a track")
        if fault := self._unfit(fields):
            return fault
        copy.fields["track"] |= fields
        self.settle()
        return Reply(self._shown(copy))

    @route("DELETE", "/tracks/{urn}")
    def delete(self, request: Request) -> Reply:
        if fault := self._stranger(request):
            return fault
        copy = self._named(request)
        if copy is None:
            return trouble(404, "Not Found")
        copy.gone = True
        return Reply(b"")

    @route("GET", "/me/tracks")
    def tracks(self, request: Request) -> Reply:
        if fault := self._stranger(request):
            return fault
        start = int(request.query.get("cursor", "0"))
        newest = [copy for copy in reversed(self.copies) if not copy.gone]
        body: dict[str, Any] = {
            "collection": [self._shown(copy) for copy in newest[start : start + self.page]]
        }
        if start + self.page < len(newest):
            here = f"{self.url}/me/tracks?linked_partitioning=true&limit=50"
            body["next_href"] = f"{here}&cursor={start + self.page}"
        return Reply(body)

    @route("GET", "/oembed")
    def oembed(self, request: Request) -> Reply:
        number = request.query.get("url", "").rpartition("-")[2]
        copy = self.there(f"soundcloud:tracks:{number}")
        if copy is None or copy.fields["track"]["sharing"] != "public":
            return Reply("", 404)
        return Reply({"version": 1.0, "type": "rich", "title": copy.fields["track"]["title"]})

    def process(self) -> None:
        for copy in self.copies:
            copy.fields["polls"] = self.processing_polls + 1

    def settle(self) -> None:
        for copy in self.copies:
            if copy.fields["track"]["sharing"] == "public" and copy.public_at is None:
                copy.public_at = self.clock()

    # --- Inside ---

    def _stranger(self, request: Request) -> Reply | None:
        if request.header("Authorization") != f"OAuth {self.access}":
            return trouble(401, "Unauthorized")
        return None

    def _unfit(self, fields: dict[str, Any]) -> Reply | None:
        if fields.get("sharing", "private") not in ("private", "public"):
            return trouble(400, "sharing is public or private")
        if fields.get("license", "all-rights-reserved") not in LICENCES:
            return trouble(400, "the license is unknown")
        if not re.fullmatch(r"(\d{4}-\d\d-\d\d)?", fields.get("release_date", "")):
            return trouble(400, "release_date is yyyy-mm-dd")
        return None

    def _named(self, request: Request) -> Copy | None:
        return self.there(unquote(request.parts["urn"]))

    def _shown(self, copy: Copy) -> dict[str, Any]:
        track, number = copy.fields["track"], copy.external_id.rpartition(":")[2]
        ready = copy.fields["polls"] > self.processing_polls
        shown = {name: value for name, value in track.items() if name != "release_date"}
        return shown | {
            "kind": "track",
            "urn": copy.external_id,
            "permalink_url": f"https://soundcloud.com/nova/song-{number}",
            "duration": 180_000 if ready else 0,
            "access": copy.fields.get("access", "playable"),
            "playback_count": 20,
            "favoritings_count": 3,
            "reposts_count": 1,
            "comment_count": 2,
            "download_count": 0,
            "secret_uri": f"https://api.soundcloud.com/tracks/{number}?secret_token=s-hidden",
        }
