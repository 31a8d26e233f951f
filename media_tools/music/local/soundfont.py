"""A SoundFont 2 player for files whose samples are Ogg Vorbis (sf3) or 16-bit PCM (sf2).

It decodes only what the presets in use need. Implemented from the SoundFont 2.04 specification:
zones with key and velocity ranges, tuning, loops, the volume envelope, a static low-pass, pan and
attenuation. Modulators, LFOs and the modulation envelope are left out.
"""

from __future__ import annotations

import io
import struct
from collections import OrderedDict
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from media_tools.errors import ToolMissing
from media_tools.music.local.dsp import SAMPLE_RATE_HZ, Signal, filtered, frames_of
from media_tools.music.local.patches import SampledKit, SampledPatch

DRUM_BANK = 128
_CACHE_BYTES = 48 * 1024 * 1024
_VORBIS_FLAG = 0x10

# Generators of the specification, section 8.1.
_START_LOOP, _END_LOOP, _FILTER, _PAN = 2, 3, 8, 17
_ATTACK, _HOLD, _DECAY, _SUSTAIN, _RELEASE = 34, 35, 36, 37, 38
_INSTRUMENT, _KEYS, _VELOCITIES = 41, 43, 44
_START_LOOP_COARSE, _ATTENUATION, _END_LOOP_COARSE = 45, 48, 50
_COARSE, _FINE, _SAMPLE, _LOOP_MODE, _SCALE_TUNE, _ROOT = 51, 52, 53, 54, 56, 58
_DEFAULTS = {
    _FILTER: 13500,
    _ATTACK: -12000,
    _HOLD: -12000,
    _DECAY: -12000,
    _RELEASE: -12000,
    _SCALE_TUNE: 100,
    _ROOT: -1,
}
_RANGES = (_KEYS, _VELOCITIES)
_MELODIC_BANK = 0
_LONGEST_S = 8.0  # of a note
# EMU hardware, and every player since, applies 0.4 of the stated attenuation.
_ATTENUATION_FACTOR = 0.4

Generators = dict[int, int]


@dataclass(frozen=True)
class Sample:
    """A sample's place in the file, and its own data; loops in frames from its start."""

    start: int
    end: int
    loop_start: int
    loop_end: int
    rate_hz: int
    root: int
    correction_cents: int
    vorbis: bool


@dataclass(frozen=True)
class Zone:
    """A sample with the keys and velocities it plays, and its sound settings."""

    keys: tuple[int, int]
    velocities: tuple[int, int]
    sample: int
    generators: Generators

    def value(self, generator: int) -> int:
        return self.generators.get(generator, _DEFAULTS.get(generator, 0))

    def seconds(self, generator: int) -> float:
        """Return a time in timecents as seconds."""
        return float(2.0 ** (self.value(generator) / 1200.0))

    def answers(self, key: int, velocity: int) -> bool:
        return (
            self.keys[0] <= key <= self.keys[1]
            and self.velocities[0] <= velocity <= self.velocities[1]
        )


class SoundFont:
    """A SoundFont file. Opening reads its tables; samples are decoded when first played.

    Raises ToolMissing if the file does not exist, is cut short, or is not a SoundFont.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.name
        try:
            self._data = path.read_bytes()
        except OSError as error:
            raise ToolMissing(
                f"SoundFont {path} cannot be read ({error.strerror}); restore the file from the "
                "project's assets/soundfont folder."
            ) from error
        try:
            self._read_tables()
        except (struct.error, KeyError, IndexError, ValueError) as error:
            raise self._broken(str(error) or type(error).__name__) from error
        self._decoded: OrderedDict[int, Signal] = OrderedDict()
        self._decoded_bytes = 0
        self._zones: dict[tuple[int, int], tuple[Zone, ...]] = {}

    def _broken(self, cause: str) -> ToolMissing:
        return ToolMissing(
            f"SoundFont {self.name} is damaged or no SoundFont ({cause}); restore the file from "
            "the project's assets/soundfont folder."
        )

    def _read_tables(self) -> None:
        data = self._data
        if data[:4] != b"RIFF" or data[8:12] != b"sfbk":
            raise ValueError("no RIFF sfbk header")
        (size,) = struct.unpack_from("<I", data, 4)
        if size + 8 > len(data):
            raise ValueError(f"{len(data)} bytes of {size + 8}")
        chunks = dict(_chunks(data, 12, len(data)))
        self._samples_at = chunks[b"smpl"][0]

        def rows(name: bytes, layout: str) -> list[tuple[Any, ...]]:
            start, length = chunks[name]
            return list(struct.iter_unpack(layout, data[start : start + length]))

        self._preset_bags = [row[0] for row in rows(b"pbag", "<HH")]
        self._preset_generators = rows(b"pgen", "<HH")
        self._instruments = [row[1] for row in rows(b"inst", "<20sH")]
        self._instrument_bags = [row[0] for row in rows(b"ibag", "<HH")]
        self._instrument_generators = rows(b"igen", "<HH")
        headers = rows(b"phdr", "<20sHHHIII")
        self._presets = {
            (row[2], row[1]): (row[3], following[3]) for row, following in pairwise(headers)
        }
        self._samples = [
            Sample(
                start=row[1],
                end=row[2],
                loop_start=row[3],
                loop_end=row[4],
                rate_hz=row[5],
                root=row[6],
                correction_cents=row[7],
                vorbis=bool(row[9] & _VORBIS_FLAG),
            )
            for row in rows(b"shdr", "<20sIIIIIBbHH")[:-1]
        ]
        if not self._presets or not self._samples:
            raise ValueError("no presets or samples")

    def zones(self, bank: int, program: int) -> tuple[Zone, ...]:
        """Return the zones of a preset. Raises ToolMissing if the file has no such preset."""
        key = (bank, program)
        if key not in self._presets:
            raise ToolMissing(
                f"SoundFont {self.name} has no preset {program} in bank {bank}; use the SoundFont "
                "that ships in assets/soundfont."
            )
        if key not in self._zones:
            self._zones[key] = tuple(self._read_zones(*self._presets[key]))
        return self._zones[key]

    def _read_zones(self, first_bag: int, end_bag: int) -> list[Zone]:
        zones: list[Zone] = []
        preset_zones = _bag_zones(
            first_bag, end_bag, self._preset_bags, self._preset_generators, _INSTRUMENT
        )
        for outer in preset_zones:
            index = outer[_INSTRUMENT]
            instrument_zones = _bag_zones(
                self._instruments[index],
                self._instruments[index + 1],
                self._instrument_bags,
                self._instrument_generators,
                _SAMPLE,
            )
            zones += [_joined(outer, inner) for inner in instrument_zones]
        return [zone for zone in zones if zone.keys[0] <= zone.keys[1]]

    def decoded(self, index: int) -> Signal:
        """Return a sample as mono float32; the least recently used ones are forgotten."""
        if index in self._decoded:
            self._decoded.move_to_end(index)
            return self._decoded[index]
        sample = self._samples[index]
        if sample.vorbis:
            raw = self._data[self._samples_at + sample.start : self._samples_at + sample.end]
            try:
                read, _ = soundfile.read(io.BytesIO(raw), dtype="float32")
            except soundfile.LibsndfileError as error:
                raise self._broken(f"sample {index}: {error}") from error
            sound: Signal = np.asarray(read, dtype=np.float32)
        else:
            offset = self._samples_at + 2 * sample.start
            count = sample.end - sample.start
            pcm = np.frombuffer(self._data, dtype="<i2", count=count, offset=offset)
            sound = pcm.astype(np.float32) / np.float32(32768.0)
        self._decoded[index] = sound
        self._decoded_bytes += sound.nbytes
        while self._decoded_bytes > _CACHE_BYTES and len(self._decoded) > 1:
            _, oldest = self._decoded.popitem(last=False)
            self._decoded_bytes -= oldest.nbytes
        return sound

    def tone(self, bank: int, program: int, key: int, velocity: int, seconds: float) -> Signal:
        """Return a key held for `seconds`, stereo, without release; velocity is 1..127."""
        count = frames_of(seconds)
        sound = np.zeros((2, count), dtype=np.float32)
        longest = 0
        for zone in self.zones(bank, program):
            if not zone.answers(key, velocity):
                continue
            mono = self._zone_sound(zone, key, count)
            longest = max(longest, len(mono))
            place = min(max(zone.value(_PAN) / 1000.0 + 0.5, 0.0), 1.0) * np.pi / 2
            sound[0, : len(mono)] += mono * np.float32(np.cos(place))
            sound[1, : len(mono)] += mono * np.float32(np.sin(place))
        return sound[:, :longest]

    def _zone_sound(self, zone: Zone, key: int, count: int) -> Signal:
        sample = self._samples[zone.sample]
        root = zone.value(_ROOT) if 0 <= zone.value(_ROOT) <= 127 else sample.root
        cents = (key - root) * zone.value(_SCALE_TUNE) + sample.correction_cents
        cents += 100 * zone.value(_COARSE) + zone.value(_FINE)
        step = sample.rate_hz / SAMPLE_RATE_HZ * 2.0 ** (cents / 1200.0)
        source = self._unrolled(zone, sample, int(count * step) + 8)
        count = min(count, int((len(source) - 4) / step))
        if count <= 0:
            return np.zeros(0, dtype=np.float32)
        sound = _resampled(source, step, count)
        sound *= _envelope(zone, count)
        cutoff_hz = 8.176 * 2.0 ** (zone.value(_FILTER) / 1200.0)
        if cutoff_hz < 0.4 * SAMPLE_RATE_HZ:
            sound = filtered(sound, "lowpass", cutoff_hz)
        level_db = -_ATTENUATION_FACTOR * zone.value(_ATTENUATION) / 10.0
        return sound * np.float32(10.0 ** (level_db / 20.0))

    def _unrolled(self, zone: Zone, sample: Sample, needed: int) -> Signal:
        """Repeat the sample's loop until there are `needed` frames."""
        sound = self.decoded(zone.sample)
        start = sample.loop_start + zone.value(_START_LOOP)
        start += 32768 * zone.value(_START_LOOP_COARSE)
        end = sample.loop_end + zone.value(_END_LOOP) + 32768 * zone.value(_END_LOOP_COARSE)
        end = min(end, len(sound))
        if not zone.value(_LOOP_MODE) & 1 or end - start < 8 or needed <= end:
            return sound[:needed]
        repeats = -(-(needed - end) // (end - start))
        return np.concatenate([sound[:end], np.tile(sound[start:end], repeats)])[:needed]

    def release_s(self, bank: int, program: int, key: int) -> float:
        """Return how long a key sounds after its release, limited to what a mix needs."""
        times = [
            zone.seconds(_RELEASE)
            for zone in self.zones(bank, program)
            if zone.keys[0] <= key <= zone.keys[1]
        ]
        return min(max([0.08, *times]), 1.6)


def _chunks(data: bytes, start: int, end: int) -> list[tuple[bytes, tuple[int, int]]]:
    """Return (name, (offset, length)) of every chunk, with lists opened."""
    chunks: list[tuple[bytes, tuple[int, int]]] = []
    while start + 8 <= end:
        name = data[start : start + 4]
        (length,) = struct.unpack_from("<I", data, start + 4)
        body = start + 8
        if body + length > len(data):
            raise ValueError(f"chunk {name!r} runs past the end of the file")
        if name == b"LIST":
            chunks += _chunks(data, body + 4, body + length)
        else:
            chunks.append((name, (body, length)))
        start = body + length
        # Some writers of sf3 leave out the pad byte after an odd chunk.
        if length % 2 and data[start : start + 1] == b"\0":
            start += 1
    return chunks


def _bag_zones(
    first: int,
    end: int,
    bags: list[int],
    generators: list[tuple[Any, ...]],
    needed: int,
) -> list[Generators]:
    """Return the generators of each zone that has the needed one, added to the global zone's."""
    common: Generators = {}
    zones: list[Generators] = []
    for bag in range(first, end):
        own: Generators = {}
        for name, value in generators[bags[bag] : bags[bag + 1]]:
            is_plain = name in (*_RANGES, _INSTRUMENT, _SAMPLE)
            own[name] = value if is_plain or value < 32768 else value - 65536
        if needed in own:
            zones.append({**common, **own})
        elif bag == first:
            common = own
    return zones


def _joined(outer: Generators, inner: Generators) -> Zone:
    """Combine an instrument's zone with a preset's: ranges intersect, all else is added."""
    values = dict(inner)
    for generator, value in outer.items():
        if generator not in (*_RANGES, _INSTRUMENT):
            base = inner.get(generator, _DEFAULTS.get(generator, 0))
            values[generator] = base + value
    keys = _overlap(outer.get(_KEYS, 127 << 8), inner.get(_KEYS, 127 << 8))
    velocities = _overlap(outer.get(_VELOCITIES, 127 << 8), inner.get(_VELOCITIES, 127 << 8))
    return Zone(keys, velocities, inner[_SAMPLE], values)


def _overlap(first: int, second: int) -> tuple[int, int]:
    """Return the intersection of two ranges, each packed as low byte and high byte."""
    return max(first & 255, second & 255), min(first >> 8, second >> 8)


def _resampled(source: Signal, step: float, count: int) -> Signal:
    """Return every `step`-th place of the source by cubic (Catmull-Rom) interpolation."""
    place = np.arange(count, dtype=np.float64) * step + 1.0
    index = place.astype(np.int32)
    part = (place - index).astype(np.float32)
    padded = np.concatenate([source[:1], source, np.zeros(3, dtype=np.float32)])
    before, here = padded[index - 1], padded[index]
    after, later = padded[index + 1], padded[index + 2]
    cubic = 3.0 * (here - after) + later - before
    square = 2.0 * before - 5.0 * here + 4.0 * after - later
    return np.asarray(
        here + 0.5 * part * (after - before + part * (square + part * cubic)), dtype=np.float32
    )


def _envelope(zone: Zone, count: int) -> Signal:
    """Return attack, hold, decay and sustain of the volume envelope; levels fall linearly in dB."""
    time = np.arange(count, dtype=np.float32) / np.float32(SAMPLE_RATE_HZ)
    attack = max(zone.seconds(_ATTACK), 0.002)
    rise = np.minimum(time / np.float32(attack), 1.0)
    sustain_db = min(max(zone.value(_SUSTAIN) / 10.0, 0.0), 100.0)
    if sustain_db == 0.0:
        return np.asarray(rise, dtype=np.float32)
    # The decay time is that of a fall by 100 dB.
    after = np.maximum(time - np.float32(attack + zone.seconds(_HOLD)), 0.0)
    fall_db = np.minimum(after * np.float32(100.0 / max(zone.seconds(_DECAY), 0.01)), sustain_db)
    return np.asarray(rise * np.exp(fall_db * np.float32(-np.log(10.0) / 20.0)), dtype=np.float32)


class SampledInstrument:
    """Plays a melodic preset."""

    one_shot = False
    velocity_steps = 3

    def __init__(self, font: SoundFont, patch: SampledPatch) -> None:
        self.font, self.patch = font, patch

    def release_s(self, pitch: int) -> float:
        return self.font.release_s(_MELODIC_BANK, self.patch.program, pitch)

    def tone(self, pitch: int, velocity: float, seconds: float, glide: int = 0) -> Signal:
        """Return the note held for `seconds` at a timbre of velocity 0..1."""
        patch = self.patch
        sound = self.font.tone(
            _MELODIC_BANK,
            patch.program,
            pitch + patch.transpose,
            _midi_velocity(velocity),
            min(seconds, _LONGEST_S),
        )
        if patch.brightness_hz:
            sound = filtered(sound, "lowpass", patch.brightness_hz, order=1)
        if patch.mute_s:
            time_s = np.arange(sound.shape[1], dtype=np.float32) / np.float32(SAMPLE_RATE_HZ)
            sound = sound * np.exp(-time_s / np.float32(patch.mute_s))
        return sound


class SampledDrums:
    """Plays a drum kit."""

    one_shot = True
    velocity_steps = 4

    def __init__(self, font: SoundFont, kit: SampledKit) -> None:
        self.font, self.kit = font, kit

    def release_s(self, pitch: int) -> float:
        return 0.05

    def tone(self, pitch: int, velocity: float, seconds: float, glide: int = 0) -> Signal:
        """Return the whole hit, whatever `seconds` says."""
        return self.font.tone(DRUM_BANK, self.kit.program, pitch, _midi_velocity(velocity), 3.5)


def _midi_velocity(velocity: float) -> int:
    return min(127, max(1, round(30 + 97 * velocity)))
