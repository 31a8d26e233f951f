"""A Bluesky server: where one signs in, where the records are kept, and the public API, in one.

Records are checked by the lexicon of posts; places of links are bytes.
"""

from __future__ import annotations

import base64
import json
import re
from datetime import datetime
from typing import Any

from tests.contract_servers.base import Reply, Request, route
from tests.contract_servers.channel import ChannelServer, Copy

HANDLE, PASSWORD = "nova.example.com", "abcd-efgh-ijkl-mnop"
POSTS = "app.bsky.feed.post"
TID = re.compile(r"[234567abcdefghij][234567a-z]{12}\Z")
FIELDS = {"$type", "text", "createdAt", "langs", "tags", "facets", "embed"}


def refused(status: int, error: str, message: str = "") -> Reply:
    return Reply({"error": error, "message": message or error}, status)


def jwt(kind: str, number: int, ends: int) -> str:
    """A token whose middle part says when it ends, as those of Bluesky do."""
    told = json.dumps({"scope": kind, "jti": number, "exp": ends}).encode()
    return f"e30.{base64.urlsafe_b64encode(told).rstrip(b'=').decode()}.{kind}{number:020d}"


class BlueskyServer(ChannelServer):
    name = "bluesky"

    def reset_state(self) -> None:
        self.blobs: dict[str, int] = {}
        self.second_factor = self.taken_down = False
        super().reset_state()

    def environment(self) -> dict[str, str]:
        return {"BLUESKY_BASE_URL": self.url, "BLUESKY_PUBLIC_URL": self.url}

    def new_tokens(self, *, refresh: bool = True) -> None:
        self.tokens_made += 1
        now = int(self.clock())
        self.access = jwt("access", self.tokens_made, now + 7_200)
        if refresh:
            self.refresh = jwt("refresh", self.tokens_made, now + 5_184_000)

    @property
    def did(self) -> str:
        return f"did:plc:{self.account_id}"

    # --- Sessions ---

    @route("POST", "/xrpc/com.atproto.server.createSession")
    def create_session(self, request: Request) -> Reply:
        body = request.json
        if self.taken_down:
            return refused(401, "AccountTakedown", "Account has been taken down")
        if (body["identifier"], body["password"]) != (HANDLE, PASSWORD):
            return refused(401, "AuthenticationRequired", "Invalid identifier or password")
        if self.second_factor and "authFactorToken" not in body:
            return refused(401, "AuthFactorTokenRequired", "A sign in code was sent")
        self.new_tokens()
        return Reply(self._session(tokens=True))

    @route("POST", "/xrpc/com.atproto.server.refreshSession")
    def refresh_session(self, request: Request) -> Reply:
        if request.body:
            return refused(400, "InvalidRequest", "no body is expected")
        if request.bearer != self.refresh:
            return refused(400, "ExpiredToken", "Token has been revoked")
        self.new_tokens()
        return Reply(self._session(tokens=True))

    @route("POST", "/xrpc/com.atproto.server.deleteSession")
    def delete_session(self, request: Request) -> Reply:
        if request.bearer != self.refresh:
            return refused(400, "ExpiredToken", "Token has been revoked")
        self.new_tokens()
        return Reply(b"")

    @route("GET", "/xrpc/com.atproto.server.getSession")
    def get_session(self, request: Request) -> Reply:
        return self._stranger(request) or Reply(self._session())

    def _session(self, *, tokens: bool = False) -> dict[str, Any]:
        service = {
            "id": "#atproto_pds",
            "type": "AtprotoPersonalDataServer",
            "serviceEndpoint": self.url,
        }
        told = {
            "did": self.did,
            "handle": HANDLE,
            "active": True,
            "didDoc": {"id": self.did, "service": [service]},
        }
        return {**told, "accessJwt": self.access, "refreshJwt": self.refresh} if tokens else told

    def _stranger(self, request: Request) -> Reply | None:
        if request.bearer == self.access:
            return None
        return refused(400, "ExpiredToken", "Token has expired")

    # --- Records ---

    @route("POST", "/xrpc/com.atproto.repo.uploadBlob")
    def upload(self, request: Request) -> Reply:
        if stranger := self._stranger(request):
            return stranger
        if request.header("Content-Type") != "image/jpeg" or request.body[:2] != b"\xff\xd8":
            return refused(400, "InvalidMimeType")
        link = f"bafk{len(self.blobs):04d}"
        self.blobs[link] = len(request.body)
        return Reply({"blob": self._blob(link)})

    def _blob(self, link: str) -> dict[str, Any]:
        size = self.blobs[link]
        return {"$type": "blob", "ref": {"$link": link}, "mimeType": "image/jpeg", "size": size}

    @route("POST", "/xrpc/com.atproto.repo.putRecord")
    def put(self, request: Request) -> Reply:
        body = request.json
        if stranger := self._stranger(request):
            return stranger
        if set(body) != {"repo", "collection", "rkey", "record"} or body["repo"] != self.did:
            return refused(400, "InvalidRequest", "Input has unknown fields, or another repo")
        if body["collection"] != POSTS or not TID.match(body["rkey"]):
            return refused(400, "InvalidRequest", "Input/rkey must be a TID")
        if fault := self._fault_of(body["record"]):
            return refused(400, "InvalidRequest", f"Invalid {POSTS} record: {fault}")
        uri = f"at://{self.did}/{POSTS}/{body['rkey']}"
        copy = self.there(uri)
        if copy is None:
            address = body["record"]["facets"][0]["features"][0]["uri"]
            copy = self.take(address.rpartition("/")[2], uri)
            copy.public_at = self.clock()
        copy.fields = body["record"]
        return Reply({"uri": uri, "cid": "bafyreicid"})

    def _fault_of(self, record: dict[str, Any]) -> str:
        text = record["text"]
        if set(record) - FIELDS or record["$type"] != POSTS:
            return "unknown fields"
        if len(text) > 300 or len(text.encode()) > 3000:
            return "text must not be longer than 300 graphemes"
        if not record["createdAt"].endswith("Z"):
            return "createdAt must be an RFC 3339 time"
        datetime.fromisoformat(record["createdAt"])
        if len(record.get("langs", [])) > 3 or len(record.get("tags", [])) > 8:
            return "too many langs or tags"
        for facet in record["facets"]:
            index, (feature,) = facet["index"], facet["features"]
            shown = text.encode()[index["byteStart"] : index["byteEnd"]].decode()
            if shown != feature["uri"]:
                return "a link lies elsewhere"
        return self._fault_of_embed(record["embed"])

    def _fault_of_embed(self, embed: dict[str, Any]) -> str:
        if embed["$type"] == "app.bsky.embed.external":
            known = set(embed["external"]) <= {"uri", "title", "description", "thumb"}
            return "" if known else "unknown fields of a card"
        for picture in embed["images"]:
            link = picture["image"]["ref"]["$link"]
            if picture["image"] != self._blob(link) or self.blobs[link] > 1_000_000:
                return "the blob is not there, or is too large"
            if len(picture["alt"]) > 1000:
                return "alt is too long"
        return ""

    @route("GET", "/xrpc/com.atproto.repo.getRecord")
    def read(self, request: Request) -> Reply:
        if stranger := self._stranger(request):
            return stranger
        query = request.query
        copy = self.there(f"at://{query['repo']}/{query['collection']}/{query['rkey']}")
        if copy is None:
            return refused(400, "RecordNotFound", "Could not locate record")
        return Reply({"uri": copy.external_id, "cid": "bafyreicid", "value": copy.fields})

    @route("POST", "/xrpc/com.atproto.repo.deleteRecord")
    def delete(self, request: Request) -> Reply:
        if stranger := self._stranger(request):
            return stranger
        body = request.json
        copy = self.there(f"at://{body['repo']}/{body['collection']}/{body['rkey']}")
        if copy:
            copy.gone = True
        return Reply({})

    @route("GET", "/xrpc/app.bsky.feed.getPosts")
    def posts(self, request: Request) -> Reply:
        if request.header("Authorization"):
            return refused(400, "InvalidRequest", "strangers have no token")
        copies: list[Copy | None] = [self.there(request.query["uris"])]
        return Reply({"posts": [{"uri": copy.external_id} for copy in copies if copy]})
