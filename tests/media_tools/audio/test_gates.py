from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from media_tools.audio.figures import AudioAnalysis
from media_tools.audio.fingerprint import fingerprint_of
from media_tools.audio.gates import audio_findings, duplicate_findings
from media_tools.findings import Severity, failures
from tests.media_tools.audio.signals import RATE, track

CLEAN = AudioAnalysis(
    duration_s=90.0,
    sample_rate=44_100,
    channels=2,
    integrated_lufs=-14.05,
    loudness_range_lu=6.0,
    true_peak_dbtp=-1.08,
    sample_peak_dbfs=-1.2,
    crest_db=13.0,
    stereo_correlation=0.8,
    clipped_samples=0,
    silences=(),
    leading_silence_s=0.1,
    trailing_silence_s=1.0,
    tempo_bpm=104.0,
    spectral_centroid_hz=3000.0,
    low_share=0.5,
    mid_share=0.45,
    high_share=0.05,
    brightness=0.1,
)


def test_clean_track_has_no_findings() -> None:
    assert audio_findings(CLEAN) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"integrated_lufs": -15.2}, "audio_loudness"),
        ({"integrated_lufs": -12.8}, "audio_loudness"),
        ({"true_peak_dbtp": -0.8}, "audio_true_peak"),
        ({"clipped_samples": 12}, "audio_clipping"),
        ({"duration_s": 40.0}, "audio_duration"),
        ({"duration_s": 140.0}, "audio_duration"),
        ({"silences": ((30.0, 33.5),)}, "audio_silence"),
        ({"stereo_correlation": -0.6}, "audio_phase"),
    ],
)
def test_each_fault_fails_alone(change: dict[str, Any], code: str) -> None:
    findings = audio_findings(replace(CLEAN, **change))

    assert [(finding.code, finding.severity) for finding in findings] == [(code, Severity.FAIL)]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"stereo_correlation": 1.0}, "audio_mono"),
        ({"stereo_correlation": 0.0}, "audio_very_wide"),
        ({"leading_silence_s": 3.0}, "audio_late_start"),
        ({"trailing_silence_s": 6.0}, "audio_long_tail"),
    ],
)
def test_oddities_only_warn(change: dict[str, Any], code: str) -> None:
    findings = audio_findings(replace(CLEAN, **change))

    assert [(finding.code, finding.severity) for finding in findings] == [(code, Severity.WARN)]


def test_silence_is_reported_in_its_place() -> None:
    (finding,) = audio_findings(replace(CLEAN, silences=((30.0, 33.5),)))

    assert (finding.start_s, finding.end_s) == (30.0, 33.5)
    assert "3.5 s" in finding.message


def test_limits_can_be_set() -> None:
    findings = audio_findings(
        replace(CLEAN, duration_s=30.0, integrated_lufs=-16.2, true_peak_dbtp=-2.1),
        wanted_duration_s=(20.0, 40.0),
        target_lufs=-16.0,
        ceiling_dbtp=-2.0,
    )

    assert findings == []


def test_failures_stand_before_warnings() -> None:
    findings = audio_findings(replace(CLEAN, stereo_correlation=1.0, silences=((30.0, 33.5),)))

    assert [finding.code for finding in findings] == ["audio_silence", "audio_mono"]


def test_silent_track_is_one_failure() -> None:
    silent = replace(CLEAN, integrated_lufs=-70.0, true_peak_dbtp=-120.0, stereo_correlation=0.0)

    assert [finding.code for finding in failures(audio_findings(silent))] == ["audio_silent"]


def test_near_duplicate_of_the_catalogue_fails() -> None:
    song = track(6, seed=1)
    catalogue = [
        ("Neon Rivers", fingerprint_of(song * 0.5, RATE)),
        ("Other", fingerprint_of(track(6, seed=2), RATE)),
    ]

    findings = duplicate_findings(fingerprint_of(song, RATE), catalogue)

    assert [finding.code for finding in findings] == ["audio_duplicate"]
    assert "Neon Rivers" in findings[0].message
