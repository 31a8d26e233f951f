"""The artist's spoken tag, through real HTTP."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from media_tools.audio.io import read_audio
from media_tools.audio.master import master as sound_master
from media_tools.voice.mixing import DUCK_DB, FADE_S, START_S, UNDER_PEAK_DB
from runs.errors import Pending
from runs.models import Artifact, ProviderCall, Run, RunEvent, Step
from runs.outputs import MasterOutput, MusicOutput, TagPlace
from runs.steps import master, tag
from tests.contract_servers.elevenlabs import KEY
from tests.contract_servers.elevenlabs_voice import ElevenLabsVoiceServer
from tests.contract_servers.speech import KEY as SPEECH_KEY
from tests.contract_servers.speech import SpeechServer
from tests.outputs import analysis
from tests.runs.steps.conftest import done, sound

pytestmark = pytest.mark.django_db


@pytest.fixture
def speech(serve, settings) -> SpeechServer:
    server = serve(SpeechServer())
    settings.VOICE = "speech"
    settings.SPEECH = {
        "base_url": server.base_url,
        "api_key": SPEECH_KEY,
        "model": "kokoro",
        "voice": "af_bella",
        "paid": False,
    }
    return server


@pytest.fixture
def elevenlabs(serve, settings) -> ElevenLabsVoiceServer:
    server = serve(ElevenLabsVoiceServer())
    settings.VOICE = "elevenlabs"
    settings.ELEVENLABS_VOICE = settings.ELEVENLABS_VOICE | {
        "api_key": KEY,
        "base_url": server.url,
        "voice": "v_stock",
    }
    return server


@pytest.fixture
def mixed_run(run, add_file) -> Run:
    add_file(run, Artifact.Kind.MIX, sound(), ".wav")
    return run


def test_nobody_speaks_unless_it_is_switched_on(mixed_run, context_of) -> None:
    assert tag.spoken_tag(context_of(mixed_run, "master")) == tag.Tagged(None, TagPlace())
    assert not ProviderCall.objects.exists()


def test_the_name_is_spoken_and_laid_over_the_start(mixed_run, speech, context_of) -> None:
    context = context_of(mixed_run, "master")

    tagged = tag.spoken_tag(context)

    assert speech.seen("POST")[0].json["input"] == mixed_run.artist.name
    (artifact,) = tagged.artifacts
    assert (artifact.kind, artifact.media_type) == (Artifact.Kind.VOICE_TAG, "audio/wav")
    assert artifact.provenance.model == "kokoro/af_bella"
    samples, rate = read_audio(tagged.mix)
    assert len(samples) / rate == pytest.approx(4.0, abs=0.01)
    mix, _ = read_audio(context.file(Artifact.Kind.MIX))
    before = round((START_S - FADE_S) * rate)
    np.testing.assert_allclose(samples[:before], mix[:before], atol=1e-6)
    spoken, _ = read_audio(artifact.path)
    first = round(START_S * rate)
    held = slice(first, first + len(spoken))
    heard = samples[held] - mix[held] * 10 ** (-DUCK_DB / 20)
    gain = np.abs(mix).max() / np.abs(spoken).max() * 10 ** (-UNDER_PEAK_DB / 20)
    np.testing.assert_allclose(heard, spoken * gain, atol=1e-6)


def test_it_is_paid_once_and_booked(mixed_run, elevenlabs, context_of) -> None:
    for _ in range(2):
        tag.spoken_tag(context_of(mixed_run, "master"))

    assert elevenlabs.count("POST /v1/text-to-speech") == 1
    call = ProviderCall.objects.get(purpose="voice tag")
    assert call.status == ProviderCall.Status.SUCCEEDED
    assert call.cost_usd == Decimal("0.04") * len(mixed_run.artist.name) / 1000


def test_all_tags_of_an_artist_have_one_seed(new_run, add_file, elevenlabs, context_of) -> None:
    first = new_run()
    for run in (first, new_run(artist=first.artist)):
        add_file(run, Artifact.Kind.MIX, sound(), ".wav")
        tag.spoken_tag(context_of(run, "master"))

    seeds = {request.json["seed"] for request in elevenlabs.seen("POST /v1/text-to-speech")}
    assert len(seeds) == 1


def test_a_refused_tag_leaves_the_track_as_it_is_and_is_told(
    mixed_run, elevenlabs, context_of, settings
) -> None:
    settings.ELEVENLABS_VOICE = settings.ELEVENLABS_VOICE | {"voice": "v_gone"}

    tagged = tag.spoken_tag(context_of(mixed_run, "master"))
    master.save(mixed_run, master.Mastered(MasterOutput(analysis=analysis(), tag=tagged.place)))

    assert (tagged.mix, tagged.artifacts) == (None, ())
    assert "no spoken tag" in RunEvent.objects.get(run=mixed_run, kind="fallback").message
    assert ProviderCall.objects.get().status == ProviderCall.Status.FAILED


def test_a_tag_longer_than_the_music_is_left_out(run, add_file, speech, context_of) -> None:
    add_file(run, Artifact.Kind.MIX, sound(1.5), ".wav")

    tagged = tag.spoken_tag(context_of(run, "master"))

    assert tagged.mix is None
    assert "do not fit" in tagged.place.missing


def test_a_lost_answer_of_paid_speech_waits_for_the_operator(
    mixed_run, elevenlabs, context_of
) -> None:
    elevenlabs.fault(reset="after", where="text-to-speech")

    with pytest.raises(Pending) as wait:
        tag.spoken_tag(context_of(mixed_run, "master"))

    assert wait.value.waiting_for == Step.WaitingFor.OPERATOR


def test_the_tag_is_in_the_master(
    mixed_run, speech, context_of, keep, settings, tmp_path: Path
) -> None:
    settings.TRACK_LENGTH_S = (1, 30)
    done(mixed_run, MusicOutput(provider="local", free_to_repeat=True))
    mix = mixed_run.artifact(Artifact.Kind.MIX)
    assert mix is not None
    sound_master(mix.path, tmp_path / "untagged.wav")

    keep(mixed_run, master.STEP, master.perform(context_of(mixed_run, "master")))

    wav = mixed_run.artifact(Artifact.Kind.MASTER)
    assert wav is not None
    (tagged, rate), (untagged, _) = read_audio(wav.path), read_audio(tmp_path / "untagged.wav")
    before, spoken = round((START_S - FADE_S) * rate), round(START_S * rate)
    louder = np.abs(tagged[:before]).max() / np.abs(untagged[:before]).max()
    change = np.abs(tagged - untagged * louder)
    assert change[:before].max() < 1e-4
    assert change[spoken : spoken + rate // 10].max() > 0.01
    assert mixed_run.artifact(Artifact.Kind.VOICE_TAG) is not None
    assert mixed_run.output(MasterOutput).tag == TagPlace()
