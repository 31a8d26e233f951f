"""Cuts a film into shots: which composition is shown when, how bright, and how it comes in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

import numpy as np

from media_tools.music.base import Section
from media_tools.seeds import stream
from media_tools.video.beats import Pace, cut_frames, strongest_beat
from media_tools.video.features import AudioFeatures

# A composition is shown this long in the quietest and in the loudest part of a song.
_PACE = Pace(calm_s=9.0, busy_s=4.5)
_SHORTEST_S = 2.4
# The first picture stops the viewer; it ends on a beat in this span.
_OPENING_S = (2.2, 3.2)
_TITLE_S = 4.5
_CLOSING_S = 4.5
# A shorter film has neither opening nor end card.
_WITH_CARDS_S = 12.0
_DISSOLVE_S, _PUSH_S = 0.6, 0.3

_TONES = {
    "intro": 0.25,
    "verse": 0.40,
    "prechorus": 0.65,
    "chorus": 1.0,
    "hook": 1.0,
    "drop": 1.0,
    "bridge": 0.30,
    "break": 0.35,
    "outro": 0.20,
}
_UNKNOWN_TONE = 0.5
_LOUD = 0.8  # a tone from which cuts are hard and lit, and the picture comes nearer
# By this much in all; a tenth of a frame's CPU, so that not every shot does.
_ZOOM = 0.06


class Entry(StrEnum):
    """How a shot comes in."""

    CUT = "cut"
    FLASH = "flash"
    DISSOLVE = "dissolve"
    PUSH = "push"
    SLATS = "slats"


@dataclass(frozen=True)
class Shot:
    """A composition and the frames it is shown in: first, up to but without last."""

    first: int
    last: int
    scene: int  # place among the style's scenes
    art: bool = False  # the cover's picture
    lit: bool = True  # with the style's lights before it; not behind a name
    mirrored: bool = False
    tone: float = _UNKNOWN_TONE  # 0 calm, 1 loud
    entry: Entry = Entry.CUT
    entry_frames: int = 0
    zoom: float = 0.0  # how much larger it becomes

    @property
    def frames(self) -> int:
        return self.last - self.first

    def scale_at(self, frame: int) -> float:
        """Return how large the picture is drawn in a frame, 1 or more."""
        share = min(max((frame - self.first) / self.frames, 0.0), 1.0)
        return 1 + self.zoom * share


@dataclass(frozen=True)
class Timeline:
    """The shots of a film, without gaps, and when its cards stand.

    title, closing: frames as (first, last); None for a film too short for both. opening: the frame
    before which the hook stands; 0 if there is no time for one.
    """

    shots: tuple[Shot, ...]
    opening: int = 0
    title: tuple[int, int] = (0, 0)
    closing: tuple[int, int] | None = None

    def shot_at(self, frame: int) -> int:
        """Return the place of the shot that is shown in a frame."""
        return next(
            (at for at, shot in enumerate(self.shots) if frame < shot.last), len(self.shots) - 1
        )


@dataclass(frozen=True)
class Compositions:
    """What a film may show.

    scenes: how many the style has. quiet: the one behind cards. hooked: it opens with a line of the
    song. titled: it has a title card.
    """

    scenes: int
    quiet: int
    art: bool = False
    hooked: bool = False
    titled: bool = True


def plan_timeline(
    music: AudioFeatures,
    sections: Sequence[Section],
    compositions: Compositions,
    seed: int,
) -> Timeline:
    """Give every section its own composition, and longer ones several; cuts fall on beats.

    No two neighbours look the same; a kind of section keeps its composition where that is possible.
    """
    fps = music.fps
    title_frames = round(_TITLE_S * fps) if compositions.titled else 0
    if music.frames < _WITH_CARDS_S * fps:
        plan = Timeline((), title=(0, min(music.frames, title_frames)))
        return replace(plan, shots=_cast(music, sections, [], compositions, seed, plan))
    hooked = compositions.hooked
    opening = strongest_beat(music, *(round(at * fps) for at in _OPENING_S)) if hooked else 0
    closing = music.frames - round(_CLOSING_S * fps)
    closing = strongest_beat(music, closing - fps // 2, closing + fps // 2)
    plan = Timeline((), opening, (opening, opening + title_frames), (closing, music.frames))
    fixed = [opening, plan.title[1], closing]
    return replace(plan, shots=_cast(music, sections, fixed, compositions, seed, plan))


def _cast(
    music: AudioFeatures,
    sections: Sequence[Section],
    fixed: Sequence[int],
    compositions: Compositions,
    seed: int,
    plan: Timeline,
) -> tuple[Shot, ...]:
    """Return the shots between all cuts. fixed: cuts for the cards."""
    bounds = _bounds(music, sections, fixed)
    choose = _Casting(compositions, seed)
    random = stream("entries", seed)
    shots: list[Shot] = []
    for first, last in pairwise(bounds):
        kind = _kind_at(sections, (first + 1) / music.fps)
        tone = _tone(kind, float(music.energy[first:last].mean()))
        begins = any(abs(round(part.start_s * music.fps) - first) <= 1 for part in sections)
        if first < plan.opening:
            shot = choose.next(first, last, "chorus", home=True)
            tone = 1.0
        elif plan.closing and first >= plan.closing[0]:
            shot, tone = Shot(first, last, compositions.quiet), 0.1
        elif plan.title[0] <= first < plan.title[1]:
            shot = Shot(first, last, compositions.quiet, art=compositions.art, lit=False)
            choose.seen(shot)
        else:
            shot = choose.next(first, last, kind, home=begins)
        entry = _entry(shots[-1] if shots else None, shot, tone, random)
        length_s = {Entry.DISSOLVE: _DISSOLVE_S}.get(entry, _PUSH_S)
        frames = min(round(length_s * music.fps), shot.frames // 2)
        shots.append(
            replace(
                shot,
                tone=tone,
                entry=entry,
                entry_frames=0 if entry == Entry.CUT else frames,
                zoom=_ZOOM if tone >= _LOUD and not shot.art else 0.0,
            )
        )
    return tuple(shots)


def _bounds(music: AudioFeatures, sections: Sequence[Section], fixed: Sequence[int]) -> list[int]:
    """Return where shots begin and end. A cut that is too near to a fixed one is left out."""
    least = round(_SHORTEST_S * music.fps)
    kept = [0, *(at for at in fixed if 0 < at < music.frames), music.frames]
    cuts = cut_frames(music, sections, pace=_PACE)
    return sorted({*kept, *(cut for cut in cuts if all(abs(cut - at) >= least for at in kept))})


class _Casting:
    """Chooses compositions: the one not seen for longest, or that of the kind of section."""

    def __init__(self, compositions: Compositions, seed: int) -> None:
        names: list[tuple[int, bool]] = [(scene, False) for scene in range(compositions.scenes)]
        if compositions.art:
            names.append((compositions.quiet, True))
        order = stream("casting", seed).permutation(len(names))
        self._waiting = [names[at] for at in order]  # longest unseen first
        self._homes: dict[str, tuple[int, bool]] = {}
        self._times: dict[tuple[int, bool], int] = {}
        self._last: tuple[int, bool] | None = None

    def next(self, first: int, last: int, kind: str, *, home: bool) -> Shot:
        wanted = self._homes.get(kind) if home else None
        if wanted is None or wanted == self._last:
            free = [name for name in self._waiting if name != self._last]
            if kind not in _LOUD_KINDS:
                # What belongs to the loud parts is kept for them.
                kept = {self._homes.get(loud) for loud in _LOUD_KINDS}
                free = [name for name in free if name not in kept] or free
            # A kind's own composition is one no other kind has, as long as there are some.
            own = [name for name in free if name not in self._homes.values()]
            # Loud parts are drawn from the music, not from a picture.
            drawn = [name for name in own or free if not name[1]] if kind in _LOUD_KINDS else []
            wanted = (drawn or (own if home else None) or free or self._waiting)[0]
            if home:
                self._homes.setdefault(kind, wanted)
        scene, art = wanted
        shot = Shot(first, last, scene, art, mirrored=self._times.get(wanted, 0) % 2 == 1)
        self.seen(shot)
        return shot

    def seen(self, shot: Shot) -> None:
        name = (shot.scene, shot.art)
        if name in self._waiting:
            self._waiting.remove(name)
            self._waiting.append(name)
        self._times[name] = self._times.get(name, 0) + 1
        self._last = name


_LOUD_KINDS = frozenset(kind for kind, tone in _TONES.items() if tone >= _LOUD)


def _kind_at(sections: Sequence[Section], at_s: float) -> str:
    return next((part.kind for part in sections if part.start_s <= at_s < part.end_s), "")


def _tone(kind: str, energy: float) -> float:
    if kind not in _TONES:
        return energy
    return 0.7 * _TONES[kind] + 0.3 * energy


def _entry(before: Shot | None, shot: Shot, tone: float, random: np.random.Generator) -> Entry:
    """Return a hard, lit cut into loud shots, a soft one into calm ones.

    The cover's picture comes from ffmpeg, which only cuts.
    """
    ticket = random.random()
    if before is None or shot.art or before.art:
        return Entry.CUT
    if tone >= _LOUD:
        return Entry.FLASH if before.tone < tone else Entry.CUT
    if tone > before.tone:
        return Entry.PUSH if ticket < 0.5 else Entry.SLATS
    return Entry.DISSOLVE
