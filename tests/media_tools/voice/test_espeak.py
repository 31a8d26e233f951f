"""espeak-ng where it is installed; a stand-in program takes its place here."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from media_tools.errors import ProviderRejected, ProviderUnavailable
from media_tools.voice import espeak
from media_tools.voice.base import TagRequest
from media_tools.voice.espeak import EspeakVoice
from tests.media_tools.providers.contract import JobContract

# Writes a tone of 22.05 kHz mono as espeak-ng does, and notes how it was called.
STAND_IN = """#!{python}
import json, math, struct, sys, wave
if "--version" in sys.argv:
    print("eSpeak NG text-to-speech: 1.51")
    sys.exit()
text = sys.stdin.read()
with open({log!r}, "w") as log:
    json.dump([sys.argv[1:], text], log)
if "fail" in text:
    sys.exit("Error: the specified voice does not exist")
with wave.open(sys.argv[sys.argv.index("-w") + 1], "wb") as sound:
    sound.setnchannels(1); sound.setsampwidth(2); sound.setframerate(22050)
    tone = [int(9000 * math.sin(i / 9)) for i in range(22050)]
    sound.writeframes(struct.pack("<22050h", *tone))
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "call.json"


@pytest.fixture
def program(tmp_path: Path, log: Path) -> str:
    path = tmp_path / "espeak-ng"
    path.write_text(STAND_IN.format(python=sys.executable, log=str(log)))
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_tag_is_a_stereo_wav(program: str, tmp_path: Path) -> None:
    voice = EspeakVoice(program=program)
    request = TagRequest("This is Nova.", seed=3)

    (tmp_path / "work").mkdir()
    tag = voice.collect(voice.submit(request, idempotency_key="k"), request, tmp_path / "work")

    assert tag.duration_s == pytest.approx(1.0, abs=0.01)
    assert tag.provenance.generator == "algorithm"
    assert [path.name for path in (tmp_path / "work").iterdir()] == ["tag.wav"]


def test_text_goes_in_by_stdin(program: str, tmp_path: Path, log: Path) -> None:
    request = TagRequest("-w /etc/passwd", seed=41)
    EspeakVoice(program=program).collect("local", request, tmp_path)

    arguments, text = json.loads(log.read_text())
    assert text == "-w /etc/passwd"
    assert "/etc/passwd" not in arguments
    assert arguments[:2] == ["-v", "en"]
    assert arguments[-4:] == ["-s", "150", "-p", "30"]


def test_health_shows_the_version(program: str) -> None:
    assert "1.51" in EspeakVoice(program=program).health().note


@pytest.mark.provider_error(adapter="espeak", row="not installed", outcome="ProviderRejected")
def test_missing_program_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    assert espeak.installed() is None
    with pytest.raises(ProviderRejected, match="install espeak-ng"):
        EspeakVoice()


@pytest.mark.provider_error(adapter="espeak", row="program fails", outcome="ProviderRejected")
def test_failed_program_is_told(program: str, tmp_path: Path) -> None:
    with pytest.raises(ProviderRejected, match="voice does not exist"):
        EspeakVoice(program=program).collect("x", TagRequest("fail"), tmp_path)


@pytest.mark.provider_error(
    adapter="espeak", row="program does not run", outcome="ProviderUnavailable"
)
def test_program_that_does_not_run_is_tried_later(tmp_path: Path) -> None:
    with pytest.raises(ProviderUnavailable, match="did not run"):
        EspeakVoice(program=str(tmp_path / "gone")).collect("x", TagRequest("Hi."), tmp_path)


class TestContract(JobContract):
    adapter = EspeakVoice
    charges = False

    @pytest.fixture
    def options(self, program: str) -> dict[str, Any]:
        return {"program": program}

    @pytest.fixture
    def wanted(self) -> TagRequest:
        return TagRequest("This is Nova.", seed=3)
