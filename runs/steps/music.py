"""Have the track made: submit once, then collect without holding a worker."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from experiments.models import Experiment
from media_tools.errors import JobFailed, JobRefused
from media_tools.music.base import MusicProvider, MusicRequest, MusicTrack, check_deadline
from runs import ledger
from runs.errors import Pending
from runs.models import Artifact, ProviderCall
from runs.steps.context import StepContext
from runs.storage import NewArtifact, StepResult

Parameter = Experiment.Parameter


def perform(context: StepContext) -> StepResult:
    provider = context.engines.music(context.run.artist.preferred_music)
    request = music_request(context, provider)
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
        estimate_usd=provider.estimate_cost(request) or Decimal(0),
        recover=lambda: provider.recover(call.idempotency_key),
    )
    started = time.monotonic()
    track = collect(context, provider, call, external_id, request)
    call.refresh_from_db()
    ledger.finish_call(
        call,
        now=context.clock(),
        latency_s=time.monotonic() - started,
        cost_usd=call.committed_usd,
        units=1,
        unit_name="track",
    )
    note_exposure(context, request)
    return StepResult(
        output={
            "prompt": request.prompt,
            "provider": provider.name,
            "free_to_repeat": provider.resubmit_safe,
            "tempo_bpm": track.tempo_bpm,
            "key": track.key,
            "duration_s": track.duration_s,
            "sections": [section.as_json() for section in track.sections],
            "words": [word.as_json() for word in track.words],
            "facts": track.facts,
        },
        artifacts=tuple(files_of(track)),
    )


def collect(
    context: StepContext,
    provider: MusicProvider,
    call: ProviderCall,
    external_id: str,
    request: MusicRequest,
) -> MusicTrack:
    """The finished track. Raises Pending while the provider works on it.

    A job that is over without a track closes its ledger row, so that the next attempt submits
    anew; what it was booked with stays spent, since providers charge when they take a job.
    """
    try:
        track = provider.collect(external_id, request, context.workdir)
        if track is not None:
            return track
        call.refresh_from_db(fields=["submitted_at", "committed_usd"])
        now = context.clock()
        waited_s = (now - (call.submitted_at or now)).total_seconds()
        check_deadline(provider, external_id, waited_s=waited_s)
    except (JobFailed, JobRefused) as error:
        call.refresh_from_db(fields=["committed_usd"])
        ledger.fail_call(call, str(error), now=context.clock(), cost_usd=call.committed_usd)
        raise
    wake_at = now + timedelta(seconds=provider.poll_after_s(waited_s))
    raise Pending(wake_at, provider.waits_for(external_id))


def music_request(context: StepContext, provider: MusicProvider) -> MusicRequest:
    """What the concept asks of the music provider."""
    concept, lyrics, artist = context.concept, context.lyrics, context.run.artist
    # The local voice is switched on for each artist; a provider that sings is chosen for it.
    sings = provider.sings and (provider.name != "local" or artist.sings)
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
        instrumental=not sings,
        artist_sound=artist.sound_identity,
        seed=context.seed("music"),
    )


def note_exposure(context: StepContext, request: MusicRequest) -> None:
    """What of an experiment reached the music: a writer may have left a wish out."""
    prefix = context.parameters.get(Parameter.MUSIC_PROMPT_PREFIX, "")
    if prefix.strip(" ,").lower() in request.prompt.lower():
        context.used(Parameter.MUSIC_PROMPT_PREFIX)
    tempo = context.parameters.get(Parameter.TEMPO_RANGE)
    if tempo is None or tempo[0] <= request.tempo_bpm <= tempo[1]:
        context.used(Parameter.TEMPO_RANGE)


def files_of(track: MusicTrack) -> Iterator[NewArtifact]:
    """The track's files as artifacts, further takes included."""

    def new(kind: str, path: Path, media_type: str, **more: Any) -> NewArtifact:
        return NewArtifact(
            path=path, kind=kind, media_type=media_type, provenance=track.provenance, **more
        )

    yield new(Artifact.Kind.MIX, track.audio, "audio/wav", duration_s=track.duration_s)
    if track.midi:
        yield new(Artifact.Kind.SCORE, track.midi, "audio/midi")
    for name, path in sorted(track.stems.items()):
        yield new(Artifact.Kind.STEM, path, "audio/flac", name=name, duration_s=track.duration_s)
    for number, take in enumerate(track.takes, start=2):
        yield new(
            Artifact.Kind.TAKE,
            take.audio,
            "audio/wav",
            name=f"take {number}",
            duration_s=take.duration_s,
        )
