"""Asks for the plan of a release."""

from __future__ import annotations

from typing import Any

from media_tools import fonts
from media_tools.luminance import hex_luminance
from media_tools.text.artist_names import real_artists
from media_tools.text.base import CONCEPT_SCHEMA, Concept, ConceptBrief
from media_tools.text.checks import undrawable
from media_tools.text.prompts import (
    Complaint,
    Task,
    closed_object,
    instructions,
    word_list,
    words,
)

_STORED = CONCEPT_SCHEMA["properties"]
MAX_PROMPT_CHARACTERS = 2000
# Texts of the concept that name no real artist.
_NAMELESS = ("title", "theme", "mood", "story", "hook", "music_style", "visual_prompt")


def _schema(lessons: int) -> dict[str, Any]:
    return closed_object(
        {
            "title": words(80),
            "theme": words(300),
            "mood": words(200),
            "story": words(1200),
            "hook": words(160),
            "keywords": word_list(4, 8, maximum=40),
            "music_style": words(600),
            "tempo_bpm": _STORED["tempo_bpm"],
            "key": _STORED["key"],
            "duration_s": _STORED["duration_s"],
            "visual_prompt": words(600),
            "palette": _STORED["palette"],
            "lessons_applied": {
                "type": "array",
                "items": {"type": "integer", "minimum": 1, "maximum": max(1, lessons)},
                "maxItems": lessons,
            },
            "follows_trend": {"type": "boolean"},
        }
    )


def task(brief: ConceptBrief) -> Task[Concept]:
    """Ask for a concept. Tempo and length outside the limits are moved to the nearest limit.

    The title must be one that covers and captions can show; emoji that no font has are removed.
    """
    persona = brief.persona
    shortest_s, longest_s = brief.duration_s
    recent = {title.casefold() for title in brief.recent_titles}

    def complaints(data: dict[str, Any]) -> list[Complaint]:
        faults = []
        if why := undrawable(data["title"]):
            return [Complaint(f"$.title: {why}")]
        if fonts.drawable(data["title"]).casefold() in recent:
            faults.append(Complaint("$.title: was used lately; find another"))
        named = real_artists("\n".join(str(data[name]) for name in _NAMELESS))
        if named:
            faults.append(Complaint(f"$: names a real artist ({', '.join(named)}); leave it out"))
        if not shortest_s <= data["duration_s"] <= longest_s:
            faults.append(
                Complaint(f"$.duration_s: must be {shortest_s} to {longest_s}", fatal=False)
            )
        return faults

    def read(data: dict[str, Any]) -> Concept:
        numbers = dict.fromkeys(data["lessons_applied"])
        style = ", ".join(
            part
            for part in (
                brief.music_prompt_prefix.strip().rstrip(","),
                data["music_style"].strip().rstrip(".,"),
                f"{data['tempo_bpm']} BPM",
                data["key"],
            )
            if part
        )
        return Concept(
            title=fonts.drawable(data["title"]),
            theme=data["theme"],
            mood=data["mood"],
            story=data["story"],
            hook=data["hook"],
            keywords=tuple(dict.fromkeys(data["keywords"])),
            music_prompt=style[:MAX_PROMPT_CHARACTERS],
            tempo_bpm=data["tempo_bpm"],
            key=data["key"],
            duration_s=min(max(data["duration_s"], shortest_s), longest_s),
            visual_prompt=data["visual_prompt"],
            palette=tuple(sorted(data["palette"], key=hex_luminance)),
            trend=brief.trend if data["follows_trend"] else None,
            lessons_applied=tuple(brief.lessons[number - 1] for number in numbers),
        )

    return Task(
        purpose="concept",
        instructions=instructions("concept"),
        data={
            "persona": persona_data(persona),
            "lessons": {str(n): text for n, text in enumerate(brief.lessons, start=1)},
            "trend": brief.trend,
            "recent_titles": list(brief.recent_titles),
            "length_s": [shortest_s, longest_s],
            "style_wish": brief.music_prompt_prefix,
            "variation": brief.seed % 100_000,
        },
        schema=_schema(len(brief.lessons)),
        cap_tokens=4000,
        seed=brief.seed,
        complaints=complaints,
        read=read,
    )


def persona_data(persona: Any) -> dict[str, Any]:
    """Return a persona as JSON data."""
    return {name: list(v) if isinstance(v, tuple) else v for name, v in vars(persona).items()}
