"""Matches rows of a file to artists and runs.

Only approved and released runs have an audience. Codes come first (ISRC, UPC, ids matched earlier),
then title and artist. An artist matches by its exact name or slug, or else if it is the only one
whose name differs just in case and punctuation. A song with exactly this title comes before others.
If several artists or runs fit, none is chosen.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

from ai_artist.kit.portions import in_portions
from artists.models import Artist, PerformanceEntry
from runs.audience.rows import TRACK, Figure
from runs.models import Run, Track

IDS_AT_A_TIME = 500
HASHTAG = re.compile(r"#\w+")
# Additions by uploaders: "(Official Video)", "[Lyric Video]" ...
ADDITION = re.compile(r"[(\[]\s*(official|lyrics?|music|audio|visuali[sz]er)\b[^)\]]*[)\]]", re.I)
# Zero-width characters, and those that choose the look of an emoji.
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufe00-\ufe0f\ufeff]")
REFUSED_IN_FILE_NAMES = "<>|"
DASH = re.compile(r"\s[-–—]\s")


@dataclass(frozen=True)
class Match:
    """The artist and run of a figure; run_id is None for figures of the artist as a whole."""

    artist_id: int
    run_id: UUID | None = None


class Unmatched(Exception):
    """The figure belongs to nothing in the catalogue; the message says what was looked for."""


@dataclass(frozen=True)
class _Song:
    run_id: UUID
    artist_id: int
    status: str
    title: str


@dataclass
class Matcher:
    """The roster and its released songs, indexed by every name a file may use."""

    _exactly: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    _nearly: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    _names: dict[int, str] = field(default_factory=dict)
    _by_title: dict[str, list[_Song]] = field(default_factory=lambda: defaultdict(list))
    _by_isrc: dict[str, list[_Song]] = field(default_factory=lambda: defaultdict(list))
    _by_upc: dict[str, list[_Song]] = field(default_factory=lambda: defaultdict(list))
    _by_external_id: dict[tuple[str, str], Match] = field(default_factory=dict)
    _run_ids: set[UUID] = field(default_factory=set)

    @classmethod
    def for_figures(cls, figures: Iterable[Figure]) -> Matcher:
        """Load all artists and songs, and the external ids of these figures."""
        matcher = cls()
        for artist in Artist.objects.order_by("pk").only("pk", "name", "slug"):
            matcher._names[artist.pk] = artist.name
            for name in (_composed(artist.name), artist.slug):
                matcher._exactly[name].add(artist.pk)
            matcher._nearly[name_key(artist.name)].add(artist.pk)
        songs = Run.objects.filter(status__in=Run.KEPT)
        by_id = {}
        rows = songs.order_by("created_at", "pk").values_list("pk", "artist_id", "status", "title")
        for run_id, artist_id, status, title in rows.iterator():
            song = by_id[run_id] = _Song(run_id, artist_id, status, _composed(title))
            matcher._run_ids.add(run_id)
            if title:
                matcher._by_title[key_of(title)].append(song)
        # A UPC that stands for several songs, an album's, is told apart by the title.
        codes = Track.objects.exclude(isrc="", video_isrc="", release__upc="").order_by(
            "run__created_at", "run_id", "pk"
        )
        for run_id, *isrcs, upc in codes.values_list(
            "run_id", "isrc", "video_isrc", "release__upc"
        ).iterator():
            if run_id not in by_id:
                continue
            song = by_id[run_id]
            for isrc in filter(None, isrcs):
                if song not in (listed := matcher._by_isrc[isrc]):
                    listed.append(song)
            if upc:
                matcher._by_upc[upc.lstrip("0")].append(song)
        matcher._recall({f.external_id for f in figures if f.external_id})
        return matcher

    def _recall(self, external_ids: set[str]) -> None:
        """Load external ids that an earlier import matched to a run."""
        for some in in_portions(sorted(external_ids), IDS_AT_A_TIME):
            entries = (
                PerformanceEntry.objects.standing()
                .filter(
                    kind=PerformanceEntry.Kind.AUDIENCE,
                    run_id__isnull=False,
                    dimensions__external_id__in=some,
                )
                .order_by("pk")
            )
            for artist_id, run_id, dimensions, series in entries.values_list(
                "artist_id", "run_id", "dimensions", "series"
            ):
                if run_id in self._run_ids:
                    platform = series.partition("/")[0]
                    match = Match(artist_id, run_id)
                    self._by_external_id[platform, dimensions["external_id"]] = match

    def artist_id(self, name: str) -> int | None:
        """Return the artist with this name or slug, or None. Raises Unmatched for several."""
        exactly = _composed(name)
        artist_ids = self._exactly.get(exactly) or self._nearly.get(name_key(name)) or set()
        if len(artist_ids) > 1:
            names = ", ".join(sorted(self._names[artist_id] for artist_id in artist_ids))
            raise Unmatched(
                f"{name!r} fits {len(artist_ids)} artists ({names}); write the name exactly as on "
                "the artist's page"
            )
        return next(iter(artist_ids), None)

    def match(self, figure: Figure) -> Match:
        """Return the artist and run of a figure. Raises Unmatched."""
        artist_id = self.artist_id(figure.artist) if figure.artist else None
        if figure.level != TRACK:
            if artist_id is None:
                raise Unmatched(
                    f"no artist is called {figure.artist!r}"
                    if figure.artist
                    else "the file names no artist; say --artist"
                )
            return Match(artist_id)
        match = self._by_code(figure, artist_id) or self._by_names(figure, artist_id)
        if figure.external_id:
            self._by_external_id.setdefault((figure.platform, figure.external_id), match)
        return match

    def _by_code(self, figure: Figure, artist_id: int | None) -> Match | None:
        for kind, songs in (
            ("ISRC", self._by_isrc.get(figure.isrc, [])),
            ("UPC", self._by_upc.get(figure.upc, [])),
        ):
            if len(songs) > 1 and figure.title:
                titled = set(self._by_title.get(key_of(figure.title), []))
                songs = [song for song in songs if song in titled]
            if songs:
                match = self._one(songs, kind, figure.title)
                return self._owned(match, artist_id, kind, figure)
        known = self._by_external_id.get((figure.platform, figure.external_id))
        return known and self._owned(known, artist_id, "external id", figure)

    def _owned(self, match: Match, artist_id: int | None, kind: str, figure: Figure) -> Match:
        if artist_id not in (None, match.artist_id):
            raise Unmatched(
                f"its {kind} is a song of {self._names[match.artist_id]}, not of {figure.artist}"
            )
        return match

    def _by_names(self, figure: Figure, artist_id: int | None) -> Match:
        if not figure.title:
            code = figure.isrc or figure.upc or figure.external_id
            raise Unmatched(f"no release has the code {code!r}, and there is no title")
        if figure.artist and artist_id is None:
            raise Unmatched(f"no artist is called {figure.artist!r}")
        for title, its_artist in self._readings(figure.title):
            if its_artist and artist_id and its_artist != artist_id:
                continue
            owner = artist_id or its_artist
            songs = [
                song
                for song in self._by_title.get(title, [])
                if owner is None or song.artist_id == owner
            ]
            if songs:
                return self._one(songs, "title", figure.title)
        whose = f"{self._names[artist_id]} has no" if artist_id else "there is no"
        raise Unmatched(f"{whose} approved or released run with the title {figure.title[:120]!r}")

    def _readings(self, text: str) -> Iterator[tuple[str, int | None]]:
        """Yield titles a text may mean, the most literal first, each with the artist it names."""
        plain = ADDITION.sub(" ", HASHTAG.sub(" ", text))
        for version in dict.fromkeys((text, plain)):
            yield key_of(version), None
            before, dash, after = _divided(version)
            if dash and (artist_id := self._named_before_dash(before)):
                yield key_of(after), artist_id

    def _named_before_dash(self, text: str) -> int | None:
        try:
            return self.artist_id(text)
        except Unmatched:
            return None  # the text before the dash may belong to the title

    def _one(self, songs: list[_Song], kind: str, title: str) -> Match:
        titled = [song for song in songs if song.title == _composed(title)] or songs
        released = [song for song in titled if song.status == Run.Status.RELEASED]
        chosen = released or titled
        if len(chosen) > 1:
            ids = ", ".join(str(song.run_id)[:8] for song in chosen[:5])
            raise Unmatched(f"its {kind} fits {len(chosen)} runs ({ids}); give ISRC or artist")
        return Match(chosen[0].artist_id, chosen[0].run_id)


def _divided(text: str) -> tuple[str, str, str]:
    """Split at the first dash between spaces; returns the text before, the dash, the text after."""
    dash = DASH.search(text)
    return (text[: dash.start()], dash[0], text[dash.end() :]) if dash else (text, "", "")


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def name_key(name: str) -> str:
    """Return an artist's name for comparison: without case, punctuation and spacing.

    File names cannot contain every punctuation mark. Symbols stay: “Luna 🌙” is not “Luna”.
    """
    folded = _composed(_composed(name).casefold())
    return _words(folded, without="PZ", marks=REFUSED_IN_FILE_NAMES)


def key_of(text: str) -> str:
    """Return a title for comparison: without case, punctuation and uploaders' symbols."""
    return _words(unicodedata.normalize("NFKC", text).casefold(), without="PZSC")


def _words(folded: str, *, without: str, marks: str = "") -> str:
    """Return the words of a text, split at characters of the categories `without` and at `marks`.

    Combining marks are parts of words: in many scripts they are the vowels.
    """
    shown = INVISIBLE.sub("", folded)
    letters = (
        " " if unicodedata.category(char)[0] in without or char in marks else char for char in shown
    )
    return " ".join("".join(letters).split()) or folded.strip()
