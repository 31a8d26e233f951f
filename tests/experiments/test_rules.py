"""What the figures allow: the sentence, and what keeps the machine from acting on it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from experiments.rules import Arm, Evidence, Kind, bar_at, checks, judge, loss_in_words


def arm(name: str, approved: int, rejected: int, **more) -> Arm:
    failed = more.get("failed", 0)
    return Arm(
        name=name,
        is_control=name == "A",
        approved=approved,
        rejected=rejected,
        **{"runs": approved + rejected + failed, **more},
    )


def of(*arms: Arm, **more) -> Evidence:
    artists = {"Nova": tuple(one.counts for one in arms)}
    return Evidence(arms=arms, **{"artists": artists, **more})


def rates(*counts: tuple[int, int], **more) -> Evidence:
    return of(*(arm("ABCDEF"[i], *pair) for i, pair in enumerate(counts)), **more)


@pytest.mark.parametrize(
    ("evidence", "kind", "sentence"),
    [
        (
            rates((2, 1), (2, 2)),
            Kind.TOO_EARLY,
            "Keep going: too early to tell, 3 of 20 reviewed runs per arm.",
        ),
        (
            rates((6, 6), (8, 4)),
            Kind.KEEP_GOING,
            "Keep going: B is ahead with 8 of 12 approved, 12 of 50 runs per arm reviewed.",
        ),
        (
            rates((0, 20), (19, 1)),
            Kind.USE,
            "Use B: it wins early with 19 of 20 approved against 0 of 20 for A after 20 of 50 "
            "runs per arm; if that is wrong, less than 1 approval in 5,000 runs is lost.",
        ),
        (
            rates((25, 25), (36, 14)),
            Kind.USE,
            "Use B: it wins with 36 of 50 approved against 25 of 50 for A; if that is wrong, "
            "about 1 approval in 2,400 runs is lost.",
        ),
        (
            rates((25, 25), (26, 24)),
            Kind.KEEP_CONTROL,
            "Keep A: no clear difference after 50 runs per arm.",
        ),
        (rates((40, 10), (25, 25)), Kind.KEEP_CONTROL, "Keep A: it wins with 40 of 50 approved."),
    ],
    ids=["too early", "ahead", "early win", "win", "no difference", "control wins"],
)
def test_the_sentence_says_what_to_do(evidence: Evidence, kind: Kind, sentence: str) -> None:
    verdict = judge(evidence)

    assert (verdict.kind, verdict.sentence) == (kind, sentence)


def test_nothing_ends_before_twenty_runs_per_arm() -> None:
    assert judge(rates((0, 19), (19, 0))).kind == Kind.KEEP_GOING
    assert bar_at(19, 50) is None


def test_a_clear_lead_waits_for_the_planned_size() -> None:
    assert judge(rates((24, 25), (36, 13))).kind == Kind.KEEP_GOING


def test_one_arm_is_no_comparison() -> None:
    assert judge(rates((9, 3))).kind == Kind.NOT_COMPARABLE


def test_an_arm_without_runs_cannot_win() -> None:
    assert judge(rates((0, 60), (0, 0))).kind == Kind.TOO_EARLY


# --- Gates ---

CLEAR = rates((20, 30), (40, 10))


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"ratio_p": 0.0005}, "not spread as planned"),
        ({"broken_blocks": 2}, "without an arm"),
        (
            {"arms": (arm("A", 20, 30, runs=51), arm("B", 40, 10, runs=70))},
            "without a decision differ",
        ),
        ({"arms": (arm("A", 20, 30), arm("B", 40, 10, unexposed=20))}, "Only 30 of 50"),
        ({"arms": (arm("A", 20, 30), arm("B", 40, 10, failed=8, runs=58))}, "too many more"),
        ({"arms": (arm("A", 20, 30, cost=2.0), arm("B", 40, 10, cost=8.0))}, "too much more"),
        (
            {"artists": {"Nova": ((18, 7), (40, 5)), "Grey": ((2, 23), (0, 5))}},
            "inside artists",
        ),
    ],
    ids=["ratio", "blocks", "missing", "unused", "errors", "cost", "mix"],
)
def test_a_closed_gate_calls_a_person(change: dict, word: str) -> None:
    verdict = judge(replace(CLEAR, **change))

    assert verdict.kind == Kind.NEEDS_PERSON
    assert word in verdict.sentence
    assert "Use B: it wins" in verdict.sentence


def test_open_gates_let_the_winner_through() -> None:
    assert judge(CLEAR).kind == Kind.USE
    assert all(check.ok for check in checks(CLEAR))


def test_one_day_of_reviews_is_waited_out() -> None:
    verdict = judge(replace(CLEAR, review_days=1))

    assert verdict.kind == Kind.KEEP_GOING
    assert "one bad day" in verdict.sentence


def test_cost_counts_only_where_a_margin_is_set() -> None:
    dear = of(arm("A", 20, 30, cost=2.0), arm("B", 40, 10, cost=8.0), cost_margin=None)

    assert judge(dear).kind == Kind.USE


def test_a_shifted_mix_that_changes_nothing_is_no_alarm() -> None:
    alike = {"Nova": ((15, 15), (32, 8)), "Grey": ((10, 10), (8, 2))}
    evidence = replace(rates((25, 25), (40, 10)), artists=alike)

    assert judge(evidence).kind == Kind.USE


def test_an_artist_that_decides_alone_is_named() -> None:
    artists = {"Nova": ((5, 25), (28, 2)), "Grey": ((15, 5), (12, 8))}

    notes = [check.message for check in checks(replace(CLEAR, artists=artists)) if not check.gate]

    assert "Nova has over half of the runs." in notes
    assert "Without Nova, B would not lead." in notes


# --- Stopping arms ---


def test_an_arm_that_fails_more_is_stopped() -> None:
    verdict = judge(of(arm("A", 10, 10), arm("B", 6, 4, failed=10)))

    assert (verdict.kind, verdict.arm, verdict.rule) == (Kind.STOP_ARM, 1, "error_guardrail")


def test_one_failure_stops_nothing() -> None:
    assert judge(of(arm("A", 10, 10), arm("B", 10, 9, failed=1))).kind == Kind.KEEP_GOING


def test_an_arm_that_is_surely_dearer_is_stopped() -> None:
    verdict = judge(of(arm("A", 15, 10, cost=2.5), arm("B", 15, 10, cost=12.0)))

    assert (verdict.kind, verdict.rule) == (Kind.STOP_ARM, "cost_guardrail")


def test_the_weakest_of_three_drops_out() -> None:
    verdict = judge(rates((9, 6), (1, 14), (8, 7)))

    assert (verdict.kind, verdict.arm, verdict.rule) == (Kind.STOP_ARM, 1, "racing")


def test_the_control_is_never_dropped_and_two_arms_never_race() -> None:
    assert judge(rates((1, 14), (9, 6), (8, 7))).kind == Kind.KEEP_GOING
    assert judge(rates((9, 6), (1, 14))).kind == Kind.KEEP_GOING


def test_no_arm_drops_out_before_fifteen_runs() -> None:
    assert judge(rates((12, 2), (0, 14), (12, 2))).kind == Kind.KEEP_GOING


def test_a_stopped_arm_neither_holds_up_nor_wins() -> None:
    stopped = arm("C", 14, 0, live=False)

    assert judge(of(arm("A", 25, 25), arm("B", 26, 24), stopped)).kind == Kind.KEEP_CONTROL


def test_with_every_other_arm_stopped_the_control_stays() -> None:
    verdict = judge(of(arm("A", 6, 6), arm("B", 1, 9, live=False)))

    assert verdict.sentence == "Keep A: every other arm was stopped."


@pytest.mark.parametrize(
    ("loss", "words"),
    [(0.0033, "about 1 approval in 300 runs"), (0.05, "about 1 approval in 20 runs")],
)
def test_a_loss_in_words(loss: float, words: str) -> None:
    assert words in loss_in_words(loss)
