from media_tools.music.singing.lyrics import sections_of, singing_times_s


def test_headings_divide_the_text_and_name_the_sections() -> None:
    found = sections_of("[Verse 1]\none\ntwo\n\n[Chorus]\nthree\n")

    assert found == (("verse", 0, ("one", "two")), ("chorus", 2, ("three",)))


def test_other_names_of_a_chorus_are_understood() -> None:
    assert sections_of("[Hook]\nla la")[0].kind == "chorus"


def test_text_without_headings_is_one_verse() -> None:
    assert sections_of("one\n\ntwo") == (("verse", 0, ("one", "two")),)


def test_sections_without_lines_are_left_out() -> None:
    assert sections_of("[Intro]\n\n[Verse]\none")[0].kind == "verse"


def test_empty_lyrics_have_no_sections() -> None:
    assert sections_of(" \n") == ()


def test_a_kind_of_section_needs_the_time_of_its_longest_one() -> None:
    times_s = singing_times_s("[Verse]\none\ntwo\n\n[Chorus]\nla\n\n[Verse]\none\ntwo\nthree\n")

    assert times_s["verse"] == 3 * times_s["chorus"]
