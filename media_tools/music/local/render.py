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
from typing import Protocol

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from media_tools.music.local import effects
from media_tools.music.local.dsp import (
    SAMPLE_RATE_HZ,
    Signal,
    add_at,
    filtered,
    frames_of,
    gain_of,
)
from media_tools.music.local.form import TAIL_S
from media_tools.music.local.genre import Genre
from media_tools.music.local.patches import KITS, PATCHES, SampledKit, SampledPatch
from media_tools.music.local.score import Note, Score
from media_tools.music.local.sound import TILT_HZ, ArtistSound
from media_tools.music.local.soundfont import SampledDrums, SampledInstrument, SoundFont
from media_tools.music.local.textures import texture
from media_tools.music.local.wavetable import SynthDrums, SynthInstrument

PEAK_DB = -4.0
STEM_GAIN_DB = -6.0  # stems keep the balance of the mix, lowered so that none clips
_VELOCITY_CURVE = 1.4
_DRUM_MAKEUP_DB = 3.5
_BLOCK = 1 << 16
_SILENCE_DB = -55.0
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


ROLES: dict[str, Role] = {
    "kick": Role("drums", -17.0, room=0.02),
    "snare": Role("drums", -18.5, room=0.16, highpass_hz=90.0),
    "hats": Role("drums", -27.0, room=0.05),
    "perc": Role("drums", -24.0, room=0.16),
    "bass": Role("bass", -18.5, duck=0.6),
    "chords": Role("chords", -21.5, room=0.2, echo=0.05, duck=1.0, highpass_hz=110.0),
    "pad": Role("chords", -25.0, room=0.3, duck=1.0, highpass_hz=120.0),
    "arp": Role("chords", -25.0, room=0.2, echo=0.2, duck=0.7, highpass_hz=140.0),
    "lead": Role("melody", -19.0, room=0.22, echo=0.2, duck=0.2, highpass_hz=140.0),
    "counter": Role("melody", -23.5, room=0.32, echo=0.28, duck=0.4, highpass_hz=160.0),
}
_EFFECTS = Role("fx", -26.0, room=0.3)
# Peak levels of single effects, which are too short to be levelled by loudness.
_EFFECT_DB = {
    "riser": -14.0,
    "downlifter": -16.0,
    "impact": -9.0,
    "reverse": -16.0,
    "vinyl": -23.0,
    "air": -30.0,
}
# Sung vocals: their sends, and their level against the band while they sound.
_VOCALS = Role("vocals", 0.0, room=0.17, echo=0.09)
VOCALS_OVER_BAND_DB = -2.0
VOCAL_DUCK_DB = 2.0  # chords and melody are lowered this much under the voice
_UNDER_VOCALS = ("chords", "melody")
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

    on_stem gets each group when it is finished, and the returns of reverb and delay as "space".
    vocals: sung over the track, frames_in(score) long and of any level; they are levelled in place
    against what the band plays while they sound.
    """
    frames = frames_in(score)
    mix = np.zeros((2, frames), dtype=np.float32)
    room, delay = np.zeros_like(mix), np.zeros_like(mix)
    kicks_s = [score.seconds(note.start) for note in score.parts.get("kick", ())]
    duck = effects.duck_curve(kicks_s, frames)
    presence = None if vocals is None else _presence(vocals, frames)
    for group in GROUPS:
        stem = np.zeros_like(mix)
        for part in (part for part, role in ROLES.items() if role.group == group):
            if score.parts.get(part):
                played = _part(score, sound, genre, font, part, frames)
                _mix_part(played, ROLES[part], genre, duck, stem, room, delay)
                del played
        if group == "drums":
            # Like compression on a drum bus: the peaks of single hits must not set the mix level.
            stem = effects.compressed(
                stem, threshold_db=-13.0, ratio=2.5, attack_s=0.004, release_s=0.09
            )
            stem *= np.float32(gain_of(_DRUM_MAKEUP_DB))
            stem = effects.saturated(stem, 0.8)
        if group == "chords":
            _sweep(score, stem)
        if presence is not None and group in _UNDER_VOCALS:
            stem *= 1.0 - np.float32(1.0 - gain_of(-VOCAL_DUCK_DB)) * presence
        if group == "fx":
            _play_effects(score, stem, seed)
            room += stem * np.float32(_EFFECTS.room)
        mix += stem
        if on_stem is not None:
            on_stem(group, stem)
        del stem
    if vocals is not None and presence is not None:
        _seat(vocals, mix, presence)
        room += vocals * np.float32(_VOCALS.room)
        delay += vocals * np.float32(_VOCALS.echo * genre.echo)
        mix += vocals
        if on_stem is not None:
            on_stem("vocals", vocals)
    space = _space(score, sound, genre, room, delay)
    mix += space
    if on_stem is not None:
        on_stem("space", space)
    del space, room, delay
    return _finished(mix, genre, sound)


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
    played = play(instrument_for(part, sound, font), score.parts[part], score, frames)
    role = ROLES[part]
    if role.highpass_hz:
        played = filtered(played, "highpass", role.highpass_hz)
    patch = PATCHES.get(sound.patches.get(part, ""))
    if patch is not None and patch.chorus and part != "bass":
        played = effects.chorus(played, patch.chorus)
    wanted_db = role.level_db + genre.mix_db.get(part, 0.0) + sound.balance_db[part]
    played *= np.float32(gain_of(wanted_db - loudness_db(played)))
    return played


def _mix_part(
    played: Signal,
    role: Role,
    genre: Genre,
    duck: Signal,
    stem: Signal,
    room: Signal,
    delay: Signal,
) -> None:
    """Add a part to its group and to the sends."""
    depth = np.float32(genre.duck * role.duck)
    if depth:
        played *= 1.0 - depth * (1.0 - duck)
    stem += played
    if role.room:
        room += played * np.float32(role.room)
    if role.echo * genre.echo:
        delay += played * np.float32(role.echo * genre.echo)


def _presence(vocals: Signal, frames: int) -> Signal:
    """Return 1 while the voice sounds, 0 in its rests, with edges of a quarter of a second."""
    step = frames_of(0.05)
    count = -(-frames // step)
    level = np.zeros(count * step, dtype=np.float32)
    np.maximum(np.abs(vocals[0]), np.abs(vocals[1]), out=level[:frames])
    peaks = level.reshape(count, step).max(axis=1)
    sounds = (peaks > peaks.max() * gain_of(-30.0)).astype(np.float32)
    smooth = np.convolve(np.pad(sounds, 2, mode="edge"), np.full(5, 0.2), "valid")
    places = (np.arange(count) + 0.5) * step
    curve = np.empty(frames, dtype=np.float32)
    for start in range(0, frames, _BLOCK):
        block = np.arange(start, min(start + _BLOCK, frames))
        curve[block] = np.interp(block, places, smooth)
    return curve


def _seat(vocals: Signal, band: Signal, presence: Signal) -> None:
    """Set the vocals to their level against the band while they sound, in place."""
    under_db = loudness_db(band * (presence > 0.5))
    vocals *= np.float32(gain_of(under_db + VOCALS_OVER_BAND_DB - loudness_db(vocals)))


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


def _space(score: Score, sound: ArtistSound, genre: Genre, room: Signal, delay: Signal) -> Signal:
    """Return the output of delay and reverb."""
    repeats = effects.echoes(delay, score.seconds(sound.echo_beats), 0.42)
    room += repeats * np.float32(0.4)
    room *= np.float32(genre.wet)
    wet = effects.reverb(room, min(5.0, genre.reverb_s * sound.reverb))
    wet += repeats
    return wet


def _finished(mix: Signal, genre: Genre, sound: ArtistSound) -> Signal:
    """Apply the artist's width and tilt, mono lows, tape, bus compression and the peak level.

    Trims silence at the end.
    """
    effects.widened(mix, sound.width)
    mix += filtered(mix, "highpass", TILT_HZ, order=1) * np.float32(gain_of(sound.tilt_db) - 1.0)
    effects.mono_below(mix, 110.0)
    mix = filtered(mix, "highpass", 26.0)
    if genre.tape:
        mix = effects.tape(mix)
    # The compressor's threshold is fixed, so the mix gets a fixed level first.
    mix *= np.float32(gain_of(-16.0 - loudness_db(mix)))
    mix = effects.compressed(mix, threshold_db=-12.0, ratio=1.8)
    mix = effects.saturated(mix, 0.5)
    mix = _trimmed(mix)
    mix *= np.float32(gain_of(PEAK_DB) / max(1e-9, float(np.abs(mix).max())))
    return mix


def _trimmed(mix: Signal) -> Signal:
    """Return the mix without trailing silence, faded out over its last 1.2 s."""
    level = np.maximum(np.abs(mix[0]), np.abs(mix[1]))
    loud = np.flatnonzero(level > float(level.max()) * gain_of(_SILENCE_DB))
    end = min(mix.shape[1], int(loud[-1]) + frames_of(0.2)) if len(loud) else mix.shape[1]
    mix = np.ascontiguousarray(mix[:, :end])
    fade = min(end, frames_of(1.2))
    mix[:, -fade:] *= np.cos(np.linspace(0.0, np.pi / 2, fade, dtype=np.float32)) ** 2
    return mix


_FRAME = 4096


@functools.lru_cache(maxsize=1)
def _weights() -> NDArray[np.float64]:
    """Return the power response of BS.1770-4's K weighting at the bins of a frame."""
    hz = np.fft.rfftfreq(_FRAME, 1 / SAMPLE_RATE_HZ)
    shelf = (
        [1.53512485958697, -2.69169618940638, 1.19839281085285],
        [1.0, -1.69065929318241, 0.73248077421585],
    )
    lows = ([1.0, -2.0, 1.0], [1.0, -1.99004745483398, 0.99007225036621])
    response = np.ones(len(hz))
    for numerator, denominator in (shelf, lows):
        # The standard lists the coefficients for 48 kHz.
        _, part = scipy.signal.freqz(numerator, denominator, worN=hz, fs=48_000)
        response = response * np.abs(part) ** 2
    return response


def loudness_db(signal: Signal) -> float:
    """Return the K-weighted level of what sounds: frames within 20 dB of the loudest.

    Like LUFS, but measured on frames of 93 ms, so that short hits count at their own level. Silence
    is -120.
    """
    count = signal.shape[1] // _FRAME
    if count == 0:
        return -120.0
    window = np.hanning(_FRAME).astype(np.float32)
    power = np.zeros(count)
    for channel in signal:
        frames = channel[: count * _FRAME].reshape(count, _FRAME)
        for start in range(0, count, 256):
            spectrum = np.abs(np.fft.rfft(frames[start : start + 256] * window, axis=1)) ** 2
            power[start : start + 256] += spectrum @ _weights()
    # Parseval: two-sided spectrum, and 3/8 for the mean square of the window.
    power *= 2.0 / (_FRAME**2 * 0.375)
    loud = power[power > power.max() * 0.01]
    return float(-0.691 + 10.0 * np.log10(loud.mean())) if len(loud) else -120.0
