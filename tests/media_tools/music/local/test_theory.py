import pytest

from media_tools.music.local.theory import (
    NINTH,
    SEVENTH,
    TRIAD,
    Key,
    chord_of,
    diminished,
    nearest_pitch,
    parse_key,
    voicing,
)


@pytest.mark.parametrize(
    ("text", "tonic", "scale"),
    [
        ("A minor", 9, "minor"),
        ("D dorian", 2, "dorian"),
        ("Bb", 10, "major"),
        ("F#m", 6, "minor"),
        ("c# Maj", 1, "major"),
        ("E♭ Lydian", 3, "lydian"),
    ],
)
def test_keys_are_read(text: str, tonic: int, scale: str) -> None:
    assert parse_key(text) == Key(tonic, scale)


@pytest.mark.parametrize("text", ["H minor", "A whole tone", "", "minor"])
def test_unknown_keys_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_key(text)


def test_key_name_reads_back() -> None:
    for tonic in range(12):
        key = Key(tonic, "phrygian")
        assert parse_key(key.name) == key


def test_chord_names() -> None:
    minor, major = parse_key("A minor"), parse_key("C major")
    names = [chord_of(minor, token, TRIAD).name for token in ("1", "6", "3", "7", "5!", "1s")]
    assert names == ["Am", "F", "C", "G", "E", "Asus4"]
    assert chord_of(major, "1", SEVENTH).name == "Cmaj7"
    assert chord_of(major, "5", SEVENTH).name == "G7"
    assert chord_of(major, "2", NINTH).name == "Dm9"
    assert chord_of(major, "4~", TRIAD).name == "Fm"


def test_a_minor_ninth_above_the_root_is_left_out() -> None:
    assert 8 not in chord_of(parse_key("C major"), "3", NINTH).members


def test_borrowed_dominant_changes_the_scale_in_force() -> None:
    chord = chord_of(parse_key("A minor"), "5!", TRIAD)
    assert 8 in chord.scale_pcs
    assert 7 not in chord.scale_pcs


def test_diminished_chord_is_recognised() -> None:
    key = parse_key("A minor")
    assert diminished(chord_of(key, "2", TRIAD))
    assert not diminished(chord_of(key, "5", TRIAD))


def test_bad_token_is_refused() -> None:
    with pytest.raises(ValueError):
        chord_of(parse_key("C"), "8", TRIAD)


def test_voicing_holds_the_chord_within_its_range() -> None:
    chord = chord_of(parse_key("D dorian"), "4", SEVENTH)
    pitches = voicing(chord, None, 50, 74)
    assert {pitch % 12 for pitch in pitches} == set(chord.pcs)
    assert min(pitches) >= 50
    assert max(pitches) <= 74


def test_voices_move_little_between_neighbouring_chords() -> None:
    key = parse_key("C major")
    previous = voicing(chord_of(key, "1", TRIAD), None, 52, 76)
    following = voicing(chord_of(key, "6", TRIAD), previous, 52, 76)
    moves = [min(abs(p - q) for q in previous) for p in following]
    assert max(moves) <= 2


def test_nearest_pitch_is_within_half_an_octave() -> None:
    for pc in range(12):
        pitch = nearest_pitch(pc, 38)
        assert pitch % 12 == pc
        assert abs(pitch - 38) <= 6
