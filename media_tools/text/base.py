"""What a writer (a language model or the offline writer) is asked for and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol, Self


@dataclass(frozen=True)
class PersonaBrief:
    """A new artist is wanted. taken_names: lower-case names that must not come again."""

    genre: str
    taken_names: frozenset[str]
    seed: int


@dataclass(frozen=True)
class Persona:
    """Who an artist is. keys: such as "A minor"; tempos in BPM."""

    name: str
    genre: str
    backstory: str
    voice: str
    themes: tuple[str, ...]
    audience: str
    style_notes: str
    visual_style: str
    tempo_min_bpm: int
    tempo_max_bpm: int
    keys: tuple[str, ...]


@dataclass(frozen=True)
class ConceptBrief:
    """Everything a writer may use to plan a release.

    lessons: constraints from earlier decisions, strongest first. trend: a topic to follow, or
    None. duration_s: shortest and longest length wanted, in seconds.
    """

    persona: Persona
    lessons: tuple[str, ...]
    trend: str | None
    recent_titles: tuple[str, ...]
    music_prompt_prefix: str
    duration_s: tuple[int, int]
    seed: int


@dataclass(frozen=True)
class Concept:
    """A release planned: stored on the run as JSON that CONCEPT_SCHEMA accepts.

    palette: three to five "#rrggbb" colours, dark to light. music_prompt: style in words with
    the experiment's prefix first. lessons_applied: those of the brief that shaped it.
    """

    title: str
    theme: str
    mood: str
    story: str
    hook: str
    keywords: tuple[str, ...]
    music_prompt: str
    tempo_bpm: int
    key: str
    duration_s: int
    visual_prompt: str
    palette: tuple[str, ...]
    trend: str | None
    lessons_applied: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Raises KeyError on a missing field; validate against CONCEPT_SCHEMA first."""
        lists = {"keywords", "palette", "lessons_applied"}
        fields: dict[str, Any] = {
            name: tuple(data[name]) if name in lists else data[name]
            for name in cls.__dataclass_fields__
        }
        return cls(**fields)


KEY_PATTERN = "^[A-G][#b]? (major|minor|dorian|lydian|mixolydian|phrygian)$"

_TEXT = {"type": "string", "minLength": 1, "maxLength": 2000}
_TEXTS = {"type": "array", "items": _TEXT, "maxItems": 20}

CONCEPT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": list(Concept.__dataclass_fields__),
    "properties": {
        "title": {"type": "string", "minLength": 1, "maxLength": 80},
        "theme": _TEXT,
        "mood": _TEXT,
        "story": _TEXT,
        "hook": _TEXT,
        "keywords": _TEXTS,
        "music_prompt": _TEXT,
        "tempo_bpm": {"type": "integer", "minimum": 40, "maximum": 220},
        "key": {"type": "string", "pattern": KEY_PATTERN},
        "duration_s": {"type": "integer", "minimum": 10, "maximum": 600},
        "visual_prompt": _TEXT,
        "palette": {
            "type": "array",
            "minItems": 3,
            "maxItems": 5,
            "items": {"type": "string", "pattern": "^#[0-9a-fA-F]{6}$"},
        },
        "trend": {"type": ["string", "null"]},
        "lessons_applied": _TEXTS,
    },
}


# Lines of a section in a wished form.
SECTION_LINES = {"verse": 4, "prechorus": 2, "chorus": 4, "bridge": 4, "outro": 2}


@dataclass(frozen=True)
class LyricsBrief:
    """Lyrics are wanted for a concept.

    form: kinds of the sections in their order; empty leaves it to the writer.
    """

    concept: Concept
    persona: Persona
    lessons: tuple[str, ...]
    seed: int
    form: tuple[str, ...] = ()


@dataclass(frozen=True)
class LyricsSection:
    """kind: verse, prechorus, chorus, bridge or outro; a repeated chorus stands again in full."""

    kind: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Lyrics:
    """A song's words in the order they come."""

    sections: tuple[LyricsSection, ...]
    explicit: bool = False
    language: str = "en"

    @property
    def line_count(self) -> int:
        return sum(len(section.lines) for section in self.sections)

    @property
    def form(self) -> tuple[str, ...]:
        return tuple(section.kind for section in self.sections)

    def as_text(self) -> str:
        """Plain text with "[Verse 1]" headings, sections divided by an empty line."""
        counts: dict[str, int] = {}
        parts = []
        for section in self.sections:
            counts[section.kind] = counts.get(section.kind, 0) + 1
            numbered = section.kind == "verse"
            heading = section.kind.capitalize() + (f" {counts[section.kind]}" if numbered else "")
            parts.append("\n".join([f"[{heading}]", *section.lines]))
        return "\n\n".join(parts) + "\n"


@dataclass(frozen=True)
class ReflectionBrief:
    """A finished candidate to think about.

    facts: measured figures by name with their unit in the name (lufs, true_peak_dbtp,
    tempo_bpm, duration_s, crest_db ...). findings: messages of the quality step.
    recent_decisions: ("approved" or "rejected", reason codes joined, comment), newest first.
    """

    concept: Concept
    persona: Persona
    lyrics: Lyrics
    facts: Mapping[str, float | str]
    findings: tuple[str, ...]
    recent_decisions: tuple[tuple[str, str, str], ...]
    lessons: tuple[str, ...]
    seed: int


@dataclass(frozen=True)
class ProposedChange:
    """A change of the artist's profile, for a person to accept. field: name on Persona."""

    field: str
    old: Any
    new: Any
    why: str


@dataclass(frozen=True)
class EvolutionBrief:
    """An artist is rejected too often and another profile is to be tried.

    approved, rejected: decisions lately. reasons: (code, how often), most frequent first.
    approved_bpm, rejected_bpm: tempos of those songs. findings: what experiments showed, in
    sentences. proposals: open ones of reflections. tried: (field, new value) rolled back before.
    """

    persona: Persona
    approved: int
    rejected: int
    reasons: tuple[tuple[str, int], ...]
    comments: tuple[str, ...]
    approved_bpm: tuple[float, ...]
    rejected_bpm: tuple[float, ...]
    lessons: tuple[str, ...]
    findings: tuple[str, ...]
    proposals: tuple[ProposedChange, ...]
    tried: tuple[tuple[str, Any], ...]
    seed: int


@dataclass(frozen=True)
class ReflectionNotes:
    """alignment: 0..1, how well the result meets the persona and the concept.

    lessons: short imperative constraints for the next run, for a person to accept.
    """

    text: str
    alignment: float
    strengths: tuple[str, ...]
    problems: tuple[str, ...]
    proposed_changes: tuple[ProposedChange, ...]
    lessons: tuple[str, ...]


class Writer(Protocol):
    """Writes every text of a run. Raises ProviderUnavailable or ProviderRejected."""

    @property
    def name(self) -> str: ...

    @property
    def model(self) -> str: ...

    def persona(self, brief: PersonaBrief) -> Persona: ...

    def concept(self, brief: ConceptBrief) -> Concept: ...

    def lyrics(self, brief: LyricsBrief) -> Lyrics: ...

    def evolution(self, brief: EvolutionBrief) -> tuple[ProposedChange, ...]: ...

    def reflection(self, brief: ReflectionBrief) -> ReflectionNotes: ...
