from __future__ import annotations

import math

import numpy as np
import pytest

from media_tools.audio.dynamics import (
    apply_reduction,
    compressor_reduction,
    held_decay,
    limiter_reduction,
    soft_knee_reduction,
)
from media_tools.seeds import stream


def test_held_decay_equals_its_recursion() -> None:
    levels = np.abs(stream("decay").standard_normal(500))
    keep = math.exp(-1 / (0.05 * 1000))
    expected, last = [], 0.0
    for level in levels:
        last = max(level, last * keep)
        expected.append(last)

    assert held_decay(levels, release_s=0.05, block_rate=1000) == pytest.approx(expected)


def test_limiter_covers_each_peak_and_its_neighbours() -> None:
    over = np.where(stream("peaks").random(2000) > 0.99, 9.0, -3.0)

    reduction = limiter_reduction(over, block_rate=1378)

    for shift in (-1, 0, 1):
        assert (np.roll(reduction, shift) >= over - 1e-9)[2:-2].all()


def test_limiter_leaves_low_peaks_alone() -> None:
    assert limiter_reduction(np.full(100, -1.0), block_rate=1378).max() < 1e-3


def test_limiter_lets_go_after_a_peak() -> None:
    over = np.full(3000, -10.0)
    over[500] = 6.0

    reduction = limiter_reduction(over, block_rate=1000, release_s=0.1)

    assert reduction[500] >= 6 - 1e-9
    assert reduction[400] < 0.01
    assert reduction[1500] < 0.01


def test_soft_knee_has_the_ratio_above_it() -> None:
    reduction = soft_knee_reduction(
        np.array([-30.0, -10.0, 0.0]), threshold_db=-20, ratio=2, knee_db=6
    )

    assert reduction == pytest.approx([0, 5, 10])


def test_compressor_reduces_loud_passages_only() -> None:
    power = np.concatenate([np.full(2000, 1e-4), np.full(2000, 1e-1)])

    reduction = compressor_reduction(power, block_rate=1378, threshold_db=-20)

    assert reduction[:1900].max() < 0.01
    assert reduction[-1] == pytest.approx(5, abs=0.1)


def test_gain_runs_in_a_line_between_blocks() -> None:
    samples = np.ones((8, 1), np.float32)

    turned = apply_reduction(samples, np.array([0.0, 20 * math.log10(2)]), block=4)

    assert turned[:, 0] == pytest.approx([1, 1, 0.9375, 0.8125, 0.6875, 0.5625, 0.5, 0.5])
