"""The structure of ERN 4.3.2, as far as our messages use it: an order check of our own.

DDEX's schema may not be handed on, so the tests of every machine judge by this table: children in
their order, "!" required, "*" repeatable. Source: the official schema's text, read by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

DELIVERY = "TechnicalResourceDetailsReference! DeliveryFile*"
PICTURE = (
    "TechnicalResourceDetailsReference! ImageCodecType ImageHeight ImageWidth AspectRatio* "
    "ColorDepth ImageResolution BitDepth IsClip ClipDetails* File"
)
TITLES = "DisplayTitleText!* DisplayTitle!* FormalTitle* GroupingTitle* VersionType* "
ARTISTS = "DisplayArtistName!* DisplayArtist!* "
# By the path's end, the longer first.
CHILDREN = {
    "NewReleaseMessage": "MessageHeader! ReleaseAdmin* PartyList! CueSheetList ResourceList! "
    "ChapterList ReleaseList! DealList SupplementalDocumentList",
    "MessageHeader": "MessageThreadId MessageId! MessageFileName MessageSender! SentOnBehalfOf "
    "MessageRecipient!* SentAsRequestedBy MessageCreatedDateTime! MessageAuditTrail "
    "MessageControlType",
    "MessageSender": "PartyId! PartyName",
    "MessageRecipient": "PartyId! PartyName",
    "PartyName": "FullName!",
    "PartyList": "Party!*",
    "Party": "PartyReference! PartyName!* PartyId* Affiliation* RelatedParty*",
    "ResourceList": "SoundRecording* Video* Image* Text* SheetMusic* Software*",
    "SoundRecording": "ResourceReference! Type! SoundRecordingEdition!* RecordingFormat* WorkId* "
    + TITLES
    + ARTISTS
    + "Contributor* Character* ResourceRightsController* WorkRightsController* CourtesyLine* "
    "Duration! CreationDate MasteredDate RemasteredDate FirstPublicationDate* "
    "LocationAndDateOfSession* ParentalWarningType* RelatedRelease* RelatedResource* "
    "CompositeMusicalWorkType ContainsAI IsCover HasVocalPerformance "
    "HasForegroundVocalPerformance IsInstrumental ContainsHiddenContent IsRemastered "
    "IsHiResMusic DisableCrossfade DisableSearch DisplayCredits* LanguageOfPerformance*",
    "SoundRecordingEdition": "Type ResourceId!* EditionContributor* PLine* RecordingMode "
    "TechnicalDetails*",
    "SoundRecordingEdition/ResourceId": "ISRC",
    "SoundRecordingEdition/TechnicalDetails": DELIVERY,
    "DeliveryFile": "Type! ContainerFormat AudioCodecType BitRate OriginalBitRate "
    "NumberOfChannels NumberOfAudioObjects SamplingRate OriginalSamplingRate BitsPerSample "
    "Duration BitDepth File",
    "File": "URI! HashSum FileSize",
    "HashSum": "Algorithm! Version Parameter DataType HashSumValue!",
    "Contributor": "ContributorPartyReference SpecialContributor Role* InstrumentType* "
    "AiContribution HasMadeFeaturedContribution HasMadeContractedContribution IsCredited",
    "Role": "Value! InstrumentType*",
    "DisplayTitle": "TitleText! SubTitle*",
    "DisplayArtist": "ArtistPartyReference! DisplayArtistRole!",
    "PLine": "Year PLineCompany PLineText!",
    "CLine": "Year CLineCompany CLineText!",
    "Image": "ResourceReference! Type! ResourceId!* DisplayTitleText* DisplayTitle* FormalTitle* "
    "GroupingTitle* VersionType* DisplayArtistName* DisplayArtist* Contributor* "
    "ResourceRightsController* WorkRightsController* CLine* CourtesyLine* CreationDate "
    "FirstPublicationDate* ParentalWarningType* RelatedRelease* RelatedResource* ContainsAI "
    "ContainsHiddenContent Description* TechnicalDetails*",
    "Image/ResourceId": "ProprietaryId*",
    "Image/TechnicalDetails": PICTURE,
    "ReleaseList": "Release TrackRelease* ClipRelease*",
    "Release": "ReleaseReference! ReleaseType!* ReleaseId! "
    + TITLES
    + ARTISTS
    + "ReleaseLabelReference!* AdministratingRecordCompany* PLine* CLine* CourtesyLine* Duration "
    "DisplayGenre!* ReleaseDate* OriginalReleaseDate* ReleaseVisibilityReference* "
    "ParentalWarningType* AvRating* RelatedRelease* RelatedResource* IsSingleArtistCompilation "
    "IsMultiArtistCompilation ResourceGroup! ExternalResourceLink* TargetURL Keywords* Synopsis* "
    "Raga* Tala* Deity* HiResMusicDescription ContainsAI",
    "ReleaseId": "GRid ICPN CatalogNumber ProprietaryId*",
    "DisplayGenre": "GenreText! SubGenre",
    "ResourceGroup": "SequenceNumber ResourceGroupContentItem* LinkedReleaseResourceReference*",
    "ResourceGroupContentItem": "SequenceNumber ReleaseResourceReference! "
    "LinkedReleaseResourceReference*",
    "TrackRelease": "ReleaseReference! ReleaseId! DisplayTitleText* DisplayTitle* FormalTitle* "
    "GroupingTitle* ReleaseResourceReference! LinkedReleaseResourceReference* "
    "ReleaseLabelReference!* DisplayGenre!* ReleaseVisibilityReference*",
    "DealList": "ReleaseDeal!* ReleaseVisibility* TrackReleaseVisibility*",
    "ReleaseDeal": "DealReleaseReference!* Deal!*",
    "Deal": "DealReference* IsCommunicatedOutOfBand DealTerms",
    "DealTerms": "TerritoryCode!* ExcludedTerritoryCode* ValidityPeriod!* CommercialModelType* "
    "UseType*",
    "ValidityPeriod": "StartDateTime! EndDateTime",
}
# Of leaves, by their path's end: what their text has to be.
VALUES = {
    "PartyId": r"PADPIDA[0-9A-Za-z]+",
    "MessageCreatedDateTime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "MessageControlType": "TestMessage|LiveMessage",
    "ISRC": r"[A-Z]{2}[A-Z0-9]{3}\d{7}",
    "ICPN": r"\d{12,14}",
    "ReleaseType": "Single|EP|Album",
    "Duration": r"PT\d+M\d+S",
    "ContainsAI": "All|Partly|None",
    "AiContribution": "All|Partly|None",
    "SpecialContributor": "GenerativeAI",
    "Contributor/Role/Value": "Composer|Lyricist|StudioProducer|Musician|Vocalist",
    "DisplayArtistRole": "MainArtist|FeaturedArtist",
    "ParentalWarningType": "Explicit|NotExplicit",
    "HasVocalPerformance": "true|false",
    "HashSumValue": "[0-9a-f]{64}",
    "SequenceNumber": r"\d+",
    "StartDateTime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d",
    "EndDateTime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "TerritoryCode": "Worldwide|[A-Z]{2}",
}
REFERENCES = {
    "PartyReference": "P",
    "ResourceReference": "A",
    "ReleaseReference": "R",
    "TechnicalResourceDetailsReference": "T",
}


def faults(message: Any) -> list[str]:
    """What a parsed message breaks; empty if nothing."""
    return [*structure_faults(message, (name_of(message),)), *reference_faults(message)]


def structure_faults(node: Any, path: tuple[str, ...]) -> Iterator[str]:
    where = "/".join(path[-2:])
    children = list(node)
    spec = CHILDREN.get(where, CHILDREN.get(path[-1]))
    if not children:
        pattern = VALUES.get("/".join(path[-3:]), VALUES.get(path[-1], ".+"))
        if not re.fullmatch(pattern, node.text or "", re.S):
            yield f"{where}: “{node.text}”"
        return
    if spec is None:
        yield f"{where}: unknown composite"
        return
    order = [(word.rstrip("!*"), "!" in word, "*" in word) for word in spec.split()]
    names = [name_of(child) for child in children]
    known = [name for name, _, _ in order]
    yield from (f"{where}/{name}: unknown" for name in names if name not in known)
    places = [known.index(name) for name in names if name in known]
    if places != sorted(places):
        yield f"{where}: order {names}"
    for name, required, repeatable in order:
        count = names.count(name)
        if required and not count:
            yield f"{where}/{name}: missing"
        if count > 1 and not repeatable:
            yield f"{where}/{name}: {count} times"
    for child in children:
        yield from structure_faults(child, (*path, name_of(child)))


def reference_faults(message: Any) -> Iterator[str]:
    """References that lead nowhere, resources nobody refers to, AI statements that contradict."""
    anchors = {}
    for name, letter in REFERENCES.items():
        texts = [node.text for node in message.iter(name)]
        yield from (f"{name} {text}" for text in texts if not text.startswith(letter))
        yield from (f"{name} {text} twice" for text in set(texts) if texts.count(text) > 1)
        anchors[letter] = set(texts)
    pointing = {
        "P": ("ArtistPartyReference", "ContributorPartyReference", "ReleaseLabelReference"),
        "A": ("ReleaseResourceReference", "LinkedReleaseResourceReference"),
        "R": ("DealReleaseReference",),
    }
    for letter, names in pointing.items():
        used = {node.text for name in names for node in message.iter(name)}
        yield from (f"nothing is {text}" for text in used - anchors[letter])
        yield from (f"nobody uses {text}" for text in anchors[letter] - used)
    for recording in message.iter("SoundRecording"):
        said = recording.findtext("ContainsAI")
        people = recording.findall("Contributor[ContributorPartyReference]")
        machines = recording.findall("Contributor[SpecialContributor]")
        parts = {one.findtext("AiContribution") for one in people}
        if said == "All" and people:
            yield "All, and people contributed"
        if said == "None" and (machines or parts - {"None"}):
            yield "None, and a machine contributed"
        if "All" in parts:
            yield "a person's AiContribution is All"


def name_of(node: Any) -> str:
    return str(node.tag).rpartition("}")[2]
