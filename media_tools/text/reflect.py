"""Comments on a finished candidate from measured facts only.

Alignment is 1 minus these losses, never below 0:
    tempo      0.30 * min(1, |measured - planned| / 10 BPM), a half or double tempo counted as right
    length     0.20 * min(1, |measured - planned| / 20 s)
    loudness   0.15 * min(1, max(0, |LUFS + 14| - 0.5) / 3)
    peak       0.10 when the true peak is above -1 dBTP
    key        0.10 when another key than planned was made
    findings   0.08 each, at most 0.32
    words      0.13 * (1 - share of lines that rhyme or nearly rhyme)
    rejections 0.03 for each of the last five decisions that was a rejection
A fact that was not measured costs nothing and is not mentioned.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from media_tools.text.bank.genres import genre_of
from media_tools.text.base import Persona, ProposedChange, ReflectionBrief, ReflectionNotes
from media_tools.text.checks import rhyming_share
from media_tools.text.dice import Dice
from media_tools.text.filling import sentence_case
from media_tools.text.lessons import contradict, same_key
from media_tools.text.phonemes import clean_words

TARGET_LUFS = -14.0
CEILING_DBTP = -1.0
TEMPO_SLACK_BPM = 2.0
LENGTH_SLACK_S = 8.0
FLAT_CREST_DB = 8.0  # below: squashed
SPIKY_CREST_DB = 18.0  # above: thin body, lonely peaks
DARK_CENTROID_HZ = 900.0
BRIGHT_CENTROID_HZ = 4200.0
MAX_LESSONS = 3

# The names other parts of the pipeline use for each fact.
_NAMES: dict[str, tuple[str, ...]] = {
    "lufs": ("lufs", "integrated_lufs"),
    "peak": ("true_peak_dbtp",),
    "tempo": ("tempo_bpm", "measured_tempo_bpm"),
    "length": ("duration_s",),
    "crest": ("crest_db",),
    "centroid": ("spectral_centroid_hz", "centroid_hz"),
    "correlation": ("stereo_correlation",),
}


@dataclass
class _Notes:
    """The notes collected while the facts are read."""

    said: dict[str, list[str]] = field(default_factory=dict)  # subject -> clauses about it
    strengths: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    lessons: list[str] = field(default_factory=list)
    changes: list[ProposedChange] = field(default_factory=list)
    loss: float = 0.0

    def say(self, subject: str, clause: str) -> None:
        """Add a clause; all about one subject become one sentence, in order of first mention."""
        self.said.setdefault(subject, []).append(clause.rstrip("."))

    def sentences(self) -> list[str]:
        return [f"{sentence_case('; '.join(clauses))}." for clauses in self.said.values()]


def _number(facts: Mapping[str, float | str], name: str) -> float | None:
    for key in _NAMES[name]:
        value = facts.get(key)
        if isinstance(value, int | float) and value == value:
            return float(value)
    return None


def tempo_error_bpm(measured: float, planned: float) -> float:
    """Return how far a measured tempo, or its half or double, is from the plan."""
    return min(abs(measured * factor - planned) for factor in (0.5, 1.0, 2.0))


def _loudness(brief: ReflectionBrief, notes: _Notes) -> None:
    lufs = _number(brief.facts, "lufs")
    peak = _number(brief.facts, "peak")
    if lufs is not None:
        off = abs(lufs - TARGET_LUFS)
        notes.loss += 0.15 * min(1.0, max(0.0, off - 0.5) / 3)
        if off <= 1.0:
            notes.strengths.append(f"Loudness is on target at {lufs:.1f} LUFS.")
        else:
            side = "quieter" if lufs < TARGET_LUFS else "louder"
            notes.problems.append(
                f"The master is {off:.1f} LU {side} than the target of {TARGET_LUFS:.0f} LUFS."
            )
    if peak is not None and peak > CEILING_DBTP + 0.05:
        notes.loss += 0.10
        notes.problems.append(f"The true peak of {peak:.1f} dBTP is above {CEILING_DBTP:.0f} dBTP.")
    if lufs is not None and peak is not None:
        notes.say(
            "sound", f"the master measures {lufs:.1f} LUFS with a true peak of {peak:.1f} dBTP"
        )
    elif lufs is not None:
        notes.say("sound", f"the master measures {lufs:.1f} LUFS")


def _tempo(brief: ReflectionBrief, notes: _Notes) -> None:
    measured = _number(brief.facts, "tempo")
    planned = brief.concept.tempo_bpm
    if measured is None:
        return
    error = tempo_error_bpm(measured, planned)
    notes.loss += 0.30 * min(1.0, error / 10)
    if error <= TEMPO_SLACK_BPM:
        notes.strengths.append(f"The tempo holds the planned {planned} BPM.")
        notes.say("time", f"I asked for {planned} BPM and {measured:.1f} BPM was measured")
        return
    notes.problems.append(f"Planned at {planned} BPM, measured at {measured:.1f} BPM.")
    notes.say("time", f"I asked for {planned} BPM but {measured:.1f} BPM was measured")
    persona = brief.persona
    if not persona.tempo_min_bpm <= measured <= persona.tempo_max_bpm:
        _widen_tempo(persona, measured, notes)
    side = "below" if measured > planned else "above"
    edge = planned + 5 if measured > planned else planned - 5
    notes.lessons.append(f"Keep the tempo {side} {edge} BPM.")


def _widen_tempo(persona: Persona, measured: float, notes: _Notes) -> None:
    low, high = genre_of(persona.genre).tempo
    wanted = round(min(max(measured, low), high))
    if wanted < persona.tempo_min_bpm:
        notes.changes.append(
            ProposedChange(
                "tempo_min_bpm", persona.tempo_min_bpm, wanted,
                f"The music settled at {measured:.0f} BPM, below the artist's range.",
            )
        )  # fmt: skip
    elif wanted > persona.tempo_max_bpm:
        notes.changes.append(
            ProposedChange(
                "tempo_max_bpm", persona.tempo_max_bpm, wanted,
                f"The music settled at {measured:.0f} BPM, above the artist's range.",
            )
        )  # fmt: skip


def _length(brief: ReflectionBrief, notes: _Notes) -> None:
    length = _number(brief.facts, "length")
    if length is None:
        return
    off = length - brief.concept.duration_s
    notes.loss += 0.20 * min(1.0, abs(off) / 20)
    if abs(off) <= LENGTH_SLACK_S:
        notes.say("time", f"it runs {length:.0f} s against {brief.concept.duration_s} s planned")
        return
    way = "over" if off > 0 else "short of"
    notes.problems.append(f"The track is {abs(off):.0f} s {way} the planned length.")
    planned = brief.concept.duration_s
    notes.say("time", f"it runs {length:.0f} s, {abs(off):.0f} s {way} the plan of {planned} s")
    notes.lessons.append(
        f"Keep the song {'shorter than' if off > 0 else 'longer than'} "
        f"{brief.concept.duration_s} seconds."
    )


def _sound(brief: ReflectionBrief, notes: _Notes) -> None:
    crest = _number(brief.facts, "crest")
    centroid = _number(brief.facts, "centroid")
    brightness = brief.facts.get("brightness")
    parts = []
    if crest is not None:
        parts.append(f"a crest factor of {crest:.1f} dB")
        if crest < FLAT_CREST_DB:
            notes.problems.append(f"A crest of {crest:.1f} dB leaves little punch.")
            notes.lessons.append("Make the mix punchier.")
        elif crest > SPIKY_CREST_DB:
            notes.problems.append(f"A crest of {crest:.1f} dB: peaks stand alone over a thin body.")
            notes.lessons.append("Make the sound warmer.")
        else:
            notes.strengths.append(f"The dynamics are alive: {crest:.1f} dB of crest.")
    if centroid is not None:
        parts.append(f"a spectral centre at {centroid:.0f} Hz")
        if centroid < DARK_CENTROID_HZ:
            notes.problems.append(f"The sound is dull: its spectral centre is {centroid:.0f} Hz.")
            notes.lessons.append("Write a brighter song.")
        elif centroid > BRIGHT_CENTROID_HZ:
            notes.problems.append(f"The sound is sharp: its spectral centre is {centroid:.0f} Hz.")
            notes.lessons.append("Make the sound warmer.")
    elif brightness is not None:
        shown = f"{brightness:.2f}" if isinstance(brightness, float) else str(brightness)
        parts.append(f"a brightness of {shown}")
    if parts:
        notes.say("sound", f"it has {' and '.join(parts)}")


def _key(brief: ReflectionBrief, notes: _Notes) -> None:
    made = brief.facts.get("key")
    if not isinstance(made, str) or not made:
        return
    if made.lower() == brief.concept.key.lower():
        notes.strengths.append(f"The key is {made}, as planned.")
        return
    notes.loss += 0.10
    notes.problems.append(f"The key is {made} instead of {brief.concept.key}.")
    if made not in brief.persona.keys and len(brief.persona.keys) < 6:
        notes.changes.append(
            ProposedChange(
                "keys", list(brief.persona.keys), [*brief.persona.keys, made],
                f"The music came out in {made}; let the artist own it or plan around it.",
            )
        )  # fmt: skip


def _words(brief: ReflectionBrief, notes: _Notes) -> None:
    if not brief.lyrics.line_count:
        return
    rhyming = rhyming_share(brief.lyrics)
    notes.loss += 0.13 * (1 - rhyming)
    said = " ".join(line for section in brief.lyrics.sections for line in section.lines)
    hook_words = clean_words(brief.concept.hook)
    hook_back = " ".join(clean_words(said)).count(" ".join(hook_words)) if hook_words else 0
    notes.say(
        "words",
        f"the lyrics have {brief.lyrics.line_count} lines, {rhyming:.0%} of them rhyme, "
        f"and the hook comes {_times(hook_back)}",
    )
    if hook_back >= 2 and rhyming >= 0.8:
        notes.strengths.append(f"The hook “{brief.concept.hook}” returns and the lines rhyme.")
    elif rhyming < 0.5:
        notes.problems.append(f"Only {rhyming:.0%} of the lines rhyme.")


def _times(count: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")


def _findings(brief: ReflectionBrief, notes: _Notes) -> None:
    notes.loss += min(0.32, 0.08 * len(brief.findings))
    notes.problems.extend(finding for finding in brief.findings[:5])
    if not brief.findings:
        notes.strengths.append("The quality checks found nothing.")
        notes.say("checks", "the quality checks found nothing to complain about")
    else:
        more = f" and {len(brief.findings) - 1} more" if len(brief.findings) > 1 else ""
        notes.say(
            "checks", f"the quality checks named a fault: {brief.findings[0].rstrip('.')}{more}"
        )


# What to do about a reason of rejection, by words in its code or comment.
_ANSWERS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("slow", "sleepy", "drag"), "Make it faster."),
    (("fast", "rushed", "hectic"), "Make it slower."),
    (("dark", "gloomy", "sad", "dull"), "Write a brighter song."),
    (("bright", "cheesy", "happy"), "Write a darker song."),
    (("long", "length"), "Make it shorter."),
    (("short",), "Make it longer."),
    (("busy", "cluttered", "crowded", "mix", "muddy"), "Make the arrangement sparser."),
    (("harsh", "thin", "cold", "sound"), "Make the sound warmer."),
    (("boring", "flat", "energy", "weak", "generic"), "Give it more energy."),
    (("loud", "noisy"), "Make it calmer."),
)


def _decisions(brief: ReflectionBrief, notes: _Notes, dice: Dice) -> None:
    recent = brief.recent_decisions[:5]
    rejected = [(reasons, comment) for what, reasons, comment in recent if what == "rejected"]
    notes.loss += 0.03 * len(rejected)
    if not recent:
        return
    if not rejected:
        notes.strengths.append(f"The last {len(recent)} decision(s) were approvals.")
        notes.say("decisions", "nothing in the last decisions asks for another course")
        return
    reasons, comment = rejected[0]
    because = ", ".join(part for part in (reasons.replace("_", " "), comment) if part)
    notes.say(
        "decisions",
        f"{len(rejected)} of the last {len(recent)} songs were rejected"
        + (f", the latest for: {because}" if because else ""),
    )
    heard = set(clean_words(because.replace("_", " ")))
    answer = next((lesson for words, lesson in _ANSWERS if heard & set(words)), None)
    if "lyrics" in heard or "words" in heard or "lyric" in heard:
        worn = _most_used_word(brief)
        if worn:
            answer = f"Avoid the word “{worn}”."
    if answer:
        notes.lessons.insert(0, answer)
    if len(rejected) >= 3:
        _new_ground(brief, notes, dice)


def _most_used_word(brief: ReflectionBrief) -> str | None:
    """Return the word of more than four letters in most lines, except the hook."""
    hook = set(clean_words(brief.concept.hook))
    counts: dict[str, int] = {}
    for section in brief.lyrics.sections:
        for line in section.lines:
            for word in set(clean_words(line)) - hook:
                if len(word) > 4:
                    counts[word] = counts.get(word, 0) + 1
    return max(sorted(counts), key=lambda word: counts[word]) if counts else None


def _new_ground(brief: ReflectionBrief, notes: _Notes, dice: Dice) -> None:
    """After many rejections, suggest something new to sing about or to sound like."""
    genre, persona = genre_of(brief.persona.genre), brief.persona
    fresh_themes = [theme for theme in genre.themes if theme not in persona.themes]
    if fresh_themes:
        theme = dice.pick(fresh_themes)
        notes.changes.append(
            ProposedChange(
                "themes", list(persona.themes), [*persona.themes, theme],
                "Several songs in a row were rejected; a new subject may free the writing.",
            )
        )  # fmt: skip
    fresh_sounds = [i for i in genre.instruments if i not in persona.style_notes]
    if fresh_sounds:
        notes.changes.append(
            ProposedChange(
                "style_notes", persona.style_notes,
                f"{persona.style_notes.rstrip('. ')}; with {dice.pick(fresh_sounds)}.",
                "Several songs in a row were rejected; the sound needs a new colour.",
            )
        )  # fmt: skip


def _lessons(brief: ReflectionBrief, notes: _Notes) -> tuple[str, ...]:
    """Return at most three lessons, none in force already or contradicting one in force."""
    known = {same_key(lesson) for lesson in brief.lessons}
    fresh: list[str] = []
    for lesson in notes.lessons:
        opposed = any(contradict(lesson, in_force) for in_force in brief.lessons)
        if same_key(lesson) not in known and not opposed:
            known.add(same_key(lesson))
            fresh.append(lesson)
    return tuple(fresh[:MAX_LESSONS])


def reflect(brief: ReflectionBrief) -> ReflectionNotes:
    """Return notes from the brief's facts, findings and decisions; they pretend no taste."""
    dice = Dice("reflection", brief.seed, brief.concept.title)
    notes = _Notes()
    for step in (_loudness, _tempo, _length, _sound, _key, _words, _findings):
        step(brief, notes)
    _decisions(brief, notes, dice)
    alignment = round(max(0.0, 1.0 - notes.loss), 3)
    verdict = (
        "close to the plan" if alignment >= 0.85
        else "partly what was planned" if alignment >= 0.6
        else "far from the plan"
    )  # fmt: skip
    opening = (
        f"Written by the offline writer from measurements; it cannot hear “{brief.concept.title}”."
    )
    closing = f"By these figures the song is {verdict} (alignment {alignment:.2f})."
    sentences = [opening, *notes.sentences(), closing]
    if len(sentences) < 4:
        sentences.insert(1, "Few facts were measured, so these notes are thin.")
    if len(sentences) < 4:
        sentences.insert(2, f"The plan was {brief.concept.mood}, {brief.concept.tempo_bpm} BPM.")
    return ReflectionNotes(
        text=" ".join(sentences),
        alignment=alignment,
        strengths=tuple(notes.strengths[:5]),
        problems=tuple(dict.fromkeys(notes.problems[:8])),
        proposed_changes=tuple(notes.changes),
        lessons=_lessons(brief, notes),
    )
