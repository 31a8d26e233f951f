from media_tools.music.local.genres import GENRES, SYNTHWAVE
from media_tools.music.local.sound import sound_of
from media_tools.seeds import stream


def test_artist_keeps_its_sound() -> None:
    assert sound_of("Neon Fox", SYNTHWAVE) == sound_of("Neon Fox", SYNTHWAVE)


def test_artists_differ() -> None:
    sounds = {str(sound_of(f"artist {n}", SYNTHWAVE).as_json()) for n in range(20)}
    assert len(sounds) == 20


def test_every_role_has_a_patch_of_the_genre() -> None:
    for genre in GENRES:
        sound = sound_of("Neon Fox", genre)
        assert set(sound.patches) == {"kit", "bass", "chords", "pad", "arp", "lead", "counter"}
        assert all(patch in genre.patches[role] for role, patch in sound.patches.items())


def test_favourites_last_from_track_to_track() -> None:
    sound = sound_of("Neon Fox", SYNTHWAVE)
    options = SYNTHWAVE.minor
    picks = [sound.favourite("x", options, stream("track", seed)) for seed in range(200)]
    most = max(set(picks), key=picks.count)
    assert picks.count(most) > 70
    assert len(set(picks)) > 1


def test_an_artist_mixes_and_colours_in_its_own_way() -> None:
    sounds = [sound_of(f"artist {number}", SYNTHWAVE) for number in range(8)]

    assert len({(sound.tilt_db, sound.width) for sound in sounds}) == 8
    assert {sound.echo_beats for sound in sounds} == {0.5, 0.75, 1.0}
    assert all(abs(db) <= 2.5 for sound in sounds for db in sound.balance_db.values())
