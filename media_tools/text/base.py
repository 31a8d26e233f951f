"""The writers' interface: what a language model or the offline writer is asked, and returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol, Self

from media_tools.taste import Taste


@dataclass(frozen=True)
class PersonaBrief:
    """A request for a new artist. taken_names: lower-case names that must not be used again."""

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
class UsedWords:
    """What earlier songs of the catalogue took, which a new one must not repeat.

    titles and hooks: as media_tools.text.shingles.title_key writes them. openings and endings: of
    lines, as media_tools.text.ledger writes them.
    """

    titles: frozenset[str] = frozenset()
    hooks: frozenset[str] = frozenset()
    openings: frozenset[str] = frozenset()
    endings: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ConceptBrief:
    """Everything a writer may use to plan a release."""

    persona: Persona
    lessons: tuple[str, ...]  # constraints from earlier decisions, strongest first
    trend: str | None  # a topic to follow
    recent_titles: tuple[str, ...]
    music_prompt_prefix: str
    duration_s: tuple[int, int]  # shortest and longest wanted
    seed: int
    used: UsedWords = UsedWords()


@dataclass(frozen=True)
class Concept:
    """The plan of a release, stored on the run as JSON that CONCEPT_SCHEMA accepts."""

    title: str
    theme: str
    mood: str
    story: str
    hook: str
    keywords: tuple[str, ...]
    music_prompt: str  # style in words, the experiment's prefix first
    tempo_bpm: int
    key: str
    duration_s: int
    visual_prompt: str
    palette: tuple[str, ...]  # three to five "#rrggbb" colours, dark to light
    trend: str | None
    lessons_applied: tuple[str, ...]  # those of the brief that shaped it

    def as_json(self) -> dict[str, Any]:
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read a concept that fits CONCEPT_SCHEMA. Raises KeyError on a missing field."""
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


# Lines per kind of section in a wished form.
SECTION_LINES = {"verse": 4, "prechorus": 2, "chorus": 4, "bridge": 4, "outro": 2}


@dataclass(frozen=True)
class LyricsBrief:
    """A request for lyrics of a concept.

    form: kinds of the sections in their order; if empty, the writer chooses.
    taste: what people preferred, for a writer that chooses among several writings.
    """

    concept: Concept
    persona: Persona
    lessons: tuple[str, ...]
    seed: int
    form: tuple[str, ...] = ()
    used: UsedWords = UsedWords()
    taste: Taste = field(default_factory=Taste)


@dataclass(frozen=True)
class LyricsSection:
    """A section of lyrics; a repeated chorus is written out again."""

    kind: str  # verse, prechorus, chorus, bridge or outro
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Lyrics:
    """A song's words in their order."""

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
        """Return plain text with "[Verse 1]" headings, sections separated by an empty line."""
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
    """A finished candidate to comment on."""

    concept: Concept
    persona: Persona
    lyrics: Lyrics
    # Measured figures by name with unit: lufs, true_peak_dbtp, tempo_bpm, duration_s, crest_db ...
    facts: Mapping[str, float | str]
    findings: tuple[str, ...]  # messages of the quality step
    # ("approved" or "rejected", reason codes joined, comment), newest first.
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
    """A request for another profile for an artist that is rejected too often."""

    persona: Persona
    approved: int  # recent decisions
    rejected: int  # recent decisions
    reasons: tuple[tuple[str, int], ...]  # (code, count), most frequent first
    comments: tuple[str, ...]
    approved_bpm: tuple[float, ...]  # tempos of those songs
    rejected_bpm: tuple[float, ...]  # tempos of those songs
    lessons: tuple[str, ...]
    findings: tuple[str, ...]  # what experiments showed, in sentences
    proposals: tuple[ProposedChange, ...]  # open ones of reflections
    tried: tuple[tuple[str, Any], ...]  # (field, new value) rolled back before
    seed: int


@dataclass(frozen=True)
class ReflectionNotes:
    """Comments on a finished candidate."""

    text: str
    alignment: float  # 0..1, how well the result fits persona and concept
    strengths: tuple[str, ...]
    problems: tuple[str, ...]
    proposed_changes: tuple[ProposedChange, ...]
    lessons: tuple[str, ...]  # short imperative constraints for the next run


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
