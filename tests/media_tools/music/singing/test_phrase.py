from tests.media_tools.music.singing.conftest import spoken


def test_every_vowel_is_a_syllable_with_its_stress() -> None:
    phrase = spoken("ɹˈɪvəɹz", "bˌi")

    assert [syllable.stress for syllable in phrase.syllables] == [1, 0, 2]
    assert [syllable.word for syllable in phrase.syllables] == [0, 0, 1]
    assert [syllable.ends_word for syllable in phrase.syllables] == [False, True, True]


def test_vowels_are_found_where_they_stand() -> None:
    phrase = spoken("ðə", "nˈIt")

    assert [phrase.symbols[syllable.vowel] for syllable in phrase.syllables] == ["ə", "I"]


def test_fire_is_one_syllable() -> None:
    assert len(spoken("fˈIəɹ").syllables) == 1


def test_lion_keeps_two() -> None:
    assert len(spoken("lˈIən").syllables) == 2
