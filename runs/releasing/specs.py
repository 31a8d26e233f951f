"""What every distributor takes, row by row: a bundle's sound and cover judged by the files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from media_tools.music.declaration import NAME as IMPORTED
from runs.models import Release, Run
from runs.outputs import MasterOutput, MusicOutput
from runs.releasing.blockers import LEAST_COVER_PX, SHORTEST_PAID_S
from runs.releasing.delivery import DeliveredPicture, DeliveredSound, Delivery
from runs.releasing.disclosure import LOCAL
from runs.releasing.sheet import ReleaseSheet

RATE_EVERYWHERE_HZ = 44_100
MOST_HZ = 96_000
BITS = (16, 24)
HIGHEST_PEAK_DBTP, PEAK_SLACK_DB = -1.0, 0.05
USUAL_LUFS, LUFS_SLACK = -14.0, 1.0
LONGEST_LEAD_S, LONGEST_TAIL_S = 1.0, 3.0
LARGEST_COVER_BYTES = 10_000_000
JPEG = ("JPEG", "RGB")
LOSSLESS = (".wav", ".flac", ".aif", ".aiff")


@dataclass(frozen=True)
class Check:
    """A row of the table. found: what the file has. ok: None for what a person has to see."""

    subject: str
    wanted: str
    found: str
    ok: bool | None


def checks_of(release: Release, sheet: ReleaseSheet, delivery: Delivery) -> list[Check]:
    """Judge the delivered files by every row of the table, in its order."""
    checks: list[Check] = []
    for track in release.tracks.select_related("run"):
        subject = "Sound" if sheet.is_single else f"Sound of track {track.position}"
        if sound := delivery.sounds.get(track.position):
            checks += sound_checks(subject, sound)
            checks += mastering_checks(subject, track.run)
        else:
            checks.append(Check(subject, "a master", "none", False))
    return [*checks, *cover_checks(delivery.cover)]


def sound_checks(subject: str, sound: DeliveredSound) -> Iterator[Check]:
    """What the header of a master tells."""
    facts = sound.facts
    yield Check(
        subject,
        "WAV, two channels",
        f"{facts.container}, {facts.channels} channel{'s' if facts.channels != 1 else ''}",
        facts.container in ("WAV", "WAVEX") and facts.channels == 2,
    )
    yield Check(
        subject,
        "16 or 24 bit, no floating point",
        f"{facts.bits} bit" if facts.bits else "floating point",
        facts.bits in BITS,
    )
    elsewhere = "" if facts.rate_hz == RATE_EVERYWHERE_HZ else "; not every distributor takes it"
    yield Check(
        subject,
        "44.1 kHz, at some up to 96",
        f"{facts.rate_hz / 1000:g} kHz{elsewhere}",
        RATE_EVERYWHERE_HZ <= facts.rate_hz <= MOST_HZ,
    )
    yield Check(
        subject,
        f"at least {SHORTEST_PAID_S} seconds; less is not paid",
        f"{facts.duration_s:.0f} s",
        facts.duration_s >= SHORTEST_PAID_S,
    )


def mastering_checks(subject: str, run: Run) -> Iterator[Check]:
    """What was measured when the track was mastered, and what it was mastered from."""
    source, lossless = source_of(run)
    yield Check(subject, "not made from MP3", source, lossless)
    master = run.shown_output(MasterOutput)
    if master is None:
        yield Check(subject, "measured figures", "none", None)
        return
    heard = master.analysis
    yield Check(
        subject,
        f"true peak at most {HIGHEST_PEAK_DBTP:g} dBTP",
        f"{heard.true_peak_dbtp:.1f} dBTP",
        heard.true_peak_dbtp <= HIGHEST_PEAK_DBTP + PEAK_SLACK_DB,
    )
    yield Check(
        subject,
        f"about {USUAL_LUFS:g} LUFS; an advice",
        f"{heard.integrated_lufs:.1f} LUFS",
        abs(heard.integrated_lufs - USUAL_LUFS) <= LUFS_SLACK,
    )
    lead, tail = heard.leading_silence_s, heard.trailing_silence_s
    yield Check(
        subject,
        f"at most {LONGEST_LEAD_S:g} s of silence before it and {LONGEST_TAIL_S:g} s after it",
        f"{lead:.1f} s and {tail:.1f} s",
        lead <= LONGEST_LEAD_S and tail <= LONGEST_TAIL_S,
    )


def source_of(run: Run) -> tuple[str, bool | None]:
    """What a track was mastered from, and whether that was lossless; None if nobody can tell."""
    music = run.shown_output(MusicOutput)
    if music is None:
        return "not told", None
    if music.provider == LOCAL:
        return "composed here", True
    if music.provider == IMPORTED:
        suffix = PurePath(str(music.facts.get("file", ""))).suffix.lower()
        return f"imported as {suffix.lstrip('.') or 'a file'}", suffix in LOSSLESS
    return f"as {music.provider} delivered it", None


def cover_checks(cover: DeliveredPicture) -> Iterator[Check]:
    """What the header of a cover tells, and what an eye has to."""
    facts = cover.facts
    yield Check(
        "Cover",
        f"{LEAST_COVER_PX} × {LEAST_COVER_PX} pixels",
        f"{facts.width} × {facts.height}",
        facts.width == facts.height == LEAST_COVER_PX,
    )
    yield Check(
        "Cover", "JPEG in RGB", f"{facts.format}, {facts.mode}", (facts.format, facts.mode) == JPEG
    )
    yield Check(
        "Cover",
        f"below {LARGEST_COVER_BYTES // 1_000_000} MB",
        f"{facts.bytes / 1_000_000:.1f} MB",
        facts.bytes < LARGEST_COVER_BYTES,
    )
    yield Check(
        "Cover", "sharp; its words are title and artist and nothing else", "a person looks", None
    )
    yield Check("Cover", "no addresses, handles, prices, logos of shops", "a person looks", None)
