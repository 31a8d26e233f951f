"""The neural voice that sings: the model in the hibari-tts wheel, made to follow a score.

hibari reads phonemes and predicts durations, pitch and, per 12.5 ms frame, the spectrum of a voice.
Its graph is edited in memory so that the durations can be read, and durations and pitch can be set.
The packages are optional (requirements-voice.txt) and imported only when a voice is loaded.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import json
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from media_tools.errors import ToolMissing

SAMPLE_RATE_HZ = 24_000
FRAME_S = 0.0125  # one column of the spectra
FRAMES_PER_UNIT = 2  # durations are counted in units of 25 ms
BINS = 601

VOWELS = frozenset("AIOQWYaeiouæɐɑɒɔəɚɛɜɪɨʊʌᵊᵻ")
STRESS_MARKS = {"ˈ": 1, "ˌ": 2}

# Spoken after each line and cut off: the voice turns creaky on the last syllables of a sentence.
_TAIL = ", ænd wi ɡˈO ˈɔn."
_PACE = 1.0
_PACKAGES = ("hibari", "onnx", "onnxruntime")
_INSTALL = "install the voice with: pip install -r requirements-voice.txt"
_FLOOR_HZ = 40.0  # the network's own limit between voiced and unvoiced

Floats = NDArray[np.float32]


def is_installed() -> bool:
    """Tell whether the packages of the voice are there, without loading them."""
    return all(importlib.util.find_spec(package) for package in _PACKAGES)


class SpokenWord(NamedTuple):
    """A word and its phonemes in hibari's alphabet, stress marks before the stressed vowel."""

    text: str
    phonemes: str


@dataclass(frozen=True)
class Spectra:
    """A voice's spectrum, each array of shape (BINS, frames), 0 to 12 kHz."""

    log_harmonic: Floats  # log magnitude applied to the harmonics
    turn: Floats  # phase of the harmonics, in units of pi before tanh
    log_noise: Floats  # log magnitude of noise
    log_free: Floats  # of a part with its own phase, free_phase
    free_phase: Floats


@dataclass(frozen=True)
class Prosody:
    """How the voice would speak."""

    units: NDArray[np.int64]  # durations of the symbols, in 25 ms
    f0_hz: Floats  # one value per frame

    @property
    def voiced(self) -> NDArray[np.bool_]:
        return np.asarray(self.f0_hz > _FLOOR_HZ)


class Reader:
    """Reads English text as phonemes. Needs 100 MB, so it is not kept longer than necessary."""

    def __init__(self, g2p: Any, normalize: Callable[[str], str], vocabulary: Set[str]) -> None:
        self._g2p = g2p
        self._normalize = normalize
        self._vocabulary = vocabulary

    def words(self, line: str) -> tuple[SpokenWord, ...]:
        """Return the words of a line with their phonemes, without words that have no sound.

        Numbers and abbreviations are read as words.
        """
        tokens = self._g2p.phonemize_tokens(self._g2p.tokenize(self._normalize(line)))
        words: list[SpokenWord] = []
        text, phonemes = "", ""
        for number, token in enumerate(tokens):
            text += token.text
            phonemes += "".join(c for c in token.phonemes or "" if self._is_sound(c))
            if token.whitespace or number + 1 == len(tokens):
                if any(c in VOWELS for c in phonemes):
                    words.append(SpokenWord(text, phonemes))
                text, phonemes = "", ""
        return tuple(words)

    def _is_sound(self, symbol: str) -> bool:
        """Whether a symbol is a letter or a stress mark; punctuation would add pauses."""
        return symbol in self._vocabulary and (symbol.isalpha() or symbol in STRESS_MARKS)


class Voice:
    """The loaded voice. Deterministic on one machine: one thread, no random numbers."""

    def __init__(self, vocabulary: dict[str, int], prosody: Any, singer: Any) -> None:
        self._vocabulary = vocabulary
        self._prosody = prosody
        self._singer = singer

    def ids(self, symbols: Sequence[str]) -> NDArray[np.int64]:
        """Return the network's input for a line: its symbols between pads, then the dummy tail."""
        numbers = [self._vocabulary[symbol] for symbol in (*symbols, *_TAIL)]
        return np.array([[0, *numbers, 0]], dtype=np.int64)

    def prosody(self, ids: NDArray[np.int64]) -> Prosody:
        """Return durations (one per id, including pads) and pitch as the voice would speak."""
        units, f0_hz = self._prosody.run(
            None, {"ids": ids, "speed": np.array([_PACE], dtype=np.float32)}
        )
        return Prosody(np.asarray(units, dtype=np.int64).reshape(-1), f0_hz[0])

    def spectra(self, ids: NDArray[np.int64], units: NDArray[np.int64], f0_hz: Floats) -> Spectra:
        """Return the spectra of a line with these durations at this pitch; 0 Hz is unvoiced."""
        names = [given.name for given in self._singer.get_inputs()]
        values: dict[str, Any] = {
            "ids": ids,
            "f0": f0_hz[np.newaxis].astype(np.float32),
            _DURATIONS: units.astype(np.float32),
            "speed": np.array([_PACE], dtype=np.float32),
        }
        parts = self._singer.run(list(_SPECTRA), {name: values[name] for name in names})
        return Spectra(*(part[0] for part in parts))


_DURATIONS = "durations"
_SPECTRA = ("lh", "theta", "ln", "lr", "phi")


def load_reader() -> Reader:
    """Return a new reader. Raises ToolMissing if its packages are not installed."""
    g2p, normalize = _package("hibari.g2p"), _package("hibari.g2p.normalize")
    return Reader(g2p.G2P(), normalize.normalize, _vocabulary().keys())


@functools.lru_cache(maxsize=1)
def load_voice() -> Voice:
    """Return the voice, loaded once per process. Raises ToolMissing without its packages."""
    onnx, runtime = _package("onnx"), _package("onnxruntime")
    prosody, singer = _edited(onnx, onnx.load(_assets() / "hibari.onnx"))
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3

    def session(model: Any) -> Any:
        return runtime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )

    return Voice(_vocabulary(), session(prosody), session(singer))


def _package(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ToolMissing(f"Singing needs the package {error.name}: {_INSTALL}") from error


def _assets() -> Path:
    return Path(str(_package("hibari").__file__)).parent / "assets"


def _vocabulary() -> dict[str, int]:
    """Return the number of each symbol that the network knows."""
    numbers: dict[str, int] = json.loads((_assets() / "vocab.json").read_text(encoding="utf-8"))
    return numbers


def _edited(onnx: Any, model: Any) -> tuple[Any, Any]:
    """Return two graphs of one network: one predicts durations and pitch, the other takes them."""
    clips = [node for node in model.graph.node if node.op_type == "Clip"]
    names = {output.name for output in model.graph.output}
    if len(clips) != 1 or not names.issuperset({"f0", *_SPECTRA}):
        raise ToolMissing(f"The installed hibari-tts has another network than expected; {_INSTALL}")
    durations = clips[0].output[0]
    prosody = _cut(onnx, model, given=(), wanted=(durations, "f0"))
    singer = _cut(onnx, model, given=(durations, "f0"), wanted=_SPECTRA)
    for node in singer.graph.node:
        node.input[:] = [_DURATIONS if name == durations else name for name in node.input]
    for entry in singer.graph.input:
        entry.name = _DURATIONS if entry.name == durations else entry.name
    return prosody, singer


def _cut(onnx: Any, model: Any, *, given: tuple[str, ...], wanted: tuple[str, ...]) -> Any:
    """Return a copy of the model that computes `wanted`, with `given` as additional inputs."""
    makers = {output: node for node in model.graph.node for output in node.output}
    needed: set[str] = set()
    waiting = list(wanted)
    while waiting:
        name = waiting.pop()
        if name in needed:
            continue
        needed.add(name)
        if name in makers and name not in given:
            waiting += makers[name].input
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    graph = copy.graph
    nodes = [node for node in graph.node if needed.intersection(node.output) - set(given)]
    weights = [weight for weight in graph.initializer if weight.name in needed]
    inputs = [entry for entry in graph.input if entry.name in needed]
    inputs += [
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in given
    ]
    outputs = [onnx.helper.make_empty_tensor_value_info(name) for name in wanted]
    for field, kept in (
        ("node", nodes),
        ("initializer", weights),
        ("input", inputs),
        ("output", outputs),
    ):
        kept = [type(part).FromString(part.SerializeToString()) for part in kept]
        del getattr(graph, field)[:]
        getattr(graph, field).extend(kept)
    return copy
