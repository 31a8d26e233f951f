"""The bot's texts about a run, as HTML with everything quoted escaped, and its buttons."""

from __future__ import annotations

from html import escape

from ai_artist.kit.values import counted, genre, minutes
from media_tools.findings import Severity
from media_tools.messaging.telegram import CAPTION_CHARACTERS, Button, Keyboard
from runs.models import Review, Run
from runs.outputs import QualityOutput

APPROVE, REJECT, BACK, UNDO = "a", "r", "b", "u"
REASON = "x."
PREFIX = "rv"

_WORDS_CHARACTERS = 140
_WARNINGS = 2


def item_text(run: Run, *, verdict: str = "") -> str:
    """Return the caption of an item to review. verdict: plain text put at its end."""
    concept = run.concept or {}
    figures = [minutes(run.duration_s)]
    figures += [f"{run.tempo_bpm:.0f} BPM"] if run.tempo_bpm is not None else []
    figures += [f"{run.lufs:.1f} LUFS"] if run.lufs is not None else []
    title = f"<b>{quoted(run.title or 'Untitled')}</b>"
    head = [f"{title} – {quoted(run.artist.name)} ({quoted(genre(run.artist.genre))})"]
    head.append(" · ".join(figures))
    tail = [f"<b>{quoted(verdict, 150)}</b>"] if verdict else []
    extras = [f"“{quoted(str(concept['hook']))}”"] if concept.get("hook") else []
    extras += [f"⚠ {quoted(words)}" for words in warnings_of(run)]
    extras += [f"About: {quoted(str(concept['theme']))}"] if concept.get("theme") else []
    while visible_length("\n".join([*head, *extras, *tail])) > CAPTION_CHARACTERS:
        extras.pop()
    return "\n".join([*head, *extras, *tail])


def warnings_of(run: Run) -> list[str]:
    """Return the first warnings of the quality step."""
    quality = run.shown_output(QualityOutput)
    findings = quality.findings if quality else ()
    warned = [finding.message for finding in findings if finding.severity is Severity.WARN]
    more = len(warned) - _WARNINGS
    return warned[:_WARNINGS] + (
        [f"{counted(more, 'more warning')} in the panel"] if more > 0 else []
    )


def verdict_of(run: Run) -> str:
    """Return how the run was decided and by whom, in one line; "" while it awaits review."""
    if run.status == Run.Status.AWAITING_REVIEW:
        return ""
    review = run.reviews.standing().select_related("reviewer").first()
    if review is None:
        return f"{run.get_status_display()}."
    if review.decision == Review.Decision.APPROVE:
        return f"✅ Approved by {review.author}."
    labels = ", ".join(Review.Reason(code).label.lower() for code in review.reasons)
    return f"❌ Rejected by {review.author}: {labels}."


def decision_keyboard(token: str) -> Keyboard:
    """Return the buttons Approve and Reject."""
    return [
        [
            Button("✅ Approve", data_of(token, APPROVE), "success"),
            Button("❌ Reject …", data_of(token, REJECT), "danger"),
        ]
    ]


def reason_keyboard(token: str) -> Keyboard:
    """Return the reasons for a rejection, two per row, and a button back."""
    reasons = [Button(reason.label, data_of(token, REASON + reason)) for reason in Review.Reason]
    rows = [reasons[start : start + 2] for start in range(0, len(reasons), 2)]
    return [*rows, [Button("« Back", data_of(token, BACK))]]


def undo_keyboard(token: str) -> Keyboard:
    """Return the undo button, shown while a decision has no consequences yet."""
    return [[Button("↩ Undo", data_of(token, UNDO))]]


def data_of(token: str, action: str) -> str:
    """Return what a button sends back."""
    return f"{PREFIX}:{token}:{action}"


def parse_data(data: str) -> tuple[str, str] | None:
    """Return token and action of a button's data; None for other data: anybody may send some."""
    parts = data.split(":")
    if len(parts) != 3 or parts[0] != PREFIX or not 0 < len(parts[1]) <= 32:
        return None
    action = parts[2]
    known = action in (APPROVE, REJECT, BACK, UNDO)
    known = known or (action.startswith(REASON) and action[len(REASON) :] in Review.Reason.values)
    return (parts[1], action) if known else None


def quoted(text: str, limit: int = _WORDS_CHARACTERS) -> str:
    """Return others' text on one line, shortened and escaped for Telegram's HTML."""
    line = " ".join(text.split())
    return escape(line if len(line) <= limit else line[: limit - 1] + "…", quote=False)


def visible_length(html: str) -> int:
    """Return at most what Telegram counts as length (UTF-16 units): markup counts here too."""
    return len(html.encode("utf-16-le")) // 2
