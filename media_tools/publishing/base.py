"""The one contract of every channel: a video platform, a distributor, a messenger.

An adapter is a class in a module of its own with three arguments: its options, a frozen dataclass
made from the settings; the Line it is reached by; and the Account it speaks for. It holds no state:
what a sending must remember across a crash goes into its Memory before the call it is about.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol, TypeVar

Item = TypeVar("Item", contravariant=True)

# How an item is found again after a lost answer: this and its key, in a tag or the description.
TAG_PREFIX = "aap:"


def tag_of(key: str) -> str:
    """The mark by which a channel's copy of an item is known as ours."""
    return f"{TAG_PREFIX}{key}"


# --- What goes out ---


@dataclass(frozen=True, kw_only=True)
class MediaFile:
    """A complete file of a release. sha256: hex, checked when the sending began."""

    path: Path
    media_type: str
    sha256: str
    size_bytes: int
    duration_s: float


@dataclass(frozen=True, kw_only=True)
class Upload:
    """One song or film for a platform that plays it.

    key: the publication's id, the same at every attempt. title, description, tags: complete, the
    disclosure sentence included; the adapter cuts them to the platform's limits. language: BCP 47,
    empty for an instrumental. public_at: None keeps it private. playlist: by name; empty: none.
    """

    key: str
    file: MediaFile
    artist: str
    title: str
    description: str
    disclosure: str
    tags: tuple[str, ...] = ()
    language: str = ""
    genre: str = ""
    explicit: bool = False
    synthetic: bool = True
    public_at: datetime | None = None
    thumbnail: Path | None = None
    captions: Path | None = None
    playlist: str = ""
    isrc: str = ""
    label: str = ""
    release_date: date | None = None


@dataclass(frozen=True, kw_only=True)
class Contributor:
    """A writer or producer by legal name. roles: as the label profile names them."""

    name: str
    roles: tuple[str, ...]


class AiUse(StrEnum):
    """How much of a part generative AI made."""

    NONE = "none"
    ASSISTED = "assisted"
    PARTIAL = "partial"
    FULL = "full"


@dataclass(frozen=True, kw_only=True)
class StoreTrack:
    """A recording of a release for shops. recording_country: ISO 3166-1 alpha-2."""

    position: int
    title: str
    version_title: str
    file: MediaFile
    isrc: str
    language: str
    explicit: bool
    lyrics: str
    contributors: tuple[Contributor, ...]
    recording_country: str
    audio_ai: AiUse
    composition_ai: AiUse


@dataclass(frozen=True, kw_only=True)
class StoreRelease:
    """A single, EP or album for a distributor. kind: "single", "ep" or "album".

    catalogue_number: unique here; the natural key by which a distributor's draft is found again.
    """

    key: str
    kind: str
    artist: str
    title: str
    version_title: str
    label: str
    catalogue_number: str
    upc: str
    genre: str
    sub_genre: str
    language: str
    release_date: date
    c_line: str
    p_line: str
    line_year: int
    territories: tuple[str, ...]
    cover: MediaFile
    artwork_ai: AiUse
    tracks: tuple[StoreTrack, ...]


@dataclass(frozen=True, kw_only=True)
class Post:
    """An announcement of what is out. text: complete, without the address."""

    key: str
    text: str
    address: str
    title: str
    artist: str
    language: str = ""
    tags: tuple[str, ...] = ()
    picture: Path | None = None
    alt_text: str = ""


# --- What comes back ---


@dataclass(frozen=True, kw_only=True)
class AccountFacts:
    """Whose account it is, for the operator to confirm.

    id: of the account there; another one at a later check must stop the channel. rights: granted
    and needed, in words. missing: what the person has to grant or do; empty if nothing.
    """

    id: str
    name: str
    url: str = ""
    rights: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    plan: str = ""
    room: str = ""  # what may still be uploaded, in words; empty: not told
    room_s: float | None = None  # seconds of audio it still takes; None: no limit told
    longest_s: float | None = None  # longest single file


@dataclass(frozen=True)
class Sent:
    """What a channel has taken. url: empty until it tells one; secret: never shown."""

    external_id: str
    url: str = ""


class Stage(StrEnum):
    """Where a sent item stands at its channel."""

    PROCESSING = "processing"  # taken, not yet playable
    HIDDEN = "hidden"  # complete, not public: scheduled, or to be made public
    LIVE = "live"
    GONE = "gone"
    FAILED = "failed"  # refused or broken there, for good
    NEEDS_PERSON = "needs_person"  # only a person can go on, there


@dataclass(frozen=True, kw_only=True)
class Standing:
    """An item as its channel tells us, with our token.

    synthetic: the AI flag read back; None where the channel has none. disclosed: whether the
    description there carries our sentence; None where it has no description.
    """

    stage: Stage
    url: str = ""
    reason: str = ""
    synthetic: bool | None = None
    disclosed: bool | None = None
    public_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """What a stranger sees: a look without our token.

    there: None where the answer proves nothing. sha256: hex, of the body. address: without secrets.
    """

    there: bool | None
    address: str
    status: int
    sha256: str
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A counter of one item on one day, or as it stands (day None). metric: the importer's name."""

    external_id: str
    metric: str
    value: float
    day: date | None = None


# --- What an adapter is given ---


class Memory(Protocol):
    """What a sending keeps across a crash. Values may be secrets: they are encrypted at rest."""

    def get(self, name: str) -> str:
        """The value kept under this name; "" if there is none."""

    def put(self, **values: str) -> None:
        """Keep values, durably when it returns; "" forgets one.

        Raises the caller's own error if the publication was taken away meanwhile.
        """

    def sent(self, sent_bytes: int, of_bytes: int) -> None:
        """Note progress for the operator. Cheap; raises as put() does, so an upload can stop."""


class Account(Protocol):
    """Who an adapter speaks for: secrets and the common quota, kept by the caller."""

    def token(self, *, lasting_s: float = 120.0) -> str:
        """An access token good for so long. Raises NeedsPerson if there can be none."""

    def renewed(self) -> str:
        """A new access token after the channel called the last one invalid. Raises NeedsPerson."""

    def spend(self, units: int, *, bucket: str = "") -> None:
        """Book units of a quota that several channels share, before the call.

        Raises ProviderUnavailable with the seconds until it is filled again.
        """


class ChannelAdapter(Protocol[Item]):
    """Send once, then look until it stands as it should. Adapters inherit from it.

    Every method raises ProviderUnavailable (retry later), ProviderRejected (do not; the item must
    change) or NeedsPerson (do not; the account, its rights or its plan must).
    """

    name: str
    # It makes the item public at public_at by itself; else publish() is called then.
    schedules: bool = False
    # A person has to agree to this very release before send().
    asks_first: bool = False
    # How long after a lost answer to look before it may be sent again.
    look_after_s: Sequence[float] = (60.0, 300.0, 900.0)

    @abstractmethod
    def account(self) -> AccountFacts:
        """One cheap call that costs nothing: whose account this is and what it may do."""

    @abstractmethod
    def send(self, item: Item, memory: Memory) -> Sent:
        """Hand the item over, hidden; go on where `memory` says an earlier attempt came to.

        Called again with the same item and memory after any error or crash; each step of it is
        remembered or asked for before it is repeated. Raises SubmissionUnknown when the answer to
        the step that makes the item was lost: find() is asked then, after look_after_s.
        """

    @abstractmethod
    def find(self, item: Item, memory: Memory) -> Sent | None:
        """The copy of this item the channel has, by our tag or key; None if it has none.

        It is remembered, so that send() then does only what is left to do.
        """

    @abstractmethod
    def standing(self, external_id: str, item: Item) -> Standing:
        """How the item stands now."""

    def publish(self, external_id: str, item: Item) -> None:
        """Make it public now. May be repeated."""
        raise NotImplementedError(f"{self.name} publishes by itself")

    def correct(self, external_id: str, item: Item) -> None:
        """Update the item's title, description and AI flag, and its date while it is hidden.

        May be repeated.
        """
        raise NotImplementedError(f"{self.name} changes nothing afterwards")

    @abstractmethod
    def take_down(self, external_id: str, *, confirmed: bool = False) -> None:
        """Remove it; one that is gone is a success. May be repeated.

        confirmed: a person agreed to what a NeedsPerson of an earlier call said.
        """

    @abstractmethod
    def witness(self, external_id: str, url: str) -> Sighting:
        """Look at it as a stranger would, without our token."""

    def figures(self, external_ids: Sequence[str], *, since: date) -> list[Figure]:
        """What the audience did with these items since a day; [] where nothing is told."""
        return []

    def poll_after_s(self, waited_s: float) -> float:
        """Seconds until the next standing(), for an item sent waited_s ago."""
        return 30.0 if waited_s < 120 else 120.0 if waited_s < 1800 else 600.0
