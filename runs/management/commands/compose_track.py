"""Make one mastered track outside a run: `compose_track --genre lofi --output song.wav`."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from ai_artist.kit.commands import JsonCommand, Report, bad_usage
from media_tools.audio.master import master
from media_tools.errors import MediaError, ProviderError
from media_tools.genres import BY_NAME
from media_tools.music.base import MusicRequest
from media_tools.music.brief import read_brief
from media_tools.music.local.engine import LocalMusic
from media_tools.music.local.genres import GENRE_BY_NAME
from media_tools.seeds import stream


class Command(JsonCommand):
    help = "Compose, play and master a track with the local engine; the same seed, the same bytes."
    refusals = (MediaError, ProviderError)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--genre", choices=sorted(GENRE_BY_NAME), default="synthwave")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--seconds", type=int, default=90, help="Length wanted, 10 to 600.")
        parser.add_argument("--tempo", type=int, help="BPM; default: by genre and seed.")
        parser.add_argument("--key", help='Such as "A minor"; default: by genre and seed.')
        parser.add_argument("--artist", default="", help="Whose sound; any text.")
        parser.add_argument(
            "--brief", default="", help='What must not or has to play, such as "no drums".'
        )
        parser.add_argument("--output", type=Path, required=True, help="WAV file to write.")

    def perform(self, **options: Any) -> Report:
        output: Path = options["output"]
        if output.suffix.lower() != ".wav":
            raise bad_usage(f"--output {output}: the track is a WAV file; name it so.")
        if not 10 <= options["seconds"] <= 600:
            raise bad_usage(f"--seconds must be between 10 and 600, not {options['seconds']}.")
        genre = GENRE_BY_NAME[options["genre"]]
        title = BY_NAME[genre.name].title
        slowest, fastest = genre.tempo_bpm
        rng = stream("compose_track", genre.name, options["seed"])
        request = MusicRequest(
            title=output.stem,
            genre=genre.name,
            prompt=title,
            mood="",
            duration_s=options["seconds"],
            tempo_bpm=options["tempo"] or int(rng.integers(slowest, fastest + 1)),
            key=options["key"],
            lyrics="",
            lyric_form=(),
            instrumental=True,
            artist_sound=options["artist"],
            seed=options["seed"],
            brief=read_brief(options["brief"]),
        )
        with tempfile.TemporaryDirectory(prefix="compose-") as folder:
            engine = LocalMusic(soundfont=settings.SOUNDFONT)
            external_id = engine.submit(request, idempotency_key="compose_track")
            track = engine.collect(external_id, request, Path(folder))
            mastered = master(track.audio, output)
        data = {
            "output": str(output),
            "genre": genre.name,
            "seed": options["seed"],
            "duration_s": track.duration_s,
            "tempo_bpm": track.tempo_bpm,
            "key": track.key,
            "breaches": [asdict(breach) for breach in track.breaches],
            "unheard": list(track.unheard),
            "lufs": mastered.integrated_lufs,
            "true_peak_dbtp": mastered.true_peak_dbtp,
            "sections": [section.as_json() for section in track.sections],
        }
        return Report(
            data=data,
            text=(
                f"{output}: {title}, {track.duration_s:.1f} s, {track.tempo_bpm:.0f} BPM, "
                f"{track.key}, {mastered.integrated_lufs:.1f} LUFS, "
                f"{mastered.true_peak_dbtp:.1f} dBTP"
            ),
        )
