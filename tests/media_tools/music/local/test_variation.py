import pytest

from media_tools.music.local.genre import Genre
from media_tools.music.local.genres import GENRES
from media_tools.music.local.variation import (
    LEADS,
    RULES,
    answered,
    augmented,
    bar_patterns,
    closed,
    diminished,
    displaced,
    idea_of,
    stopped,
)
from media_tools.seeds import stream

IDEAS = {"arp": "arps", "bass": "bass", "chords": "comps"}


def test_rules_do_what_they_are_named_for() -> None:
    assert answered("x---x---o-......") == "o-......x---x---"
    assert displaced("x...x...x.......") == "x.....x...x....."
    assert diminished("x-------x-------") == "x-------x---x---"
    assert augmented("x-x-x---x-x-x-x-") == "x---x---x-------"
    assert stopped("x---x---x-----x-") == "x---x---x---...."


@pytest.mark.parametrize("genre", GENRES, ids=lambda genre: genre.name)
def test_every_variation_is_a_bar_in_the_marks_of_its_part(genre: Genre) -> None:
    marks = {"arp": set("0123456-."), "bass": set("123456789ab^_/-."), "chords": set("xoulr-.")}
    for part, field in IDEAS.items():
        for idea in getattr(genre, field):
            leads = [closed(ending) for ending in genre.leads.get(part, LEADS[part])]
            made = [rule(idea) for rule in (*RULES[part], *leads)]
            assert {len(pattern) for pattern in made} == {16}
            assert set("".join(made)) <= marks[part]


def test_a_phrase_states_replies_and_leads_on() -> None:
    idea = idea_of("bass", "1---1---1---1---", LEADS["bass"], stream("idea"))
    bars = bar_patterns(idea, bars=8, occurrence=0, variety=1.0, rng=stream("phrase"))
    assert bars[0] == bars[4] == "1---1---1---1---"
    assert len({bars[place] for place in (0, 1, 2, 3, 7)}) == 5
