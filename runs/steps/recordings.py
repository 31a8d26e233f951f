"""Is music that was not composed here somebody's recording?"""

from __future__ import annotations

from media_tools.audio.figures import AudioAnalysis
from media_tools.audio.recognition import (
    Recogniser,
    Recording,
    chromaprint,
    not_looked_up,
    recording_findings,
)
from media_tools.errors import MediaError, ProviderError
from media_tools.findings import Finding
from runs.models import Artifact
from runs.outputs import MusicOutput
from runs.providers.ledger import Book
from runs.steps.context import StepContext


def findings_of(context: StepContext, music: MusicOutput, analysis: AudioAnalysis) -> list[Finding]:
    """Return what a database of recordings says of the mix; nothing without one.

    A database that is away stops no run: the reviewer is told that nobody looked.
    """
    if music.provider == "local":
        return []
    try:
        recogniser = context.engines.recogniser()
        if recogniser is None:
            return []
        found = look_up(context, recogniser, analysis.duration_s)
    except (ProviderError, MediaError) as error:
        return [not_looked_up(error)]
    return recording_findings(found, artist=context.run.artist.name)


def look_up(context: StepContext, recogniser: Recogniser, duration_s: float) -> list[Recording]:
    mix = context.file(Artifact.Kind.MIX)
    heard = chromaprint(mix, duration_s=duration_s, workdir=context.workdir)
    book = Book(context.run, context.step, context.clock)
    return book.ask("recognition", recogniser.name, "", lambda: recogniser.recordings(heard))
