"""The steps of a run in their order. Each module has perform(context) -> StepResult.

A module may have save(run, result) for rows of its own: it runs in the transaction that marks
the step as done.
"""

from types import ModuleType

from runs.steps import (
    concept,
    cover,
    lyrics,
    master,
    music,
    quality,
    reflection,
    video,
    visuals,
)

ORDER: dict[str, ModuleType] = {
    "concept": concept,
    "lyrics": lyrics,
    "music": music,
    "master": master,
    "cover": cover,
    "visuals": visuals,
    "video": video,
    "quality": quality,
    "reflection": reflection,
}
