"""Measure any audio file: `analyze_audio FILE --json`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from ai_artist.kit.commands import JsonCommand, Report
from media_tools.audio.analysis import analyze
from media_tools.audio.gates import audio_findings
from media_tools.errors import MediaError


class Command(JsonCommand):
    help = "Loudness, true peak, crest, correlation, silence, clipping, tempo, balance of a file."
    refusals = (MediaError,)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path)
        parser.add_argument("--tempo", type=float, help="BPM it was made in, if you know it.")

    def perform(self, **options: Any) -> Report:
        analysis = analyze(options["file"], tempo_prior_bpm=options["tempo"])
        findings = audio_findings(analysis, wanted_duration_s=(0.0, float("inf")))
        data = {
            "file": str(options["file"]),
            **analysis.as_json(),
            "findings": [finding.as_json() for finding in findings],
        }
        lines = [f"{name:<24} {value}" for name, value in analysis.as_json().items()]
        lines += [f"{finding.severity}: {finding.message}" for finding in findings]
        return Report(data=data, text="\n".join(lines))
