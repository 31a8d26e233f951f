"""Lessons: what rests on evidence, what people make of them, and which ones a run is given."""

from __future__ import annotations

import itertools
import random
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from artists.lessons import (
    HALF_LIFE_DAYS,
    LESSON_BY_REASON,
    LIFE_DAYS,
    TOKEN_BUDGET,
    LessonRefused,
    decide_lesson,
    keep_as_judged,
    learn_from_rejection,
    lessons_for,
    neighbours_of,
    raise_lesson,
    shown_for,
    suggestions,
    tokens_of,
    unlearn_rejection,
    weight,
)
from artists.models import Artist, Lesson, LessonEvidence
from tests.factories import NOON, ArtistFactory, UserFactory

pytestmark = pytest.mark.django_db

Status = Lesson.Status
DAY = timedelta(days=1)


@pytest.fixture
def artist() -> Artist:
    return ArtistFactory()


@pytest.fixture
def rejected() -> Callable[..., int]:
    """Learn from one more verdict; returns its number."""
    numbers = itertools.count(1)

    def learn(artist: Artist, *reasons: str, comment: str = "", days: float = 0) -> int:
        number = next(numbers)
        learn_from_rejection(
            artist=artist,
            run_id=uuid.UUID(int=number),
            review_id=number,
            reasons=reasons,
            comment=comment,
            now=NOON + days * DAY,
        )
        return number

    return learn


def in_force(
    artist: Artist | None, text: str, *, genre: str = "", days: float = 0, keeps: bool = False
) -> Lesson:
    """A lesson a person wrote."""
    lesson = Lesson(artist=artist, genre=genre, text=text, status=Status.ACCEPTED, keeps=keeps)
    keep_as_judged(lesson, actor=None, now=NOON + days * DAY)
    return lesson


def texts(found: Any) -> list[str]:
    return [lesson.text for lesson in found]


# --- Learning ---


def test_what_comes_up_again_gets_stronger_and_lives_longer(
    artist: Artist, rejected: Callable[..., int]
) -> None:
    rejected(artist, "weak_hook")
    rejected(artist, "weak_hook", days=10)

    lesson = Lesson.objects.get()
    assert lesson.strength == 2
    assert lesson.created_at == NOON
    assert lesson.expires_at == NOON + (10 + LIFE_DAYS) * DAY


def test_comments_that_say_the_same_are_one_lesson_in_the_first_words(
    artist: Artist, rejected: Callable[..., int]
) -> None:
    rejected(artist, "other", comment="Too fast!")
    rejected(artist, "other", comment="Slower, please")

    lesson = Lesson.objects.get()
    assert (lesson.text, lesson.strength, lesson.status) == ("Too fast!", 2, Status.PROPOSED)
    assert list(lesson.evidence.standing().values_list("text", flat=True)) == [
        "Too fast!",
        "Slower, please",
    ]


def test_a_comment_that_repeats_its_reason_counts_once(
    artist: Artist, rejected: Callable[..., int]
) -> None:
    rejected(artist, "lyric_cliche", comment="Avoid stock phrases!")

    assert Lesson.objects.get().strength == 1


def test_an_expired_lesson_is_in_force_again_when_it_comes_up(
    artist: Artist, rejected: Callable[..., int]
) -> None:
    later = LIFE_DAYS + 5
    rejected(artist, "weak_hook")
    before = lessons_for(artist, now=NOON + later * DAY).given

    rejected(artist, "weak_hook", days=later)

    assert before == ()
    assert texts(lessons_for(artist, now=NOON + later * DAY).given) == [
        LESSON_BY_REASON["weak_hook"]
    ]


# --- Taking back ---


def state() -> list[tuple[Any, ...]]:
    """Lessons with their standing evidence, by what they say instead of by their keys."""
    fields = (
        "artist__name", "text", "key", "status", "source", "strength",
        "run_id", "created_at", "last_seen_at", "expires_at",
    )  # fmt: skip
    standing = LessonEvidence.objects.filter(withdrawn_at=None).order_by(
        "at", "review_id", "kind", "lesson__key", "text"
    )
    return [
        *Lesson.objects.order_by("artist__name", "key").values_list(*fields),
        *standing.values_list("lesson__key", "kind", "text", "run_id", "review_id", "at"),
    ]


@pytest.mark.parametrize("seed", range(4))
def test_taking_back_is_as_if_it_had_never_been_learnt(seed: int) -> None:
    rng = random.Random(seed)
    artists = ArtistFactory.create_batch(2)
    comments = ["", "Too fast", "Slower, please", "make it slower", "More brass", "more brass!"]
    verdicts = [
        {
            "artist": rng.choice(artists),
            "run_id": uuid.UUID(int=number),
            "review_id": number,
            "reasons": rng.sample(["weak_hook", "rights", "lyric_cliche", "other"], 2),
            "comment": rng.choice(comments),
            "now": NOON + number * DAY,
        }
        for number in range(1, 13)
    ]
    fallen = rng.sample(verdicts, 6)
    for verdict in verdicts:
        if verdict not in fallen:
            learn_from_rejection(**verdict)
    never = state()
    Lesson.objects.all().delete()

    for verdict in verdicts:
        learn_from_rejection(**verdict)
    for verdict in fallen:
        unlearn_rejection(review_id=verdict["review_id"], now=NOON + 90 * DAY)

    assert state() == never


def test_what_a_person_accepted_stays_when_its_decision_falls(
    artist: Artist, rejected: Callable[..., int]
) -> None:
    verdict = rejected(artist, "other", comment="More brass")
    decide_lesson(lesson_id=Lesson.objects.get().pk, accept=True, now=NOON)

    unlearn_rejection(review_id=verdict, now=NOON)

    lesson = Lesson.objects.get()
    assert (lesson.text, lesson.status, lesson.strength) == ("More brass", Status.ACCEPTED, 1)


def test_withdrawn_evidence_is_kept(artist: Artist, rejected: Callable[..., int]) -> None:
    rejected(artist, "rights")
    verdict = rejected(artist, "rights")

    unlearn_rejection(review_id=verdict, now=NOON + DAY)

    assert LessonEvidence.objects.get(review_id=verdict).withdrawn_at == NOON + DAY


# --- People ---


def test_a_judged_lesson_stays_judged_when_it_comes_up_again(
    artist: Artist, rejected: Callable[..., int]
) -> None:
    rejected(artist, "rights")
    decide_lesson(lesson_id=Lesson.objects.get().pk, accept=False, now=NOON)

    rejected(artist, "rights")

    lesson = Lesson.objects.get()
    assert (lesson.status, lesson.strength) == (Status.DISMISSED, 2)


def test_an_edited_lesson_is_known_by_what_it_said_before(
    artist: Artist, rejected: Callable[..., int]
) -> None:
    rejected(artist, "other", comment="Too much reverb")
    lesson = Lesson.objects.get()
    lesson.text = "At most a short room on the voice"
    keep_as_judged(lesson, actor=None, now=NOON)

    rejected(artist, "other", comment="too much reverb")

    lesson = Lesson.objects.get()
    assert (lesson.text, lesson.strength) == ("At most a short room on the voice", 2)


def test_history_tells_who_decided(artist: Artist) -> None:
    user = UserFactory()
    lesson = in_force(artist, "More brass")

    decide_lesson(lesson_id=lesson.pk, accept=False, actor=user, now=NOON)

    newest = lesson.history.latest()
    assert (newest.history_user, newest.status) == (user, Status.DISMISSED)


def test_a_lesson_that_is_gone_is_refused() -> None:
    with pytest.raises(LessonRefused, match="no longer exists"):
        decide_lesson(lesson_id=7, accept=True, now=NOON)


def test_a_second_lesson_that_says_the_same_is_refused(artist: Artist) -> None:
    in_force(artist, "Make it slower")

    with pytest.raises(ValidationError, match="Make it slower"):
        Lesson(artist=artist, text="Slower, please").full_clean()


# --- Which are given ---


def test_strength_halves_with_time(artist: Artist) -> None:
    lesson = in_force(artist, "More brass")

    assert weight(lesson, now=NOON + HALF_LIFE_DAYS * DAY) == pytest.approx(0.5)


def test_strong_and_recent_lessons_come_first(artist: Artist, rejected: Callable[..., int]) -> None:
    rejected(artist, "weak_hook")
    rejected(artist, "weak_hook")
    rejected(artist, "rights", days=80)

    first = [lessons_for(artist, now=NOON + day * DAY).given[0].text for day in (1, 81)]

    assert first == [LESSON_BY_REASON["weak_hook"], LESSON_BY_REASON["rights"]]


def test_scopes_are_artist_genre_and_roster(artist: Artist) -> None:
    in_force(artist, "Own")
    in_force(None, "Of the genre", genre=artist.genre)
    in_force(None, "Of all")
    in_force(None, "Of another genre", genre="polka")
    in_force(ArtistFactory(), "Of another artist")

    assert set(texts(lessons_for(artist, now=NOON).given)) == {"Own", "Of the genre", "Of all"}


def test_of_a_contradiction_the_stronger_is_given(
    artist: Artist, rejected: Callable[..., int]
) -> None:
    for _ in range(2):
        rejected(artist, "other", comment="Too fast")
    decide_lesson(lesson_id=Lesson.objects.get().pk, accept=True, now=NOON)
    faster = in_force(artist, "Make it faster", days=1)

    choice = lessons_for(artist, now=NOON + DAY)

    assert texts(choice.given) == ["Too fast"]
    assert choice.aside[0][0] == faster
    assert "Contradicts “Too fast”" in choice.aside[0][1]
    assert texts(neighbours_of(faster, now=NOON + DAY).rivals) == ["Too fast"]


def test_of_equally_strong_ones_the_newer_is_given(artist: Artist) -> None:
    in_force(artist, "Make it slower")
    in_force(artist, "Make it faster", days=1)

    assert texts(lessons_for(artist, now=NOON + DAY).given) == ["Make it faster"]


def test_the_same_lesson_of_two_scopes_is_given_once(artist: Artist) -> None:
    in_force(None, "Make it slower")
    in_force(artist, "Slower, please", days=1)

    assert texts(lessons_for(artist, now=NOON + DAY).given) == ["Slower, please"]


def test_what_is_given_fits_the_budget(artist: Artist) -> None:
    for number in range(10):
        in_force(artist, f"Lesson {number}: " + "words " * 30)

    choice = lessons_for(artist, now=NOON)

    spent = sum(tokens_of(lesson.text) for lesson in choice.given)
    assert choice.given
    assert spent <= TOKEN_BUDGET < spent + tokens_of(choice.aside[0][0].text)
    assert "no room" in choice.aside[0][1]


def test_page_of_the_artist_says_why_a_lesson_is_set_aside(artist: Artist) -> None:
    in_force(artist, "Make it slower")
    in_force(artist, "Make it faster", days=1)

    shown = {lesson.text: lesson.aside for lesson in shown_for(artist, now=NOON + DAY)}

    assert shown["Make it faster"] == ""
    assert "Contradicts “Make it faster”" in shown["Make it slower"]


def test_nearly_the_same_is_pointed_out_and_not_merged(artist: Artist) -> None:
    first = in_force(artist, "Less reverb on the vocals")
    in_force(None, "Less reverb on vocals and drums")
    in_force(artist, "More brass")

    twins = neighbours_of(first, now=NOON).twins

    assert texts(twins) == ["Less reverb on vocals and drums"]


# --- Wider scopes ---


def test_a_lesson_of_several_artists_is_suggested_for_their_genre() -> None:
    for one in ArtistFactory.create_batch(2, genre="synthwave"):
        in_force(one, "Make it slower")
    in_force(ArtistFactory(genre="folk"), "More brass")

    [suggestion] = suggestions(now=NOON)

    assert (suggestion.lesson.text, suggestion.scope) == ("Make it slower", "synthwave")
    assert suggestion.artists == 2


def test_a_lesson_of_several_genres_is_suggested_for_the_roster() -> None:
    for genre in ("folk", "synthwave", "synthwave"):
        in_force(ArtistFactory(genre=genre), "Make it slower")

    assert [suggestion.scope for suggestion in suggestions(now=NOON)] == ["the whole roster"]


def test_a_raised_lesson_holds_for_others_and_is_not_suggested_again() -> None:
    first, _ = artists = ArtistFactory.create_batch(2, genre="synthwave")
    for one in artists:
        in_force(one, "Make it slower")
    other = ArtistFactory(genre="synthwave")

    raise_lesson(lesson_id=first.lessons.get().pk, to_roster=False, actor=None, now=NOON)

    [given] = lessons_for(other, now=NOON).given
    assert (given.scope, given.strength) == ("synthwave", 2)
    assert suggestions(now=NOON) == []


def test_a_lesson_is_raised_once(artist: Artist) -> None:
    lesson = in_force(artist, "Make it slower")
    wider = raise_lesson(lesson_id=lesson.pk, to_roster=True, actor=None, now=NOON)

    for one in (lesson, wider):
        with pytest.raises(LessonRefused):
            raise_lesson(lesson_id=one.pk, to_roster=True, actor=None, now=NOON)


# --- Pages ---


def test_suggestion_is_raised_from_the_list(boss: Client) -> None:
    for one in ArtistFactory.create_batch(2, genre="synthwave"):
        in_force(one, "Make it slower", keeps=True)
    shown = boss.get(reverse("admin:artists_lesson_changelist")).content.decode()

    boss.post(
        reverse("admin:artists_lesson_raise", args=[Lesson.objects.first().pk]), {"to": "genre"}
    )

    assert "Worth a wider scope" in shown
    assert Lesson.objects.filter(artist=None, genre="synthwave").exists()


def test_edit_is_kept_with_who_did_it(boss: Client, artist: Artist) -> None:
    lesson = in_force(artist, "More brass")
    address = reverse("admin:artists_lesson_change", args=[lesson.pk])

    boss.post(
        address,
        {"text": "More horns", "status": "accepted", "artist": artist.pk, "keeps": "on"},
    )

    lesson.refresh_from_db()
    assert (lesson.text, lesson.expires_at) == ("More horns", None)
    assert lesson.history.latest().history_user is not None
    assert "More horns" in boss.get(address).content.decode()


def test_lesson_of_a_person_is_in_force_and_does_not_expire(boss: Client) -> None:
    page = boss.get(reverse("admin:artists_lesson_add"))
    initial = page.context["adminform"].form.initial

    boss.post(
        reverse("admin:artists_lesson_add"),
        {"text": "More brass", "status": initial["status"], "keeps": "on"},
    )

    lesson = Lesson.objects.get()
    assert (lesson.status, lesson.source) == (Status.ACCEPTED, Lesson.Source.MANUAL)
    assert lesson.expires_at is None and lesson.scope == "the whole roster"


def test_contradiction_is_shown_on_the_page(boss: Client, artist: Artist) -> None:
    in_force(artist, "Make it slower", keeps=True)
    faster = in_force(artist, "Make it faster", keeps=True)

    page = boss.get(reverse("admin:artists_lesson_change", args=[faster.pk])).content.decode()

    assert "Contradicts" in page and "Make it slower" in page


def test_contradictions_are_pointed_out_in_the_list_at_the_same_cost_for_many(
    boss: Client, artist: Artist, django_assert_max_num_queries: Any
) -> None:
    slower = in_force(artist, "Make it slower", keeps=True)
    faster = in_force(None, "Make it faster", genre=artist.genre, keeps=True)
    dark = in_force(None, "Make it darker", genre="lofi", keeps=True)
    in_force(None, "Make it brighter", genre="techno", keeps=True)
    over = in_force(artist, "Make it livelier", days=-400)
    in_force(artist, "Make it calmer", keeps=True)
    address = reverse("admin:artists_lesson_changelist")
    boss.get(address)

    with CaptureQueriesContext(connection) as few:
        rows = boss.get(address).context["cl"].result_list
    for number in range(10):
        in_force(None, f"More brass {number}", keeps=True)
    with CaptureQueriesContext(connection) as many:
        page = boss.get(address).content.decode()

    rivals = {row.pk: row.rival for row in rows}
    assert rivals[slower.pk] == faster
    assert rivals[dark.pk] is None and rivals[over.pk] is None
    assert "“Make it faster”" in page
    assert len(many) == len(few)
