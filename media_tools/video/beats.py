"""Finds the moments in the music for new pictures and words, and the part to use as a teaser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from media_tools.music.base import Section
from media_tools.video.features import AudioFeatures
from media_tools.video.plan import Caption

_SHORTEST_CUT_S = 1.5
# A cut may move by this share of its distance to meet a beat.
_CUT_PLAY = 0.25

HOOK_KINDS = frozenset({"chorus", "drop", "hook"})
_START_PLAY_S, _END_PLAY_S = 0.75, 0.7
# All words of a line are shown in this share of its time; the rest is for reading.
_WORDS_WITHIN = 0.7
# A teaser must be shorter than this share of the song.
_LARGEST_SHARE = 0.9


@dataclass(frozen=True)
class Window:
    """A part of a song, in seconds."""

    start_s: float
    end_s: float

    @property
    def length_s(self) -> float:
        return self.end_s - self.start_s


@dataclass(frozen=True)
class Pace:
    """How long a picture is shown in the quietest and in the loudest part of a song."""

    calm_s: float
    busy_s: float


FOOTAGE_PACE = Pace(calm_s=8.0, busy_s=3.0)


def cut_frames(
    music: AudioFeatures, sections: Sequence[Section] = (), *, pace: Pace = FOOTAGE_PACE
) -> list[int]:
    """Return the frames at which a new picture begins, in order, without the first.

    Every section begins with a cut. Between them cuts fall on the strongest beat near the due time.
    """
    fps, least = music.fps, round(_SHORTEST_CUT_S * music.fps)
    marks = [round(section.start_s * fps) for section in sections]
    marks = [mark for mark in marks if 0 < mark < music.frames - least]
    cuts: list[int] = []
    at = 0
    while at < music.frames:
        energy = float(music.energy[at])
        step = round((pace.calm_s + (pace.busy_s - pace.calm_s) * energy) * fps)
        play = round(step * _CUT_PLAY)
        following = next((mark for mark in marks if mark > at), music.frames)
        if following - at <= step + play + least:
            at = following  # a further cut before it would leave too short a picture
        else:
            at = strongest_beat(music, at + step - play, at + step + play)
        if at < music.frames - least and (not cuts or at - cuts[-1] >= least):
            cuts.append(at)
    return cuts


def hook(music: AudioFeatures, seconds: float, sections: Sequence[Section] = ()) -> Window | None:
    """Return the part of at most `seconds` to advertise a song with; None if the song is too short.

    It begins with the loudest chorus or drop; in a track without such sections, on a beat where the
    loudest part of this length begins. It ends before a beat, up to 0.7 s early. One frame before
    the first beat is kept, so that fading in does not soften the beat.
    """
    fps = music.fps
    count = round(seconds * fps)
    if count < 1 or count > music.frames * _LARGEST_SHARE:
        return None
    latest = music.frames - count
    marks = [round(section.start_s * fps) for section in sections if section.kind in HOOK_KINDS]
    starts = sorted({min(mark, latest) for mark in marks if mark < music.frames})
    loudness = np.concatenate([[0.0], np.cumsum(music.energy, dtype=np.float64)])
    if starts:
        first = max(starts, key=lambda start: (loudness[start + count] - loudness[start], -start))
    else:
        sums = loudness[count:] - loudness[:-count]
        wanted = int(np.argmax(sums[: latest + 1]))
        play = round(_START_PLAY_S * fps)
        first = strongest_beat(music, max(0, wanted - play), min(latest, wanted + play))
    last = strongest_beat(music, first + count - round(_END_PLAY_S * fps), first + count)
    return Window(max(0, first - 1) / fps, max(0, last - 1) / fps)


def beat_times(music: AudioFeatures, tempo_bpm: float | None) -> list[float]:
    """Return the beats of a song of steady tempo, in seconds; empty without a tempo.

    The tempo is given; where its beats fall is where most onsets are.
    """
    if not tempo_bpm:
        return []
    step = 60 / tempo_bpm
    count = int(music.duration_s / step)
    phases = np.arange(0.0, step, 0.5 / music.fps)
    places = (phases[:, None] + np.arange(count) * step) * music.fps
    strength = np.interp(places, np.arange(music.frames), music.onset).sum(axis=1)
    first = float(phases[int(np.argmax(strength))])
    return [first + number * step for number in range(count)]


def on_beats(captions: Sequence[Caption], beats: Sequence[float]) -> tuple[Caption, ...]:
    """Return captions, those without times of words moved to the nearest beat.

    Their words then come on beats, or on halves and quarters if the line has not the time.
    """
    if len(beats) < 2:
        return tuple(captions)
    grid, step = np.asarray(beats), beats[1] - beats[0]
    moved = []
    for caption in captions:
        if caption.word_starts_s:
            moved.append(caption)
            continue
        start_s = float(grid[int(np.argmin(np.abs(grid - caption.start_s)))])
        words = len(caption.text.split())
        room_s = max(caption.end_s - start_s, step) * _WORDS_WITHIN
        part = next((step / n for n in (1, 2, 4) if words * step / n <= room_s), step / 4)
        times = tuple(start_s + number * part for number in range(words))
        end_s = max(caption.end_s, start_s + step)
        moved.append(replace(caption, start_s=start_s, end_s=end_s, word_starts_s=times))
    return tuple(moved)


def strongest_beat(music: AudioFeatures, low: int, high: int) -> int:
    """Return the frame from low to high with the strongest onset; the middle if there is none."""
    onsets = music.onset[low : high + 1]
    if not onsets.any():
        return (low + high) // 2
    return low + int(np.argmax(onsets))
