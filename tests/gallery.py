"""Makes docs/gallery/ten-songs.md and its pictures again: `make gallery`, on data of its own.

The songs are the runs of one batch with the seeds 1 to 10, one of each artist of the starter
roster.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ai_artist.settings")
django.setup()

from django.core.management import call_command  # noqa: E402 - the apps are loaded first
from PIL import Image  # noqa: E402

from ai_artist.kit.values import genre  # noqa: E402
from media_tools.images.reading import open_rgb  # noqa: E402
from media_tools.text.base import Lyrics  # noqa: E402
from media_tools.video.stills import poster_frame  # noqa: E402
from runs.models import Artifact, Run  # noqa: E402
from runs.outputs import LyricsOutput, MasterOutput, MusicOutput  # noqa: E402
from runs.storage.artifacts import artifact_storage  # noqa: E402

GALLERY = Path(__file__).resolve().parent.parent / "docs" / "gallery"
SONGS = 10
COVER_PX = 320
SPECTROGRAM_PX = (640, 200)
FRAME_PX = (180, 320)
TITLE_AT_S, END_BEFORE_S = 3.5, 2.0

HEAD = """# Ten songs

The runs of one batch in a new installation, seeds 1 to 10, one of each artist of the starter
roster: nothing was picked out or touched up, and keys, internet and footage were not used.
Frames are {title_s:.1f} s after the start, in the middle and {end_s:.0f} s before the end. The film
of an instrumental shows no words; those that were written for it are here all the same.
`make gallery` makes this page again; another version of this software may write and draw
something else from the same seed.
"""

SONG = """
## {number}. {title}

*{artist}*, {genre} · seed {seed} · {length} · {tempo} BPM · {key} · {vocals} · {lufs:.1f} LUFS

| Cover | Frames |
| --- | --- |
| ![Cover of {title}](song-{number}-cover.jpg) | ![Frames of {title}](song-{number}-frames.jpg) |

![Spectrogram of {title}](song-{number}-spectrogram.jpg)

```text
{words}
```
"""


def main() -> None:
    call_command("migrate", verbosity=0)
    call_command("seed_roster")
    call_command("run_batch", size=SONGS, seed=1)
    runs = Run.objects.order_by("seed")
    if bad := [run for run in runs if run.status != Run.Status.AWAITING_REVIEW]:
        sys.exit(f"The page stays as it is; not ready: {bad}")
    page = HEAD.format(title_s=TITLE_AT_S, end_s=END_BEFORE_S)
    for number, run in enumerate(runs, start=1):
        save_pictures(number, run)
        page += song(number, run)
    (GALLERY / "ten-songs.md").write_text(page, encoding="utf-8")


def song(number: int, run: Run) -> str:
    music, master = run.output(MusicOutput), run.output(MasterOutput)
    lyrics = run.output(LyricsOutput)
    assert music and master and lyrics, "the run is ready"
    minutes, seconds = divmod(round(master.analysis.duration_s), 60)
    return SONG.format(
        number=number,
        title=run.title,
        artist=run.artist.name,
        genre=genre(run.artist.genre),
        seed=run.seed,
        length=f"{minutes}:{seconds:02}",
        tempo=round(music.tempo_bpm or 0),
        key=music.key,
        vocals="instrumental" if music.vocals == "none" else "sung",
        lufs=master.analysis.integrated_lufs,
        words="\n\n".join(sections(lyrics.lyrics)),
    )


def sections(lyrics: Lyrics) -> Iterator[str]:
    """Yield the sections of a song; one that comes again in full is only named."""
    said = set()
    for section in lyrics.as_text().strip().split("\n\n"):
        heading, _, lines = section.partition("\n")
        yield f"{heading} again" if lines in said else section
        said.add(lines)


def save_pictures(number: int, run: Run) -> None:
    """Write a song's cover, spectrogram and frames, small."""
    save(f"song-{number}-cover", opened(run, Artifact.Kind.COVER), (COVER_PX, COVER_PX))
    save(f"song-{number}-spectrogram", opened(run, Artifact.Kind.SPECTROGRAM), SPECTROGRAM_PX)
    video = run.artifact(Artifact.Kind.VIDEO)
    assert video and video.duration_s, "the run is ready"
    times = (TITLE_AT_S, video.duration_s / 2, video.duration_s - END_BEFORE_S)
    width, height = FRAME_PX
    strip = Image.new("RGB", (width * len(times), height))
    with tempfile.TemporaryDirectory() as folder:
        film = artifact_storage().hold(str(video.file), Path(folder))
        for place, at_s in enumerate(times):
            frame = poster_frame(film, Path(folder) / f"{place}.jpg", at_s)
            strip.paste(open_rgb(frame).resize(FRAME_PX), (place * width, 0))
    save(f"song-{number}-frames", strip, strip.size)


def opened(run: Run, kind: str) -> Image.Image:
    """Return an artifact's picture."""
    artifact = run.artifact(kind)
    assert artifact, f"the run has its {kind}"
    with tempfile.TemporaryDirectory() as folder:
        return open_rgb(artifact_storage().hold(str(artifact.file), Path(folder)))


def save(name: str, picture: Image.Image, size: tuple[int, int]) -> None:
    path = GALLERY / f"{name}.jpg"
    picture.resize(size, Image.Resampling.LANCZOS).save(path, quality=80, optimize=True)
    print(f"{path.name}: {path.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
