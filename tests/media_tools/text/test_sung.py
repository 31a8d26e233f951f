"""What of a written line is sung."""

from __future__ import annotations

import pytest

from media_tools.text.sung import sung_lines, sung_words

DIRECTIONS = """
[Verse] | [Verse 1: Vera] | [Guitar solo] | [x2] | [Outro | Outro] | {Chorus} | <chorus> | 【合唱】
(Chorus) | (Pre-Chorus) | (Chorus x2) | (repeat 2x) | (Repeat chorus) | (repeat the chorus) | (x2)
(Instrumental) | (fade out) | (Fades out) | (music fades) | (Beat drops) | (softly) | (8 bars)
(Guitar solo) | (piano) | (Spoken word) | (ad libs) | (Ad-lib) | (a cappella) | (VERSE 1) | ()
Verse 1: | Verse 1 | Verse One | Verse II | Pre-chorus: | Final Chorus | Chorus (x2) | Chorus -
Middle 8: | Hook | Coro: | Strophe 2 | Guitar solo | Instrumental | Instrumental break
VERSE 1 (spoken) | **Hook** | **[Chorus]** | __Bridge__ | ***Chorus*** | *sighs softly* | `Outro`
# Neon Harbour | ## Chorus | --- | *** | ``` | … | ♪ | x2 | Title: Neon Harbour | Key: A minor
"""
SUNG_AS_WRITTEN = """
(ooh) | (come back) | (hey!) | (Repeat after me) | (fade away) | (one more time) | (feel the music)
(to the bridge) | (in the middle) | Carry me (carry me) home | Killing me softly (softly)
We fade away (fade) | Take it to the bridge | Bridge over the water | The last verse | Solo | Drop
We sing the chorus | Chorus of angels | Meet me at 10:30 | Time: it never waits | Listen: the rain
I <3 you | So low, so softly | “Lamps are leaning” | #1 in my heart | Drop the bass | 5 a.m.
Déjà vu (déjà vu) | Rock-and-roll | It's a * in the sky | Repeat
"""


def cells(table: str) -> list[str]:
    return [cell.strip() for row in table.strip().splitlines() for cell in row.split(" | ")]


@pytest.mark.parametrize("line", cells(DIRECTIONS))
def test_direction_is_not_sung(line: str) -> None:
    assert sung_words(line) == ""


@pytest.mark.parametrize("line", cells(SUNG_AS_WRITTEN))
def test_sung_words_stay(line: str) -> None:
    assert sung_words(line) == line


@pytest.mark.parametrize(
    ("line", "sung"),
    [
        ("[Chorus] Carry me over", "Carry me over"),
        ("Verse 2: Lamps are leaning", "Lamps are leaning"),
        ("Lyrics: Lamps are leaning", "Lamps are leaning"),
        ("Carry me home (x2)", "Carry me home"),
        ("Carry me home x2", "Carry me home"),
        ("Carry me home [×2]", "Carry me home"),
        ("Carry me home (repeat)", "Carry me home"),
        ("(Spoken) I remember", "I remember"),
        ("(whispered: come back)", "(come back)"),
        ("Carry me (Backing vocals: ooh) home", "Carry me (ooh) home"),
        ("*softly* I remember", "I remember"),
        ("*Carry me over*", "Carry me over"),
        ("I **never** go", "I never go"),
        ("- Lamps are leaning", "Lamps are leaning"),
        ("> Lamps are leaning", "Lamps are leaning"),
        ("♪ la la la ♪", "la la la"),
        ("[00:12.30]Lamps are leaning", "Lamps are leaning"),
        ("<00:12.30>Lamps <00:13.10>are", "Lamps are"),
        ("[Am]Carry me [G]over", "Carry me over"),
        ("  Lamps\t are \n leaning ", "Lamps are leaning"),
    ],
)
def test_direction_beside_sung_words_is_taken_out(line: str, sung: str) -> None:
    assert sung_words(line) == sung


def test_lines_with_nothing_to_sing_are_left_out() -> None:
    assert sung_lines(["[Verse]", "Lamps are leaning", "---"]) == ("Lamps are leaning",)


@pytest.mark.parametrize("line", cells(DIRECTIONS + SUNG_AS_WRITTEN))
def test_taking_out_twice_changes_nothing(line: str) -> None:
    assert sung_words(sung_words(line)) == sung_words(line)
