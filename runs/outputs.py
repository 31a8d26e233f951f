"""What each step leaves for those after it: stored as JSON on its row, read back as itself.

`run.output(MusicOutput)` and `context.output(MusicOutput)` read one. The classes stand apart from
the steps, since pages read them and the steps' libraries take seconds to load. A field that rows of
earlier versions lack has a default.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

from media_tools.audio.figures import AudioAnalysis, MasterReport
from media_tools.findings import Finding
from media_tools.music.base import Section, TimedWord
from media_tools.provenance import Provenance
from media_tools.stock.base import FootageCredits
from media_tools.text.base import Lyrics, ReflectionNotes
from media_tools.text.lrc import TimedLine
from media_tools.video.plan import VisualPlan
from media_tools.video.probe import VideoInfo


@dataclass(frozen=True)
class Output:
    """Base of all outputs. step: the name of the step that leaves it."""

    step: ClassVar[str]


@dataclass(frozen=True)
class CheckedOutput(Output):
    """Of a step that checks what it made; what failed the checks is never stored."""

    findings: tuple[Finding, ...] = field(default=(), kw_only=True)


AnOutput = TypeVar("AnOutput", bound=Output)


@dataclass(frozen=True)
class LessonGiven:
    """A lesson the run is to follow, in the words it had then."""

    id: int
    text: str


@dataclass(frozen=True)
class ConceptOutput(Output):
    """parameters, lessons: chosen here for the whole run and its replays, so that what is
    promoted or learnt in the middle of it waits for the next. None in rows of before.
    """

    step: ClassVar[str] = "concept"

    title: str = ""
    lessons: tuple[LessonGiven, ...] | None = None
    replay: bool = False
    parameters: dict[str, Any] | None = None


@dataclass(frozen=True)
class LyricsOutput(CheckedOutput):
    step: ClassVar[str] = "lyrics"

    lyrics: Lyrics
    lines: int = 0
    writer: str = ""


@dataclass(frozen=True)
class MusicOutput(Output):
    """tempo_bpm, key: as composed, None if the provider does not tell.

    free_to_repeat: another take costs nothing. vocals: "none", "synthetic" or "undeclared".
    facts: what the provider tells besides, each its own.
    """

    step: ClassVar[str] = "music"

    prompt: str = ""
    provider: str = ""
    free_to_repeat: bool = False
    tempo_bpm: float | None = None
    key: str | None = None
    duration_s: float = 0.0
    sections: tuple[Section, ...] = ()
    words: tuple[TimedWord, ...] = ()
    vocals: str = "none"
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TagPlace:
    """Where the spoken tag stands in the track; without times there is none.

    missing: why not, if it was to be there. voice: what its provider tells.
    """

    missing: str = ""
    start_s: float | None = None
    end_s: float | None = None
    tag_gain_db: float | None = None
    duck_db: float | None = None
    voice: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class MasterOutput(CheckedOutput):
    """peaks: of the waveform, 0 to 1. lines: the lyrics with their times."""

    step: ClassVar[str] = "master"

    analysis: AudioAnalysis
    report: MasterReport | None = None
    peaks: tuple[float, ...] = ()
    lines: tuple[TimedLine, ...] = ()
    tag: TagPlace = TagPlace()


@dataclass(frozen=True)
class CoverOutput(CheckedOutput):
    """family, font, text_contrast, facts: as CoverResult. art: what the painter told, None for a
    drawn cover. look: perceptual hash, to find repeats. fallback: why it was not painted.
    """

    step: ClassVar[str] = "cover"

    family: str = ""
    font: str = ""
    text_contrast: float = 0.0
    facts: dict[str, Any] = field(default_factory=dict)
    art: dict[str, Any] | None = None
    look: str = ""
    fallback: str = ""


CHECKED: tuple[type[CheckedOutput], ...] = (LyricsOutput, MasterOutput, CoverOutput)


@dataclass(frozen=True)
class VisualsOutput(Output):
    """plan: its footage by the names of the artifacts. footage: None if none is configured."""

    step: ClassVar[str] = "visuals"

    plan: VisualPlan
    video_provenance: Provenance
    footage: FootageCredits | None = None


@dataclass(frozen=True)
class VideoOutput(Output):
    """info: of the main shape. teasers: seconds by name."""

    step: ClassVar[str] = "video"

    info: VideoInfo
    teasers: dict[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True)
class LessonOutcome:
    """What became of a lesson. position: as LessonUse. outcome: one of LessonUse.Outcome."""

    position: int
    outcome: str
    measured: str = ""


@dataclass(frozen=True)
class QualityOutput(Output):
    """findings: of this step and all before. figures: what lessons are measured by."""

    step: ClassVar[str] = "quality"

    findings: tuple[Finding, ...]
    figures: dict[str, float | None] = field(default_factory=dict)
    lessons: tuple[LessonOutcome, ...] = ()


@dataclass(frozen=True)
class ReflectionOutput(Output):
    step: ClassVar[str] = "reflection"

    notes: ReflectionNotes
    model: str = ""
