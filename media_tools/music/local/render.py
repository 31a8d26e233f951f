"""Turns a score into sound: plays each part, mixes parts into groups, and adds the groups.

Each part is levelled by its measured loudness before the mix, so that every patch an artist may
have sits where its role belongs. Only one part and one group are in memory at a time.
"""

from __future__ import annotations

import bisect
import functools
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np

from media_tools.music.local import effects
from media_tools.music.local.dsp import Signal, add_at, filtered, frames_of, gain_of
from media_tools.music.local.finish import add_floor, balanced, finished
from media_tools.music.local.form import TAIL_S
from media_tools.music.local.genre import Genre
from media_tools.music.local.levels import loudness_db
from media_tools.music.local.patches import KITS, PATCHES, SampledKit, SampledPatch
from media_tools.music.local.score import BEATS_PER_BAR, Note, Score
from media_tools.music.local.sound import ArtistSound
from media_tools.music.local.soundfont import SampledDrums, SampledInstrument, SoundFont
from media_tools.music.local.textures import texture
from media_tools.music.local.transitions import held_roots, plays
from media_tools.music.local.variation import PHRASE_BARS
from media_tools.music.local.vocal_mix import add_vocals
from media_tools.music.local.wavetable import SynthDrums, SynthInstrument
from media_tools.seeds import stream

STEM_GAIN_DB = -6.0  # stems keep the balance of the mix, lowered so that none clips
_VELOCITY_CURVE = 1.4
_DRUM_MAKEUP_DB = 3.5
_BLOCK = 1 << 16
_AT_ONCE = ("chorus", "drop")
_FADE_IN_BEATS, _FADE_OUT_BEATS, _FADE_DB = 8.0, 8.0, -18.0
# How loud a part becomes towards the ends of equal parts of a phrase, from -1 to 1.
_HAIRPINS = ((1.0,), (-1.0,), (1.0, -0.5), (-1.0, 1.0), (0.0,))
_CHOKED = (42, 46)  # a closed hat stops an open one


class Instrument(Protocol):
    """Something that plays notes.

    one_shot: a hit sounds to its end, however short the note is. glide: semitones from its pitch at
    which a tone begins; ignored by an instrument that cannot slide.
    """

    one_shot: bool
    velocity_steps: int

    def tone(self, pitch: int, velocity: float, seconds: float, glide: int = 0) -> Signal: ...

    def release_s(self, pitch: int) -> float: ...


@dataclass(frozen=True)
class Role:
    """The place of a part in the mix."""

    group: str
    level_db: float  # loudness while it sounds
    room: float = 0.0  # send
    echo: float = 0.0  # send
    duck: float = 0.0  # share of the genre's ducking
    highpass_hz: float = 0.0  # 0 is off
    spread: float = 0.0  # how much of it is doubled at the sides
    fades: bool = False  # enters and leaves over bars, not at once


ROLES: dict[str, Role] = {
    "kick": Role("drums", -17.0, room=0.02),
    "snare": Role("drums", -18.5, room=0.16, highpass_hz=90.0),
    "hats": Role("drums", -27.0, room=0.05, fades=True),
    "perc": Role("drums", -24.0, room=0.16, spread=0.3, fades=True),
    "bass": Role("bass", -18.5, duck=0.6),
    "chords": Role(
        "chords", -21.5, room=0.2, echo=0.05, duck=1.0, highpass_hz=110.0, spread=0.6, fades=True
    ),
    "pad": Role("chords", -25.0, room=0.3, duck=1.0, highpass_hz=120.0, spread=0.6, fades=True),
    "arp": Role(
        "chords", -25.0, room=0.2, echo=0.2, duck=0.7, highpass_hz=140.0, spread=0.5, fades=True
    ),
    "lead": Role("melody", -19.0, room=0.22, echo=0.2, duck=0.2, highpass_hz=140.0, spread=0.25),
    "counter": Role(
        "melody", -23.5, room=0.32, echo=0.28, duck=0.4, highpass_hz=160.0, spread=0.6, fades=True
    ),
}
_EFFECTS = Role("fx", -26.0, room=0.3)
# Peak levels of single effects, which are too short to be levelled by loudness.
_EFFECT_DB = {
    "riser": -14.0,
    "downlifter": -16.0,
    "impact": -9.0,
    "reverse": -16.0,
    "shimmer": -22.0,
    "vinyl": -23.0,
    "air": -25.0,
}
GROUPS = ("drums", "bass", "chords", "melody", "fx")


def render(
    score: Score,
    sound: ArtistSound,
    genre: Genre,
    font: SoundFont,
    *,
    seed: int,
    on_stem: Callable[[str, Signal], None] | None = None,
    vocals: Signal | None = None,
) -> Signal:
    """Return the unmastered mix, stereo, peak at PEAK_DB.

    on_stem gets each group when it is finished, and the returns of reverb, delay and doubling as
    "space". vocals: sung over the track, frames_in(score) long and of any level; they are levelled
    in place against what the band plays while they sound.
    """
    frames = frames_in(score)
    mix = np.zeros((2, frames), dtype=np.float32)
    sends = _Sends.silent(frames)
    kicks_s = [score.seconds(note.start) for note in score.parts.get("kick", ())]
    duck = effects.duck_curve(kicks_s, frames)
    for group in GROUPS:
        stem = np.zeros_like(mix)
        for part in (part for part, role in ROLES.items() if role.group == group):
            if score.parts.get(part):
                played = _part(score, sound, genre, font, part, frames)
                if genre.hairpins_db and ROLES[part].fades:
                    rng = stream("hairpins", seed, part)
                    shape_phrases(score, played, genre.hairpins_db, rng)
                _mix_part(played, ROLES[part], genre, duck, stem, sends)
                del played
        if group == "drums" and genre.drum_room:
            stem = effects.with_room(stem, genre.drum_room)
        if group == "drums":
            # Like compression on a drum bus: the peaks of single hits must not set the mix level.
            stem = effects.compressed(
                stem, threshold_db=-13.0, ratio=2.5, attack_s=0.004, release_s=0.09
            )
            stem *= np.float32(gain_of(_DRUM_MAKEUP_DB))
            stem = effects.saturated(stem, 0.8)
        if group == "chords":
            _sweep(score, stem)
        if group == "fx":
            _play_effects(score, stem, seed)
            sends.room += stem * np.float32(_EFFECTS.room)
        mix += stem
        if on_stem is not None:
            on_stem(group, stem)
        del stem
    space = _space(score, sound, genre, sends)
    mix += space
    if on_stem is not None:
        on_stem("space", space)
    del space, sends
    add_floor(mix, genre.floor_db)
    mix = balanced(mix, genre, sound)
    if vocals is not None:
        wet = add_vocals(mix, vocals, score)
        if on_stem is not None:
            on_stem("vocals", vocals + wet)
    return finished(mix, genre)


@dataclass
class _Sends:
    """What the parts send to reverb and delay, and, in mono, to the doubling."""

    room: Signal
    delay: Signal
    spread: Signal

    @classmethod
    def silent(cls, frames: int) -> _Sends:
        room, delay = np.zeros((2, 2, frames), dtype=np.float32)
        return cls(room, delay, np.zeros(frames, dtype=np.float32))


def frames_in(score: Score) -> int:
    """Return the length of the rendered score before its end is trimmed."""
    return frames_of(score.seconds(score.beats) + TAIL_S)


def instrument_for(part: str, sound: ArtistSound, font: SoundFont) -> Instrument:
    """Return the instrument an artist plays a part on."""
    if ROLES[part].group == "drums":
        kit = KITS[sound.patches["kit"]]
        return SampledDrums(font, kit) if isinstance(kit, SampledKit) else SynthDrums(kit, sound)
    patch = PATCHES[sound.patches[part]]
    if isinstance(patch, SampledPatch):
        return SampledInstrument(font, patch)
    return SynthInstrument(patch, sound)


def play(instrument: Instrument, notes: tuple[Note, ...], score: Score, frames: int) -> Signal:
    """Play all notes of a part.

    Notes of one pitch and about one velocity share a tone, made once for the longest of them; each
    note is a slice of it with its own release and loudness.
    """
    sound = np.zeros((2, frames), dtype=np.float32)
    groups: dict[tuple[int, int, int], list[Note]] = defaultdict(list)
    for note in notes:
        step = min(instrument.velocity_steps - 1, int(note.velocity * instrument.velocity_steps))
        groups[note.pitch, step, note.glide].append(note)
    chokes = sorted(note.start for note in notes if note.pitch in _CHOKED)
    for (pitch, step, glide), same in sorted(groups.items()):
        release_s = instrument.release_s(pitch)
        longest_s = max(score.seconds(note.length) for note in same) + release_s
        velocity = (step + 0.5) / instrument.velocity_steps
        tone = instrument.tone(pitch, velocity, longest_s, glide)
        tail = _tail(frames_of(release_s))
        for note in same:
            cut = _cut_s(note, chokes, score, instrument.one_shot)
            piece = tone if cut is None else _released(tone, frames_of(cut), tail)
            gain = note.velocity**_VELOCITY_CURVE
            add_at(sound, piece, frames_of(score.seconds(note.start)), gain)
    return sound


def _cut_s(note: Note, chokes: list[float], score: Score, one_shot: bool) -> float | None:
    """Return the seconds after which a note is released; None lets a hit ring."""
    if not one_shot:
        return score.seconds(note.length)
    if note.pitch != 46:
        return None
    following = bisect.bisect_right(chokes, note.start + 0.05)
    if following == len(chokes):
        return None
    return score.seconds(chokes[following] - note.start)


@functools.lru_cache(maxsize=64)
def _tail(count: int) -> Signal:
    """Return a release curve: 60 dB down over its length, to zero at the end."""
    place = np.linspace(0.0, 1.0, max(2, count), dtype=np.float32)
    return np.asarray(np.exp(-6.9 * place) * np.minimum(1.0, (1.0 - place) * 10), dtype=np.float32)


def _released(tone: Signal, held: int, tail: Signal) -> Signal:
    """Return the tone held for `held` frames, then released."""
    end = min(held + len(tail), tone.shape[1])
    piece = tone[:, :end].copy()
    if end > held:
        piece[:, held:] *= tail[: end - held]
    return piece


def _part(
    score: Score, sound: ArtistSound, genre: Genre, font: SoundFont, part: str, frames: int
) -> Signal:
    """Play a part with its patch's own effects, at the level of its role."""
    role = ROLES[part]
    patch = PATCHES.get(sound.patches.get(part, ""))
    notes = score.parts[part]
    if part == "bass" and patch is not None:
        notes += held_roots(score, patch.centre)
    played = play(instrument_for(part, sound, font), notes, score, frames)
    if role.highpass_hz:
        played = filtered(played, "highpass", role.highpass_hz)
    if isinstance(patch, SampledPatch) and patch.amp:
        played = effects.amplified(played, patch.amp)
    if patch is not None and patch.chorus and part != "bass":
        played = effects.chorus(played, patch.chorus)
    wanted_db = role.level_db + genre.mix_db.get(part, 0.0) + sound.balance_db[part]
    played *= np.float32(gain_of(wanted_db - loudness_db(played)))
    if role.fades:
        _fade_edges(score, part, played)
    return played


def _fade_edges(score: Score, part: str, played: Signal) -> None:
    """Let a part come in and go over bars where it rests in the neighbouring section, in place.

    A chorus or a drop is entered at once.
    """
    form = score.form
    sounds = [plays(score, part, section) for section in form]
    for number, section in enumerate(form):
        if not sounds[number]:
            continue
        length = section.end - section.start
        if section.kind not in _AT_ONCE and not (number and sounds[number - 1]):
            end = section.start + min(_FADE_IN_BEATS, length / 2.0)
            _ramp(score, played, (section.start - 0.5, end), (_FADE_DB, 0.0))
        following = number + 1 < len(form)
        if following and not sounds[number + 1] and form[number + 1].kind not in _AT_ONCE:
            start = section.end - min(_FADE_OUT_BEATS, length / 2.0)
            _ramp(score, played, (start, section.end), (0.0, _FADE_DB))


def shape_phrases(score: Score, played: Signal, depth_db: float, rng: np.random.Generator) -> None:
    """Let a part grow and fade within each phrase in a shape of its own, in place.

    depth_db: how far it goes up and down at most. It begins and ends at 0 dB.
    """
    level_db = 0.0
    for section in score.form:
        start = section.start
        while start < section.end:
            shape = _HAIRPINS[int(rng.integers(len(_HAIRPINS)))]
            end = min(start + float(PHRASE_BARS * BEATS_PER_BAR), section.end)
            if end >= score.form[-1].end:
                shape = (0.0,)
            beats = np.linspace(start, end, len(shape) + 1)
            for (first, last), share in zip(pairwise(beats.tolist()), shape, strict=True):
                _ramp(score, played, (first, last), (level_db, share * depth_db))
                level_db = share * depth_db
            start = end


def _ramp(
    score: Score, played: Signal, beats: tuple[float, float], levels_db: tuple[float, float]
) -> None:
    """Change the level steadily between two beats, in place."""
    start, end = (max(0, frames_of(score.seconds(beat))) for beat in beats)
    part = played[:, start:end]
    part *= (10.0 ** (np.linspace(*levels_db, part.shape[1]) / 20.0)).astype(np.float32)


def _mix_part(
    played: Signal, role: Role, genre: Genre, duck: Signal, stem: Signal, sends: _Sends
) -> None:
    """Add a part to its group and to the sends."""
    depth = np.float32(genre.duck * role.duck)
    if depth:
        played *= 1.0 - depth * (1.0 - duck)
    stem += played
    for bus, share in ((sends.room, role.room), (sends.delay, role.echo * genre.echo)):
        if share:
            bus += played * np.float32(share)
    if spread := role.spread * genre.doubling:
        for channel in played:
            sends.spread += channel * np.float32(spread / 2.0)


def _sweep(score: Score, stem: Signal) -> None:
    for sweep in score.sweeps:
        start, end = (frames_of(score.seconds(beat)) for beat in (sweep.start, sweep.end))
        effects.swept(stem, start, end, sweep.from_hz, sweep.to_hz)


def _play_effects(score: Score, stem: Signal, seed: int) -> None:
    for number, effect in enumerate(score.effects):
        sound = texture(effect.kind, score.seconds(effect.length), seed + number)
        peak = float(np.abs(sound).max()) or 1.0
        gain = gain_of(_EFFECT_DB[effect.kind]) * effect.level / peak
        add_at(stem, sound, frames_of(score.seconds(effect.start)), gain)


def _space(score: Score, sound: ArtistSound, genre: Genre, sends: _Sends) -> Signal:
    """Return the output of delay, reverb and doubling; uses up the sends."""
    repeats = effects.echoes(sends.delay, score.seconds(sound.echo_beats), 0.42)
    room = sends.room
    room += repeats * np.float32(0.4)
    room *= np.float32(genre.wet)
    wet = effects.reverb(room, min(5.0, genre.reverb_s * sound.reverb))
    wet += repeats
    side = effects.doubled(filtered(sends.spread, "highpass", 220.0))
    wet[0] += side
    wet[1] -= side
    return wet
