"""Speech by espeak-ng where it is installed: no key, no network, a plain robot's voice.

The program (GPL-3.0) is not part of this product; it is used only if the machine has it.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

from media_tools.errors import ProviderRejected, ProviderUnavailable
from media_tools.provenance import Provenance
from media_tools.providers.health import ProviderHealth
from media_tools.voice.base import (
    SpokenTag,
    TagRequest,
    VoiceProvider,
    checked_words,
    finished_tag,
)

PROGRAMS = ("espeak-ng", "espeak")
TIMEOUT_S = 20.0
WORDS_A_MINUTE = 150
VOICE = "en"


def installed() -> str | None:
    """Path of the program, or None."""
    return next((path for name in PROGRAMS if (path := shutil.which(name))), None)


class EspeakVoice(VoiceProvider):
    """program: path to use; None looks for one.

    The same request gives the same bytes; the seed moves the pitch, so that artists differ.
    """

    name = "espeak"
    resubmit_safe = True

    def __init__(self, *, program: str | None = None) -> None:
        """Raises ProviderRejected where the program is not installed."""
        found = program or installed()
        if found is None:
            raise ProviderRejected(
                self.name,
                "espeak-ng is not installed",
                code="not_installed",
                action="install espeak-ng, or choose another voice provider or none",
            )
        self._program = found
        self.model = Path(found).name

    def submit(self, request: TagRequest, *, idempotency_key: str) -> str:
        """Nothing leaves the machine: the work is done by collect()."""
        checked_words(self.name, request)
        return f"local-{hashlib.sha256(idempotency_key.encode()).hexdigest()[:16]}"

    def collect(self, external_id: str, request: TagRequest, workdir: Path) -> SpokenTag:
        text = checked_words(self.name, request)
        with tempfile.TemporaryDirectory(prefix="espeak-", dir=workdir) as folder:
            raw = Path(folder) / "spoken.wav"
            self._run(
                [
                    *("-v", VOICE, "-w", str(raw), "--stdin"),
                    *("-s", str(WORDS_A_MINUTE)),
                    *("-p", str(30 + request.seed % 41)),
                ],
                text,
            )
            audio, duration_s = finished_tag(self.name, raw, workdir)
        return SpokenTag(
            audio=audio,
            duration_s=duration_s,
            provenance=Provenance(
                provider=self.name,
                model=self.model,
                licence="operator",
                generator="algorithm",
                prompt=text,
                seed=request.seed,
            ),
        )

    def health(self) -> ProviderHealth:
        """The program's own version line."""
        return ProviderHealth(self.name, self.model, note=self._run(["--version"], "")[:120])

    def _run(self, arguments: list[str], text: str) -> str:
        """The text goes in by stdin: it can never be read as an option."""
        try:
            done = subprocess.run(
                [self._program, *arguments],
                input=text.encode(),
                capture_output=True,
                timeout=TIMEOUT_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ProviderUnavailable(
                self.name,
                f"the program did not run ({type(error).__name__})",
                code="not_run",
                action="it is tried again later; check the installation of espeak-ng",
            ) from None
        if done.returncode != 0:
            said = " ".join(done.stderr.decode(errors="replace").split())[-200:]
            raise ProviderRejected(
                self.name,
                f"the program failed: {said or done.returncode}",
                code="failed",
                action="check the voice's name and the installation of espeak-ng",
            )
        return done.stdout.decode(errors="replace").strip()
