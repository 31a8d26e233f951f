"""Lessons: a person accepts or dismisses what decisions and reflections propose."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import F

from artists.models import Artist, Lesson


class LessonRefused(Exception):
    """A lesson that cannot be decided; the message says why."""


def decide_lesson(*, lesson_id: int, accept: bool) -> Lesson:
    """Put a lesson in force or set it aside; either can be changed again.

    Raises LessonRefused when it is gone.
    """
    status = Lesson.Status.ACCEPTED if accept else Lesson.Status.DISMISSED
    if not Lesson.objects.filter(pk=lesson_id).update(status=status):
        raise LessonRefused(f"Lesson {lesson_id} no longer exists; reload the page.")
    return Lesson.objects.get(pk=lesson_id)


# What a reason of rejection asks of the next run; keys are the codes reviewers choose.
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


def learn_from_rejection(
    *, artist: Artist, run_id: UUID, reasons: Sequence[str], comment: str, now: datetime
) -> None:
    """Turn the reasons into lessons in force; a comment into one that a person may accept."""
    for reason in reasons:
        text = LESSON_BY_REASON.get(reason)
        if text is None:
            continue
        lesson, created = Lesson.objects.get_or_create(
            artist=artist,
            text=text,
            defaults={
                "source": Lesson.Source.REJECTION,
                "status": Lesson.Status.ACCEPTED,
                "run_id": run_id,
                "created_at": now,
            },
        )
        if not created:
            Lesson.objects.filter(pk=lesson.pk).update(strength=F("strength") + 1)
    comment = comment.strip()[:200]
    if comment and not artist.lessons.filter(text__iexact=comment).exists():
        Lesson.objects.create(
            artist=artist,
            text=comment,
            source=Lesson.Source.REJECTION,
            run_id=run_id,
            created_at=now,
        )


def unlearn_rejection(
    *, artist: Artist, run_id: UUID, reasons: Sequence[str], comment: str
) -> None:
    """Take back what `learn_from_rejection` did for a decision that is undone."""
    texts = [LESSON_BY_REASON[reason] for reason in reasons if reason in LESSON_BY_REASON]
    learnt = artist.lessons.filter(source=Lesson.Source.REJECTION)
    learnt.filter(text__in=texts, strength__lte=1).delete()
    learnt.filter(text__in=texts).update(strength=F("strength") - 1)
    learnt.filter(run_id=run_id, text=comment.strip()[:200], status=Lesson.Status.PROPOSED).delete()
