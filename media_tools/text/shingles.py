"""What a song's words have in common with another song's: runs of five words, and titles."""

from __future__ import annotations

import re
import struct
import unicodedata
from collections.abc import Iterable
from hashlib import blake2b

from media_tools.findings import Finding, Severity
from media_tools.text.base import Lyrics

WORDS = 5  # of a shingle
SKETCH_SIZE = 32
# A run of fewer different words is a chant ("la la la la hey"), which thousands of songs share.
LEAST_DIFFERENT = 3
# The few shingles of a very short text prove nothing: shares are of at least so many.
LEAST_SHINGLES = 20
# Of 300 songs by the offline writer, each shares 1 % with the song most like it, the most 4 %.
REPEATS_FROM = 0.5
RESEMBLES_FROM = 0.3

# Scripts without spaces between words: there every character counts as a word.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")


def folded_words(text: str) -> list[str]:
    """Return the words of a text without case, accents, apostrophes and punctuation."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(part for part in parts if not unicodedata.category(part).startswith("M"))
    return _WORD.findall(unicodedata.normalize("NFC", re.sub("['’]", "", plain)))


def title_key(title: str) -> str:
    """Return a title as it is compared: "Neon  Rivers!" and "neon rivers" are one."""
    return " ".join(folded_words(title))


def shingles(lyrics: Lyrics) -> frozenset[int]:
    """Return hashes (32 bits) of every five words in a row within a section.

    A repeated chorus counts once; the order of the sections does not matter.
    """
    hashes = set()
    for section in lyrics.sections:
        words = folded_words("\n".join(section.lines))
        for start in range(len(words) - WORDS + 1):
            run = words[start : start + WORDS]
            if len(set(run)) >= LEAST_DIFFERENT:
                digest = blake2b(" ".join(run).encode(), digest_size=4).digest()
                hashes.add(int.from_bytes(digest))
    return frozenset(hashes)


def sketch(hashes: Iterable[int]) -> tuple[int, ...]:
    """Return the 32 smallest hashes: texts that share many shingles share several of these.

    A bottom-k sketch (Broder, "On the resemblance and containment of documents", 1997).
    """
    return tuple(sorted(hashes)[:SKETCH_SIZE])


def pack(hashes: Iterable[int]) -> bytes:
    """Return hashes as bytes, four each, smallest first."""
    ordered = sorted(hashes)
    return struct.pack(f"<{len(ordered)}I", *ordered)


def unpack(packed: bytes) -> frozenset[int]:
    """Return the hashes of packed bytes."""
    return frozenset(struct.unpack(f"<{len(packed) // 4}I", packed))


def shared_share(first: frozenset[int], second: frozenset[int]) -> float:
    """Return how much of the shorter text, 0 to 1, is in the other one too."""
    return len(first & second) / max(LEAST_SHINGLES, min(len(first), len(second)))


def repeat_findings(
    shingles: frozenset[int], catalogue: Iterable[tuple[str, frozenset[int]]]
) -> list[Finding]:
    """Return a finding for each (name, shingles) of the catalogue that the words come close to.

    Half of the words in common is a failure, three tenths a warning.
    """
    findings = []
    for name, known in catalogue:
        share = shared_share(shingles, known)
        if share < RESEMBLES_FROM:
            continue
        repeats = share >= REPEATS_FROM
        verb = "nearly repeat" if repeats else "resemble"
        findings.append(
            Finding(
                code="lyrics_duplicate" if repeats else "lyrics_alike",
                severity=Severity.FAIL if repeats else Severity.WARN,
                message=f"The words {verb} {name}: {share:.0%} of its phrases are in both songs.",
            )
        )
    return findings
