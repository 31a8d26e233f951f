"""The steps of a run in their order, each with the dotted path of its StepDefinition.

The panel and most commands only need the names; the libraries behind the steps take seconds and a
hundred megabytes.
"""

from typing import Final

STEPS: Final = {
    "concept": "runs.steps.concept.STEP",
    "lyrics": "runs.steps.lyrics.STEP",
    "music": "runs.steps.music.STEP",
    "master": "runs.steps.master.STEP",
    "cover": "runs.steps.cover.STEP",
    "visuals": "runs.steps.visuals.STEP",
    "video": "runs.steps.video.STEP",
    "quality": "runs.steps.quality.STEP",
    "reflection": "runs.steps.reflection.STEP",
}
NAMES: Final = tuple(STEPS)
