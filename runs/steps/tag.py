"""The artist's spoken tag: said once by a synthetic voice, laid over the intro before mastering."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from media_tools.errors import MediaInvalid, ProviderRejected, disk_is_full
from media_tools.seeds import derive_seed
from media_tools.voice.base import SpokenTag, TagRequest
from media_tools.voice.mixing import mix_tag
from runs.models import Artifact
from runs.outputs import TagPlace
from runs.steps.context import StepContext
from runs.steps.jobs import give_up, have_made
from runs.steps.sources import source_of
from runs.storage import NewArtifact

PURPOSE = "voice tag"


@dataclass(frozen=True)
class Tagged:
    """mix: the music with its tag, None if nothing was said. place: for the step's output."""

    mix: Path | None
    place: TagPlace
    artifacts: tuple[NewArtifact, ...] = ()


def spoken_tag(context: StepContext) -> Tagged:
    """Have the artist's name spoken and mixed in, where a voice is configured.

    A track without its tag is still a track: a refusal is told and no error.
    Raises what have_made raises for later: Pending, BudgetExhausted, ProviderUnavailable.
    """
    try:
        tag = said(context)
        if tag is None:
            return Tagged(None, TagPlace())
        mixed = context.workdir / "tagged.wav"
        mix_tag(context.file(Artifact.Kind.MIX), tag.audio, mixed)
    except ProviderRejected as error:
        give_up(context, purpose=PURPOSE, why=str(error))
        return Tagged(None, TagPlace(missing=str(error)))
    except MediaInvalid as error:
        if disk_is_full(error):
            raise
        return Tagged(None, TagPlace(missing=error.cause))
    artifact = NewArtifact(
        path=tag.audio,
        kind=Artifact.Kind.VOICE_TAG,
        media_type="audio/wav",
        provenance=tag.provenance,
        duration_s=tag.duration_s,
    )
    source = source_of(tag.audio, "voice", tag.provenance)
    return Tagged(mixed, TagPlace(), (artifact, *source))


def said(context: StepContext) -> SpokenTag | None:
    """The tag as it came, or None where nobody is configured to speak it."""
    provider = context.engines.voice()
    if provider is None:
        return None
    artist = context.run.artist
    return have_made(
        context,
        provider,
        # One seed for all of an artist's runs: the tag is to sound alike.
        TagRequest(text=artist.name, seed=derive_seed(PURPOSE, artist.sound_identity)),
        purpose=PURPOSE,
        unit_name="tag",
    )
