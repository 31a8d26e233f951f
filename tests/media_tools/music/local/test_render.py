from dataclasses import replace

import numpy as np
import pytest

from media_tools.music.local.compose import Order, compose
from media_tools.music.local.dsp import SAMPLE_RATE_HZ, Signal, gain_of
from media_tools.music.local.finish import PEAK_DB
from media_tools.music.local.genres import FOLK, SYNTHWAVE
from media_tools.music.local.levels import loudness_db
from media_tools.music.local.render import instrument_for, play, render, shape_phrases
from media_tools.music.local.score import Note, Score
from media_tools.music.local.sound import sound_of
from media_tools.music.local.soundfont import SoundFont
from media_tools.music.local.theory import parse_key
from media_tools.seeds import stream

from .conftest import MakeOrder, correlation

SOUND = sound_of("Neon Fox", SYNTHWAVE)


def mixed(order: Order, font: SoundFont) -> tuple[Score, dict[str, Signal], Signal]:
    stems: dict[str, Signal] = {}
    score = compose(order)
    mix = render(
        score,
        order.sound,
        order.genre,
        font,
        seed=order.seed,
        on_stem=lambda name, stem: stems.update({name: stem.copy()}),
    )
    return score, stems, mix


@pytest.fixture(scope="module")
def short(font: SoundFont) -> tuple[Score, dict[str, Signal], Signal]:
    """A chorus of synthwave at 160 BPM."""
    order = Order(SYNTHWAVE, parse_key("A minor"), 160.0, 14.0, ("chorus",), SOUND, 5)
    return mixed(order, font)


def test_mix_is_clean(short: tuple[Score, dict[str, Signal], Signal]) -> None:
    _, _, mix = short
    assert mix.dtype == np.float32
    assert np.isfinite(mix).all()
    assert np.abs(mix).max() == pytest.approx(gain_of(PEAK_DB), rel=1e-3)
    assert np.abs(mix.mean(axis=1)).max() < 1e-3


def test_stereo_is_wide_but_mono_compatible(
    short: tuple[Score, dict[str, Signal], Signal],
) -> None:
    _, _, mix = short
    assert 0.3 < correlation(mix[0], mix[1]) < 0.999
    spectra = [np.abs(np.fft.rfft(x)) ** 2 for x in (mix.sum(axis=0) / 2, (mix[0] - mix[1]) / 2)]
    lows = slice(0, int(60 * mix.shape[1] / SAMPLE_RATE_HZ))
    assert spectra[1][lows].sum() < 0.05 * spectra[0][lows].sum()


def test_all_groups_sound_and_the_melody_is_audible(
    short: tuple[Score, dict[str, Signal], Signal],
) -> None:
    _, stems, _ = short
    levels = {name: loudness_db(stem) for name, stem in stems.items()}
    assert set(levels) == {"drums", "bass", "chords", "melody", "fx", "space"}
    assert levels["melody"] > levels["chords"] - 2
    assert levels["melody"] > levels["drums"] - 6
    assert levels["bass"] > levels["drums"] - 8


def test_stems_add_up_to_the_mix(short: tuple[Score, dict[str, Signal], Signal]) -> None:
    _, stems, mix = short
    total = np.sum([stem[0, : mix.shape[1]] for stem in stems.values()], axis=0)
    assert correlation(total, mix[0]) > 0.85


def test_no_dead_air_at_the_end(short: tuple[Score, dict[str, Signal], Signal]) -> None:
    score, _, mix = short
    level = np.abs(mix).max(axis=0)
    last = np.flatnonzero(level > gain_of(-60.0))[-1]
    assert (mix.shape[1] - last) / SAMPLE_RATE_HZ < 1.5
    assert mix.shape[1] / SAMPLE_RATE_HZ >= score.seconds(score.beats) - 0.1


def test_tempo_is_heard_in_the_drums(short: tuple[Score, dict[str, Signal], Signal]) -> None:
    score, stems, _ = short
    hop = 441
    drums = stems["drums"].mean(axis=0)
    frames = np.abs(drums[: len(drums) // hop * hop]).reshape(-1, hop).max(axis=1)
    onsets = np.maximum(0.0, np.diff(frames))
    onsets -= onsets.mean()
    lags = np.arange(30, 60)  # 100 to 200 BPM in steps of 10 ms
    strength = [float(onsets[:-lag] @ onsets[lag:]) for lag in lags]
    assert 6000 / lags[int(np.argmax(strength))] == pytest.approx(score.tempo_bpm, rel=0.03)


def test_composed_scale_is_heard_without_the_drums(
    short: tuple[Score, dict[str, Signal], Signal],
) -> None:
    score, stems, _ = short
    sound = (stems["chords"] + stems["melody"] + stems["bass"]).mean(axis=0)
    spectrum = np.abs(np.fft.rfft(sound)) ** 2
    hz = np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE_HZ)
    band = (hz > 100) & (hz < 1500)
    classes = np.round(69 + 12 * np.log2(hz[band] / 440)).astype(int) % 12
    chroma = np.bincount(classes, weights=spectrum[band], minlength=12)
    shares = [
        chroma[[(tonic + step) % 12 for step in score.key.steps]].sum() / chroma.sum()
        for tonic in range(12)
    ]
    assert int(np.argmax(shares)) == score.key.tonic
    assert max(shares) > 0.8


def test_same_seed_gives_the_same_samples_and_another_does_not(
    order: MakeOrder, font: SoundFont
) -> None:
    def mix(seed: int) -> Signal:
        small = order("folk", tempo_bpm=200, duration_s=6.0, lyric_form=("verse",), seed=seed)
        return mixed(small, font)[2]

    one, again, other = mix(1), mix(1), mix(2)
    assert np.array_equal(one, again)
    count = min(one.shape[1], other.shape[1])
    assert abs(correlation(one[0, :count], other[0, :count])) < 0.5


def test_notes_of_one_pitch_are_let_go_at_their_own_time(score: Score, font: SoundFont) -> None:
    instrument = instrument_for("lead", SOUND, font)
    notes = (Note(0.0, 1.0, 69, 0.8), Note(4.0, 4.0, 69, 0.8))
    sound = play(instrument, notes, score, 6 * SAMPLE_RATE_HZ)
    second = SAMPLE_RATE_HZ

    def level(start_s: float) -> float:
        start = round(start_s * second)
        return float(np.abs(sound[:, start : start + 4000]).max())

    assert level(0.2) > 0.05
    assert level(1.8) == 0.0
    assert level(3.5) > 0.05


def test_louder_notes_are_louder(score: Score, font: SoundFont) -> None:
    instrument = instrument_for("lead", SOUND, font)
    soft, loud = (
        play(instrument, (Note(0.0, 1.0, 69, velocity),), score, SAMPLE_RATE_HZ)
        for velocity in (0.3, 0.9)
    )
    assert np.abs(loud).max() > 2 * np.abs(soft).max()


def test_closed_hat_stops_the_open_one(score: Score, font: SoundFont) -> None:
    sound = replace(sound_of("Neon Fox", FOLK), patches={"kit": "standard"})
    instrument = instrument_for("hats", sound, font)
    open_hat = (Note(0.0, 0.25, 46, 0.9),)
    ringing = play(instrument, open_hat, score, SAMPLE_RATE_HZ)
    stopped = play(instrument, (*open_hat, Note(0.5, 0.25, 42, 0.05)), score, SAMPLE_RATE_HZ)
    late = slice(SAMPLE_RATE_HZ // 2, None)
    assert np.abs(stopped[:, late]).max() < 0.3 * np.abs(ringing[:, late]).max()


def test_each_phrase_grows_and_fades_in_a_shape_of_its_own(score: Score) -> None:
    frames = round(score.seconds(score.beats) * SAMPLE_RATE_HZ)
    steady = np.ones((2, frames), dtype=np.float32)

    shape_phrases(score, steady, 6.0, stream("phrases"))

    assert gain_of(-6.01) < steady.min() < gain_of(-2.0)
    assert gain_of(2.0) < steady.max() < gain_of(6.01)
    assert steady[0, 0] == pytest.approx(steady[0, -1], rel=1e-3)
    assert np.abs(np.diff(np.log(steady[0]))).max() < 1e-3  # no clicks
    phrase = round(score.seconds(16.0) * SAMPLE_RATE_HZ)
    shapes = {tuple(np.round(steady[0, at : at + phrase : phrase // 8], 2)) for at in (0, phrase)}
    assert len(shapes) == 2


def test_loudness_of_a_tone() -> None:
    time = np.arange(SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    tone = np.stack([np.sin(2 * np.pi * 997 * time)] * 2).astype(np.float32)
    # BS.1770: a full-scale 997 Hz sine in both channels reads 0 LUFS.
    assert loudness_db(tone) == pytest.approx(0.0, abs=0.15)
    assert loudness_db(tone * np.float32(0.1)) == pytest.approx(-20.0, abs=0.15)
    assert loudness_db(np.zeros((2, 10_000), dtype=np.float32)) == -120.0
