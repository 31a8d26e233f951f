"""What the watermark promises, on 200 tracks of the ten genres; docs/watermark.md has the table.

Renders the tracks with the built-in engine, which is most of the time: some ten minutes.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt
from scipy import fft

from ai_artist.benchmarks.measuring import Result
from media_tools.audio.io import Samples, read_audio, write_wav24
from media_tools.audio.loudness import true_peak_dbtp
from media_tools.audio.master import master
from media_tools.audio.spectrum import average_power
from media_tools.ffmpeg import run_ffmpeg
from media_tools.music.base import MusicRequest
from media_tools.music.local.compose import compose_best
from media_tools.music.local.engine import order_of
from media_tools.music.local.genres import GENRES
from media_tools.music.local.render import render
from media_tools.music.local.soundfont import SoundFont
from media_tools.seeds import stream
from media_tools.watermark.detect import LEAST_SCORE, find_watermarks, folded_segments
from media_tools.watermark.embed import marked_master
from media_tools.watermark.pattern import BLOCK_FRAMES, Pattern

TRACKS_OF_GENRE = 20
TRACK_S = 32.0
EXCERPT_S = 15
KEY = b"benchmark"
FOREIGN_KEYS = 500  # each on one excerpt of every track: 100,000 that do not carry them
# Critical bands after Zwicker.
BARK_HZ = (0, 100, 200, 300, 400, 510, 630, 770, 920, 1080, 1270, 1480, 1720, 2000, 2320, 2700)
BARK_HZ += (3150, 3700, 4400, 5300, 6400, 7700, 9500, 12000, 15500)
# How an excerpt is treated before it is searched: arguments of ffmpeg, name of the file.
MP3 = ("-b:a", "128k")
TREATMENTS = {
    "mp3_128": (MP3, "a.mp3"),
    "resampled_48k": (("-ar", "48000"), "a.wav"),
    "quieter_6_db": (("-af", "volume=-6dB"), "a.wav"),
    "all_at_once": (("-af", "volume=-6dB", "-ar", "48000", *MP3), "a.mp3"),
}


@dataclass
class Tally:
    """What was measured so far, one value for each track or excerpt."""

    found: dict[str, list[bool]] = field(default_factory=lambda: {name: [] for name in TREATMENTS})
    scores: dict[str, list[float]] = field(
        default_factory=lambda: {name: [] for name in TREATMENTS}
    )
    least_band_db: list[float] = field(default_factory=list)
    peak_rise_db: list[float] = field(default_factory=list)
    cpu_s_a_minute: list[float] = field(default_factory=list)
    foreign: list[npt.NDArray[np.float64]] = field(default_factory=list)


def watermark(soundfont: str) -> Result:
    """Share found after each treatment, distance to the music, false alarms, and cost."""
    tally, syncs = Tally(), foreign_syncs()
    with tempfile.TemporaryDirectory(prefix="watermark-") as name:
        for number, track in enumerate(tracks(SoundFont(Path(soundfont)), Path(name))):
            measure(track, number, Path(name), tally)
            tally.foreign.append(foreign_scores(track, number, syncs))
    return result_of(tally)


def result_of(tally: Tally) -> Result:
    foreign = np.concatenate(tally.foreign)
    figures = {
        f"found_{name}_percent": 100.0 * float(np.mean(hits)) for name, hits in tally.found.items()
    }
    figures |= {
        f"score_{name}_median": float(np.median(scores)) for name, scores in tally.scores.items()
    }
    figures |= {
        "tracks": float(len(tally.least_band_db)),
        "least_band_distance_db": min(tally.least_band_db),
        "median_band_distance_db": float(np.median(tally.least_band_db)),
        "highest_true_peak_rise_db": max(tally.peak_rise_db),
        "cpu_s_a_minute_of_music": float(np.median(tally.cpu_s_a_minute)),
        "foreign_excerpts": float(len(foreign)),
        "foreign_score_median": float(np.median(foreign)),
        "foreign_score_once_in_1000": float(np.quantile(foreign, 0.999)),
        "foreign_score_highest": float(foreign.max()),
        "least_score": LEAST_SCORE,
    }
    return Result("watermark", figures)


def tracks(font: SoundFont, folder: Path) -> Iterator[Path]:
    """Mastered tracks of half a minute, each genre in turn; each is replaced by the next."""
    for seed in range(TRACKS_OF_GENRE):
        for genre in GENRES:
            order = order_of(
                MusicRequest(
                    title="Benchmark",
                    genre=genre.name,
                    prompt=genre.name,
                    mood="steady",
                    duration_s=TRACK_S,
                    tempo_bpm=Random(f"{genre.name}{seed}").randint(70, 174),
                    key=None,
                    lyrics="",
                    lyric_form=("verse", "chorus"),
                    instrumental=True,
                    artist_sound=f"a{seed}",
                    seed=seed,
                )
            )
            score = compose_best(order).score
            mix = render(score, order.sound, order.genre, font, seed=seed)
            write_wav24(folder / "mix.wav", mix.T, 44_100)
            master(folder / "mix.wav", folder / "track.wav")
            yield folder / "track.wav"


def measure(track: Path, number: int, folder: Path, tally: Tally) -> None:
    """Mark a track, compare it with the original, and search an excerpt after each treatment."""
    rng = stream("excerpt", number)
    payload, marked = int(rng.integers(1 << 32)), folder / "marked.wav"
    before_s = time.process_time()
    marked_master(track, marked, payload, KEY)
    cpu_s = time.process_time() - before_s
    music, rate = read_audio(track)
    changed = read_audio(marked)[0]
    seconds = len(music) / rate
    tally.cpu_s_a_minute.append(cpu_s * 60 / seconds)
    tally.least_band_db.append(least_band_db(music, changed - music, rate))
    tally.peak_rise_db.append(true_peak_dbtp(changed, rate) - true_peak_dbtp(music, rate))
    for name, (arguments, file) in TREATMENTS.items():
        start_s = rng.uniform(0, seconds - EXCERPT_S)
        excerpt = folder / file
        run_ffmpeg(
            [
                *("-y", "-ss", f"{start_s:.4f}", "-t", str(EXCERPT_S), "-i", str(marked)),
                *(*arguments, str(excerpt)),
            ],
            timeout_s=60,
            what=name,
        )
        found = find_watermarks(excerpt, KEY)
        tally.found[name].append([watermark.payload for watermark in found] == [payload])
        tally.scores[name] += [watermark.score for watermark in found]


def least_band_db(music: Samples, mark: Samples, rate: int) -> float:
    """The least distance of a mark below the music, over critical bands and channels."""
    least = np.inf
    for channel in range(2):
        hz, loud = average_power(music[:, [channel]], rate)
        quiet = average_power(mark[:, [channel]], rate)[1]
        edges = np.searchsorted(hz, BARK_HZ)
        bands = np.add.reduceat(loud, edges)[:-1] / np.add.reduceat(quiet, edges)[:-1]
        least = min(least, float(10 * np.log10(bands.min())))
    return least


def foreign_syncs() -> npt.NDArray[np.complex64]:
    """Spectra of the fixed parts of foreign keys, the last axis."""
    patterns = (Pattern.of(b"foreign %d" % number) for number in range(FOREIGN_KEYS))
    return np.stack([fft.rfft(pattern.sync, axis=0) for pattern in patterns], axis=2)


def foreign_scores(
    track: Path, number: int, syncs: npt.NDArray[np.complex64]
) -> npt.NDArray[np.float64]:
    """The highest score of an unmarked excerpt for each foreign key, all at once."""
    samples, rate = read_audio(track)
    start = int(stream("foreign", number).integers(len(samples) - EXCERPT_S * rate))
    excerpt = samples[start : start + EXCERPT_S * rate]
    folded = np.sum([cells for cells, _ in folded_segments(excerpt, rate)], axis=0)
    spectra = np.conj(fft.rfft(folded, axis=1)).transpose(1, 0, 2) @ syncs
    places = fft.irfft(spectra, n=BLOCK_FRAMES, axis=0).reshape(-1, syncs.shape[2])
    scores: npt.NDArray[np.float64] = places.max(axis=0) / np.median(np.abs(places), axis=0)
    return scores / 1.4826
