"""A message of ours in the words of ERN 4.1.1, whose schema DDEX published in the open.

What 4.3.2 has new is taken out (editions, delivery files, AI), so that the rest is judged by it.
"""

from __future__ import annotations

from typing import Any

from lxml import etree

NEW = ("ContainsAI", "HasVocalPerformance", "AiContribution")


def downgraded(message: bytes) -> bytes:
    """Write a message in the form of ERN 4.1.1."""
    text = message.replace(b"http://ddex.net/xml/ern/432", b"http://ddex.net/xml/ern/411")
    text = text.replace(b"http://ddex.net/xml/allowed-value-sets", b"http://ddex.net/xml/avs/avs")
    root = etree.fromstring(text)
    del root.attrib["AvsVersionId"]
    for name in NEW:
        for node in list(root.iter(name)):
            node.getparent().remove(node)
    for special in list(root.iter("SpecialContributor")):
        contributor = special.getparent()
        contributor.getparent().remove(contributor)
    for role in root.iter("Role"):
        value = role.find("Value")
        role.text = value.text
        role.remove(value)
    # Its list of types has no EP.
    for kind in root.iter("ReleaseType"):
        kind.text = "Single" if kind.text == "Single" else "Album"
    for genre in root.iter("DisplayGenre"):
        genre.tag = "Genre"
    for recording in root.iter("SoundRecording"):
        flatten(recording)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return written


def flatten(recording: Any) -> None:
    """Put what an edition holds where 4.1.1 has it."""
    edition = recording.find("SoundRecordingEdition")
    place = recording.index(edition)
    recording.remove(edition)
    recording.insert(place, edition.find("ResourceId"))
    duration = recording.find("Duration")
    recording.insert(recording.index(duration), edition.find("PLine"))
    details = edition.find("TechnicalDetails")
    if details is not None:
        file = details.find("DeliveryFile")
        details.remove(file)
        file.remove(file.find("Type"))
        details.extend(list(file))
        recording.append(details)
