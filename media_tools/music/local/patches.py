"""Every sound an artist can have: synthesizer patches, sampled presets and drum kits, as data."""

from __future__ import annotations

from dataclasses import dataclass, replace

BASS_CENTRE = 38
SUB_CENTRE = 33


@dataclass(frozen=True)
class SynthPatch:
    """A wavetable or FM voice."""

    wave: str = "saw"
    detune: tuple[float, ...] = (0.0,)  # cents of each oscillator
    width: float = 0.6  # 0..1, how far the oscillators are spread
    attack_s: float = 0.005
    decay_s: float = 0.3
    sustain: float = 0.7
    release_s: float = 0.2
    bright: float = 4.0  # filter level 0..7 (180 Hz to 16 kHz, see wavetable.py)
    bright_env: float = 0.0  # added at the start, decays with bright_decay_s
    bright_decay_s: float = 0.3
    resonance: float = 0.0
    vibrato_cents: float = 0.0
    sub: float = 0.0  # level of a sine an octave below
    drive: float = 0.0  # saturation; 0 is off
    bias: float = 0.0  # makes the saturation lopsided: even harmonics, heard on small speakers
    glide_s: float = 0.045  # time constant of a slide into a note
    drop_semitones: float = 0.0  # the pitch falls into the note, as in an 808; below 0 it rises
    drop_s: float = 0.03
    fm_ratio: float = 2.0  # fm_*: only for wave "fm"
    fm_index: float = 1.0
    fm_decay_s: float = 0.3
    chorus: float = 0.0
    program: int = 80  # nearest General MIDI program
    centre: int = BASS_CENTRE  # pitch that bass roots stay near
    transpose: int = 0


@dataclass(frozen=True)
class SampledPatch:
    """A preset of the SoundFont."""

    program: int
    chorus: float = 0.0  # wet share 0..1
    brightness_hz: float = 0.0  # low-pass; 0 is off
    amp: float = 0.0  # gain of a guitar amplifier; 0 is none
    mute_s: float = 0.0  # a palm on the strings: seconds to fall by a factor e; 0 is none
    centre: int = BASS_CENTRE
    transpose: int = 0


Patch = SynthPatch | SampledPatch

_PLUCK = SynthPatch(
    detune=(-5.0, 5.0),
    attack_s=0.003,
    decay_s=0.16,
    sustain=0.12,
    release_s=0.22,
    bright=2.2,
    bright_env=3.4,
    bright_decay_s=0.14,
)
_PAD = SynthPatch(
    detune=(-11.0, -4.0, 5.0, 12.0),
    width=0.85,
    attack_s=0.35,
    decay_s=2.0,
    sustain=0.8,
    release_s=1.2,
    bright=2.6,
    bright_env=1.2,
    bright_decay_s=2.0,
    chorus=0.4,
    program=89,
)
_BASS = SynthPatch(
    detune=(-6.0, 6.0),
    width=0.15,
    attack_s=0.004,
    decay_s=0.2,
    sustain=0.65,
    release_s=0.09,
    bright=1.6,
    bright_env=2.6,
    bright_decay_s=0.18,
    sub=0.5,
    program=38,
)
_LEAD = SynthPatch(
    detune=(-8.0, 0.0, 8.0),
    width=0.5,
    attack_s=0.012,
    decay_s=0.4,
    sustain=0.75,
    release_s=0.25,
    bright=3.6,
    bright_env=1.6,
    vibrato_cents=13.0,
    program=81,
)

PATCHES: dict[str, Patch] = {
    # Sampled
    "grand": SampledPatch(0),
    "felt_piano": SampledPatch(0, brightness_hz=2200.0),
    "house_piano": SampledPatch(0, chorus=0.15),
    "rhodes": SampledPatch(4, chorus=0.3),
    "ep2": SampledPatch(5, chorus=0.35),
    "vibes": SampledPatch(11),
    "nylon": SampledPatch(24),
    "steel": SampledPatch(25),
    "clean_guitar": SampledPatch(27, chorus=0.3),
    "chime_guitar": SampledPatch(27, chorus=0.15, amp=1.5),
    "crunch_guitar": SampledPatch(27, amp=5.0),
    "lead_guitar": SampledPatch(27, amp=9.0),
    "twang_guitar": SampledPatch(27, amp=0.8),
    "chug_guitar": SampledPatch(27, brightness_hz=3400.0, amp=30.0, mute_s=0.16, transpose=-12),
    "wall_guitar": SampledPatch(27, amp=30.0, transpose=-12),
    "solo_guitar": SampledPatch(27, chorus=0.2, amp=13.0),
    "left_hand": SampledPatch(0, centre=43),
    "upright": SampledPatch(32),
    "finger_bass": SampledPatch(33),
    "strings": SampledPatch(48),
    "low_strings": SampledPatch(48, centre=40, brightness_hz=2500.0),
    "short_strings": SampledPatch(48),
    "choir": SampledPatch(52),
    "brass": SampledPatch(61),
    "sax": SampledPatch(65),
    # Pads
    "warm_pad": _PAD,
    "glass_pad": replace(_PAD, wave="triangle", bright=4.6, bright_env=1.0, program=88),
    "dark_pad": replace(_PAD, bright=1.5, bright_env=0.8, sub=0.3, program=95),
    "synth_strings": replace(_PAD, attack_s=0.16, bright=4.0, bright_env=0.6, program=50),
    # Chords
    "poly_brass": replace(
        _PAD, attack_s=0.03, bright=2.8, bright_env=2.6, bright_decay_s=0.5, release_s=0.3,
        program=62,
    ),
    "supersaw": replace(
        _PAD, detune=(-18.0, -9.0, 0.0, 9.0, 18.0), attack_s=0.012, bright=4.6, bright_env=1.2,
        release_s=0.3, program=90,
    ),
    "stab": replace(
        _PLUCK, detune=(-10.0, 0.0, 10.0), decay_s=0.22, sustain=0.2, bright=2.6, bright_env=3.6,
        program=90,
    ),
    "dark_stab": replace(
        _PLUCK, wave="pulse", decay_s=0.25, sustain=0.1, bright=1.8, bright_env=2.6, resonance=0.5,
        program=87,
    ),
    "house_organ": SynthPatch(
        wave="organ", detune=(-3.0, 3.0), decay_s=0.25, sustain=0.45, release_s=0.12, bright=4.4,
        program=16,
    ),
    "dark_keys": replace(
        _PLUCK, wave="triangle", decay_s=0.7, sustain=0.15, release_s=0.5, bright=3.4,
        bright_env=1.2, program=4,
    ),
    "hyper_saw": replace(
        _PAD, detune=(-24.0, -12.0, 0.0, 12.0, 24.0), attack_s=0.004, bright=5.6, bright_env=1.0,
        bright_decay_s=0.3, release_s=0.12, drive=1.6, chorus=0.0, program=90,
    ),
    # Plucks
    "pulse_pluck": replace(_PLUCK, wave="square"),
    "saw_pluck": _PLUCK,
    "acid_pluck": replace(_PLUCK, resonance=1.1, bright=1.8, bright_env=3.8, program=87),
    "glass_pluck": SynthPatch(
        wave="fm", fm_ratio=3.0, fm_index=1.1, fm_decay_s=0.12, decay_s=0.4, sustain=0.0,
        release_s=0.4, program=98,
    ),
    "bell": SynthPatch(
        wave="fm", fm_ratio=3.51, fm_index=1.5, fm_decay_s=0.4, decay_s=1.1, sustain=0.0,
        release_s=1.0, program=14,
    ),
    "hyper_pluck": replace(
        _PLUCK, detune=(-14.0, 0.0, 14.0), decay_s=0.12, bright=3.6, bright_env=3.2, drive=1.0,
        transpose=12, program=90,
    ),
    "marimba": SynthPatch(
        wave="fm", fm_ratio=4.0, fm_index=0.7, fm_decay_s=0.03, decay_s=0.2, sustain=0.0,
        release_s=0.2, program=12,
    ),
    "kalimba": SynthPatch(
        wave="fm", fm_ratio=6.3, fm_index=0.5, fm_decay_s=0.05, decay_s=0.45, sustain=0.0,
        release_s=0.4, program=108,
    ),
    "cowbell": SynthPatch(
        wave="cowbell", detune=(-3.0, 3.0), attack_s=0.001, decay_s=0.11, sustain=0.0,
        release_s=0.1, bright=5.2, bright_env=1.4, bright_decay_s=0.03, drive=1.4, program=113,
        transpose=-12,
    ),
    "low_cowbell": SynthPatch(
        wave="cowbell", detune=(-6.0, 6.0), attack_s=0.001, decay_s=0.16, sustain=0.0,
        release_s=0.12, bright=4.4, bright_env=1.4, bright_decay_s=0.04, drive=2.0, program=113,
        transpose=-24,
    ),
    # Leads
    "saw_lead": _LEAD,
    "square_lead": replace(_LEAD, wave="square", detune=(-4.0, 4.0), bright=3.4, program=80),
    "super_lead": replace(
        _LEAD, detune=(-16.0, -7.0, 0.0, 7.0, 16.0), width=0.8, bright=4.2, bright_env=1.2
    ),
    "soft_lead": replace(
        _LEAD, wave="triangle", detune=(-4.0, 4.0), attack_s=0.03, bright=4.2, program=82
    ),
    "flute_lead": replace(
        _LEAD, wave="reed", detune=(-2.0, 2.0), width=0.25, attack_s=0.05, bright=4.0,
        bright_env=0.0, vibrato_cents=18.0, program=73,
    ),
    "dark_lead": replace(
        _LEAD, wave="pulse", bright=2.4, bright_env=1.8, resonance=0.6, vibrato_cents=6.0,
        program=87,
    ),
    "hyper_lead": replace(
        _LEAD, detune=(-20.0, -8.0, 0.0, 8.0, 20.0), width=0.7, bright=5.4, bright_env=1.2,
        vibrato_cents=18.0, drop_semitones=5.0, drop_s=0.02, drive=1.4,
    ),
    # A bar slides up into the note.
    "pedal_steel": SynthPatch(
        wave="reed", detune=(-2.0, 2.0), width=0.3, attack_s=0.04, decay_s=1.6, sustain=0.5,
        release_s=0.35, bright=4.8, bright_env=1.4, vibrato_cents=20.0, drop_semitones=-2.0,
        drop_s=0.07, drive=1.0, bias=0.2, chorus=0.15, program=27,
    ),
    # Basses
    "saw_bass": _BASS,
    "square_bass": replace(_BASS, wave="square", bright=1.8, program=39),
    "pick_bass": replace(_BASS, wave="pulse", decay_s=0.45, bright=1.9, bright_env=3.0, program=34),
    "organ_bass": replace(_BASS, wave="organ", bright=3.2, bright_env=0.0, program=39),
    "dark_bass": replace(_BASS, bright=0.8, bright_env=2.0, drive=1.2, program=39),
    "acid": replace(
        _BASS, detune=(0.0,), bright=1.2, bright_env=3.6, bright_decay_s=0.16, resonance=1.3,
        drive=1.0, sub=0.4, program=87,
    ),
    "reese": replace(
        _BASS, detune=(-17.0, 15.0, 2.0), width=0.5, attack_s=0.012, sustain=0.9, bright=2.0,
        bright_env=0.7, bright_decay_s=0.6, sub=0.9, drive=0.8, centre=SUB_CENTRE + 2,
    ),
    "sub_bass": SynthPatch(
        wave="soft", attack_s=0.008, decay_s=0.6, sustain=0.85, release_s=0.12, bright=5.0,
        drive=0.6, program=39, centre=SUB_CENTRE + 2,
    ),
    "sine_bass": SynthPatch(
        wave="soft", attack_s=0.03, decay_s=1.5, sustain=0.8, release_s=0.35, bright=5.0,
        program=39, centre=SUB_CENTRE + 3,
    ),
    "boom_bass": SynthPatch(
        wave="sine", attack_s=0.002, decay_s=1.1, sustain=0.35, release_s=0.12, bright=7.0,
        drive=2.6, bias=0.25, glide_s=0.07, drop_semitones=12.0, drop_s=0.03, program=39,
        centre=SUB_CENTRE,
    ),
    "long_boom": SynthPatch(
        wave="sine", attack_s=0.002, decay_s=2.0, sustain=0.5, release_s=0.2, bright=7.0,
        drive=4.5, bias=0.35, glide_s=0.09, drop_semitones=7.0, drop_s=0.05, program=39,
        centre=SUB_CENTRE,
    ),
    "phonk_boom": SynthPatch(
        wave="sine", attack_s=0.002, decay_s=0.9, sustain=0.5, release_s=0.08, bright=7.0,
        drive=14.0, bias=0.3, glide_s=0.06, drop_semitones=12.0, drop_s=0.03, program=39,
        centre=SUB_CENTRE,
    ),
    "hyper_boom": SynthPatch(
        wave="sine", attack_s=0.002, decay_s=0.7, sustain=0.4, release_s=0.08, bright=7.0,
        drive=9.0, bias=0.4, glide_s=0.05, drop_semitones=19.0, drop_s=0.02, program=39,
        centre=SUB_CENTRE + 2,
    ),
    "hard_bass": replace(
        _BASS, detune=(-12.0, 0.0, 12.0), bright=3.0, bright_env=2.6, drive=3.0, sub=0.8,
    ),
    "grit_bass": replace(_BASS, bright=2.4, bright_env=2.2, drive=2.2, sub=0.6, program=34),
    # A tuned drum: a knock, and a tone that falls and slides.
    "log_drum": replace(
        _BASS, wave="pulse", detune=(0.0,), attack_s=0.002, decay_s=0.24, sustain=0.08,
        bright=1.0, bright_env=3.2, bright_decay_s=0.05, sub=1.0, drive=1.8, bias=0.2,
        glide_s=0.05, drop_semitones=7.0, drop_s=0.016, program=39,
    ),
    "deep_log": replace(
        _BASS, wave="triangle", detune=(0.0,), attack_s=0.002, decay_s=0.42, sustain=0.12,
        bright=2.4, bright_env=3.4, bright_decay_s=0.04, sub=0.8, drive=3.2, bias=0.3,
        glide_s=0.07, drop_semitones=12.0, drop_s=0.012, program=39, centre=SUB_CENTRE + 2,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class DrumVoice:
    """One synthesized drum.

    A sine falling from tone_hz + drop_hz to tone_hz, noise in a band, a click, and metal: six
    clashing square waves. Decays are the seconds to fall by a factor e.
    """

    tone_hz: float = 0.0
    drop_hz: float = 0.0
    drop_s: float = 0.03
    tone_decay_s: float = 0.1
    tone: float = 0.0
    noise: float = 0.0
    noise_low_hz: float = 1000.0
    noise_high_hz: float = 9000.0
    noise_decay_s: float = 0.06
    noise_attack_s: float = 0.0005
    noise_hold_s: float = 0.0  # time before it decays: a gated room
    metal: float = 0.0
    click: float = 0.0
    drive: float = 0.0
    bursts: int = 1  # number of hands in a clap
    pan: float = 0.0


@dataclass(frozen=True)
class SynthKit:
    """Drums by General MIDI pitch."""

    voices: dict[int, DrumVoice]


@dataclass(frozen=True)
class SampledKit:
    """A drum kit of the SoundFont (bank 128)."""

    program: int


Kit = SynthKit | SampledKit

_KICK = DrumVoice(
    tone_hz=52.0, drop_hz=150.0, drop_s=0.035, tone_decay_s=0.13, tone=1.0, click=0.3, drive=0.8
)
_SNARE = DrumVoice(
    tone_hz=185.0, drop_hz=60.0, drop_s=0.02, tone_decay_s=0.05, tone=0.55,
    noise=0.6, noise_low_hz=900.0, noise_high_hz=9000.0, noise_decay_s=0.08, click=0.15,
)  # fmt: skip
_CLAP = DrumVoice(noise=0.8, noise_low_hz=900.0, noise_high_hz=6500.0, noise_decay_s=0.09, bursts=4)
_HAT = DrumVoice(
    noise=0.4, noise_low_hz=7000.0, noise_high_hz=16000.0, noise_decay_s=0.022, metal=0.35, pan=0.2
)
_OPEN = replace(_HAT, noise_decay_s=0.13)
_TOM = DrumVoice(
    tone_hz=100.0, drop_hz=70.0, drop_s=0.05, tone_decay_s=0.16, tone=1.0,
    noise=0.08, noise_low_hz=400.0, noise_high_hz=4000.0, noise_decay_s=0.03,
)  # fmt: skip
_SHAKER = DrumVoice(
    noise=0.5, noise_low_hz=5000.0, noise_high_hz=13000.0, noise_decay_s=0.03,
    noise_attack_s=0.012, pan=-0.35,
)  # fmt: skip
_CYMBAL = DrumVoice(
    noise=0.4, noise_low_hz=3500.0, noise_high_hz=16000.0, noise_decay_s=0.65, metal=0.12
)
_ANALOG_VOICES: dict[int, DrumVoice] = {
    36: _KICK,
    37: DrumVoice(tone_hz=1700.0, tone_decay_s=0.015, tone=0.6, noise=0.2, noise_decay_s=0.01),
    38: _SNARE,
    39: _CLAP,
    42: _HAT,
    45: replace(_TOM, tone_hz=82.0, pan=0.35),
    46: _OPEN,
    47: replace(_TOM, tone_hz=118.0, pan=0.0),
    49: _CYMBAL,
    50: replace(_TOM, tone_hz=160.0, pan=-0.35),
    51: replace(_CYMBAL, noise=0.12, metal=0.35, noise_decay_s=0.25, pan=0.3),
    56: DrumVoice(
        tone_hz=545.0, tone_decay_s=0.05, tone=0.5, noise_low_hz=700.0, noise_decay_s=0.06,
        metal=0.5, pan=0.25,
    ),
    54: replace(_SHAKER, metal=0.3, noise_attack_s=0.001, noise_decay_s=0.05, pan=0.4),
    63: replace(_TOM, tone_hz=260.0, drop_hz=60.0, tone_decay_s=0.08, pan=-0.3),
    70: _SHAKER,
}  # fmt: skip


def _kit(**changed: DrumVoice) -> SynthKit:
    """Return the analog kit with some voices replaced; names as in _PITCHES."""
    return SynthKit({**_ANALOG_VOICES, **{_PITCHES[name]: v for name, v in changed.items()}})


_PITCHES = {
    "kick": 36, "rim": 37, "snare": 38, "clap": 39, "hat": 42, "low_tom": 45, "open_hat": 46,
    "mid_tom": 47, "crash": 49, "high_tom": 50, "ride": 51, "tambourine": 54, "conga": 63,
    "shaker": 70,
}  # fmt: skip

KITS: dict[str, Kit] = {
    "standard": SampledKit(0),
    "room": SampledKit(8),
    "tr808": SampledKit(25),
    "analog": _kit(),
    "club": _kit(
        kick=replace(
            _KICK, tone_hz=52.0, drop_hz=230.0, drop_s=0.022, tone_decay_s=0.14, drive=1.8
        ),
        clap=replace(_CLAP, noise_decay_s=0.12),
        open_hat=replace(_OPEN, noise_decay_s=0.09, metal=0.2),
    ),
    "eighties": _kit(
        kick=replace(_KICK, tone_hz=54.0, drop_hz=120.0, tone_decay_s=0.1, click=0.4),
        snare=replace(
            _SNARE, tone_hz=170.0, tone_decay_s=0.09, noise=0.8, noise_low_hz=500.0,
            noise_hold_s=0.13, noise_decay_s=0.03,
        ),
        clap=replace(_CLAP, noise_decay_s=0.12),
        low_tom=replace(_TOM, tone_hz=78.0, drop_hz=110.0, tone_decay_s=0.25, pan=0.5),
        high_tom=replace(_TOM, tone_hz=150.0, drop_hz=160.0, tone_decay_s=0.2, pan=-0.5),
    ),
    "dusty": _kit(
        kick=replace(_KICK, tone_hz=56.0, drop_hz=70.0, tone_decay_s=0.1, click=0.08, drive=1.5),
        snare=replace(_SNARE, tone_hz=205.0, noise=0.45, noise_high_hz=4500.0, noise_decay_s=0.06),
        hat=replace(_HAT, noise_low_hz=4500.0, noise_high_hz=9000.0, metal=0.1),
        rim=DrumVoice(
            tone_hz=900.0, tone_decay_s=0.02, tone=0.6,
            noise=0.3, noise_high_hz=5000.0, noise_decay_s=0.015,
        ),
    ),
    "soft": _kit(
        kick=replace(_KICK, tone_hz=44.0, drop_hz=35.0, tone_decay_s=0.28, click=0.0, drive=0.0),
        rim=DrumVoice(tone_hz=620.0, tone_decay_s=0.05, tone=0.5),
        low_tom=replace(_TOM, tone_hz=64.0, drop_hz=20.0, tone_decay_s=0.5),
    ),
    "breaks": _kit(
        kick=replace(
            _KICK, tone_hz=58.0, drop_hz=160.0, drop_s=0.02, tone_decay_s=0.085, drive=1.4
        ),
        snare=replace(
            _SNARE, tone_hz=205.0, drop_hz=90.0, tone=0.7, noise=0.75, noise_low_hz=1400.0,
            noise_decay_s=0.075, click=0.3, drive=0.8,
        ),
        hat=replace(_HAT, noise_low_hz=5500.0, noise_decay_s=0.03, metal=0.5, drive=0.5),
        ride=replace(_CYMBAL, noise=0.2, metal=0.4, noise_decay_s=0.4, pan=0.3),
    ),
    "eight_o_eight": _kit(
        kick=replace(_KICK, tone_hz=50.0, drop_hz=110.0, tone_decay_s=0.16, click=0.35, drive=1.2),
        # A clap on a snare, as layered on records.
        clap=replace(
            _CLAP, tone_hz=190.0, drop_hz=90.0, tone_decay_s=0.05, tone=0.7, noise_low_hz=900.0,
            noise_high_hz=9000.0, noise_decay_s=0.1, drive=1.0,
        ),
        snare=replace(
            _SNARE, tone_hz=210.0, drop_hz=120.0, noise=0.7, noise_decay_s=0.11, click=0.3,
            drive=1.0,
        ),
        hat=replace(_HAT, noise_low_hz=8500.0, noise_decay_s=0.014, metal=0.3),
    ),
    "taiko": _kit(
        kick=replace(_KICK, tone_hz=42.0, drop_hz=45.0, tone_decay_s=0.42, click=0.1, drive=0.8),
        snare=replace(_SNARE, noise_low_hz=1500.0, noise_decay_s=0.05, tone=0.35),
        low_tom=replace(
            _TOM, tone_hz=66.0, drop_hz=40.0, tone_decay_s=0.3, noise=0.25, noise_low_hz=150.0,
            noise_high_hz=2500.0, pan=0.25,
        ),
        mid_tom=replace(_TOM, tone_hz=88.0, drop_hz=45.0, tone_decay_s=0.24, noise=0.2, pan=-0.25),
        high_tom=replace(_TOM, tone_hz=122.0, drop_hz=50.0, tone_decay_s=0.18, noise=0.2, pan=-0.4),
        crash=replace(_CYMBAL, noise_decay_s=1.1, noise_attack_s=0.05),
    ),
    "hyper": _kit(
        kick=replace(
            _KICK, tone_hz=55.0, drop_hz=320.0, drop_s=0.02, tone_decay_s=0.13, click=0.6, drive=6.0
        ),
        snare=replace(
            _SNARE, tone_hz=220.0, drop_hz=160.0, tone=0.8, noise=0.9, noise_decay_s=0.12,
            click=0.5, drive=4.0,
        ),
        clap=replace(_CLAP, noise_decay_s=0.14, noise_high_hz=12_000.0, drive=2.5),
        hat=replace(_HAT, noise_decay_s=0.016, metal=0.6, drive=1.0),
    ),
    "dembow": _kit(
        kick=replace(_KICK, tone_hz=54.0, drop_hz=110.0, tone_decay_s=0.15, click=0.4, drive=1.4),
        # Short and pitched, between a snare and a timbale.
        snare=replace(
            _SNARE, tone_hz=245.0, drop_hz=120.0, tone=0.8, tone_decay_s=0.045, noise=0.55,
            noise_low_hz=1400.0, noise_decay_s=0.055, click=0.3, drive=0.8,
        ),
        rim=DrumVoice(
            tone_hz=1150.0, tone_decay_s=0.02, tone=0.6, noise=0.2, noise_decay_s=0.012, pan=0.2
        ),
        conga=replace(_TOM, tone_hz=340.0, drop_hz=90.0, tone_decay_s=0.06, pan=-0.35),
    ),
    "afro": _kit(
        kick=replace(_KICK, tone_hz=50.0, drop_hz=90.0, tone_decay_s=0.16, click=0.2, drive=0.8),
        snare=replace(_SNARE, tone_hz=260.0, tone=0.7, noise=0.4, noise_decay_s=0.05, click=0.2),
        rim=DrumVoice(
            tone_hz=1450.0, tone_decay_s=0.025, tone=0.8, noise=0.15, noise_decay_s=0.01, pan=0.15
        ),
        conga=replace(_TOM, tone_hz=220.0, drop_hz=50.0, tone_decay_s=0.12, pan=-0.4),
        low_tom=replace(_TOM, tone_hz=110.0, drop_hz=40.0, tone_decay_s=0.2, pan=0.4),
        shaker=replace(_SHAKER, noise_attack_s=0.02, noise_decay_s=0.025, pan=-0.3),
    ),
    "yano": _kit(
        kick=replace(_KICK, tone_hz=49.0, drop_hz=60.0, tone_decay_s=0.14, click=0.1, drive=0.5),
        snare=replace(_SNARE, tone_hz=230.0, noise=0.45, noise_decay_s=0.05),
        rim=DrumVoice(
            tone_hz=980.0, tone_decay_s=0.02, tone=0.7, noise=0.2, noise_decay_s=0.012, pan=0.25
        ),
        shaker=replace(_SHAKER, noise=0.7, noise_attack_s=0.016, noise_decay_s=0.045, pan=-0.25),
        conga=replace(_TOM, tone_hz=310.0, drop_hz=70.0, tone_decay_s=0.09, pan=0.35),
    ),
    "soul": _kit(
        kick=replace(_KICK, tone_hz=50.0, drop_hz=80.0, tone_decay_s=0.13, click=0.15, drive=1.2),
        snare=replace(
            _SNARE, tone_hz=195.0, tone=0.6, noise=0.6, noise_high_hz=7500.0, noise_decay_s=0.09
        ),
        # Fingers that snap.
        clap=replace(
            _CLAP, noise_low_hz=1800.0, noise_high_hz=5200.0, noise_decay_s=0.05, bursts=2
        ),
        rim=DrumVoice(
            tone_hz=820.0, tone_decay_s=0.022, tone=0.7, noise=0.3, noise_high_hz=6000.0,
            noise_decay_s=0.018,
        ),
        hat=replace(_HAT, noise_low_hz=6000.0, noise_high_hz=13_000.0, metal=0.2),
    ),
    "memphis": _kit(
        kick=replace(_KICK, tone_hz=48.0, drop_hz=130.0, tone_decay_s=0.2, click=0.4, drive=4.0),
        clap=replace(_CLAP, noise_low_hz=700.0, noise_decay_s=0.12, drive=2.0),
        snare=replace(_SNARE, tone_hz=200.0, noise=0.7, noise_decay_s=0.1, click=0.3, drive=2.0),
        hat=replace(_HAT, noise_low_hz=8000.0, noise_decay_s=0.014, metal=0.4, drive=0.8),
    ),
}  # fmt: skip
