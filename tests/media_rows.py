"""Finished runs with real, small media, for tests of what people see and hear."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from media_tools.ffmpeg import run_ffmpeg
from media_tools.provenance import Provenance
from media_tools.records import to_json
from runs.models import Artifact, Proposal, Reflection, Run, Step
from runs.storage import NewArtifact, artifact_row, store_file
from tests.factories import NOON, RunFactory
from tests.outputs import OUTPUTS

SECONDS = 6
LYRICS = {
    "sections": [
        {"kind": "verse", "lines": ["Street lamps lean over the water", "Nobody counts the miles"]},
        {"kind": "chorus", "lines": ["We run on neon rivers", "We run until the dawn"]},
    ],
    "explicit": False,
    "language": "en",
}
WARNING = {"code": "quiet_intro", "severity": "warn", "message": "The intro is 4 dB quieter."}
PEAKS = [0.2 + 0.6 * ((37 * n) % 100) / 100 for n in range(400)]
STORED: dict[str, dict[str, Any]] = {name: to_json(output) for name, output in OUTPUTS.items()}
STORED["lyrics"]["lyrics"] = LYRICS
STORED["master"]["peaks"] = PEAKS
STORED["quality"]["findings"] = [WARNING]


def media_in(folder: Path) -> dict[str, Path]:
    """The files of make_media."""
    names = {"mp3": "track.mp3", "cover": "cover.jpg", "thumb": "thumb.jpg", "video": "video.mp4"}
    return {kind: folder / name for kind, name in names.items()}


def make_media(folder: Path) -> dict[str, Path]:
    """A tone, a test picture and a vertical test video of SECONDS seconds."""
    folder.mkdir(parents=True, exist_ok=True)
    files = media_in(folder)
    tone = ["-f", "lavfi", "-i", f"sine=frequency=330:duration={SECONDS}"]
    picture = ["-f", "lavfi", "-i", f"testsrc2=size=180x320:rate=10:duration={SECONDS}"]
    square = ["-f", "lavfi", "-i", "mandelbrot=size=320x320", "-frames:v", "1"]
    for arguments in (
        [*tone, "-b:a", "64k", str(files["mp3"])],
        [*square, str(files["cover"])],
        [*square, "-vf", "scale=96:96", str(files["thumb"])],
        [
            *picture,
            *tone,
            *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"),
            *("-c:a", "aac", "-movflags", "+faststart", "-shortest"),
            str(files["video"]),
        ],
    ):
        run_ffmpeg(["-y", *arguments], timeout_s=60, what="test media")
    return files


def plain_media(folder: Path) -> dict[str, Path]:
    """Files of plain bytes where nobody looks or listens: no encoder has to run."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {name: folder / f"{name}.bin" for name in ("mp3", "cover", "thumb", "video")}
    for name, path in files.items():
        path.write_bytes(name.encode() * 300)
    return files


def finished_run(
    media: dict[str, Path],
    *,
    finished_at: datetime = NOON,
    title: str = "Neon Rivers",
    **fields: Any,
) -> Run:
    """A run that awaits review, with all steps done and its files in the store."""
    run: Run = RunFactory(
        reviewable=True, title=title, finished_at=finished_at, created_at=finished_at, **fields
    )
    ends = [finished_at - timedelta(seconds=20 * left) for left in range(len(STORED), -1, -1)]
    Step.objects.bulk_create(
        Step(
            run=run,
            name=name,
            position=position,
            status=Step.Status.DONE,
            attempts=1,
            output=output,
            started_at=ends[position],
            finished_at=ends[position + 1],
        )
        for position, (name, output) in enumerate(STORED.items())
    )
    artifacts = []
    for kind, path, media_type, size in (
        (Artifact.Kind.MP3, media["mp3"], "audio/mpeg", (None, None)),
        (Artifact.Kind.COVER, media["cover"], "image/jpeg", (320, 320)),
        (Artifact.Kind.THUMBNAIL, media["thumb"], "image/jpeg", (96, 96)),
        (Artifact.Kind.VIDEO, media["video"], "video/mp4", (180, 320)),
    ):
        new = NewArtifact(
            path=path,
            kind=kind,
            media_type=media_type,
            provenance=Provenance(provider="local", model="test-1", licence="CC0-1.0", seed=1),
            duration_s=SECONDS if "image" not in media_type else None,
            width=size[0],
            height=size[1],
        )
        artifacts.append(artifact_row(run, kind, new, store_file(path)))
    Artifact.objects.bulk_create(artifacts)
    reflection = Reflection.objects.create(
        run=run,
        text="The chorus carries the idea; the verses could move more.",
        alignment=0.82,
        strengths=["A hook that stays"],
        problems=["Verses circle one image"],
        model="offline-writer",
    )
    Proposal.objects.create(
        reflection=reflection,
        kind=Proposal.Kind.CHANGE,
        field="style_notes",
        old=run.artist.style_notes,
        new="Analogue pads, a steady pulse, brighter drums.",
        why="The mix was dark in the last three runs.",
    )
    return run
