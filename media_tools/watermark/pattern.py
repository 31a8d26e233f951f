"""The keyed pattern of a mark: which patch of the spectrum is raised or lowered, and when.

A mark repeats a block of 7.5 s. Time is cut into frames of 40 ms that overlap by half, the
spectrum into cells of two bins (50 Hz). A cell is raised in one frame and lowered in the next, or
the other way round, so that steady tones cancel when it is read. A quarter of the cells is the
same for every payload: by them a reader finds where the block begins. The others carry the bits.

Changing anything here makes earlier marks unreadable.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import hadamard

Floats = npt.NDArray[np.float32]

FRAMES_PER_S = 50
BLOCK_FRAMES = 374
FIRST_BIN = 12  # of 25 Hz: 300 Hz
BINS = 296  # up to 7.7 kHz
BINS_OF_CELL = 2
CELLS = BINS // BINS_OF_CELL

PAYLOAD_BYTES = 4
_CHECK_BYTES = 1
_SYMBOL_CHIPS = 128
_CODE_CHIPS = (PAYLOAD_BYTES + _CHECK_BYTES) * _SYMBOL_CHIPS
_SYNC_SHARE = 0.25
_SYNC = -1


@dataclass(frozen=True)
class Pattern:
    """What a key makes of a block, each array of shape (BLOCK_FRAMES, CELLS).

    signs: +1 raises a cell, -1 lowers it. roles: the chip of the code that flips the sign, or -1
    for a cell of the part that is always the same.
    """

    key: bytes
    signs: Floats
    roles: npt.NDArray[np.intp]

    @classmethod
    def of(cls, key: bytes) -> Pattern:
        """The pattern of a key; the same on every machine and with every version of numpy."""
        pairs = (BLOCK_FRAMES // 2, CELLS)
        count = pairs[0] * pairs[1]
        stream = hashlib.shake_256(b"watermark pattern 1" + key).digest(9 * count)
        order = np.argsort(np.frombuffer(stream[: 8 * count], "<u8"), kind="stable")
        roles = np.full(count, _SYNC, np.intp)
        code = order[int(_SYNC_SHARE * count) :]
        roles[code] = np.arange(len(code)) % _CODE_CHIPS
        signs = (np.frombuffer(stream[8 * count :], np.uint8) & 1) * np.float32(2) - np.float32(1)
        paired = signs.reshape(pairs)
        return cls(
            key=key,
            signs=np.stack([paired, -paired], axis=1).reshape(BLOCK_FRAMES, CELLS),
            roles=np.repeat(roles.reshape(pairs), 2, axis=0),
        )

    @property
    def sync(self) -> Floats:
        """The part that is the same for every payload, and zero elsewhere."""
        return np.where(self.roles == _SYNC, self.signs, np.float32(0))

    def chips(self, payload: int) -> Floats:
        """The whole block of a payload: the sign of each cell."""
        data = payload.to_bytes(PAYLOAD_BYTES, "big")
        symbols = np.frombuffer(data + self._check(data), np.uint8)
        rows = _code()[symbols & 127] * np.where(symbols & 128, -1, 1)[:, None]
        # One more for the cells without a chip: role -1 is the last.
        code = np.append(rows.ravel(), 1).astype(np.float32)
        return self.signs * code[self.roles]

    def read(self, cells: Floats) -> int | None:
        """The payload of a block of measured cells; None if its check does not hold.

        Each byte is one of 128 orthogonal sequences or its opposite: the nearest one is taken.
        """
        carries = self.roles != _SYNC
        sums = np.bincount(
            self.roles[carries], weights=(cells * self.signs)[carries], minlength=_CODE_CHIPS
        )
        likeness = sums.reshape(-1, _SYMBOL_CHIPS) @ _code().T
        rows = np.argmax(np.abs(likeness), axis=1)
        is_opposite = np.take_along_axis(likeness, rows[:, None], axis=1)[:, 0] < 0
        symbols = (rows + 128 * is_opposite).astype(np.uint8).tobytes()
        data, check = symbols[:PAYLOAD_BYTES], symbols[PAYLOAD_BYTES:]
        return int.from_bytes(data, "big") if check == self._check(data) else None

    def _check(self, data: bytes) -> bytes:
        return hmac.digest(self.key, b"watermark check" + data, "sha256")[:_CHECK_BYTES]


def _code() -> npt.NDArray[np.int8]:
    """Row n is the sequence of symbol n."""
    rows: npt.NDArray[np.int8] = hadamard(_SYMBOL_CHIPS, dtype=np.int8)
    return rows
