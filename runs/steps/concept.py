"""Plan the release: title, theme, mood, tempo, key, pictures."""

from __future__ import annotations

import dataclasses
import random

from django.conf import settings
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from artists import profiles
from artists.models import Lesson
from experiments.models import Experiment
from media_tools import fonts
from media_tools.errors import ProviderRejected
from media_tools.text.base import CONCEPT_SCHEMA, Concept, ConceptBrief, Writer
from media_tools.text.offline import OfflineWriter
from runs.errors import ProfileUnfit
from runs.models import LessonUse, Run
from runs.outputs import ConceptOutput
from runs.steps import wording
from runs.steps.context import StepContext
from runs.steps.definition import StepDefinition
from runs.storage import StepResult
from trends.choosing import choose_topic
from trends.models import Topic

Parameter = Experiment.Parameter

RECENT_TITLES = 30
CONCEPT_TRIES = 20
STORED = Draft202012Validator(CONCEPT_SCHEMA)


def perform(context: StepContext) -> StepResult[ConceptOutput]:
    """Raises TextNotDrawable for a title or an artist's name that no installed font draws."""
    run = context.run
    # Covers and videos show name and title: what no font draws is met before anything is paid.
    fonts.drawable(run.artist.name)
    original = run.replay_of
    if original and original.concept and original.profile_version == run.artist.profile_version:
        concept, topic = Concept.from_json(original.concept), original.topic
    else:
        # Before a writer is asked, and paid: what is wrong here cannot become a song.
        if faults := profiles.faults(run.artist, profiles.RUN_ON):
            raise ProfileUnfit(run.artist.name, faults)
        concept, topic = write(context)
        context.used(Parameter.TREND_PROBABILITY)
    concept = dataclasses.replace(concept, title=fonts.drawable(concept.title))
    return StepResult(
        output=ConceptOutput(
            title=concept.title,
            lessons=context.lessons_given,
            replay=original is not None,
            parameters=context.parameters,
            tastes=context.tastes,
        ),
        fields={
            "concept": concept.as_json(),
            "title": concept.title,
            "topic": topic,
            "profile_version": run.artist.profile_version,
        },
    )


def write(context: StepContext) -> tuple[Concept, Topic | None]:
    """Ask the writer. Raises ProviderRejected on an answer that does not fit the schema."""
    run, writer, parameters = context.run, context.writer, context.parameters
    topic = choose_topic(
        genre=run.artist.genre,
        rng=random.Random(context.seed("topic")),
        probability=parameters.get(Parameter.TREND_PROBABILITY, settings.TREND_PROBABILITY),
        now=context.clock(),
    )
    brief = ConceptBrief(
        # The newest version: an edit between asking for the run and its start counts.
        persona=context.persona_in(run.artist.profile_version),
        lessons=context.lessons(),
        trend=topic.name if topic else None,
        recent_titles=recent_titles(run),
        music_prompt_prefix=parameters.get(Parameter.MUSIC_PROMPT_PREFIX, ""),
        duration_s=settings.TRACK_LENGTH_S,
        seed=context.seed("concept"),
        used=wording.used_words(run),
    )
    concept = unused(writer, brief, run)
    if error := best_match(STORED.iter_errors(concept.as_json())):
        raise ProviderRejected(
            writer.name,
            f"the concept's {error.json_path} does not fit: {error.message[:200]}",
            action="retry the run, or choose another writer",
        )
    followed = topic if concept.trend else None
    return dataclasses.replace(concept, trend=followed.name if followed else None), followed


def unused(writer: Writer, brief: ConceptBrief, run: Run) -> Concept:
    """Return a concept; the offline writer is asked again while its title or hook is taken.

    A language model is not: each answer costs, and a warning tells of a title that repeats.
    """
    concept = writer.concept(brief)
    for _ in range(CONCEPT_TRIES if writer.name == OfflineWriter.name else 0):
        used = wording.add_taken(brief.used, concept, run)
        if used == brief.used:
            break
        brief = dataclasses.replace(brief, used=used)
        concept = writer.concept(brief)
    return concept


def save(run: Run, result: StepResult[ConceptOutput]) -> None:
    """Keep which lessons the run was given, and which of them the writer says it used."""
    given = result.output.lessons or ()
    ids = [lesson.id for lesson in given]
    there = set(Lesson.objects.filter(pk__in=ids).values_list("pk", flat=True))
    claimed = set(result.fields["concept"]["lessons_applied"])
    run.lesson_uses.all().delete()
    LessonUse.objects.bulk_create(
        LessonUse(
            run=run,
            lesson_id=lesson.id if lesson.id in there else None,
            text=lesson.text,
            position=position,
            claimed=lesson.text in claimed,
        )
        for position, lesson in enumerate(given)
    )


def recent_titles(run: Run) -> tuple[str, ...]:
    """Titles the artist used lately; a new one must differ."""
    titles = run.artist.runs.exclude(pk=run.pk).exclude(title="")
    return tuple(titles.order_by("-created_at").values_list("title", flat=True)[:RECENT_TITLES])


STEP = StepDefinition(perform, save)
