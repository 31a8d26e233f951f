"""Retires simulated artists by a streak of rejections."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def retired_by_streak(approved: NDArray[np.bool_], *, streak: int) -> NDArray[np.int_]:
    """Return the number of the review that retires each artist in mode streak.

    approved: shape (artists, reviews), in order of review. A number above all reviews means never.
    """
    never = approved.shape[1] + 1
    at = np.full(len(approved), never)
    length = np.zeros(len(approved), dtype=np.int_)
    for review in range(approved.shape[1]):
        length = np.where(approved[:, review], 0, length + 1)
        at = np.where((at == never) & (length >= streak), review + 1, at)
    return at
