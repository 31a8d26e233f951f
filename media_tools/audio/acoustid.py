"""AcoustID: which known recording a fingerprint is of. Needs a key; business use needs a plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from media_tools.audio.recognition import Chromaprint, Recording, whole_seconds
from media_tools.errors import ProviderError, ProviderRejected, ProviderUnavailable
from media_tools.providers.health import ProviderHealth
from media_tools.providers.http import PLAIN, Call, HttpClient, HttpReply, Line
from media_tools.providers.replies import Figure, Label, Reply, at, first, rows

BASE_URL = "https://api.acoustid.org"
# A made-up track id: asked with it, the service checks the key and finds nothing.
NO_TRACK = "00000000-0000-0000-0000-000000000000"
INVALID_KEY, TOO_OFTEN = 4, 14
# The service cannot read the fingerprint or length, which another try does not mend.
OURS = (2, 3, 7, 8)
BUSY_S = 2.0  # three requests a second are free
_RESULTS_READ, _RECORDINGS_READ, _ARTISTS_READ = 10, 5, 5


class _Artist(Reply):
    name: Label = ""


class _Recording(Reply):
    title: Label = ""
    artists: Annotated[list[_Artist], rows(_ARTISTS_READ)] = []


class _Result(Reply):
    score: Annotated[Figure, Field(ge=0.0, le=1.0)] = 0.0
    recordings: Annotated[list[_Recording], rows(_RECORDINGS_READ)] = []

    def read(self) -> Sequence[Recording]:
        if not self.recordings:
            return [Recording(self.score)]
        return [
            Recording(self.score, one.title, ", ".join(who.name for who in one.artists if who.name))
            for one in self.recordings
        ]


class _Answer(Reply):
    status: Label
    results: Annotated[list[_Result], first(_RESULTS_READ), rows(_RESULTS_READ)] = []


class _Refusal(Reply):
    code: int = at("error", "code", default=0)
    message: Label = at("error", "message")


@dataclass(frozen=True)
class AcoustIdOptions:
    api_key: str = ""
    base_url: str = BASE_URL


class AcoustId:
    """Searches AcoustID's database."""

    Options = AcoustIdOptions
    name = "acoustid"

    def __init__(self, options: AcoustIdOptions, line: Line = PLAIN) -> None:
        self._key = options.api_key
        self._http = HttpClient(
            self.name,
            options.base_url,
            secrets=(options.api_key,),
            classify=self._error_in,
            line=line,
        )

    def recordings(self, heard: Chromaprint) -> list[Recording]:
        """Known recordings, most alike first. Raises ProviderUnavailable, ProviderRejected."""
        fields: dict[str, str | int] = {
            "fingerprint": heard.text,
            "duration": whole_seconds(heard.duration_s),
            "meta": "recordings",
        }
        answer = self._http.read(self._lookup(fields), _Answer)
        found = [recording for result in answer.results for recording in result.read()]
        return sorted(found, key=lambda one: -one.likeness)

    def health(self) -> ProviderHealth:
        """Ask for a track there is not. Raises ProviderUnavailable, ProviderRejected."""
        self._http.read(self._lookup({"trackid": NO_TRACK}), _Answer)
        return ProviderHealth(provider=self.name, note="the key is known")

    def _lookup(self, fields: dict[str, str | int]) -> Call:
        # A POST, since fingerprints are longer than addresses may be; it changes nothing.
        form = {"client": self._key, "format": "json", **fields}
        return Call("POST", "/v2/lookup", data=form, safe=True)

    def _error_in(self, reply: HttpReply) -> ProviderError | None:
        """Errors come with a code of AcoustID's, whatever the status is."""
        refusal = _Refusal.model_validate(reply.data if isinstance(reply.data, dict) else {})
        if not refusal.code:
            return None
        if refusal.code == INVALID_KEY:
            return ProviderRejected(
                self.name,
                "the key was refused",
                code="invalid_key",
                action="set ACOUSTID_API_KEY to the key of your application at acoustid.org",
            )
        if refusal.code in OURS:
            return ProviderRejected(self.name, refusal.message, code=str(refusal.code))
        wait_s = BUSY_S if refusal.code == TOO_OFTEN else None
        return ProviderUnavailable(
            self.name, refusal.message or "an error", code=str(refusal.code), retry_after_s=wait_s
        )
