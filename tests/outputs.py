"""An output of each step as a finished run has them, for tests that need no real ones."""

from __future__ import annotations

from typing import Any

from media_tools.audio.figures import AudioAnalysis
from media_tools.provenance import Provenance
from media_tools.text.base import Lyrics, LyricsSection, ReflectionNotes
from media_tools.video.plan import VisualPlan
from media_tools.video.probe import VideoInfo
from runs.outputs import (
    ConceptOutput,
    CoverOutput,
    LyricsOutput,
    MasterOutput,
    MusicOutput,
    Output,
    QualityOutput,
    ReflectionOutput,
    VideoOutput,
    VisualsOutput,
)

MADE_BY = Provenance(provider="local", model="test", licence="CC0-1.0")
LYRICS = Lyrics(sections=(LyricsSection("verse", ("Neon on the river",)),))


def analysis(**changes: Any) -> AudioAnalysis:
    """The figures of a clean master."""
    figures: dict[str, Any] = {
        "duration_s": 80.0,
        "sample_rate": 44_100,
        "channels": 2,
        "integrated_lufs": -14.0,
        "loudness_range_lu": 6.0,
        "true_peak_dbtp": -1.2,
        "sample_peak_dbfs": -1.3,
        "crest_db": 12.0,
        "stereo_correlation": 0.6,
        "clipped_samples": 0,
        "silences": (),
        "leading_silence_s": 0.0,
        "trailing_silence_s": 0.0,
        "tempo_bpm": 100.0,
        "spectral_centroid_hz": 2000.0,
        "low_share": 0.3,
        "mid_share": 0.6,
        "high_share": 0.1,
        "brightness": 0.4,
    }
    return AudioAnalysis(**(figures | changes))


def video_info(**changes: Any) -> VideoInfo:
    shape: dict[str, Any] = {
        "duration_s": 80.0,
        "width": 270,
        "height": 480,
        "fps": 24.0,
        "rotation": 0,
        "video_codec": "h264",
        "pixel_format": "yuv420p",
        "color_matrix": "bt709",
        "full_range": False,
        "has_audio": True,
        "audio_codec": "aac",
    }
    return VideoInfo(**(shape | changes))


OUTPUTS: dict[str, Output] = {
    output.step: output
    for output in (
        ConceptOutput(title="Neon Rivers"),
        LyricsOutput(lyrics=LYRICS, lines=1, writer="test"),
        MusicOutput(provider="local", tempo_bpm=100.0, duration_s=80.0),
        MasterOutput(analysis=analysis()),
        CoverOutput(text_contrast=7.0),
        VisualsOutput(plan=VisualPlan(kind="generated"), video_provenance=MADE_BY),
        VideoOutput(info=video_info()),
        QualityOutput(findings=()),
        ReflectionOutput(
            notes=ReflectionNotes(
                text="", alignment=0.5, strengths=(), problems=(), proposed_changes=(), lessons=()
            ),
            model="test",
        ),
    )
}
