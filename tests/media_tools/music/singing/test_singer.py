from media_tools.music.singing.singer import REGISTERS, singer_of


def test_an_artist_keeps_its_voice() -> None:
    assert singer_of("Neon Fox") == singer_of("Neon Fox")


def test_artists_have_different_voices() -> None:
    throats = {singer_of(f"artist {number}").throat for number in range(20)}

    assert len(throats) == 20


def test_every_register_has_its_artists() -> None:
    found = {singer_of(f"artist {number}").register for number in range(200)}

    assert found == {register.name for register in REGISTERS}


def test_ranges_are_wide_enough_to_sing_in() -> None:
    assert all(register.voice.high - register.voice.low >= 12 for register in REGISTERS)
