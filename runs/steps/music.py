"""Have the track made: submit once, then collect."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from experiments.assignment import mark_exposed
from experiments.models import Experiment
from media_tools.music.base import MusicRequest, MusicTrack
from runs import ledger
from runs.errors import Pending
from runs.models import Artifact
from runs.steps.context import StepContext
from runs.storage import NewArtifact, StepResult

POLL_EVERY = timedelta(seconds=20)


def perform(context: StepContext) -> StepResult:
    provider = context.engines.music
    request = music_request(context)
    call = ledger.open_call(
        run=context.run,
        step=context.step,
        purpose="music",
        provider=provider.name,
        model=provider.model,
        now=context.clock(),
    )
    external_id = ledger.submit_once(
        call,
        lambda: provider.submit(request, idempotency_key=call.idempotency_key),
        resubmit_safe=provider.resubmit_safe,
        now=context.clock(),
    )
    started = time.monotonic()
    track = provider.collect(external_id, request, context.workdir)
    if track is None:
        raise Pending(context.clock() + POLL_EVERY, f"{provider.name} is making the music")
    ledger.finish_call(call, now=context.clock(), latency_s=time.monotonic() - started)
    mark_exposed(
        run_id=context.run.pk,
        parameter=Experiment.Parameter.MUSIC_PROMPT_PREFIX,
        now=context.clock(),
    )
    return StepResult(
        output={
            "prompt": request.prompt,
            "provider": provider.name,
            "tempo_bpm": track.tempo_bpm,
            "key": track.key,
            "duration_s": track.duration_s,
            "sections": [section.as_json() for section in track.sections],
            "facts": track.facts,
        },
        artifacts=tuple(files_of(track)),
    )


def music_request(context: StepContext) -> MusicRequest:
    """What the concept asks of the music provider."""
    concept, lyrics, artist = context.concept, context.lyrics, context.run.artist
    return MusicRequest(
        title=concept.title,
        genre=context.persona.genre,
        prompt=concept.music_prompt,
        mood=concept.mood,
        duration_s=concept.duration_s,
        tempo_bpm=concept.tempo_bpm,
        key=concept.key,
        lyrics=lyrics.as_text(),
        lyric_form=lyrics.form,
        instrumental=True,
        artist_sound=artist.sound_identity,
        seed=context.seed("music"),
    )


def files_of(track: MusicTrack) -> list[NewArtifact]:
    """The track's files as artifacts."""

    def new(kind: str, path: Path, media_type: str, **more: Any) -> NewArtifact:
        return NewArtifact(
            path=path, kind=kind, media_type=media_type, provenance=track.provenance, **more
        )

    files = [new(Artifact.Kind.MIX, track.audio, "audio/wav", duration_s=track.duration_s)]
    if track.midi:
        files.append(new(Artifact.Kind.SCORE, track.midi, "audio/midi"))
    files += [
        new(Artifact.Kind.STEM, path, "audio/flac", name=name, duration_s=track.duration_s)
        for name, path in sorted(track.stems.items())
    ]
    return files
