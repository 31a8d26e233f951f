"""What keeps a release from its channels: sentences for a person, each with its field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from runs.models import Code, Packing, Release, Role
from runs.releasing.codes import Holder, held_by, spellings
from runs.releasing.disclosure import parts_of
from runs.releasing.licences import licences_of
from runs.releasing.sheet import ReleaseSheet, SheetTrack
from runs.releasing.titles import title_faults

# Shops pay for nothing shorter.
SHORTEST_PAID_S = 30
LEAST_COVER_PX = 3000
LEAST_TRACKS = 2

# Where a release can go. A hand-over by hand, a feed to a distributor, a channel of videos.
DISTRIBUTOR, FEED, VIDEO = "distributor", "feed", "video"
CHANNELS = {
    DISTRIBUTOR: "Distributor, by hand",
    FEED: "Distributor, by a DDEX feed",
    VIDEO: "Video channels",
}
SHOPS = (DISTRIBUTOR, FEED)
EVERYWHERE = tuple(CHANNELS)


@dataclass(frozen=True)
class Blocker:
    """field: name of the form's field, empty if none helps. position: of a track, 0: release's.

    lacks: what is missing, if not even a DDEX message can be written without it.
    """

    text: str
    field: str = ""
    position: int = 0
    channels: tuple[str, ...] = SHOPS
    lacks: str = ""

    @property
    def anchor(self) -> str:
        """Id of the field on the release's page."""
        if not self.field:
            return ""
        return f"id_track-{self.position}-{self.field}" if self.position else f"id_{self.field}"


def blockers_of(release: Release, sheet: ReleaseSheet) -> list[Blocker]:
    """All that is missing or wrong, in the order of the page."""
    return [
        *of_bundle(release),
        *of_wording(sheet),
        *of_release(sheet),
        *of_title(release),
        *of_cover(release),
        *of_codes(release),
        *of_licences(release),
        *of_tracks(sheet),
    ]


def lacking_for_feed(sheet: ReleaseSheet) -> list[str]:
    """What a DDEX message cannot go without, in words."""
    return [part.lacks for part in (*of_release(sheet), *of_tracks(sheet)) if part.lacks]


def of_channel(blockers: list[Blocker], channel: str) -> list[Blocker]:
    return [blocker for blocker in blockers if channel in blocker.channels]


def of_bundle(release: Release) -> Iterator[Blocker]:
    packing = Packing.objects.filter(release=release).first()
    if packing and packing.error:
        yield Blocker(f"The bundle could not be made: {packing.error}", channels=EVERYWHERE)
    elif packing or release.bundle_id is None:
        yield Blocker("The bundle is still to be made.", channels=EVERYWHERE)


def of_wording(sheet: ReleaseSheet) -> Iterator[Blocker]:
    """Titles that shops refuse. The title of a single is its track's."""
    titled: list[tuple[int, str, ReleaseSheet | SheetTrack]] = [(0, "", sheet)]
    if not sheet.is_single:
        titled += [(track.position, where(track, sheet), track) for track in sheet.tracks]
    for at, prefix, told in titled:
        for field, title in (("title", told.title), ("version_title", told.version_title)):
            for fault in title_faults(title, artist=told.artist):
                yield Blocker(f"{prefix}Title “{title}”: {fault}.", field, at, EVERYWHERE)


def of_release(sheet: ReleaseSheet) -> Iterator[Blocker]:
    if not sheet.label:
        yield Blocker("Name the label.", "label", lacks="label")
    if sheet.release_date is None:
        text = "Set a release date, some four weeks ahead."
        yield Blocker(text, "release_date", lacks="release date")
    if not sheet.upc:
        text = "A feed needs a UPC or EAN."
        yield Blocker(text, "upc", channels=(FEED,), lacks="UPC or EAN")
    if sheet.cover is None:
        yield Blocker("Choose a cover.", "cover", channels=EVERYWHERE, lacks="cover")
    elif sheet.cover.width is not None and sheet.cover.width < LEAST_COVER_PX:
        yield Blocker(
            f"The cover is {sheet.cover.width} pixels wide; shops want {LEAST_COVER_PX}.", "cover"
        )
    if not sheet.is_single and len(sheet.tracks) < LEAST_TRACKS:
        text = "Put at least two tracks on it."
        yield Blocker(text, "tracks", channels=EVERYWHERE, lacks="tracks")


def of_title(release: Release) -> Iterator[Blocker]:
    """Two singles of an artist that shops would take for one."""
    if not release.is_single:
        return
    others = Release.objects.filter(
        artist=release.artist_id,
        kind=release.kind,
        title__iexact=release.title,
        version_title__iexact=release.version_title,
    ).exclude(status=Release.Status.RECALLED)
    if others.exclude(pk=release.pk).exists():
        yield Blocker(
            f"Another single of {release.artist} is called “{release.title}”; name the version, or "
            "give it another title.",
            "version_title",
        )


def of_cover(release: Release) -> Iterator[Blocker]:
    """A single whose cover shows the title it had before; an album may show one of its songs."""
    track = release.tracks.select_related("run").first() if release.is_single else None
    if track is None or release.cover_id is not None:
        return
    shown = " ".join(track.run.title.split())
    if shown.casefold() != release.title.casefold():
        yield Blocker(f"The cover still says “{shown}”; draw one with the new title.", "cover")


def of_tracks(sheet: ReleaseSheet) -> Iterator[Blocker]:
    for track in sheet.tracks:
        yield from of_track(track, of=sheet)


def of_track(track: SheetTrack, *, of: ReleaseSheet) -> Iterator[Blocker]:
    at, prefix = track.position, where(track, of)
    roles = {credit.role for credit in track.credits}
    wanted = [Role.COMPOSER, Role.PRODUCER] + ([] if track.instrumental else [Role.LYRICIST])
    if missing := [role.label.lower() for role in wanted if role not in roles]:
        yield Blocker(f"{prefix}Name the {' and '.join(missing)} by the legal name.", "credits")
    if not track.isrc:
        text = f"{prefix}A feed needs an ISRC."
        yield Blocker(text, "isrc", at, (FEED,), lacks=f"ISRC of track {at}")
    if track.duration_s is None:
        text = f"{prefix}Its length is not known; redo its run from the master step."
        yield Blocker(text, lacks=f"length of track {at}")
    elif track.duration_s < SHORTEST_PAID_S:
        yield Blocker(
            f"{prefix}It lasts {track.duration_s:.0f} seconds; shops pay from {SHORTEST_PAID_S} on."
        )
    undeclared = [
        part.replace("_", " ")
        for part, made in parts_of(track.disclosure, instrumental=track.instrumental).items()
        if made["extent"] == "undeclared"
    ]
    if undeclared:
        yield Blocker(
            f"{prefix}Nobody declared how {', '.join(undeclared)} came to be; import the song "
            "again with its declaration.",
            channels=EVERYWHERE,
            lacks=f"AI declaration of track {at}",
        )


def where(track: SheetTrack, of: ReleaseSheet) -> str:
    """Beginning of a sentence about a track."""
    return "" if of.is_single else f"Track {track.position}: "


def of_licences(release: Release) -> Iterator[Blocker]:
    """Work of providers whose plan does not allow to sell it."""
    for coverage in licences_of(release):
        if coverage.blocker:
            yield Blocker(coverage.blocker, channels=EVERYWHERE)


def of_codes(release: Release) -> Iterator[Blocker]:
    """Codes that somebody else holds: two releases of an earlier version may share one."""
    wanted = [("upc", 0, release.upc, Holder.release(release))]
    for track in release.tracks.all():
        wanted.append(("isrc", track.position, track.isrc, Holder.recording(track.run_id)))
        wanted.append(("video_isrc", track.position, track.video_isrc, Holder.video(track.run_id)))
    codes = {spelling for _, _, code, _ in wanted if code for spelling in spellings(code)}
    rows = {
        row.pk: row for row in Code.objects.filter(pk__in=codes).select_related("run", "release")
    }
    for field, position, code, holder in wanted:
        row = next((rows[one] for one in spellings(code) if one in rows), None) if code else None
        if row and not holder.holds(row):
            yield Blocker(f"{code} {held_by(row)}; type in another code.", field, position)
