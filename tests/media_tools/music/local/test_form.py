import pytest

from media_tools.music.local.form import TAIL_S, PlannedSection, plan_form, section_kind, with_edges

SONG = with_edges(("verse", "chorus", "verse", "chorus", "bridge", "chorus"))


@pytest.mark.parametrize("tempo_bpm", [60, 74, 90, 104, 128, 150, 174])
@pytest.mark.parametrize("duration_s", [60, 75, 97, 120])
def test_track_is_near_its_duration_and_in_range(tempo_bpm: int, duration_s: int) -> None:
    plan = plan_form(SONG, tempo_bpm=tempo_bpm, duration_s=duration_s)
    bars_s = sum(section.bars for section in plan) * 240 / tempo_bpm
    assert abs(bars_s + TAIL_S - duration_s) <= 8
    assert bars_s >= 60
    assert bars_s + TAIL_S <= 120


@pytest.mark.parametrize("lyrics", [("verse",), ("verse", "chorus") * 6])
@pytest.mark.parametrize("tempo_bpm", [40, 66, 174, 220])
def test_unusual_forms_keep_to_the_duration(lyrics: tuple[str, ...], tempo_bpm: int) -> None:
    plan = plan_form(with_edges(lyrics), tempo_bpm=tempo_bpm, duration_s=119)
    bars_s = sum(section.bars for section in plan) * 240 / tempo_bpm
    assert 111 <= bars_s + TAIL_S <= 120


def test_every_lyric_section_has_its_place_in_order() -> None:
    plan = plan_form(SONG, tempo_bpm=104, duration_s=110)
    assert tuple(section.kind for section in plan) == SONG
    assert min(section.bars for section in plan if section.kind != "outro") >= 2


def test_sections_of_a_kind_are_equally_long() -> None:
    plan = plan_form(SONG, tempo_bpm=104, duration_s=110)
    assert len({section.bars for section in plan if section.kind == "chorus"}) == 1


def test_a_form_too_long_loses_the_bridge_first_and_keeps_verse_and_chorus() -> None:
    plan = plan_form(SONG, tempo_bpm=60, duration_s=30)
    kinds = [section.kind for section in plan]
    assert "bridge" not in kinds
    assert {"verse", "chorus", "outro"} <= set(kinds)


def test_edges_are_not_doubled() -> None:
    assert with_edges(("intro", "verse", "outro")) == ("intro", "verse", "outro")


@pytest.mark.parametrize(
    ("word", "kind"),
    [("Hook", "chorus"), ("pre-chorus", "prechorus"), ("Breakdown", "break"), ("tag", "verse")],
)
def test_words_of_lyric_forms(word: str, kind: str) -> None:
    assert section_kind(word) == kind


def test_words_get_the_time_they_need() -> None:
    kinds = with_edges(("verse", "chorus", "verse", "chorus"))
    plain = plan_form(kinds, tempo_bpm=121, duration_s=66)
    sung = plan_form(
        kinds, tempo_bpm=121, duration_s=66, sung_s={"verse": 9.6, "chorus": 9.6, "outro": 4.8}
    )

    def shortest_s(plan: tuple[PlannedSection, ...], kind: str) -> float:
        return min(section.bars for section in plan if section.kind == kind) * 240 / 121

    assert shortest_s(plain, "chorus") < 9.6 <= shortest_s(sung, "chorus")
    assert shortest_s(sung, "outro") >= 4.8 + 240 / 121
