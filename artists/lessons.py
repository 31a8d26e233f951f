"""Lessons: learnt from decisions, merged, judged by people, and chosen for a run's prompts.

A lesson rests on evidence: one row for each time it came up. Its strength and expiry are computed
from the evidence that stands; so are its wording and status until a person judges it. Undoing a
decision therefore leaves the lesson as if the decision had never been made.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q

from ai_artist.kit import values
from artists.models import Artist, Lesson, LessonEvidence
from media_tools.text.lessons import alikeness, contradict, same_key

Kind = LessonEvidence.Kind

LIFE_DAYS = 90  # after it last came up
HALF_LIFE_DAYS = 45
MAX_GIVEN = 12  # per run
SHOWN = 20
NEARLY_THE_SAME = 0.6  # share of their content words that two lessons have in common
# The part of a prompt that lessons may use. English has about 4 characters per token; the number
# and the quotes around a lesson take a few more.
TOKEN_BUDGET = 300
CHARACTERS_A_TOKEN = 4
TOKENS_AROUND = 4
# From this many artists that learnt the same, a wider scope is suggested.
ARTISTS_OF_GENRE = 2
ARTISTS_OF_ROSTER = 3
GENRES_OF_ROSTER = 2

# The lesson each rejection reason teaches; keys are the codes reviewers choose.
LESSON_BY_REASON = {
    "weak_hook": "Make the hook stronger: short, repeated, on the words of the title",
    "off_persona": "Stay closer to the persona and its genre",
    "audio_fault": "Keep the mix clean: no harsh or muddy sounds",
    "vocal_fault": "Write lines that are easy to sing",
    "lyric_cliche": "Avoid stock phrases in the lyrics",
    "visuals_unfit": "Let the pictures follow the mood of the song",
    "too_similar": "Differ from earlier releases in tempo, key and theme",
    "rights": "Name no real persons, brands or works",
}
SOURCE_BY_KIND = {
    Kind.REASON: Lesson.Source.REJECTION,
    Kind.COMMENT: Lesson.Source.REJECTION,
    Kind.REFLECTION: Lesson.Source.REFLECTION,
    Kind.RAISED: Lesson.Source.MANUAL,
}


class LessonRefused(Exception):
    """A lesson that cannot be decided; the message says why."""


# --- Learning ---


@transaction.atomic
def learn_from_rejection(
    *,
    artist: Artist,
    run_id: UUID,
    review_id: int,
    reasons: Sequence[str],
    comment: str,
    now: datetime,
) -> None:
    """Turn the reasons into lessons in force, and the comment into one a person may accept."""
    said = [(Kind.REASON, LESSON_BY_REASON[code]) for code in reasons if code in LESSON_BY_REASON]
    if comment.strip():
        said.append((Kind.COMMENT, comment.strip()))
    for kind, text in said:
        note(artist=artist, kind=kind, text=text, run_id=run_id, review_id=review_id, now=now)


@transaction.atomic
def unlearn_rejection(*, review_id: int, now: datetime) -> None:
    """Reverse `learn_from_rejection` for a verdict that is undone or corrected."""
    evidence = LessonEvidence.objects.filter(review_id=review_id, withdrawn_at__isnull=True)
    lesson_ids = list(evidence.values_list("lesson_id", flat=True))
    evidence.update(withdrawn_at=now)
    for lesson in Lesson.objects.select_for_update().filter(pk__in=lesson_ids):
        refresh(lesson)


@transaction.atomic
def note(
    *,
    artist: Artist | None,
    kind: Kind,
    text: str,
    now: datetime,
    genre: str = "",
    run_id: UUID | None = None,
    review_id: int | None = None,
) -> Lesson:
    """Record that a lesson came up; a known one gets stronger and lives longer.

    artist: None for a lesson of the genre, or of the whole roster if genre is empty.
    """
    text = text[:200]
    lesson = _lesson_saying(text, artist=artist, genre=genre, kind=kind, run_id=run_id, now=now)
    # A review whose reason and comment say the same is one piece of evidence.
    once = {"review_id": review_id, "withdrawn_at": None}
    if review_id is None or not lesson.evidence.filter(**once).exists():
        LessonEvidence.objects.create(
            lesson=lesson,
            kind=kind,
            text=text,
            key=same_key(text),
            run_id=run_id,
            review_id=review_id,
            at=now,
        )
    refresh(lesson)
    return lesson


def refresh(lesson: Lesson) -> None:
    """Update what is computed from the standing evidence; delete a lesson without evidence.

    A lesson that a person wrote, accepted, dismissed or edited stays, in that person's words.
    """
    standing = list(lesson.evidence.standing())
    by_person = lesson.source == Lesson.Source.MANUAL or lesson.judged_at is not None
    if not standing and not by_person:
        lesson.delete()
        return
    if standing and not by_person:
        # The words used first stay, however often the lesson comes up in others.
        first = standing[0]
        lesson.text, lesson.key = first.text, first.key
        lesson.source = SOURCE_BY_KIND[Kind(first.kind)]
        lesson.run_id, lesson.created_at = first.run_id, first.at
        binding = any(evidence.kind in LessonEvidence.BINDING for evidence in standing)
        lesson.status = Lesson.Status.ACCEPTED if binding else Lesson.Status.PROPOSED
    lesson.strength = max(1, len(standing))
    seen = [evidence.at for evidence in standing]
    lesson.last_seen_at = max([*seen, lesson.judged_at or lesson.created_at])
    lesson.expires_at = None if lesson.keeps else lesson.last_seen_at + timedelta(days=LIFE_DAYS)
    # update(), not save(): the history records only what people did.
    Lesson.objects.filter(pk=lesson.pk).update(
        **{name: getattr(lesson, name) for name in DERIVED_FIELDS}
    )


DERIVED_FIELDS = (
    "text",
    "key",
    "source",
    "status",
    "strength",
    "run_id",
    "created_at",
    "last_seen_at",
    "expires_at",
)


def _lesson_saying(
    text: str,
    *,
    artist: Artist | None,
    genre: str,
    kind: Kind,
    run_id: UUID | None,
    now: datetime,
) -> Lesson:
    """Get or create the lesson with this meaning in this scope; locks its row.

    An edited lesson also matches the text it had before.
    """
    key = same_key(text)
    of_scope = Lesson.objects.select_for_update().filter(artist=artist, genre=genre)
    said_before = LessonEvidence.objects.filter(lesson=OuterRef("pk"), key=key)
    edited = of_scope.filter(Exists(said_before), judged_at__isnull=False).order_by("pk")
    if known := of_scope.filter(key=key).first() or edited.first():
        return known
    lesson, _ = Lesson.objects.select_for_update().get_or_create(
        artist=artist,
        genre=genre,
        key=key,
        defaults={
            "text": text,
            "source": SOURCE_BY_KIND[kind],
            "run_id": run_id,
            "created_at": now,
            "last_seen_at": now,
        },
    )
    return lesson


# --- People ---


@transaction.atomic
def decide_lesson(
    *, lesson_id: int, accept: bool, now: datetime, actor: AbstractBaseUser | None = None
) -> Lesson:
    """Put a lesson in force or dismiss it; either can be changed later.

    Accepting it extends its life, as if it had come up.
    Raises LessonRefused if it no longer exists.
    """
    lesson = _locked(lesson_id)
    lesson.status = Lesson.Status.ACCEPTED if accept else Lesson.Status.DISMISSED
    keep_as_judged(lesson, actor=actor, now=now)
    return lesson


def keep_as_judged(lesson: Lesson, *, actor: AbstractBaseUser | None, now: datetime) -> None:
    """Save a lesson as a person left it, with that person in its history."""
    lesson.judged_at = now
    # django-simple-history reads the user from this attribute.
    lesson._history_user = actor  # type: ignore[attr-defined]
    lesson.save()
    refresh(lesson)


@transaction.atomic
def raise_lesson(
    *, lesson_id: int, to_roster: bool, now: datetime, actor: AbstractBaseUser | None
) -> Lesson:
    """Copy a lesson to its artist's genre or the whole roster; the artists keep theirs.

    Its strength is the number of artists that learnt it.
    Raises LessonRefused.
    """
    lesson = _locked(lesson_id)
    if lesson.artist is None:
        raise LessonRefused(f"“{lesson}” holds for {lesson.scope} already.")
    genre = "" if to_roster else lesson.artist.genre
    if Lesson.objects.filter(artist=None, genre=genre, key=lesson.key).exists():
        raise LessonRefused(
            f"{values.genre(genre) or 'The roster'} has a lesson that says so; accept that one."
        )
    alike = Lesson.objects.filter(key=lesson.key, status=Lesson.Status.ACCEPTED)
    alike = alike.filter(artist__genre=genre) if genre else alike.filter(artist__isnull=False)
    # Includes the lesson itself, which may not be accepted yet.
    for learnt in alike | Lesson.objects.filter(pk=lesson.pk):
        wider = note(
            artist=None,
            genre=genre,
            kind=Kind.RAISED,
            text=lesson.text,
            run_id=learnt.run_id,
            now=now,
        )
    wider.status = Lesson.Status.ACCEPTED
    keep_as_judged(wider, actor=actor, now=now)
    return wider


@dataclass(frozen=True)
class Suggestion:
    """A lesson that several artists learnt on their own, and the wider scope it could get."""

    lesson: Lesson
    artists: int
    genre: str

    @property
    def scope(self) -> str:
        return values.genre(self.genre).lower() or "the whole roster"


def suggestions(*, now: datetime) -> list[Suggestion]:
    """Return lessons worth raising, most artists first, without those the scope already has."""
    learnt = Lesson.objects.living(now=now).filter(artist__isnull=False).order_by()
    counts: dict[str, dict[str, int]] = {}
    for row in learnt.values("key", "artist__genre").annotate(artists=Count("artist")):
        counts.setdefault(row["key"], {})[row["artist__genre"]] = row["artists"]
    wanted = [
        (sum(genres.values()), key, "")
        for key, genres in counts.items()
        if sum(genres.values()) >= ARTISTS_OF_ROSTER and len(genres) >= GENRES_OF_ROSTER
    ]
    for_all = {key for _, key, _ in wanted}
    wanted += [
        (artists, key, genre)
        for key, genres in counts.items()
        for genre, artists in genres.items()
        if artists >= ARTISTS_OF_GENRE and key not in for_all
    ]
    raised = set(Lesson.objects.filter(artist=None).values_list("key", "genre"))
    worth_raising = []
    for artists, key, genre in sorted(wanted, key=lambda row: (-row[0], row[1], row[2])):
        if (key, genre) in raised or (key, "") in raised:
            continue
        of_scope = learnt.filter(key=key, **({"artist__genre": genre} if genre else {}))
        worth_raising.append(Suggestion(of_scope.order_by("created_at", "pk")[0], artists, genre))
    return worth_raising


# --- Giving ---


@dataclass(frozen=True)
class Choice:
    """The lessons a run gets, strongest first, and those left out, with the reason."""

    given: tuple[Lesson, ...]
    aside: tuple[tuple[Lesson, str], ...]


def lessons_for(artist: Artist, *, now: datetime) -> Choice:
    """Choose the lessons for a run's prompts: strong and recent first, within the token budget.

    Of two that contradict each other the stronger one is chosen; if equally strong, the newer one.
    """
    in_force = Lesson.objects.in_force(artist=artist, now=now)
    ordered = sorted(
        in_force, key=lambda row: (-weight(row, now=now), -row.last_seen_at.timestamp(), row.pk)
    )
    given: list[Lesson] = []
    aside: list[tuple[Lesson, str]] = []
    tokens = 0
    for lesson in ordered:
        cost = tokens_of(lesson.text)
        if why := _against(lesson, given):
            aside.append((lesson, why))
        elif len(given) >= MAX_GIVEN or tokens + cost > TOKEN_BUDGET:
            aside.append((lesson, "There is no room for it beside stronger lessons."))
        else:
            given.append(lesson)
            tokens += cost
    return Choice(tuple(given), tuple(aside))


def weight(lesson: Lesson, *, now: datetime) -> float:
    """Return the strength, halved for every HALF_LIFE_DAYS since the lesson last came up."""
    if lesson.keeps:
        return float(lesson.strength)
    days = max(0.0, (now - lesson.last_seen_at) / timedelta(days=1))
    return float(lesson.strength * 0.5 ** (days / HALF_LIFE_DAYS))


def tokens_of(text: str) -> int:
    """Estimate how many tokens a lesson takes in a prompt."""
    return math.ceil(len(text) / CHARACTERS_A_TOKEN) + TOKENS_AROUND


def _against(lesson: Lesson, given: Iterable[Lesson]) -> str:
    for stronger in given:
        if stronger.key == lesson.key:
            return f"Says the same as “{stronger}”."
        if contradict(stronger.text, lesson.text):
            return f"Contradicts “{stronger}”, which is stronger or newer."
    return ""


@dataclass(frozen=True)
class Neighbours:
    """Lessons in force for the same artists that contradict a lesson or nearly repeat it."""

    rivals: list[Lesson]
    twins: list[Lesson]


def neighbours_of(lesson: Lesson, *, now: datetime) -> Neighbours:
    """Return the lessons a person should compare with this one."""
    in_force = _in_force_beside([lesson], now=now)[lesson.pk]
    return Neighbours(
        rivals=[neighbour for neighbour in in_force if contradict(neighbour.text, lesson.text)],
        twins=[
            neighbour
            for neighbour in in_force
            if alikeness(neighbour.text, lesson.text) >= NEARLY_THE_SAME
        ],
    )


def rivals_of(lessons: Sequence[Lesson], *, now: datetime) -> dict[int, Lesson]:
    """Return a lesson in force that contradicts each of these, by its id, where there is one."""
    beside = _in_force_beside(lessons, now=now)
    return {
        lesson.pk: rival
        for lesson in lessons
        for rival in beside[lesson.pk]
        if contradict(rival.text, lesson.text)
    }


def _in_force_beside(lessons: Sequence[Lesson], *, now: datetime) -> dict[int, list[Lesson]]:
    """Return the other lessons in force for the artists of each, by its id, in one query."""
    artists = {lesson.artist_id for lesson in lessons}
    living = Lesson.objects.living(now=now).filter(Q(artist__in=artists) | Q(artist=None))
    found = list(living.select_related("artist"))
    return {
        lesson.pk: [one for one in found if one.pk != lesson.pk and _holds_beside(one, lesson)]
        for lesson in lessons
    }


def _holds_beside(other: Lesson, lesson: Lesson) -> bool:
    """Tell whether the artists of a lesson get another one, too."""
    if other.artist_id:
        return other.artist_id == lesson.artist_id
    genre = lesson.artist.genre if lesson.artist else lesson.genre
    return not genre or other.genre in ("", genre)


def shown_for(artist: Artist, *, now: datetime) -> list[Lesson]:
    """Return the artist's newest lessons for a page, saying why some are left out of prompts."""
    shown = list(artist.lessons.exclude(status=Lesson.Status.DISMISSED)[:SHOWN])
    aside = {lesson.pk: why for lesson, why in lessons_for(artist, now=now).aside}
    for lesson in shown:
        lesson.aside = aside.get(lesson.pk, "")
    return shown


def _locked(lesson_id: int) -> Lesson:
    lesson = Lesson.objects.select_for_update(of=("self",)).select_related("artist")
    locked = lesson.filter(pk=lesson_id).first()
    if locked is None:
        raise LessonRefused(f"Lesson {lesson_id} no longer exists; reload the page.")
    return locked
