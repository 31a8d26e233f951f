"""Sources are asked once a window, and one that fails does not stop the others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from media_tools.errors import ProviderUnavailable, SubmissionUnknown
from media_tools.health import ProviderHealth
from tests.factories import NOON, ObservationFactory, TrendSourceFactory
from tests.trends.visits import FakeVisit
from trends.collecting import LEASE, check, collect
from trends.models import Collection, Observation, Topic, TrendSource
from trends.recording import record
from trends.sources.base import FreeReader, Price, Sighting, SpendingLimits, Visit
from trends.sources.local import HISTORY_DAYS, LocalCalendar

DAY = timedelta(days=1)


@dataclass
class FakeReader(FreeReader):
    name: str = "one"
    topics: tuple[str, ...] = ("moon",)
    error: Exception | None = None
    keep: timedelta | None = None
    asked: list[datetime] = field(default_factory=list)

    def sightings(self, visit: Visit) -> Iterable[Sighting]:
        self.asked.append(visit.now)
        visit.call()
        visit.memory["asked"] = len(self.asked)
        for topic in self.topics:
            yield Sighting(topic, 5.0, visit.now)
        if self.error:
            raise self.error


def failing(name: str = "bad") -> FakeReader:
    return FakeReader(name, (), ProviderUnavailable(name, "no answer"))


def volumes(day: datetime) -> dict[str, float]:
    """The calendar's volumes on the day itself."""
    sightings = list(LocalCalendar().sightings(FakeVisit(now=day)))
    today = max(sighting.observed_at for sighting in sightings)
    return {s.topic: s.volume for s in sightings if s.observed_at == today}


@pytest.mark.django_db
def test_a_collection_is_stored_and_scored() -> None:
    (collection,) = collect(now=NOON, sources=[FakeReader("one", ("moon", "rain"))])

    assert (collection.source, collection.recorded.observations_new) == ("one", 2)
    assert TrendSource.objects.get().last_collected_at == NOON
    assert Topic.objects.filter(score__gt=0).count() == 2


@pytest.mark.django_db
def test_a_failing_source_keeps_its_error_and_the_others_go_on() -> None:
    failed, done = collect(now=NOON, sources=[failing(), FakeReader("good")])

    assert failed.error == TrendSource.objects.get(name="bad").last_error == "bad: no answer"
    assert done.recorded.observations_new == 1
    assert not Observation.objects.filter(source__name="bad").exists()


@pytest.mark.django_db
def test_a_good_collection_clears_the_error() -> None:
    collect(now=NOON, sources=[failing("one")])

    collect(now=NOON, sources=[FakeReader("one")])

    assert TrendSource.objects.get().last_error == ""


@pytest.mark.django_db
def test_a_disabled_source_is_not_asked() -> None:
    TrendSourceFactory(name="one", enabled=False)

    assert collect(now=NOON, sources=[failing("one")]) == []


@pytest.mark.django_db
def test_a_source_is_asked_once_a_window() -> None:
    reader = FakeReader()
    collect(now=NOON, sources=[reader])

    (same_day,) = collect(now=NOON + timedelta(hours=6), sources=[reader])
    collect(now=NOON + DAY, sources=[reader])

    assert same_day.skipped == "its window is done already"
    assert reader.asked == [NOON, NOON + DAY]


@pytest.mark.django_db
def test_a_short_window_is_asked_more_often() -> None:
    reader = FakeReader()
    reader.window = timedelta(hours=6)

    for hours in (0, 3, 6, 9):
        collect(now=NOON + timedelta(hours=hours), sources=[reader])

    assert reader.asked == [NOON, NOON + timedelta(hours=6)]
    assert TrendSource.objects.get().window_hours == 6


@pytest.mark.django_db
def test_a_window_is_stored_once_however_often_it_is_asked() -> None:
    collect(now=NOON, sources=[FakeReader()])

    (collected,) = collect(now=NOON + timedelta(hours=2), sources=[FakeReader()], again=True)

    assert (collected.recorded.observations_new, collected.recorded.skipped) == (0, 1)
    assert Observation.objects.count() == 1


@pytest.mark.django_db
def test_a_window_that_gave_nothing_is_asked_again() -> None:
    reader = failing()
    collect(now=NOON, sources=[reader])

    collect(now=NOON + timedelta(hours=6), sources=[reader])

    assert len(reader.asked) == 2
    assert TrendSource.objects.get().last_collected_at is None


@pytest.mark.django_db
def test_what_came_before_a_failure_is_kept_and_the_failure_shown() -> None:
    reader = FakeReader(error=ProviderUnavailable("one", "then no answer"))

    (collected,) = collect(now=NOON, sources=[reader])
    (later,) = collect(now=NOON + timedelta(hours=6), sources=[reader])

    assert collected.recorded.observations_new == 1
    source = TrendSource.objects.get()
    assert (source.last_error, source.last_collected_at) == ("one: then no answer", NOON)
    assert later.skipped


@pytest.mark.django_db
def test_one_collection_of_a_source_at_a_time() -> None:
    TrendSourceFactory(name="one", collecting_since=NOON - timedelta(minutes=1))
    reader = FakeReader()

    (collected,) = collect(now=NOON, sources=[reader])

    assert collected.skipped == "another collection is under way"
    assert reader.asked == []


@pytest.mark.django_db
def test_a_collection_that_died_is_taken_over() -> None:
    TrendSourceFactory(name="one", collecting_since=NOON - LEASE - timedelta(seconds=1))

    collect(now=NOON, sources=[FakeReader()])

    assert TrendSource.objects.get().collecting_since is None
    assert Observation.objects.exists()


@pytest.mark.django_db
def test_an_answer_nobody_thought_of_stops_no_other_source() -> None:
    odd, good = FakeReader("odd", error=AttributeError("no get")), FakeReader("good")

    first, second = collect(now=NOON, sources=[odd, good])

    assert "in no form that is known" in first.error and "get" not in first.error
    assert second.recorded.observations_new
    assert not TrendSource.objects.exclude(collecting_since=None).exists()


@pytest.mark.django_db
def test_memory_lasts_from_one_collection_to_the_next() -> None:
    reader = FakeReader()

    collect(now=NOON, sources=[reader])

    assert TrendSource.objects.get().memory == {"asked": 1}


@pytest.mark.django_db
def test_what_may_not_be_stored_for_long_is_deleted() -> None:
    source = TrendSourceFactory(name="one")
    old = ObservationFactory(source=source, observed_at=NOON - timedelta(days=31))
    other = ObservationFactory(observed_at=NOON - timedelta(days=31))
    recent = ObservationFactory(source=source, observed_at=NOON - timedelta(days=29))

    collect(now=NOON, sources=[FakeReader(topics=(), keep=timedelta(days=30))])

    left = set(Observation.objects.values_list("pk", flat=True))
    assert {other.pk, recent.pk} == left
    assert old.pk not in left


@pytest.mark.django_db
def test_the_weight_of_a_new_source_is_its_readers_and_then_the_panels() -> None:
    reader = FakeReader()
    reader.weight = 0.5
    collect(now=NOON, sources=[reader])
    assert TrendSource.objects.get().weight == 0.5

    TrendSource.objects.update(weight=2.0)
    collect(now=NOON + DAY, sources=[reader])

    assert TrendSource.objects.get().weight == 2.0


# --- Money ---


class FakeLedger:
    """Notes what is written down; refuses a budget when told to."""

    def __init__(self, refuses: bool = False) -> None:
        self.refuses = refuses
        self.lines: list[str] = []

    def reserve(self, *, key: str, provider: str, purpose: str, estimate_usd: Decimal) -> None:
        if self.refuses:
            raise ProviderUnavailable(provider, "Budget reached", code="budget")
        self.lines.append(f"reserve {provider} {purpose} {estimate_usd}")

    def settle(
        self, *, key: str, cost_usd: Decimal, reads: int, error: str = "", unknown: bool = False
    ) -> None:
        outcome = "unknown" if unknown else "failed" if error else "done"
        self.lines.append(f"{outcome} {cost_usd} {reads}")


@dataclass
class PaidReader(FreeReader):
    """Asks `questions` times for up to 10 records at 0.01 each and is given `returned`."""

    questions: int = 1
    returned: int = 10
    error: Exception | None = None
    limits: SpendingLimits = field(default_factory=SpendingLimits)
    name: str = "dear"
    paid = True

    def sightings(self, visit: Visit) -> Iterable[Sighting]:
        for number in range(self.questions):
            with visit.paid_call("search", f"q{number}", Price(Decimal("0.10"), 10)) as charge:
                if self.error:
                    raise self.error
                charge.price = Price(Decimal("0.01") * self.returned, self.returned)
            yield Sighting(f"topic {number}", 5.0, visit.now)


@pytest.mark.django_db
def test_a_paid_call_is_booked_before_and_settled_after() -> None:
    ledger = FakeLedger()

    (collected,) = collect(now=NOON, sources=[PaidReader(returned=4)], ledger=ledger)

    assert ledger.lines == ["reserve dear search 0.10", "done 0.04 4"]
    assert (collected.cost_usd, collected.reads, collected.calls) == (Decimal("0.04"), 4, 1)
    assert collected.summary == "1 new, 0 updated, 1 call, $0.04"
    row = Collection.objects.get()
    assert (row.cost_usd, row.reads, row.calls, row.observations) == (Decimal("0.04"), 4, 1, 1)


@pytest.mark.django_db
def test_without_a_ledger_nothing_paid_is_asked() -> None:
    (collected,) = collect(now=NOON, sources=[PaidReader()])

    assert "no ledger to write it down" in collected.error
    assert (collected.calls, collected.cost_usd) == (0, 0)


@pytest.mark.django_db
def test_a_refused_budget_stops_the_source_and_books_nothing() -> None:
    (collected,) = collect(now=NOON, sources=[PaidReader()], ledger=FakeLedger(refuses=True))

    assert "Budget reached" in collected.error
    assert (collected.calls, collected.cost_usd) == (0, 0)


@pytest.mark.django_db
def test_a_refused_call_costs_nothing() -> None:
    ledger = FakeLedger()
    reader = PaidReader(error=ProviderUnavailable("dear", "down"))

    collect(now=NOON, sources=[reader], ledger=ledger)

    assert ledger.lines[-1] == "failed 0 0"
    assert Collection.objects.get().cost_usd == 0


@pytest.mark.django_db
def test_a_lost_answer_stays_on_the_books_and_is_not_asked_for_again() -> None:
    ledger = FakeLedger()
    reader = PaidReader(error=SubmissionUnknown("dear", "lost"))

    collect(now=NOON, sources=[reader], ledger=ledger)
    (later,) = collect(now=NOON + timedelta(hours=6), sources=[reader], ledger=ledger)

    assert ledger.lines == ["reserve dear search 0.10", "unknown 0.10 10"]
    assert Collection.objects.get().reads == 10
    assert later.skipped


@pytest.mark.django_db
def test_a_fault_in_a_paid_call_counts_as_charged() -> None:
    ledger = FakeLedger()

    collect(now=NOON, sources=[PaidReader(error=ZeroDivisionError())], ledger=ledger)

    assert TrendSource.objects.get().last_collected_at == NOON  # not asked, and paid, again
    assert ledger.lines[-1] == "unknown 0.10 10"
    assert Collection.objects.get().cost_usd == Decimal("0.10")


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (SpendingLimits(monthly_usd=Decimal("0.25")), "limit of $0.25 a month ($0.20"),
        (SpendingLimits(monthly_reads=29), "limit of 29 a month"),
    ],
)
@pytest.mark.django_db
def test_limits_hold_before_the_call_that_would_pass_them(
    limits: SpendingLimits, words: str
) -> None:
    ledger = FakeLedger()

    (collected,) = collect(
        now=NOON, sources=[PaidReader(questions=9, limits=limits)], ledger=ledger
    )

    assert words in collected.error
    assert collected.cost_usd == Decimal("0.20")
    assert collected.recorded.observations_new == 2


@pytest.mark.django_db
def test_earlier_collections_of_the_month_count() -> None:
    limits = SpendingLimits(monthly_usd=Decimal("0.15"))
    reader = PaidReader(limits=limits)
    collect(now=NOON, sources=[reader], ledger=FakeLedger())

    (next_day,) = collect(now=NOON + DAY, sources=[reader], ledger=FakeLedger())
    (next_month,) = collect(now=NOON + 31 * DAY, sources=[reader], ledger=FakeLedger())

    assert "would pass its limit" in next_day.error
    assert next_month.error == ""


# --- The local calendar ---


@pytest.mark.django_db
def test_the_calendar_works_without_anything() -> None:
    (collection,) = collect(now=NOON)  # the sources of a fresh installation

    assert collection.source == "local-calendar"
    assert collection.error == ""
    assert Topic.objects.rising().exists()


@pytest.mark.django_db
def test_the_calendar_adds_only_the_new_day() -> None:
    collect(now=NOON)

    (collection,) = collect(now=NOON + timedelta(days=1))

    assert collection.recorded.updated == 0
    assert 1 <= collection.recorded.observations_new <= 30


def test_the_calendar_is_about_the_season() -> None:
    october = volumes(datetime(2026, 10, 30, 12, tzinfo=UTC))
    june = volumes(datetime(2026, 6, 20, 12, tzinfo=UTC))

    assert october["haunted houses"] > 80
    assert "haunted houses" not in june
    assert max(june, key=lambda topic: june[topic]) == "midsummer bonfire"


def test_the_calendar_looks_across_the_new_year() -> None:
    assert volumes(datetime(2026, 12, 30, 12, tzinfo=UTC))["new year resolutions"] > 50


def test_the_calendar_knows_the_weekday() -> None:
    friday, monday = (volumes(datetime(2026, 3, day, 12, tzinfo=UTC)) for day in (6, 9))

    assert friday["friday night"] > monday["friday night"]
    assert monday["monday morning"] > friday["monday morning"]


@pytest.mark.parametrize(
    "day", [datetime(2026, 1, 3, 12, tzinfo=UTC), datetime(2026, 8, 28, 12, tzinfo=UTC)]
)
def test_the_calendar_knows_the_full_moon(day: datetime) -> None:
    assert volumes(day)["full moon"] > 55
    assert volumes(day + timedelta(days=14)).get("full moon", 0) < 5


def test_the_calendar_gives_a_window_a_day() -> None:
    windows = {sighting.observed_at for sighting in LocalCalendar().sightings(FakeVisit())}

    assert len(windows) == HISTORY_DAYS
    assert {(moment.hour, moment.minute) for moment in windows} == {(0, 0)}


# --- Health ---


class Doctored(FakeReader):
    def health(self, visit: Visit) -> ProviderHealth:
        visit.call()
        visit.memory["token"] = "new"
        if self.error:
            raise self.error
        return ProviderHealth(self.name, note="well")


@pytest.mark.django_db
@pytest.mark.parametrize("error", [None, ProviderUnavailable("one", "down")])
def test_a_check_keeps_what_the_reader_learnt(error: Exception | None) -> None:
    if error:
        with pytest.raises(ProviderUnavailable):
            check(Doctored(error=error), now=NOON)
    else:
        assert check(Doctored(), now=NOON).note == "well"

    source = TrendSource.objects.get()
    assert source.memory == {"token": "new"}
    assert source.last_collected_at is None


@pytest.mark.django_db
def test_a_check_buys_nothing() -> None:
    class Spender(FakeReader):
        def health(self, visit: Visit) -> ProviderHealth:
            with visit.paid_call("search", "q", Price(Decimal(1))):
                return ProviderHealth(self.name)

    with pytest.raises(RuntimeError, match="would buy search"):
        check(Spender(), now=NOON)


def test_the_calendar_is_always_well() -> None:
    assert LocalCalendar().health(FakeVisit()).provider == "local-calendar"


@pytest.mark.django_db
def test_what_no_column_holds_does_not_lose_the_others() -> None:
    source = TrendSourceFactory()
    odd = [
        Sighting("x" * 121, 1.0, NOON),
        Sighting("\x00", 1.0, NOON),
        Sighting("nan", float("nan"), NOON),
        Sighting("below", -1.0, NOON),
        Sighting("endless", 1.0, NOON, engagement=float("inf")),
    ]

    recorded = record(source, [*odd, Sighting("mo\x00on", 5.0, NOON)], now=NOON)

    assert (recorded.rows, recorded.observations_new, recorded.skipped) == (6, 1, 5)
    assert Observation.objects.get().topic.name == "moon"
