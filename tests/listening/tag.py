"""Which genre does an auto-tagger hear? `python tests/listening/tag.py GENRE_SEED.wav ...`

musicnn carries its weights in its wheel, but needs an old TensorFlow, so it has an environment of
its own (Python 3.11): pip install "tensorflow-cpu==2.15.*" "numpy<2" librosa setuptools, then
pip install --no-deps musicnn==0.1.0. Files: `manage.py compose_track --genre techno --seed 1
--output techno_1.wav`.

Prints the first tags of each file, and how many files of each genre have one of its tags among the
first three of either set. KIN was written before anything was measured.
"""

from __future__ import annotations

import functools
import sys
import types
from collections import defaultdict
from pathlib import Path
from typing import Any

import librosa
import tensorflow.compat.v1 as tf

KIN = {
    "ambient": {"ambient", "chillout"},
    "techno": {"dance", "House", "electro", "techno"},
    "house": {"House", "dance"},
    "lofi": {"chillout", "chill", "jazz", "Hip-Hop", "Mellow"},
    "synthwave": {"80s", "electro", "electronica", "synth"},
    "folk": {"folk", "acoustic"},
    "cinematic": {"instrumental", "classical", "strings", "violin"},
    "drum_and_bass": {"electronica", "dance", "beat", "beats", "drums", "fast"},
    "indie_pop": {"indie pop", "indie", "indie rock", "alternative"},
    "trap": {"Hip-Hop", "rnb"},
    "hyperpop": {"dance", "electro", "pop", "party", "catchy", "synth"},
    "reggaeton": {"Hip-Hop", "rnb", "party", "sexy", "dance"},
    "afrobeats": {"rnb", "soul", "funk", "party", "dance", "drums"},
    "amapiano": {"House", "chillout", "jazz", "dance"},
    "rnb": {"rnb", "soul", "sexy", "Hip-Hop"},
    "country": {"country", "folk"},
    "metal": {"metal", "heavy metal", "hard rock"},
    "classical_piano": {"piano", "classical", "instrumental"},
    "phonk": {"Hip-Hop", "electro", "beat", "beats", "rnb"},
    "chillhop": {"chillout", "chill", "jazz", "Hip-Hop", "Mellow"},
}
SETS = ("MSD_musicnn", "MTT_musicnn")
PLACES = 3


def adapt() -> None:
    """Let musicnn find the TensorFlow and librosa it was written for."""
    tf.disable_v2_behavior()
    sys.modules["tensorflow"] = tf
    mel = librosa.feature.melspectrogram

    @functools.wraps(mel)
    def by_name(y: Any, sr: int = 22050, **more: Any) -> Any:
        return mel(y=y, sr=sr, **more)

    librosa.feature.melspectrogram = by_name
    librosa.core = types.SimpleNamespace(load=librosa.load, power_to_db=librosa.power_to_db)


def tags(files: list[Path], name: str) -> dict[Path, dict[str, float]]:
    """Return the mean likelihood of each tag of a set, likeliest first."""
    from musicnn import configuration, models
    from musicnn.extractor import batch_data

    labels = configuration.MSD_LABELS if name.startswith("MSD") else configuration.MTT_LABELS
    frames = librosa.time_to_frames(
        3.0, sr=configuration.SR, n_fft=configuration.FFT_SIZE, hop_length=configuration.FFT_HOP
    )
    tf.reset_default_graph()
    with tf.name_scope("model"):
        sound = tf.placeholder(tf.float32, [None, frames + 1, configuration.N_MELS])
        training = tf.placeholder(tf.bool)
        likely = tf.nn.sigmoid(models.define_model(sound, training, name, len(labels))[0])
    found: dict[Path, dict[str, float]] = {}
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        weights = Path(sys.modules["musicnn"].__file__ or "").parent / name
        tf.train.Saver().restore(session, f"{weights}/")
        for file in files:
            pieces, _ = batch_data(str(file), frames + 1, frames + 1)
            means = session.run(likely, {sound: pieces, training: False}).mean(axis=0)
            ranked = sorted(zip(labels, means, strict=True), key=lambda tag: -tag[1])
            found[file] = {label: float(mean) for label, mean in ranked}
    return found


def main(files: list[Path]) -> None:
    adapt()
    heard = [tags(files, name) for name in SETS]
    hits: dict[str, list[bool]] = defaultdict(list)
    for file in files:
        genre = file.stem.rpartition("_")[0]
        firsts = [list(of_set[file])[:PLACES] for of_set in heard]
        hits[genre].append(any(KIN[genre] & set(first) for first in firsts))
        print(file.stem, "yes" if hits[genre][-1] else "no", *firsts)
    for genre, told in sorted(hits.items()):
        print(f"{genre}: {sum(told)} of {len(told)}")


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
