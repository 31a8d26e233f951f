"""Five sung tracks, a register each, for understand.py: `python -m tests.listening.sung DIR`."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from unittest import mock

from media_tools.audio.master import master
from media_tools.music.base import MusicRequest
from media_tools.music.local.engine import LocalMusic
from media_tools.music.local.genres import GENRE_BY_NAME
from media_tools.music.singing.singer import REGISTERS, Singer, singer_of
from tests.benchmarks.singing import LINES
from tests.media_tools.music.local.listening import SOUNDFONT

GENRES = {
    "soprano": "synthwave",
    "mezzo": "indie_pop",
    "alto": "folk",
    "tenor": "house",
    "baritone": "trap",
}
VERSE = ("All the trains are running out of town", "No one ever told me to come down")
LYRICS = "\n".join(
    ("[Verse 1]", *LINES[:4], "", "[Chorus]", *LINES[4:8], "", "[Verse 2]", *LINES[8:], *VERSE)
)


def main(folder: Path) -> None:
    for register in REGISTERS:
        genre = GENRE_BY_NAME[GENRES[register.name]]
        usual = singer_of("Neon Fox")
        throat = replace(usual.throat, formant=register.formant, octave=register.octave)
        singer = replace(usual, register=register.name, voice=register.voice, throat=throat)
        make(folder / f"{genre.name}_{register.name}", genre.name, singer)


def make(folder: Path, genre: str, singer: Singer) -> None:
    request = MusicRequest(
        title="Sung",
        genre=genre,
        prompt="",
        mood="",
        duration_s=70.0,
        tempo_bpm=sum(GENRE_BY_NAME[genre].tempo_bpm) // 2,
        key=None,
        lyrics=LYRICS,
        lyric_form=("verse", "chorus", "verse"),
        instrumental=False,
        artist_sound="Neon Fox",
        seed=1,
    )
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as work,
        mock.patch("media_tools.music.local.engine.singer_of", return_value=singer),
    ):
        track = LocalMusic(SOUNDFONT).collect("sung", request, Path(work))
        master(track.audio, folder / "mix.wav")
        shutil.copy(track.stems["vocals"], folder / "vocals.flac")
    lines = LYRICS.splitlines()
    sung = [line for line in lines if line and not line.startswith("[")]
    times_s = [
        [
            min(word.start_s for word in track.words if word.line == number),
            max(word.end_s for word in track.words if word.line == number),
        ]
        for number in sorted({word.line for word in track.words})
    ]
    (folder / "facts.json").write_text(json.dumps({"lines": sung, "times_s": times_s}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
