import pytest

from media_tools.findings import Severity
from media_tools.music.brief import Breach, Brief, Element, brief_findings, read_brief

DRUMS, BASS, PAD = Element.DRUMS, Element.BASS, Element.PAD


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("Slow swells, no drums.", {DRUMS}),
        ("no drums, bass or pads", {DRUMS, BASS, PAD}),
        ("No drums, piano up front", {DRUMS}),
        ("drumless and slow", {DRUMS}),
        ("Avoid drum fills and key changes", {Element.FILLS, Element.KEY_CHANGE}),
        ("never use hi-hats", {Element.HATS}),
        ("drum and bass, no vocals", {Element.VOCALS}),
        ("strictly instrumental", {Element.VOCALS}),
        ("no bass drum", {Element.KICK}),
        ("strings, not synths", {Element.SYNTHESIZER}),
        ("No loud drums", set()),
        ("no drums until the chorus", set()),
        ("no drums or bass in the verse", set()),
        ("never without drums", set()),
        ("no guitar solo", set()),
        ("Avoid the words neon and chrome", set()),
        ("avoid drums that rush, never singing the title twice", set()),
        ("sudden silence before the drop", set()),
    ],
)
def test_what_a_text_forbids(text: str, without: set[Element]) -> None:
    assert set(read_brief(text).without) == without


def test_what_a_text_asks() -> None:
    brief = read_brief("Acoustic only: finger-picked guitar, a low fiddle, half-time, one idea")
    assert brief.asked == (Element.GUITAR, Element.STRINGS)
    assert (brief.acoustic, brief.half_time, brief.one_idea) == (True, True, True)
    assert not read_brief("not half-time").half_time


def test_nothing_but_the_named_instruments() -> None:
    brief = read_brief("Solo piano, slow")
    assert brief.only == (Element.PIANO,)
    assert brief.forbids(DRUMS)
    assert read_brief("Guitar only in the chorus").only == ()
    assert read_brief("slow, a solo cello, taiko drums").only == ()


def test_a_later_text_can_add_what_an_earlier_one_forbids() -> None:
    assert not read_brief("no drums", "Add drums").forbids(DRUMS)
    assert read_brief("a flute", "an organ").asked == (Element.ORGAN, Element.FLUTE)
    assert read_brief("soft drums", "no drums", "Make it slower").forbids(DRUMS)


def test_what_breaks_the_brief_is_found() -> None:
    brief = Brief(without=(Element.VOCALS,))
    findings = brief_findings(brief, [Breach("kick", 16)], ["flute"], vocals="synthetic")
    assert [finding.code for finding in findings] == [
        "brief_broken",
        "brief_broken",
        "brief_unheard",
    ]
    assert {finding.severity for finding in findings} == {Severity.WARN}
    assert brief_findings(brief, [], [], vocals="none") == []
