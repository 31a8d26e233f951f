"""Music of others is looked up among known recordings; what is composed here is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from media_tools.findings import Severity
from runs.models import Artifact, ProviderCall, Run
from runs.outputs import MusicOutput
from runs.steps import recordings
from tests.contract_servers.acoustid import KEY, AcoustIdServer
from tests.outputs import analysis
from tests.runs.steps.conftest import sound

pytestmark = pytest.mark.django_db

BOUGHT = MusicOutput(provider="suno")


@pytest.fixture
def acoustid(serve, settings) -> AcoustIdServer:
    server = serve(AcoustIdServer())
    settings.ACOUSTID = {"api_key": KEY, "base_url": server.url}
    return server


@pytest.fixture
def mixed_run(run, add_file) -> Run:
    add_file(run, Artifact.Kind.MIX, sound(), ".wav")
    return run


def findings(context, music: MusicOutput = BOUGHT) -> list[tuple[str, Severity]]:
    return [(one.code, one.severity) for one in recordings.findings_of(context, music, analysis())]


def test_somebodys_recording_stops_the_run(mixed_run, acoustid, context_of) -> None:
    acoustid.knows(0.98, ("Old Song", "Somebody"))

    found = findings(context_of(mixed_run, "master"))

    assert found == [("audio_known_recording", Severity.FAIL)]
    assert ProviderCall.objects.get().provider == "acoustid"


def test_unknown_music_and_our_own_pass(mixed_run, acoustid, context_of) -> None:
    assert findings(context_of(mixed_run, "master")) == []
    acoustid.knows(0.98, ("Old Song", "Somebody"))
    local = replace(BOUGHT, provider="local")
    assert findings(context_of(mixed_run, "master"), local) == []
    assert acoustid.count() == 1


def test_without_a_key_nobody_is_asked(mixed_run, context_of) -> None:
    assert findings(context_of(mixed_run, "master")) == []


def test_an_outage_stops_no_run(mixed_run, acoustid, settings, context_of) -> None:
    settings.ACOUSTID = settings.ACOUSTID | {"api_key": "refused"}

    found = findings(context_of(mixed_run, "master"))

    assert found == [("audio_not_recognised", Severity.WARN)]
