"""LabelGrid's public API: drafts, files behind signed addresses, review, delivery, takedown.

It checks what it is sent by the sheet: fields, enums, keys. `faults` is what validate finds next;
`contract_hold` asks for a confirmation; `partial_removal` stays live although it says "removed".
A review ends after `review_s`, or with process().
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from tests.contract_servers.base import Reply, Request, route
from tests.contract_servers.channel import ChannelServer, parts_of

BASE = "/api/public"
LABEL = "Example Label"
AI = {"none", "some", "material", "all"}
RELEASE_REQUIRED = {
    "content_type": {"Single", "EP", "Album", "Compilation", "Mix", "Podcast"},
    "label_id": int,
    "artists": list,
    "titles": list,
    "cat": str,
    "artwork_ai_usage": AI,
    "primary_genre_id": int,
}
RELEASE_OPTIONAL = {
    "preferred_localization": str,
    "barcode_number": str,
    "release_date": str,
    "explicit": {"off", "on", "edited"},
    "cline_year": int,
    "cline_name": str,
    "pline_year": int,
    "pline_name": str,
    "secondary_genre_id": int,
    "mix_versions": list,
}
TRACK_REQUIRED = {
    "release_id": int,
    "disc": int,
    "track_num": int,
    "composition_type": {"original_composition", "cover_song", "public_domain"},
    "artists": list,
    "audio_ai_usage": AI,
    "composition_ai_usage": AI,
    "commercial_samples": {"no", "exclusive", "non_exclusive"},
    "audio_language": {"en", "de", "zxx"},
    "contributors": list,
    "recording_country": str,
}
TRACK_OPTIONAL = {
    "preferred_localization": str,
    "isrc": str,
    "explicit": {"off", "on", "edited"},
    "titles": list,
    "lyrics": list,
    "mix_versions": list,
}
GENRES = {12: "Synth Pop", 13: "Electronic"}
DRAFT = {"review_status": "draft", "ever_submitted": False, "state": "", "delivered": False}
SUBMITTED = {"review_status": "to_review", "ever_submitted": True, "state": "in_progress"}
APPROVED = {"review_status": "approved", "delivered": True}
ROLES = ("Composer", "Lyricist", "Producer")


def unprocessable(errors: dict[str, list[str]]) -> Reply:
    return Reply({"message": "The given data was invalid.", "errors": errors}, 422)


def missing() -> Reply:
    return Reply({"message": "Not found."}, 404)


class LabelGridServer(ChannelServer):
    name = "labelgrid"

    def reset_state(self) -> None:
        super().reset_state()
        self.labels: list[dict[str, Any]] = [{"id": 5, "name": LABEL}]
        self.artists: list[dict[str, Any]] = [{"id": 30, "artist_name": "Nova Lanes"}]
        self.writers: list[dict[str, Any]] = []
        self.releases: dict[int, dict[str, Any]] = {}
        self.tracks: dict[int, dict[str, Any]] = {}
        self.stored: dict[str, bytes] = {}
        self.answers: dict[str, tuple[float, Reply]] = {}
        self.faults: dict[str, list[str]] = {}
        self.issues: list[dict[str, Any]] = []
        self.places = 0
        self.audio_polls = 0
        self.audio_fails = False
        self.contract_hold = False
        self.partial_removal = False
        self.review_s = 30.0
        self.submissions_left = 1_000_000
        self.flags: list[dict[str, Any]] | None = []

    def environment(self) -> dict[str, str]:
        return {"LABELGRID_BASE_URL": f"{self.url}{BASE}"}

    # --- Conventions ---

    def _handle(self, request: Request) -> Reply:
        if request.path.startswith(BASE) and request.bearer != self.access:
            return Reply({"message": "Unauthorized"}, 401)
        return super()._handle(request)

    def _once(self, request: Request, make: Callable[[], Reply]) -> Reply:
        """What the same key was answered with within a day, be it a refusal; else a new answer."""
        key = request.header("Idempotency-Key")
        if not 8 <= len(key) <= 128:
            return unprocessable({"Idempotency-Key": ["must have 8 to 128 characters"]})
        made_at, answer = self.answers.get(key, (0.0, Reply()))
        if key not in self.answers or self.clock() - made_at >= 86_400:
            answer = make()
            self.answers[key] = (self.clock(), answer)
        return answer

    def _list(self, rows: list[dict[str, Any]], request: Request) -> Reply:
        page, size = int(request.query.get("page", 1)), int(request.query.get("per_page", 15))
        last = max(1, -(-len(rows) // size))
        meta = {"current_page": page, "last_page": last, "total": len(rows)}
        data = rows[(page - 1) * size : page * size]
        return Reply({"data": data, "links": {}, "meta": meta})

    # --- Account and reference data ---

    @route("GET", f"{BASE}/me")
    def me(self, request: Request) -> Reply:
        number = int(self.account_id[-1])
        return Reply(
            {
                "data": {
                    "id": number,
                    "name": LABEL,
                    "plan": "API",
                    "release_submission_limit": 10,
                    "terms_accepted": True,
                }
            }
        )

    @route("GET", f"{BASE}/genres")
    def genres(self, request: Request) -> Reply:
        return self._list([{"id": k, "name": v} for k, v in GENRES.items()], request)

    @route("GET", f"{BASE}/languages")
    def languages(self, request: Request) -> Reply:
        rows = [("en", "English"), ("de", "German"), ("zxx", "No linguistic content")]
        return self._list(
            [{"id": n, "code": c, "name": w} for n, (c, w) in enumerate(rows)], request
        )

    @route("GET", f"{BASE}/contributor-roles")
    def roles(self, request: Request) -> Reply:
        return self._list([{"id": n, "name": role} for n, role in enumerate(ROLES)], request)

    # --- Names ---

    @route("GET", f"{BASE}/labels")
    def list_labels(self, request: Request) -> Reply:
        return self._list(self.labels, request)

    @route("POST", f"{BASE}/labels")
    def make_label(self, request: Request) -> Reply:
        return self._make(self.labels, request, ("name", "default_email"))

    @route("GET", f"{BASE}/artists")
    def list_artists(self, request: Request) -> Reply:
        wanted = request.query["filter[artist_name]"]
        return self._list([a for a in self.artists if wanted in a["artist_name"]], request)

    @route("POST", f"{BASE}/artists")
    def make_artist(self, request: Request) -> Reply:
        return self._make(self.artists, request, ("artist_name",))

    @route("GET", f"{BASE}/writers")
    def list_writers(self, request: Request) -> Reply:
        wanted = request.query["filter[name]"]
        named = [w for w in self.writers if wanted in f"{w['first_name']} {w['last_name']}"]
        return self._list(named, request)

    @route("POST", f"{BASE}/writers")
    def make_writer(self, request: Request) -> Reply:
        return self._make(self.writers, request, ("first_name", "last_name"))

    def _make(
        self, rows: list[dict[str, Any]], request: Request, required: tuple[str, ...]
    ) -> Reply:
        if set(request.json) != set(required):
            return unprocessable({name: ["is required"] for name in required})
        row = {"id": 31 + len(rows), **request.json}
        rows.append(row)
        return Reply({"data": row}, 201)

    # --- Releases and tracks ---

    @route("GET", f"{BASE}/releases")
    def list_releases(self, request: Request) -> Reply:
        rows = [r for r in self.releases.values() if r["cat"] == request.query["filter[cat]"]]
        return self._list(rows, request)

    @route("POST", f"{BASE}/releases")
    def make_release(self, request: Request) -> Reply:
        def make() -> Reply:
            if wrong := _faults(request.json, RELEASE_REQUIRED, RELEASE_OPTIONAL):
                return unprocessable(wrong)
            number = 77 + len(self.releases)
            self.releases[number] = {"id": number, **DRAFT, **request.json}
            return Reply({"data": self.releases[number]}, 201)

        return self._once(request, make)

    @route("GET", f"{BASE}/releases/{{release}}")
    def read_release(self, request: Request) -> Reply:
        release = self._release(request)
        return Reply({"data": release}) if release else missing()

    @route("PATCH", f"{BASE}/releases/{{release}}")
    def change_release(self, request: Request) -> Reply:
        release = self._release(request)
        if release is None:
            return missing()
        if release["review_status"] != "draft":
            error = {"code": "RELEASE_LOCKED_FIELDS", "message": "Locked: titles, artists"}
            return Reply({"error": error}, 403)
        wrong = _faults(request.json, {}, {**RELEASE_REQUIRED, **RELEASE_OPTIONAL})
        if wrong:
            return unprocessable(wrong)
        release |= request.json
        return Reply({"data": release})

    @route("DELETE", f"{BASE}/releases/{{release}}")
    def drop_release(self, request: Request) -> Reply:
        release = self._release(request)
        if release is None:
            return missing()
        if release["ever_submitted"]:
            return Reply({"error": "The release was submitted.", "code": "NOT_A_DRAFT"}, 409)
        del self.releases[release["id"]]
        return Reply(b"", 204)

    def _release(self, request: Request) -> dict[str, Any] | None:
        return self.releases.get(int(request.parts["release"]))

    @route("GET", f"{BASE}/tracks")
    def list_tracks(self, request: Request) -> Reply:
        number = int(request.query["filter[release_id]"])
        rows = [t for t in self.tracks.values() if t["release_id"] == number]
        return self._list(rows, request)

    @route("POST", f"{BASE}/tracks")
    def make_track(self, request: Request) -> Reply:
        def make() -> Reply:
            wrong = _faults(request.json, TRACK_REQUIRED, TRACK_OPTIONAL)
            for who in request.json.get("contributors", []):
                known = set(who) == {"writer_id", "roles", "ai_contribution"}
                if not known or not set(who["roles"]) <= {*ROLES}:
                    wrong["contributors"] = ["is not right"]
            if wrong:
                return unprocessable(wrong)
            number = 500 + len(self.tracks)
            self.tracks[number] = {"id": number, "audio": None, "polls": 0, **request.json}
            return Reply({"data": self.tracks[number]}, 201)

        return self._once(request, make)

    @route("PATCH", f"{BASE}/tracks/{{track}}")
    def change_track(self, request: Request) -> Reply:
        if wrong := _faults(request.json, {}, {**TRACK_REQUIRED, **TRACK_OPTIONAL}):
            return unprocessable(wrong)
        track = self.tracks[int(request.parts["track"])]
        track |= request.json
        return Reply({"data": track})

    # --- Files ---

    @route("POST", f"{BASE}/tracks/{{track}}/files/stereo/upload-url")
    def upload_url(self, request: Request) -> Reply:
        name = request.json["filename"]
        if not name.endswith((".wav", ".flac", ".aif", ".aiff")):
            return unprocessable({"filename": ["is not allowed"]})
        self.places += 1
        key = f"uploads-{self.places}-{name}"
        return Reply({"upload_url": f"{self.url}/storage/{key}?X-Amz-Signature=s3cr3t", "key": key})

    @route("PUT", "/storage/{key}")
    def storage(self, request: Request) -> Reply:
        if request.header("Authorization"):
            return Reply("<Error><Code>InvalidArgument</Code></Error>", 400)
        if not request.header("Content-Length") or not request.header("Content-Type"):
            return Reply("<Error><Code>MissingContentLength</Code></Error>", 411)
        self.stored[unquote(request.parts["key"])] = request.body
        return Reply(b"", headers={"ETag": f'"{hashlib.md5(request.body).hexdigest()}"'})

    @route("PUT", f"{BASE}/tracks/{{track}}/files/stereo")
    def commit(self, request: Request) -> Reply:
        def make() -> Reply:
            if request.json["s3_key"] not in self.stored:
                return unprocessable({"s3_key": ["was not uploaded"]})
            track = self.tracks[int(request.parts["track"])]
            track["audio"] = hashlib.sha256(self.stored[request.json["s3_key"]]).hexdigest()
            return Reply({"data": {"status": "processing"}})

        return self._once(request, make)

    @route("GET", f"{BASE}/tracks/{{track}}/files/stereo")
    def file(self, request: Request) -> Reply:
        track = self.tracks[int(request.parts["track"])]
        if track["audio"] is None:
            return missing()
        if self.audio_fails:
            message = "The file has no audio."
            return Reply({"data": {"status": "error", "status_message": message}})
        track["polls"] += 1
        done = track["polls"] > self.audio_polls
        return Reply({"data": {"status": "complete" if done else "processing"}})

    @route("POST", f"{BASE}/releases/{{release}}/photo")
    def photo(self, request: Request) -> Reply:
        ((name, filename, _, content),) = parts_of(request)
        if name != "file" or not filename.endswith((".jpg", ".png", ".webp", ".tif")):
            return unprocessable({"file": ["is not allowed"]})
        release = self.releases[int(request.parts["release"])]
        release["photo"] = hashlib.sha256(content).hexdigest()
        return Reply({"data": {}})

    # --- Validation, review, delivery ---

    @route("POST", f"{BASE}/releases/{{release}}/validate")
    def validate(self, request: Request) -> Reply:
        release = self.releases[int(request.parts["release"])]
        tracks = [t for t in self.tracks.values() if t["release_id"] == release["id"]]
        errors = {**self.faults}
        if not release.get("photo"):
            errors["artwork"] = ["is missing"]
        if not tracks or not all(track["audio"] for track in tracks):
            errors["tracks"] = ["have no audio"]
        if errors:
            return unprocessable(errors)
        return Reply({"errors": [], "errors_structured": []})

    @route("POST", f"{BASE}/releases/{{release}}/distribute")
    def distribute(self, request: Request) -> Reply:
        def make() -> Reply:
            if request.body:
                return unprocessable({"body": ["is not expected"]})
            if self.submissions_left < 1:
                return Reply({"error": "The weekly limit is reached.", "code": "LIMIT"}, 403)
            self.submissions_left -= 1
            release = self.releases[int(request.parts["release"])]
            key = request.header("Idempotency-Key").removeprefix("aap-").rpartition("-")[0]
            self.take(key, str(release["id"]), **release)
            release |= SUBMITTED
            return Reply({"data": {"review_status": "to_review"}}, 202)

        return self._once(request, make)

    def process(self) -> None:
        for release in self.releases.values():
            if release["review_status"] == "to_review":
                release |= APPROVED

    def settle(self) -> None:
        for copy in self.copies:
            release = self.releases[int(copy.external_id)]
            if release["review_status"] == "to_review":
                reviewed = self.clock() - copy.made_at >= self.review_s
                release |= APPROVED if reviewed else {}
            out = _unix(release["release_date"]) <= self.clock()
            if release["delivered"] and release["state"] == "in_progress" and out:
                release |= {"state": "live", "spotify_url": f"{self.url}/shop/{release['id']}"}
                copy.public_at = self.clock()
            copy.gone = release["state"] == "removed" and not self.partial_removal

    @route("GET", f"{BASE}/review-issues")
    def review_issues(self, request: Request) -> Reply:
        return Reply({"data": self.issues})

    @route("GET", f"{BASE}/releases/{{release}}/delivery-status")
    def delivery_status(self, request: Request) -> Reply:
        release = self._release(request)
        if release is None:
            return missing()
        removed = release["state"] in ("removed", "removing")
        return Reply(
            {
                "release_id": release["id"],
                "state": release["state"],
                "currently_live": release["state"] == "live" or (removed and self.partial_removal),
                "ever_submitted": release["ever_submitted"],
                "ever_delivered": release["delivered"],
                "outlets": [],
            }
        )

    @route("POST", f"{BASE}/releases/{{release}}/takedown-all")
    def takedown(self, request: Request) -> Reply:
        release = self.releases[int(request.parts["release"])]
        if not set(request.json) <= {"message", "confirm_contract_hold"}:
            return unprocessable({"body": ["has unknown fields"]})
        if self.contract_hold and request.json.get("confirm_contract_hold") is not True:
            error = {"code": "CONTRACT_HOLD_CONFIRM_REQUIRED", "message": "Minimum term: 1 year."}
            return Reply({"error": error}, 409)
        release["state"] = "removed"
        return Reply({"data": {}}, 202)

    @route("GET", "/shop/{release}")
    def shop(self, request: Request) -> Reply:
        release = self._release(request)
        live = release is not None and release["state"] == "live"
        return Reply("<html>Night Bus" if live else "<html>Not found", 200 if live else 404)

    # --- Audience ---

    @route("GET", f"{BASE}/analytics/summary")
    def summary(self, request: Request) -> Reply:
        wanted = {"filter[start_date]", "filter[end_date]", "filter[release_id]", "metrics[]"}
        if set(request.query) != wanted or request.query["metrics[]"] != "track-streams-daily":
            return unprocessable({"query": ["is not right"]})
        days = [
            {"date": request.query["filter[start_date]"], "streams": 40},
            {"date": "not a day", "streams": 3},
        ]
        return Reply({"data": {"track-streams-daily": days}, "meta": {}})

    @route("GET", f"{BASE}/stream-radar/flags")
    def stream_flags(self, request: Request) -> Reply:
        if self.flags is None:
            return Reply({"error": "The add-on is not active.", "code": "NO_ADD_ON"}, 403)
        return Reply({"data": self.flags})


def _faults(
    body: dict[str, Any], required: dict[str, Any], optional: dict[str, Any]
) -> dict[str, list[str]]:
    """What is wrong with a body: missing and unknown fields, wrong types and values."""
    known = {**required, **optional}
    wrong = {name: ["is required"] for name in required if name not in body}
    for name, value in body.items():
        rule = known.get(name)
        if rule is None:
            wrong[name] = ["is unknown"]
        elif value not in rule if isinstance(rule, set) else not isinstance(value, rule):
            wrong[name] = ["is not right"]
    return wrong


def _unix(day: str) -> float:
    return datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()
