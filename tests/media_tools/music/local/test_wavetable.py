from dataclasses import replace

import numpy as np
import pytest

from media_tools.music.local.dsp import SAMPLE_RATE_HZ, Signal, pitch_hz
from media_tools.music.local.genres import SYNTHWAVE
from media_tools.music.local.patches import KITS, PATCHES, SynthKit, SynthPatch
from media_tools.music.local.sound import sound_of
from media_tools.music.local.wavetable import SynthDrums, SynthInstrument, tables

SOUND = sound_of("Neon Fox", SYNTHWAVE)
SYNTHS = {name: patch for name, patch in PATCHES.items() if isinstance(patch, SynthPatch)}
SYNTH_KITS = {name: kit for name, kit in KITS.items() if isinstance(kit, SynthKit)}


def test_tables_hold_no_harmonic_that_would_alias() -> None:
    spectrum = np.abs(np.fft.rfft(tables("saw", 96, 0.0)[-1, :2048]))
    highest = int(18_000 / pitch_hz(96))
    assert spectrum[highest] > 1.0
    assert spectrum[highest + 1 :].max() < 1e-2


def test_tables_go_from_dark_to_bright() -> None:
    cycles = tables("saw", 45, 0.0)[:, :2048]
    weights = np.arange(1025)
    spectra = np.abs(np.fft.rfft(cycles, axis=1))
    centroids = (spectra * weights).sum(axis=1) / spectra.sum(axis=1)
    assert (np.diff(centroids) > 0).all()


@pytest.mark.parametrize("name", SYNTHS)
def test_patch_sounds_cleanly(name: str) -> None:
    tone = SynthInstrument(SYNTHS[name], SOUND).tone(57, 0.7, 0.4)
    assert tone.shape == (2, round(0.4 * SAMPLE_RATE_HZ))
    assert tone.dtype == np.float32
    assert np.isfinite(tone).all()
    assert 0.05 < np.abs(tone).max() < 5.0


@pytest.mark.parametrize("name", ["saw_lead", "sub_bass", "warm_pad", "square_lead"])
def test_patch_is_in_tune(name: str) -> None:
    tone = SynthInstrument(SYNTHS[name], SOUND).tone(57, 0.7, 1.5).mean(axis=0)
    size = 1 << 18
    spectrum = np.abs(np.fft.rfft(tone * np.hanning(len(tone)), size))
    hz = np.fft.rfftfreq(size, 1 / SAMPLE_RATE_HZ)
    band = (hz > 200) & (hz < 240)
    cents = 1200 * np.log2(hz[band][np.argmax(spectrum[band])] / 220.0)
    assert abs(cents) < 25


@pytest.mark.parametrize("name", SYNTH_KITS)
def test_every_drum_of_a_kit_sounds_and_ends(name: str) -> None:
    drums = SynthDrums(SYNTH_KITS[name], SOUND)
    for pitch in SYNTH_KITS[name].voices:
        hit = drums.tone(pitch, 0.9, 0.0)
        assert np.isfinite(hit).all()
        assert np.abs(hit).max() > 0.05
        assert np.abs(hit[:, -20:]).max() < 0.02


def test_a_hit_is_the_same_every_time() -> None:
    one, other = (SynthDrums(SYNTH_KITS["analog"], SOUND).tone(38, 0.9, 0.0) for _ in range(2))
    assert np.array_equal(one, other)


def test_a_glide_arrives_at_its_note() -> None:
    instrument = SynthInstrument(PATCHES["boom_bass"], SOUND)
    plain, slid = (instrument.tone(45, 0.8, 0.6, glide)[0] for glide in (0, 12))

    def hz(sound: Signal, start_s: float) -> float:
        piece = sound[round(start_s * SAMPLE_RATE_HZ) :][: SAMPLE_RATE_HZ // 5]
        crossings = np.flatnonzero((piece[:-1] < 0) & (piece[1:] >= 0))
        return float(SAMPLE_RATE_HZ / np.diff(crossings).mean())

    assert hz(slid, 0.0) > 1.15 * hz(slid, 0.35)
    assert hz(slid, 0.35) == pytest.approx(hz(plain, 0.35), rel=0.01)


def test_an_808_is_heard_on_speakers_without_lows() -> None:
    patch = SYNTHS["boom_bass"]

    def overtones(played: SynthPatch) -> float:
        spectrum = np.abs(np.fft.rfft(SynthInstrument(played, SOUND).tone(33, 0.9, 0.8)[0]))
        return float(spectrum[round(100 * 0.8) :].max() / spectrum.max())

    assert overtones(patch) > 3 * overtones(replace(patch, drive=0.0, bias=0.0))


def test_a_gated_snare_is_cut_off() -> None:
    hit = SynthDrums(SYNTH_KITS["eighties"], SOUND).tone(38, 0.9, 0.0)[0]

    def level(start_s: float) -> float:
        start = round(start_s * SAMPLE_RATE_HZ)
        return float(np.sqrt(np.mean(hit[start : start + 441] ** 2)))

    assert level(0.11) > 0.4 * level(0.05)
    assert level(0.24) < 0.1 * level(0.11)
