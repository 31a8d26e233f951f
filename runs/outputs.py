"""What each step leaves for later steps: stored as JSON on its row, read back as the same class.

`run.output(MusicOutput)` and `context.output(MusicOutput)` read one. The classes are kept apart
from the steps, because pages read them and the steps' libraries take seconds to load. A field that
rows of earlier versions lack has a default.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

from media_tools.audio.figures import AudioAnalysis
from media_tools.findings import Finding
from media_tools.music.base import Section, TimedWord
from media_tools.music.brief import Breach, Brief
from media_tools.provenance import Provenance
from media_tools.stock.base import FootageCredits
from media_tools.taste import Taste
from media_tools.text.base import Lyrics, ReflectionNotes
from media_tools.text.lrc import TimedLine
from media_tools.video.plan import VisualPlan
from media_tools.video.probe import VideoInfo


@dataclass(frozen=True)
class Output:
    """Base of all outputs. step: the name of the step that makes it."""

    step: ClassVar[str]


@dataclass(frozen=True)
class CheckedOutput(Output):
    """The output of a step that checks what it made; what failed a check is never stored."""

    findings: tuple[Finding, ...] = field(default=(), kw_only=True)


AnOutput = TypeVar("AnOutput", bound=Output)


@dataclass(frozen=True)
class LessonGiven:
    """A lesson the run should follow, in its words at that time."""

    id: int
    text: str


@dataclass(frozen=True)
class ConceptOutput(Output):
    """The song's idea, and the choices for the whole run.

    Parameters, lessons and tastes are chosen here and used by later steps and by replays: what is
    promoted or learnt meanwhile counts from the next run on. In rows of earlier versions
    parameters and lessons are None, and there are no tastes.
    """

    step: ClassVar[str] = "concept"

    title: str = ""
    lessons: tuple[LessonGiven, ...] | None = None
    replay: bool = False
    parameters: dict[str, Any] | None = None
    tastes: dict[str, Taste] = field(default_factory=dict)  # by Ranking.Subject


@dataclass(frozen=True)
class LyricsOutput(CheckedOutput):
    step: ClassVar[str] = "lyrics"

    lyrics: Lyrics
    lines: int = 0
    writer: str = ""
    measures: dict[str, float] = field(default_factory=dict)  # of the offline writer's words


@dataclass(frozen=True)
class MusicOutput(Output):
    """The song as the provider made it."""

    step: ClassVar[str] = "music"

    prompt: str = ""
    provider: str = ""
    free_to_repeat: bool = False  # another take costs nothing
    tempo_bpm: float | None = None  # as composed; None if the provider does not say
    key: str | None = None  # as composed; None if the provider does not say
    duration_s: float = 0.0
    sections: tuple[Section, ...] = ()
    words: tuple[TimedWord, ...] = ()
    vocals: str = "none"  # "none", "synthetic" or "undeclared"
    # What the music must do without, and what it was asked for.
    brief: Brief = field(default_factory=Brief)
    breaches: tuple[Breach, ...] = ()  # what the brief forbids and plays; of scores we can read
    unheard: tuple[str, ...] = ()  # instruments it was asked for that do not play
    facts: dict[str, Any] = field(default_factory=dict)  # what else this provider reports


@dataclass(frozen=True)
class TagPlace:
    """What became of the spoken tag."""

    missing: str = ""  # why a wanted tag is not there


@dataclass(frozen=True)
class MasterOutput(CheckedOutput):
    """The measured master."""

    step: ClassVar[str] = "master"

    analysis: AudioAnalysis
    peaks: tuple[float, ...] = ()  # of the waveform, 0 to 1
    lines: tuple[TimedLine, ...] = ()  # the lyrics with their times
    tag: TagPlace = TagPlace()


@dataclass(frozen=True)
class CoverOutput(CheckedOutput):
    """The cover; family, font, text_contrast and facts are those of CoverResult."""

    step: ClassVar[str] = "cover"

    family: str = ""
    font: str = ""
    text_contrast: float = 0.0
    facts: dict[str, Any] = field(default_factory=dict)
    art: dict[str, Any] | None = None  # what the painter reports; None for a drawn cover
    look: str = ""  # perceptual hash, to find repeats
    fallback: str = ""  # why it was not painted


@dataclass(frozen=True)
class VisualsOutput(CheckedOutput):
    """The plan of the video's pictures."""

    step: ClassVar[str] = "visuals"

    plan: VisualPlan  # names its footage by artifact
    video_provenance: Provenance
    footage: FootageCredits | None = None  # None if no footage is configured


CHECKED: tuple[type[CheckedOutput], ...] = (
    LyricsOutput,
    MasterOutput,
    CoverOutput,
    VisualsOutput,
)


@dataclass(frozen=True)
class VideoOutput(Output):
    """The finished videos."""

    step: ClassVar[str] = "video"

    info: VideoInfo  # of the main shape
    teasers: dict[str, float | None] = field(default_factory=dict)  # seconds by name


@dataclass(frozen=True)
class LessonOutcome:
    """Whether the song followed a lesson; both fields as in LessonUse."""

    position: int
    outcome: str
    measured: str = ""


@dataclass(frozen=True)
class QualityOutput(Output):
    """The findings of all steps, and what became of the lessons."""

    step: ClassVar[str] = "quality"

    findings: tuple[Finding, ...]
    figures: dict[str, float | None] = field(default_factory=dict)  # what lessons are measured by
    lessons: tuple[LessonOutcome, ...] = ()


@dataclass(frozen=True)
class ReflectionOutput(Output):
    step: ClassVar[str] = "reflection"

    notes: ReflectionNotes
    model: str = ""
