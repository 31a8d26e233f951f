"""A release as a DDEX message (ERN 4.3.2), and the same with its deal ended for a takedown.

Legal names stand in it: it is made when a person asks for it and lies in no bundle. Nobody takes a
LiveMessage from a sender without a party id of DDEX, so without one it is a TestMessage.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from lxml import etree
from lxml.builder import E

from runs.errors import ReleaseRefused
from runs.models import Release, Role
from runs.releasing.blockers import lacking_for_feed
from runs.releasing.delivery import DeliveredPicture, DeliveredSound, Delivery
from runs.releasing.disclosure import parts_of, told_extent
from runs.releasing.sheet import ReleaseSheet, RightsLine, SheetTrack

NAMESPACE = "http://ddex.net/xml/ern/432"
VALUE_SETS = "http://ddex.net/xml/allowed-value-sets"
PROFILE = "Audio"
# In the form of a party id, and nobody's.
NOBODY_SENDS, NOBODY_RECEIVES = "PADPIDA0000000000S", "PADPIDA0000000000R"
ARTIST, LABEL, COVER = "P1", "P2", "A0"
KINDS = {
    Release.Kind.SINGLE: "Single",
    Release.Kind.EP: "EP",
    Release.Kind.ALBUM: "Album",
}
# What listeners pay for, and what they may do. Nothing here lets others claim the sound (UGC).
COMMERCIAL_MODELS = ("SubscriptionModel", "AdvertisementSupportedModel")
USES = ("OnDemandStream", "NonInteractiveStream")
# DDEX has no plain producer.
ROLES = {
    Role.COMPOSER: "Composer",
    Role.LYRICIST: "Lyricist",
    Role.PRODUCER: "StudioProducer",
}
# The part of the disclosure a person's role is about, and the role of a machine in that part.
PART_OF = {
    Role.COMPOSER: "composition",
    Role.LYRICIST: "lyrics",
    Role.PRODUCER: "instruments",
}
MACHINE_ROLES = {
    "composition": "Composer",
    "instruments": "Musician",
    "vocals": "Vocalist",
    "lyrics": "Lyricist",
}
ALL, PARTLY, NONE = "All", "Partly", "None"
IN_DDEX = {"full": ALL, "partial": PARTLY, "none": NONE}
FAULTS_SHOWN = 10


@dataclass(frozen=True)
class Feed:
    """Who sends and who receives, by their party ids at DDEX. value_sets: version of the AVS."""

    sender: str = ""
    recipient: str = ""
    recipient_name: str = ""
    value_sets: str = "9"

    @classmethod
    def configured(cls) -> Feed:
        """As the settings say. DDEX shows ids with hyphens, messages have them without."""
        told = settings.DDEX_FEED
        ids = {name: told[name].replace("-", "") for name in ("sender", "recipient")}
        return cls(**{**told, **ids})

    @property
    def live(self) -> bool:
        return bool(self.sender and self.recipient)


def release_message(
    sheet: ReleaseSheet,
    delivery: Delivery | None,
    feed: Feed,
    *,
    now: datetime,
    ended_at: datetime | None = None,
) -> bytes:
    """Write the message. Raises ReleaseRefused for a release that lacks what it must tell.

    delivery: None leaves the files out, as a takedown may. ended_at: when the release was recalled;
    its deal ends then, which takes it down.
    """
    if missing := lacking_for_feed(sheet):
        raise ReleaseRefused(
            f"The DDEX message of {sheet.title} cannot be written: {', '.join(missing)} missing."
        )
    legal_names = dict.fromkeys(
        credit.legal_name for track in sheet.tracks for credit in track.credits
    )
    parties = _Parties(
        featured=_numbered("PF", dict.fromkeys(name for t in sheet.tracks for name in t.featured)),
        people=_numbered("PL", legal_names),
    )
    message = etree.Element(
        f"{{{NAMESPACE}}}NewReleaseMessage",
        {
            "ReleaseProfileVersionId": PROFILE,
            "AvsVersionId": feed.value_sets,
            "LanguageAndScriptCode": sheet.language,
        },
        nsmap={"ern": NAMESPACE, "avs": VALUE_SETS},
    )
    message.append(_header(sheet, feed, now))
    message.append(_party_list(sheet, parties))
    sounds = delivery.sounds if delivery else {}
    message.append(
        E.ResourceList(
            *(
                _recording(sheet, track, parties, sounds.get(track.position))
                for track in sheet.tracks
            ),
            _cover(sheet, feed, delivery.cover if delivery else None),
        )
    )
    message.append(
        E.ReleaseList(
            _release(sheet, parties), *(_track_release(sheet, t, feed) for t in sheet.tracks)
        )
    )
    message.append(_deals(sheet, ended_at))
    written: bytes = etree.tostring(
        message, xml_declaration=True, encoding="UTF-8", pretty_print=True
    )
    return written


# --- Heads and parties ---


@dataclass(frozen=True)
class _Parties:
    """References of the parties besides artist and label, by name."""

    featured: dict[str, str]
    people: dict[str, str]


def _numbered(prefix: str, names: Iterable[str]) -> dict[str, str]:
    return {name: f"{prefix}{number}" for number, name in enumerate(names, start=1)}


def _header(sheet: ReleaseSheet, feed: Feed, now: datetime) -> Any:
    made = now.astimezone(UTC)
    thread = f"release-{sheet.id}"
    return E.MessageHeader(
        E.MessageThreadId(thread),
        E.MessageId(f"{thread}-{made:%Y%m%dT%H%M%S%f}"),
        E.MessageFileName("release.xml"),
        E.MessageSender(
            E.PartyId(feed.sender or NOBODY_SENDS), E.PartyName(E.FullName(sheet.label))
        ),
        E.MessageRecipient(
            E.PartyId(feed.recipient or NOBODY_RECEIVES),
            E.PartyName(E.FullName(feed.recipient_name or "To be named")),
        ),
        E.MessageCreatedDateTime(f"{made:%Y-%m-%dT%H:%M:%SZ}"),
        E.MessageControlType("LiveMessage" if feed.live else "TestMessage"),
    )


def _party_list(sheet: ReleaseSheet, parties: _Parties) -> Any:
    def party(reference: str, name: str, **attributes: str) -> Any:
        return E.Party(E.PartyReference(reference), E.PartyName(E.FullName(name), **attributes))

    return E.PartyList(
        party(ARTIST, sheet.artist),
        party(LABEL, sheet.label),
        *(party(reference, name) for name, reference in parties.featured.items()),
        *(party(reference, name, IsLegalName="true") for name, reference in parties.people.items()),
    )


# --- Resources ---


def _recording(
    sheet: ReleaseSheet, track: SheetTrack, parties: _Parties, sound: DeliveredSound | None
) -> Any:
    edition = E.SoundRecordingEdition(E.ResourceId(E.ISRC(track.isrc)), _line("P", sheet.p_line))
    if sound:
        edition.append(_sound_file(track, sound))
    return E.SoundRecording(
        E.ResourceReference(_recording_reference(track)),
        E.Type("MusicalWorkSoundRecording"),
        edition,
        *_titles(track.full_title, track.title, track.version_title),
        *_artists(track.artist, track.featured, parties),
        *_contributors(track, parties),
        E.Duration(_duration(track.duration_s)),
        _warning(track.explicit),
        E.ContainsAI(recording_ai(track)),
        E.HasVocalPerformance("false" if track.instrumental else "true"),
        *([] if track.instrumental else [E.LanguageOfPerformance(track.language)]),
    )


def _sound_file(track: SheetTrack, sound: DeliveredSound) -> Any:
    return E.TechnicalDetails(
        E.TechnicalResourceDetailsReference(f"T{track.position}"),
        E.DeliveryFile(
            E.Type("AudioFile"),
            E.AudioCodecType("PCM"),
            E.NumberOfChannels(str(sound.facts.channels)),
            E.SamplingRate(str(sound.facts.rate_hz), UnitOfMeasure="Hz"),
            E.BitsPerSample(str(sound.facts.bits)),
            _file(sound.name, sound.sha256),
        ),
    )


def _cover(sheet: ReleaseSheet, feed: Feed, picture: DeliveredPicture | None) -> Any:
    image = E.Image(
        E.ResourceReference(COVER),
        E.Type("FrontCoverImage"),
        E.ResourceId(_own_id(feed, f"{sheet.upc}_cover")),
        _warning(False),
        E.ContainsAI(cover_ai(sheet)),
    )
    if picture:
        image.append(
            E.TechnicalDetails(
                E.TechnicalResourceDetailsReference("T0"),
                E.ImageCodecType(picture.facts.format),
                E.ImageHeight(str(picture.facts.height), UnitOfMeasure="Pixel"),
                E.ImageWidth(str(picture.facts.width), UnitOfMeasure="Pixel"),
                _file(picture.name, picture.sha256),
            )
        )
    return image


def _file(name: str, sha256: str) -> Any:
    return E.File(E.URI(name), E.HashSum(E.Algorithm("SHA-256"), E.HashSumValue(sha256)))


def _contributors(track: SheetTrack, parties: _Parties) -> list[Any]:
    """People by their legal names, and one generative AI with all its roles."""
    parts = _parts(track)
    people: dict[str, list[Role]] = {}
    for credit in track.credits:
        people.setdefault(credit.legal_name, []).append(Role(credit.role))
    contributors = [
        E.Contributor(
            E.ContributorPartyReference(parties.people[name]),
            *(E.Role(E.Value(ROLES[role])) for role in roles),
            E.AiContribution(
                PARTLY if any(_by_machine(parts[PART_OF[role]]) for role in roles) else NONE
            ),
        )
        for name, roles in people.items()
    ]
    if machine := [role for part, role in MACHINE_ROLES.items() if _by_machine(parts[part])]:
        contributors.append(
            E.Contributor(
                E.SpecialContributor("GenerativeAI"),
                *(E.Role(E.Value(role)) for role in machine),
                E.AiContribution(ALL),
            )
        )
    for number, contributor in enumerate(contributors, start=1):
        contributor.set("SequenceNumber", str(number))
    return contributors


# --- What is said of AI ---


def recording_ai(track: SheetTrack) -> str:
    """ContainsAI of a recording: All only if nobody is credited, as DDEX asks."""
    parts = _parts(track)
    made = [part for part in parts.values() if _by_machine(part)]
    if not made:
        return NONE
    # What nobody made is no part of the work: the words of an instrumental, an absent voice.
    present = [part for part in parts.values() if part["extent"] != "none" or part["made_by"]]
    whole = len(made) == len(present) and all(part["extent"] == "full" for part in made)
    return ALL if whole and not track.credits else PARTLY


def cover_ai(sheet: ReleaseSheet) -> str:
    """ContainsAI of the cover."""
    return IN_DDEX[told_extent(sheet.disclosure["contributions"]["artwork"])]


def release_ai(sheet: ReleaseSheet) -> str:
    """ContainsAI of the whole release."""
    told = {cover_ai(sheet), *(recording_ai(track) for track in sheet.tracks)}
    return told.pop() if len(told) == 1 else PARTLY


def _parts(track: SheetTrack) -> dict[str, dict[str, str]]:
    """The contributions to a recording."""
    parts = parts_of(track.disclosure, instrumental=track.instrumental)
    return {part: parts[part] for part in MACHINE_ROLES}


def _by_machine(made: dict[str, str]) -> bool:
    return told_extent(made) in ("full", "partial")


# --- Releases and deals ---


def _release(sheet: ReleaseSheet, parties: _Parties) -> Any:
    genre = E.DisplayGenre(E.GenreText(sheet.genre))
    if sheet.sub_genre:
        genre.append(E.SubGenre(sheet.sub_genre))
    dates = [E.ReleaseDate(str(sheet.release_date), IsDefault="true")]
    if sheet.original_release_date:
        dates.append(E.OriginalReleaseDate(str(sheet.original_release_date), IsDefault="true"))
    return E.Release(
        E.ReleaseReference("R0"),
        E.ReleaseType(KINDS[Release.Kind(sheet.kind)]),
        E.ReleaseId(E.ICPN(sheet.upc)),
        *_titles(sheet.full_title, sheet.title, sheet.version_title),
        *_artists(sheet.artist, sheet.featured, parties),
        E.ReleaseLabelReference(LABEL),
        _line("P", sheet.p_line),
        _line("C", sheet.c_line),
        E.Duration(_duration(sheet.duration_s)),
        genre,
        *dates,
        _warning(sheet.explicit),
        _contents(sheet),
        E.ContainsAI(release_ai(sheet)),
    )


def _contents(sheet: ReleaseSheet) -> Any:
    """The tracks in their order, and the cover."""
    tracks = [
        E.ResourceGroupContentItem(
            E.SequenceNumber(str(track.position)),
            E.ReleaseResourceReference(_recording_reference(track)),
        )
        for track in sheet.tracks
    ]
    cover = E.LinkedReleaseResourceReference(COVER, LinkDescription="CoverArt")
    return E.ResourceGroup(*tracks, cover)


def _track_release(sheet: ReleaseSheet, track: SheetTrack, feed: Feed) -> Any:
    return E.TrackRelease(
        E.ReleaseReference(f"R{track.position}"),
        E.ReleaseId(_own_id(feed, f"{sheet.upc}_01_{track.position:03d}")),
        E.ReleaseResourceReference(_recording_reference(track)),
        E.ReleaseLabelReference(LABEL),
        E.DisplayGenre(E.GenreText(sheet.genre)),
    )


def _deals(sheet: ReleaseSheet, ended_at: datetime | None) -> Any:
    assert sheet.release_date is not None, "lacking_for_feed() asks for it"
    start, ended = datetime.combine(sheet.release_date, time()), []
    if ended_at:
        end = ended_at.astimezone(UTC)
        ended = [E.EndDateTime(f"{end:%Y-%m-%dT%H:%M:%SZ}")]
        # Recalled before its day: a period does not end before it begins.
        start = min(start, datetime.combine(end.date(), time()))
    references = ["R0", *(f"R{track.position}" for track in sheet.tracks)]
    return E.DealList(
        E.ReleaseDeal(
            *(E.DealReleaseReference(reference) for reference in references),
            E.Deal(
                E.DealTerms(
                    *(E.TerritoryCode(code) for code in sheet.territories),
                    # Without a zone it is midnight wherever the shop is.
                    E.ValidityPeriod(E.StartDateTime(f"{start:%Y-%m-%dT%H:%M:%S}"), *ended),
                    *(E.CommercialModelType(model) for model in COMMERCIAL_MODELS),
                    *(E.UseType(use) for use in USES),
                )
            ),
        )
    )


# --- Small parts ---


def _recording_reference(track: SheetTrack) -> str:
    return f"A{track.position}"


def _own_id(feed: Feed, text: str) -> Any:
    return E.ProprietaryId(text, Namespace=feed.sender or NOBODY_SENDS)


def _titles(shown: str, title: str, version: str) -> list[Any]:
    parts = [E.TitleText(title)]
    if version:
        parts.append(E.SubTitle(version))
    return [
        E.DisplayTitleText(shown, IsDefault="true"),
        E.DisplayTitle(*parts, IsDefault="true"),
    ]


def _artists(main: str, featured: tuple[str, ...], parties: _Parties) -> list[Any]:
    shown = f"{main} feat. {' & '.join(featured)}" if featured else main
    roles = [(ARTIST, "MainArtist")]
    roles += [(parties.featured[name], "FeaturedArtist") for name in featured]
    return [
        E.DisplayArtistName(shown, IsDefault="true"),
        *(
            E.DisplayArtist(
                E.ArtistPartyReference(reference),
                E.DisplayArtistRole(role),
                SequenceNumber=str(number),
            )
            for number, (reference, role) in enumerate(roles, start=1)
        ),
    ]


def _line(kind: str, line: RightsLine | None) -> Any:
    """A (P) or (C) line."""
    assert line is not None, "lacking_for_feed() asks for it"
    return E(f"{kind}Line", E.Year(str(line.year)), E(f"{kind}LineText", str(line)))


def _warning(explicit: bool) -> Any:
    return E.ParentalWarningType("Explicit" if explicit else "NotExplicit", IsDefault="true")


def _duration(seconds: float | None) -> str:
    whole = round(seconds or 0)
    return f"PT{whole // 60}M{whole % 60}S"


# --- Checking ---


def schema_faults(message: bytes, schema: Path) -> list[str]:
    """What a message breaks of the official schema, with its lines; empty if nothing.

    schema: release-notification.xsd of DDEX, its value sets beside it. It comes from DDEX to who
    takes out a licence and lies not here. Raises ReleaseRefused if it cannot be used.
    """
    try:
        official = _schema(schema, schema.stat().st_mtime)
    except (OSError, etree.LxmlError) as error:
        raise ReleaseRefused(
            f"{schema.name} cannot be used as a schema ({error}); set AI_ARTIST_DDEX_SCHEMA to "
            "the release-notification.xsd of DDEX with its value sets beside it."
        ) from error
    official.validate(etree.fromstring(message))
    faults = [f"Line {fault.line}: {fault.message}" for fault in official.error_log]
    return faults[:FAULTS_SHOWN]


@lru_cache(maxsize=2)
def _schema(path: Path, changed: float) -> Any:
    """Compiled once for each version of a file: it takes a second. changed: its time."""
    return etree.XMLSchema(etree.parse(str(path), etree.XMLParser(no_network=True)))
