"""A release as LabelGrid's draft: names looked up before they are made, tracks, files.

Every step looks at what is there before it adds to it, so a draft that a dead worker left is gone
on with. What takes an Idempotency-Key gets one as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from media_tools.errors import (
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
    SubmissionUnknown,
)
from media_tools.providers.http import Call, HttpClient, Line, Timeouts
from media_tools.providers.job import unusable
from media_tools.providers.multipart import FilePart
from media_tools.publishing.addresses import host_of
from media_tools.publishing.base import Contributor, Memory, StoreRelease, StoreTrack
from media_tools.publishing.forms import form, form_call
from media_tools.publishing.labelgrid_wire import (
    AI_USE,
    NAME,
    FileState,
    LabelGridApi,
    LabelGridOptions,
    Made,
    Named,
    Release,
    Track,
    UploadPlace,
    keyed,
)
from media_tools.publishing.sending import unreadable

WORLDWIDE = ("Worldwide",)
NO_WORDS = "zxx"

_CONTENT = {"single": "Single", "ep": "EP", "album": "Album"}
_AUDIO = frozenset({".wav", ".flac", ".aif", ".aiff"})
_WAITING = frozenset({"pending", "queued", "uploading", "processing", "transcoding"})
_FAILED = frozenset({"error", "failed"})
_UPLOAD = Timeouts(connect_s=5.0, read_s=60.0, total_s=600.0)
_READ_BYTES = 1024 * 1024
_PROCESSING_S = 30.0
_LOOK_AGAIN_S = 60.0


class Draft:
    """Brings one release to the point where it can be distributed."""

    def __init__(
        self, api: LabelGridApi, options: LabelGridOptions, line: Line, memory: Memory
    ) -> None:
        self._api = api
        self._options = options
        self._line = line
        self._memory = memory

    def written(self, item: StoreRelease, found: Release | None) -> int:
        """The id of a complete draft. found: what there is of it.

        Raises ProviderUnavailable while its audio is worked on.
        """
        _check(item)
        artist = self._artist(item.artist)
        fields = self._release_fields(item, artist)
        if found:
            release = found.id
            self._api.done(Call("PATCH", f"/releases/{release}", json=fields, safe=True))
        else:
            call = keyed("POST", "/releases", item.key, fields)
            release = self._api.one(call, Made).id
        tracks = self._tracks(item, release, artist)
        self._cover(item, release)
        for track in item.tracks:
            self._audio(item, track, tracks[track.position])
        waiting = [track.title for track in item.tracks if not self._ready(tracks[track.position])]
        if waiting:
            raise ProviderUnavailable(
                NAME,
                f"it works on the audio of {', '.join(waiting)}",
                code="processing",
                action="it goes on by itself",
                retry_after_s=_PROCESSING_S,
            )
        return release

    # --- Names: looked up, then made, never twice ---

    def _label(self, name: str) -> int:
        email = self._options.label_email
        if not email:
            for label in self._api.every("/labels", Named):
                if label.words.casefold() == name.casefold():
                    return label.id
            raise ProviderRejected(
                NAME,
                f"it has no label {name!r}",
                code="no_label",
                action="make the label there, or correct the release's label",
            )
        body = {"name": name, "default_email": email}
        return self._named("/labels", name, {}, body)

    def _artist(self, name: str) -> int:
        return self._named("/artists", name, {"artist_name": name}, {"artist_name": name})

    def _writer(self, name: str) -> int:
        first, _, last = name.strip().rpartition(" ")
        if not first:
            raise ProviderRejected(
                NAME,
                f"the writer {name!r} has no first and last name",
                code="legal_name",
                action="enter the whole legal name in the release's credits",
            )
        body = {"first_name": first, "last_name": last}
        return self._named("/writers", f"{first} {last}", {"name": name}, body)

    def _named(
        self, path: str, name: str, filters: Mapping[str, str], body: Mapping[str, str]
    ) -> int:
        """The id of an entry. Making one knows no key, so it is looked for before and after.

        Raises ProviderUnavailable if it may just have been made.
        """
        for entry in self._api.every(path, Named, **filters):
            if entry.words.casefold() == name.casefold():
                return entry.id
        note = f"{path} {name}"
        if self._memory.get("making") == note:
            self._memory.put(making="")
            raise self._perhaps_made(name)
        self._memory.put(making=note)
        try:
            made = self._api.one(Call("POST", path, json=body, submission=True), Made)
        except SubmissionUnknown:
            self._memory.put(making="")
            raise self._perhaps_made(name) from None
        except ProviderError:
            self._memory.put(making="")
            raise
        self._memory.put(making="")
        return made.id

    def _perhaps_made(self, name: str) -> ProviderUnavailable:
        return ProviderUnavailable(
            NAME,
            f"nobody knows yet whether {name!r} was entered there",
            code="connection",
            action="it is looked for before it is entered again",
            retry_after_s=_LOOK_AGAIN_S,
        )

    # --- What it says ---

    def _release_fields(self, item: StoreRelease, artist: int) -> dict[str, Any]:
        language = item.language or "en"
        fields: dict[str, Any] = {
            "content_type": _CONTENT[item.kind],
            "label_id": self._label(item.label),
            "cat": item.catalogue_number,
            "artwork_ai_usage": AI_USE[item.artwork_ai],
            "primary_genre_id": self._api.known("/genres", item.genre, what="genre").id,
            "preferred_localization": language,
            "release_date": item.release_date.isoformat(),
            "explicit": "on" if any(track.explicit for track in item.tracks) else "off",
            "cline_year": item.line_year,
            "cline_name": item.c_line,
            "pline_year": item.line_year,
            "pline_name": item.p_line,
            **_titles(item.title, item.version_title, language),
            "artists": _main_artist(artist),
        }
        if item.sub_genre:
            genre = self._api.known("/genres", item.sub_genre, what="genre")
            fields["secondary_genre_id"] = genre.id
        if item.upc:
            fields["barcode_number"] = item.upc
        return fields

    def _tracks(self, item: StoreRelease, release: int, artist: int) -> dict[int, int]:
        """Ids by position; those that are there are written again with what we have now."""
        there = {track.track_num: track.id for track in self._tracks_of(release)}
        for track in item.tracks:
            fields = self._track_fields(track, item, artist)
            place = there.get(track.position)
            if place:
                self._api.done(Call("PATCH", f"/tracks/{place}", json=fields, safe=True))
                continue
            body = {"release_id": release, "disc": 1, "track_num": track.position, **fields}
            call = keyed("POST", "/tracks", item.key, body)
            there[track.position] = self._api.one(call, Made).id
        return there

    def _tracks_of(self, release: int) -> Iterator[Track]:
        return self._api.every("/tracks", Track, release_id=release)

    def _track_fields(self, track: StoreTrack, item: StoreRelease, artist: int) -> dict[str, Any]:
        language = track.language or NO_WORDS
        titles = item.language or "en"
        spoken = self._api.known("/languages", language, what="language")
        fields: dict[str, Any] = {
            "composition_type": self._options.composition_type,
            "audio_ai_usage": AI_USE[track.audio_ai],
            "composition_ai_usage": AI_USE[track.composition_ai],
            "commercial_samples": "no",
            "audio_language": spoken.code or language,
            "preferred_localization": titles,
            "recording_country": track.recording_country,
            "explicit": "on" if track.explicit else "off",
            **_titles(track.title, track.version_title, titles),
            "artists": _main_artist(artist),
            "contributors": [self._contributor(who, track) for who in track.contributors],
        }
        if track.isrc:
            fields["isrc"] = track.isrc
        if track.lyrics and language != NO_WORDS:
            fields["lyrics"] = [{"iso_code": language, "text": track.lyrics}]
        return fields

    def _contributor(self, who: Contributor, track: StoreTrack) -> dict[str, Any]:
        roles = {
            self._api.known("/contributor-roles", role, what="role").words: True
            for role in who.roles
        }
        return {
            "writer_id": self._writer(who.name),
            "roles": roles,
            "ai_contribution": AI_USE[track.composition_ai],
        }

    # --- Files ---

    def _cover(self, item: StoreRelease, release: int) -> None:
        if self._memory.get("cover") == item.cover.sha256:
            return
        name = f"cover{item.cover.path.suffix}"
        file = FilePart("file", item.cover.path, name, item.cover.media_type)
        # It replaces the one before, so it may be repeated.
        path = f"/releases/{release}/photo"
        self._api.done(form_call("POST", path, form(NAME, {}, file)))
        self._memory.put(cover=item.cover.sha256)

    def _audio(self, item: StoreRelease, track: StoreTrack, id: int) -> None:
        """Send a track's audio, unless it is there; commit what was sent."""
        path = f"/tracks/{id}/files/stereo"
        note, sha256 = f"audio{track.position}", track.file.sha256
        sent, _, key = self._memory.get(note).partition(" ")
        if sent == sha256 and self._api.one_or_none(path, FileState):
            return
        if sent != sha256:
            suffix = track.file.path.suffix.lower()
            body = {"filename": f"{item.catalogue_number}-{track.position}{suffix}"}
            place = self._api.one(Call("POST", f"{path}/upload-url", json=body), UploadPlace)
            self._put(place.upload_url, track)
            key = place.key
            self._memory.put(**{note: f"{sha256} {key}"})
        try:
            self._api.done(keyed("PUT", path, item.key, {"s3_key": key}))
        except ProviderRejected:
            # Whatever was stored there is no good: the next attempt sends the file again.
            self._memory.put(**{note: ""})
            raise

    def _put(self, address: str, track: StoreTrack) -> None:
        """Send a file to the storage behind LabelGrid, without our token."""
        base = host_of(NAME, address, named_by=self._options.url)
        body = _FileBody(track.file.path, track.file.size_bytes, self._memory)
        upload = Call(
            "PUT",
            address,
            data=body,
            headers={"Content-Type": track.file.media_type},
            safe=True,
            timeouts=self._line.timeouts or _UPLOAD,
        )
        with HttpClient(NAME, base, secrets=(urlsplit(address).query,), line=self._line) as storage:
            # S3 names what it stored. A page of the network's, answered with 200, does not.
            if not storage.call(upload).headers.get("etag"):
                raise unusable(NAME, "the answer to an upload")

    def _ready(self, track: int) -> bool:
        """Whether the audio is worked through. Raises ProviderRejected if it cannot be used.

        A word nobody knows counts as ready: the validation that follows has the last word.
        """
        state = self._api.one_or_none(f"/tracks/{track}/files/stereo", FileState)
        if state is None:
            return False
        if state.status.lower() in _FAILED:
            raise ProviderRejected(
                NAME,
                f"it cannot use the audio: {state.status_message or state.status}",
                code="audio",
                action="look at the master, then send the release again",
            )
        return state.status.lower() not in _WAITING


class _FileBody:
    """A file as the body of a request: with a length, and its progress noted."""

    def __init__(self, path: Path, size: int, memory: Memory) -> None:
        self._path = path
        self._size = size
        self._memory = memory

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        sent = 0
        try:
            file = self._path.open("rb")
        except OSError as error:
            raise unreadable(NAME, self._path, error.strerror or "no reason") from error
        with file:
            while chunk := file.read(_READ_BYTES):
                yield chunk
                sent += len(chunk)
                self._memory.sent(sent, self._size)


def _titles(title: str, version: str, language: str) -> dict[str, Any]:
    fields: dict[str, Any] = {"titles": [{"iso_code": language, "text": title}]}
    if version:
        fields["mix_versions"] = [{"iso_code": language, "text": version}]
    return fields


def _main_artist(artist: int) -> list[dict[str, Any]]:
    return [{"artist_id": artist, "artistic_role": "MainArtist", "position": 1}]


def _check(item: StoreRelease) -> None:
    """Refuse what LabelGrid cannot be told, before anything is made there."""
    faults: list[tuple[bool, str, str]] = [
        (
            item.territories not in ((), WORLDWIDE),
            "its territories cannot be sent",
            "make it worldwide, or distribute it by hand",
        ),
        (
            item.kind not in _CONTENT,
            f"a release of the kind {item.kind!r} cannot be sent",
            "distribute it by hand",
        ),
    ]
    for track in item.tracks:
        suffix = track.file.path.suffix.lower()
        faults += [
            (
                suffix not in _AUDIO,
                f"the audio of {track.title!r} is a {suffix} file",
                "send WAV, FLAC or AIFF",
            ),
            (
                not track.contributors,
                f"{track.title!r} names no writer",
                "enter its writers by their legal names",
            ),
            (
                not track.recording_country,
                f"{track.title!r} has no recording country",
                "enter it in the label profile",
            ),
        ]
    for wrong, cause, action in faults:
        if wrong:
            raise ProviderRejected(NAME, cause, code="incomplete", action=action)
