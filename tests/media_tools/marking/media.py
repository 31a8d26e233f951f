"""Small media of every kind that carries marks."""

from __future__ import annotations

import math
from pathlib import Path

from PIL import Image

from media_tools.audio.encode import Tags, encode_aac, encode_flac, encode_mp3
from media_tools.ffmpeg import run_ffmpeg
from media_tools.marking.mark import Mark

ALGORITHM = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia"
PART = {
    "extent": "full",
    "made_by": "algorithm",
    "tools": "composer-1",
    "digital_source_type": ALGORITHM,
}
MARK = Mark(
    title="Neon — Ночь by Ünit",
    source_type=ALGORITHM,
    statement="This is a release of a virtual artist. Made by algorithm: <composition> & more.",
    parts={"composition": PART},
    isrc="QZABC2600001",
)
TAGS = Tags(
    title="Neon — Ночь",
    artist="Ünit",
    album="Rivers",
    genre="Synthwave",
    year=2026,
    bpm=104.0,
    key="A minor",
    lyrics="First line\nзвезда",
    comment=MARK.statement,
    isrc="QZABC2600001",
    source_type=ALGORITHM,
)
KINDS = ("wav", "flac", "mp3", "m4a", "mp4", "jpg", "png")


def make_media(folder: Path) -> dict[str, Path]:
    """By suffix: two seconds of sound, a short video, a picture."""
    made = {kind: folder / f"song.{kind}" for kind in KINDS}
    Image.effect_noise((320, 320), 80).convert("RGB").save(made["jpg"], quality=90)
    Image.effect_noise((64, 64), 80).save(made["png"])
    sound = ["-f", "lavfi", "-i", "anoisesrc=d=2:c=pink:r=44100:seed=1"]
    run_ffmpeg(
        [*sound, "-ac", "2", "-c:a", "pcm_s24le", str(made["wav"])], timeout_s=60, what="wav"
    )
    for encode, kind in ((encode_flac, "flac"), (encode_mp3, "mp3"), (encode_aac, "m4a")):
        encode(made["wav"], made[kind], TAGS, made["jpg"])
    run_ffmpeg(
        [
            *("-f", "lavfi", "-i", "testsrc2=s=128x96:r=12:d=2"),
            *("-i", str(made["wav"]), "-shortest", "-c:a", "aac"),
            *("-movflags", "+faststart", "-metadata", "title=Neon", str(made["mp4"])),
        ],
        timeout_s=60,
        what="mp4",
    )
    return made


def flip_media_byte(path: Path) -> None:
    """Change one byte of sound or picture: far behind any tag, before the end."""
    content = bytearray(path.read_bytes())
    content[math.floor(len(content) * 0.9)] ^= 0x01
    path.write_bytes(content)
