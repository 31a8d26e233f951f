"""Fills a database as years of work leave it, by SQL on the server: `benchmark panel` looks at it.

Every value is worked out from a row's number, so tables need no joins to fit each other: the runs
of the heaviest artists, a decision's review, history entry and release all follow from the number
of the run.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from axes.models import AccessLog
from django.apps import apps
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.management.color import no_style
from django.db import connection, models
from django.utils import timezone
from django_q.models import Task

from ai_artist.benchmarks.desk_work import OUTPUTS
from artists.lifecycle import rebuild_counters
from artists.models import (
    Artist,
    Evolution,
    Lesson,
    LessonEvidence,
    LifecyclePolicy,
    PerformanceEntry,
    StatusChange,
)
from experiments.models import Assignment, Experiment, Variant
from media_tools.records import to_json
from runs.models import (
    Artifact,
    AutopilotVerdict,
    Batch,
    Budget,
    Channel,
    LessonUse,
    Proposal,
    ProviderCall,
    Publication,
    Reflection,
    Release,
    Review,
    Run,
    RunEvent,
    SongWords,
    Step,
    TimedComment,
    Track,
    WorkerBeat,
)
from runs.steps import NAMES
from trends.models import Collection, Observation, Topic, TrendSource

SPAN = timedelta(days=700)
HEAVY_RUNS = 2_000  # of each of the heaviest artists, who have a tenth of all runs
PEOPLE, SOURCES, CHANNELS = 20, 5, 5
DETAILED = 500  # newest runs whose steps have outputs as a page shows them
# Of 1,000 runs.
SHARES = {
    Run.Status.QUEUED: 1,
    Run.Status.WAITING: 1,
    Run.Status.AWAITING_REVIEW: 10,
    Run.Status.APPROVED: 400,
    Run.Status.RELEASED: 100,
    Run.Status.REJECTED: 388,
    Run.Status.FAILED: 80,
    Run.Status.CANCELLED: 20,
}
ENDED = tuple(SHARES)[2:]  # nobody works at them
FINISHED = tuple(status for status in ENDED if status != Run.Status.FAILED)
JUDGED = (Run.Status.APPROVED, Run.Status.RELEASED, Run.Status.REJECTED)
FILES = ("wav", "mp3", "cover", "thumbnail")
FIRST = [
    "Quiet",
    "Paper",
    "Glass",
    "Neon",
    "Copper",
    "Winter",
    "Salt",
    "Amber",
    "Hollow",
    "Low",
    "Silver",
    "Burning",
    "Lost",
]
SECOND = [
    "Rivers",
    "Lanterns",
    "Avenue",
    "Harbour",
    "Mirrors",
    "Meadow",
    "Signal",
    "Static",
    "Tide",
    "Garden",
    "Wires",
]
THIRD = ["Tonight", "Again", "Below", "Returning", "Alone", "Unsent", "Before Dawn"]
GENRES = ("synthpop", "ambient", "lo-fi", "house", "folk", "indie rock", "trap", "techno")
RARE = "Zugspitze"  # a word in few titles


@dataclass(frozen=True)
class Language:
    """The few words that PostgreSQL and SQLite say differently."""

    now: datetime
    postgres: bool

    def ago(self, seconds: str) -> str:
        """A time, so many seconds before now."""
        if self.postgres:
            return f"TIMESTAMPTZ '{self.now.isoformat()}' - ({seconds}) * INTERVAL '1 second'"
        return f"datetime({int(self.now.timestamp())} - ({seconds}), 'unixepoch')"

    def uid(self, kind: str, number: str) -> str:
        """The id of a numbered row; in no order, as real ones."""
        digits = f"MD5('{kind}' || ({number}))"
        return f"{digits}::uuid" if self.postgres else digits

    def sha256(self, text: str) -> str:
        """64 hexadecimal digits."""
        return f"MD5({text}) || MD5('again' || {text})"

    def document(self, value: Any) -> str:
        """A JSON value."""
        return quoted(json.dumps(value)) + ("::jsonb" if self.postgres else "")

    def numbers(self, count: int) -> str:
        """Rows i = 1 to count."""
        if self.postgres:
            return f"generate_series(1::bigint, {count}) AS n(i)"
        return (
            "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
            f"WHERE i < {count}) SELECT i FROM n) AS n"
        )


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def one_of(values: tuple[str, ...] | list[str], number: str) -> str:
    """The value at a number's place, counted round."""
    cases = " ".join(f"WHEN {at} THEN {quoted(value)}" for at, value in enumerate(values))
    return f"CASE ({number}) % {len(values)} {cases} END"


def status_of(run: str) -> str:
    """The status of a numbered run: the shares of SHARES, mixed over time."""
    cases, until = [], 0
    for status, share in SHARES.items():
        until += share
        cases.append(f"WHEN {run} * 7919 % 1000 < {until} THEN '{status.value}'")
    return f"CASE {' '.join(cases)} END"


def is_any(run: str, *statuses: Run.Status) -> str:
    """Whether a numbered run has one of these statuses."""
    ranges, start = [], 0
    for status, share in SHARES.items():
        if status in statuses:
            ranges.append(f"{run} * 7919 % 1000 BETWEEN {start} AND {start + share - 1}")
        start += share
    return f"({' OR '.join(ranges)})"


@dataclass(frozen=True)
class Filling:
    """A database of so many runs; the other tables follow in their shares."""

    runs: int
    language: Language

    @property
    def artists(self) -> int:
        return self.runs // 10

    @property
    def heavy(self) -> int:
        return max(1, self.artists // HEAVY_RUNS)

    @property
    def light(self) -> int:
        """Other artists. Not a multiple of three, so that the runs of an experiment alternate."""
        light = self.artists - self.heavy
        return light - 1 if light % 3 == 0 else light

    # --- What follows from the number of a run ---

    def artist(self, run: str) -> str:
        """Its artist: one of the heaviest for every tenth run."""
        return (
            f"CASE WHEN {run} % 10 = 0 THEN 1 + {run} / 10 % {self.heavy} "
            f"ELSE {self.heavy + 1} + {run} % {self.light} END"
        )

    def turn(self, run: str) -> str:
        """How many runs its artist had before it."""
        return (
            f"CASE WHEN {run} % 10 = 0 THEN {run} / 10 / {self.heavy} ELSE {run} / {self.light} END"
        )

    def made(self, run: str, *, later_s: int = 0) -> str:
        """When it was made, or so much later; the last run is the newest."""
        step_s = int(SPAN.total_seconds()) // self.runs
        return self.language.ago(f"({self.runs} - ({run})) * {step_s} - {later_s} + 4000")

    def decided(self, run: str) -> str:
        return self.made(run, later_s=3_600)

    def insert(
        self, model: type[models.Model], count: int, where: str = "", /, **given: Any
    ) -> None:
        """Insert rows numbered by i. given: SQL by column; other columns have their defaults."""
        columns: list[str] = []
        values: list[str] = []
        parameters: list[Any] = []
        for field in model._meta.concrete_fields:
            known = given.pop(field.attname, None)
            if known is None and field.primary_key and not field.has_default():
                continue  # numbered by the database
            columns.append(connection.ops.quote_name(str(field.column)))
            if known is None:
                known = "%s"
                usual = getattr(field, "auto_now_add", False)
                value = self.language.now if usual else field.get_default()
                parameters.append(field.get_db_prep_save(value, connection))
            elif isinstance(known, str):
                known = known.replace("%", "%%")
            values.append(str(known))
        if given:
            raise TypeError(f"{model.__name__} has no {', '.join(given)}.")
        table = connection.ops.quote_name(model._meta.db_table)
        condition = f" WHERE {where}".replace("%", "%%") if where else ""
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} "
                f"FROM {self.language.numbers(count)}{condition}",
                parameters,
            )

    # --- Tables ---

    def all(self) -> None:
        """Fill every table."""
        self.people()
        self.roster()
        self.trends()
        self.work()
        self.judgements()
        self.learning()
        self.going_out()
        self.trying()
        with connection.cursor() as cursor:
            # After the numbers that were given out here.
            for statement in connection.ops.sequence_reset_sql(no_style(), apps.get_models()):
                cursor.execute(statement)

    def people(self) -> None:
        say = self.language
        self.insert(User, PEOPLE, username="'person' || i", is_staff="i > 0", is_active="i > 0")
        self.insert(
            Session,
            self.runs // 5,
            session_key=say.uid("session", "i").replace("::uuid", ""),
            session_data="'.' || i",
            expire_date=say.ago("i % 1000000 - 900000"),
        )
        self.insert(
            AccessLog,
            self.runs * 3 // 10,
            username=f"'person' || (i % {PEOPLE})",
            user_agent="'Firefox'",
            ip_address="'10.0.0.1'",
            attempt_time=say.ago("i * 100"),
            session_hash=say.uid("session", "i").replace("::uuid", ""),
        )
        self.insert(WorkerBeat, 3, cluster="'host/' || i || '/1'", at=say.ago("i"))
        self.insert(
            Task,
            100,
            id=say.uid("task", "i").replace("::uuid", ""),
            name="'july-mirror-' || i",
            func="'runs.tasks.evaluate_roster'",
            started=say.ago("i * 60"),
            stopped=say.ago("i * 60 - 4"),
            success="i % 9 > 0",
        )

    def roster(self) -> None:
        say, artists = self.language, self.artists
        policy = LifecyclePolicy.objects.filter(is_default=True).first()
        if policy is None:
            LifecyclePolicy.objects.create(name="Default", is_default=True)
        settled = one_of(["active"] * 7 + ["evolving", "paused", "retired"], "i / 7")
        profile: dict[str, Any] = {
            "name": f"{one_of(SECOND, 'i')} || ' ' || {one_of(THIRD, 'i / 11')} || ' ' || i",
            "slug": "'artist-' || i",
            "genre": one_of(GENRES, "i"),
            "style_notes": "'Analogue pads, brushed drums.'",
            "sound_identity": "'sound-' || i",
            # Every tenth has no runs; see artist().
            "status": f"CASE WHEN i % 10 = 0 THEN 'candidate' ELSE {settled} END",
            "autopilot": "i % 20 = 0",
            "created_at": say.ago("i + 60000000"),
            "tempo_min_bpm": "80 + i % 20",
        }
        self.insert(
            Artist,
            artists,
            **profile,
            id="i",
            status_since=say.ago("i % 8000000 + 3000"),
            turn_at=say.ago("i * 7 % 4000000"),
            # Some have been idle for as long as pauses them, or paused for as long as retires them.
            last_run_at=say.ago("i * 7 % 3889000"),
            window_started_at=say.ago("200000"),
        )
        history: Any = Artist.history.model
        for version in range(3):
            self.insert(
                history,
                artists,
                **profile,
                id="i",
                history_date=say.ago(f"i + {60_000_000 - version * 9_000_000}"),
                history_type="'~'" if version else "'+'",
            )
        self.insert(
            StatusChange,
            artists * 2,
            artist_id=f"1 + i % {artists}",
            from_status="'candidate'",
            to_status=one_of(["active", "evolving", "paused", "active", "retired"], "i"),
            rule=one_of(["promoted", "poor_rate", "idle", "manual", "streak"], "i"),
            reason="'Approved 4 of the last 10'",
            figures=say.document({"approval_rate": 0.4, "reviewed": 10}),
            at=say.ago("i * 290 % 60000000"),
        )
        self.insert(
            Evolution,
            artists // 5,
            artist_id=f"1 + i % {artists}",
            state=one_of(["kept", "rolled_back", "dismissed"], "i"),
            source="'offline'",
            diff=say.document({"style_notes": ["Pads.", "Pads, brighter drums."]}),
            trial_runs="20",
            created_at=say.ago("i * 3000"),
            started_at=say.ago("i * 3000 - 60"),
            ended_at=say.ago("i * 3000 - 9000"),
        )
        self.insert(
            Evolution,
            artists,
            f"i % 10 > 0 AND {settled} = 'evolving' AND i % 40 <> 3",
            artist_id="i",
            state="'trial'",
            source="'offline'",
            diff=say.document({"style_notes": ["Pads.", "Pads, brighter drums."]}),
            figures=say.document({"before": [4, 6]}),
            trial_runs="20",
            created_at=say.ago("200000"),
            started_at=say.ago("200000"),
        )

    def work(self) -> None:
        say, runs = self.language, self.runs
        self.insert(
            Batch,
            runs // 10,
            id="i",
            origin=one_of(["schedule", "panel", "command"], "i"),
            size="10",
            seed="i",
            note=f"CASE WHEN i % 50 = 0 THEN {one_of(SECOND, 'i / 50')} ELSE '' END",
            created_at=self.made("i * 10"),
        )
        title = f"{one_of(FIRST, 'i')} || ' ' || {one_of(SECOND, 'i / 13')}"
        title += (
            f" || ' ' || CASE WHEN i % 997 = 0 THEN '{RARE}' ELSE {one_of(THIRD, 'i / 143')} END"
        )
        ended = is_any("i", *ENDED)
        judged = is_any("i", *JUDGED)
        self.insert(
            Run,
            runs,
            id=say.uid("run", "i"),
            batch_id="(i - 1) / 10 + 1",
            artist_id=self.artist("i"),
            seed="i",
            status=status_of("i"),
            due_at=f"CASE WHEN {ended} THEN {self.made('i')} ELSE {say.ago('i - 90000000')} END",
            concept=say.document({"theme": "night", "mood": "calm"}),
            title=title,
            topic_id=f"CASE WHEN i % 3 = 0 THEN 1 + i % {max(1, runs // 50)} END",
            duration_s="120 + i % 90",
            lufs="-14 + (i % 10) / 20.0",
            true_peak_dbtp="-1.2",
            tempo_bpm="80 + i % 60",
            cost_usd="(i % 100) / 100.0",
            error=f"CASE WHEN {is_any('i', Run.Status.FAILED)} THEN 'No answer.' ELSE '' END",
            failure_kind=f"CASE WHEN {is_any('i', Run.Status.FAILED)} "
            f"THEN {one_of(['provider_down', 'quality_gate', 'disk'], 'i')} ELSE '' END",
            created_at=self.made("i"),
            started_at=self.made("i", later_s=10),
            finished_at=f"CASE WHEN {ended} THEN {self.made('i', later_s=600)} END",
            decided_at=f"CASE WHEN {judged} THEN {self.decided('i')} END",
        )
        self.steps()
        run_of_file = f"((i - 1) / {len(FILES)} + 1)"
        address = "MD5('file' || i)"
        self.insert(
            Artifact,
            runs * len(FILES),
            id=say.uid("artifact", "i"),
            run_id=say.uid("run", run_of_file),
            step=one_of(["master", "master", "cover", "cover"], "i"),
            kind=one_of([*FILES[1:], FILES[0]], "i"),
            file=f"'artifacts/' || SUBSTR({address}, 1, 2) || '/' || {say.sha256(address)}",
            sha256=say.sha256(address),
            media_type=one_of(["audio/mpeg", "image/jpeg", "image/jpeg", "audio/wav"], "i"),
            bytes="1000000 + i",
            duration_s="120",
            provenance=say.document({"provider": "local", "model": "b", "licence": "CC0-1.0"}),
            created_at=self.made(run_of_file, later_s=300),
        )
        call_of = "((i - 1) / 4 + 1)"
        self.insert(
            ProviderCall,
            runs * 4,
            run_id=say.uid("run", call_of),
            step=one_of(["concept", "lyrics", "music", "reflection"], "i"),
            purpose=one_of(["concept", "lyrics", "music", "reflection"], "i"),
            provider=one_of(["openai", "anthropic", "suno", "openai"], "i"),
            model=one_of(["gpt", "claude", "v5", "gpt"], "i"),
            idempotency_key="'call-' || i",
            status="CASE WHEN i % 400 = 1 THEN 'failed' ELSE 'succeeded' END",
            external_id="'ext-' || i",
            units="1",
            cost_usd="(i % 50) / 1000.0",
            committed_usd="(i % 50) / 1000.0",
            latency_ms="900 + i % 500",
            created_at=self.made(call_of, later_s=30),
            finished_at=self.made(call_of, later_s=32),
        )
        event_of = "((i - 1) / 3 + 1)"
        self.insert(
            RunEvent,
            runs * 3,
            run_id=say.uid("run", event_of),
            at=self.made(event_of, later_s=60),
            kind=one_of(["queued", "finished", "verdict"], "i"),
            message="'It went on.'",
        )

    def steps(self) -> None:
        """Nine of each run; the newest runs have outputs as pages show them."""
        say, run = self.language, f"((i - 1) / {len(NAMES)} + 1)"
        place = f"(i - 1) % {len(NAMES)}"
        shown = {output.step: say.document(to_json(output)) for output in OUTPUTS}
        cases = " ".join(f"WHEN '{step}' THEN {sql}" for step, sql in shown.items())
        name = one_of(list(NAMES), "i - 1")
        done = is_any(run, *FINISHED)
        status = f"CASE WHEN {done} THEN 'done' WHEN {place} < 2 THEN 'done' ELSE 'pending' END"
        self.insert(
            Step,
            self.runs * len(NAMES),
            run_id=say.uid("run", run),
            name=name,
            position=place,
            status=status,
            attempts="1",
            output=f"CASE WHEN {run} > {self.runs - DETAILED} "
            f"THEN CASE {name} {cases} ELSE {say.document({})} END ELSE {say.document({})} END",
            started_at=self.made(run, later_s=60),
            finished_at=self.made(run, later_s=90),
        )

    def judgements(self) -> None:
        say, runs = self.language, self.runs
        rejected = is_any("i", Run.Status.REJECTED)
        judged = is_any("i", *JUDGED)
        reasons = " ".join(
            f"WHEN {at} THEN {say.document([reason.value])}"
            for at, reason in enumerate(Review.Reason)
        )
        self.insert(
            Review,
            runs,
            judged,
            run_id=say.uid("run", "i"),
            reviewer_id=f"(SELECT MIN(id) FROM auth_user) + i % {PEOPLE}",
            decision=f"CASE WHEN {rejected} THEN 'reject' ELSE 'approve' END",
            reasons=f"CASE WHEN {rejected} THEN CASE i % {len(Review.Reason)} {reasons} END "
            f"ELSE {say.document([])} END",
            comment="CASE WHEN i % 9 = 0 THEN 'The chorus comes late.' ELSE '' END",
            rating="1 + i % 5",
            active_seconds="20 + i % 40",
            content_hash=say.sha256("'judged' || i"),
            at=self.decided("i"),
            effective_at=self.decided("i"),
            applied_at=self.decided("i"),
        )
        self.insert(
            AutopilotVerdict,
            runs,
            f"i % 10 = 3 AND {judged}",
            run_id=say.uid("run", "i"),
            artist_id=self.artist("i"),
            would_approve="i % 7 > 0",
            why="'All checks passed without a warning'",
            content_hash=say.sha256("'judged' || i"),
            at=self.made("i", later_s=900),
        )
        self.insert(
            PerformanceEntry,
            runs,
            is_any("i", *JUDGED, Run.Status.FAILED),
            artist_id=self.artist("i"),
            run_id=say.uid("run", "i"),
            kind=f"CASE WHEN {rejected} THEN 'rejected' "
            f"WHEN {is_any('i', Run.Status.FAILED)} THEN 'failed' ELSE 'approved' END",
            at=self.decided("i"),
        )
        self.insert(
            PerformanceEntry,
            runs,
            is_any("i", Run.Status.RELEASED),
            artist_id=self.artist("i"),
            run_id=say.uid("run", "i"),
            kind="'released'",
            at=self.made("i", later_s=9_000),
        )
        self.insert(
            PerformanceEntry,
            runs * 2,
            artist_id=self.artist("(i / 2)"),
            run_id=say.uid("run", "(i / 2)"),
            kind="'audience'",
            value="i % 9000",
            metric=one_of(["plays", "plays", "saves", "revenue"], "i / 2"),
            series="'shop' || (i % 5) || '/month/sales'",
            external_key="MD5('figure' || i)",
            suspicious="i % 500 = 0",
            at=self.made("(i / 2)", later_s=90_000),
        )
        self.insert(
            TimedComment,
            runs // 10,
            run_id=say.uid("run", "i * 10"),
            author_id="(SELECT MIN(id) FROM auth_user)",
            at_s="i % 120",
            text="'Here the bass is loud.'",
            created_at=self.made("i * 10", later_s=3_000),
        )

    def learning(self) -> None:
        say, runs = self.language, self.runs
        self.insert(
            Reflection,
            runs,
            is_any("i", *FINISHED),
            id="i",
            run_id=say.uid("run", "i"),
            text="'The chorus carries the idea; the verses could move more.'",
            alignment="(i % 100) / 100.0",
            strengths=say.document(["A hook that stays"]),
            problems=say.document(["Verses circle one image"]),
            model="'offline-writer'",
            created_at=self.made("i", later_s=590),
        )
        self.insert(
            Proposal,
            runs,
            f"i % 5 = 1 AND {is_any('i', *FINISHED)}",
            reflection_id="i",
            kind="'change'",
            field="'style_notes'",
            old=say.document("Pads."),
            new=say.document("Pads, brighter drums."),
            why="'The mix was dark.'",
            status="CASE WHEN i % 50 = 1 THEN 'open' ELSE 'accepted' END",
            decided_at=f"CASE WHEN i % 50 = 1 THEN NULL ELSE {self.decided('i')} END",
            created_at=self.made("i", later_s=590),
        )
        lessons = runs * 3 // 10
        lesson: dict[str, Any] = {
            "artist_id": f"1 + i % {self.artists}",
            "text": f"'Let the chorus arrive before ' || {one_of(SECOND, 'i')} || ' ' || i",
            "source": one_of(["rejection", "reflection", "manual"], "i"),
            "status": one_of(["accepted", "accepted", "proposed", "dismissed"], "i"),
        }
        self.insert(
            Lesson,
            lessons,
            **lesson,
            id="i",
            key="'chorus ' || i",
            strength="1 + i % 9",
            run_id=say.uid("run", "i"),
            created_at=self.made("i * 3"),
            last_seen_at=self.made("i * 3"),
            expires_at=self.made("i * 3", later_s=90 * 86_400),
        )
        history: Any = Lesson.history.model
        self.insert(
            history, lessons, **lesson, id="i", history_date=self.made("i * 3"), history_type="'+'"
        )
        self.insert(
            LessonEvidence,
            lessons,
            lesson_id="i",
            kind="'reason'",
            text="'The chorus comes late'",
            key="'chorus ' || i",
            run_id=say.uid("run", "i"),
            at=self.made("i * 3"),
        )
        self.insert(
            LessonUse,
            runs * 2,
            run_id=say.uid("run", "((i - 1) / 2 + 1)"),
            lesson_id=f"1 + i * 7 % {lessons}",
            text="'Let the chorus arrive earlier'",
            position="i % 2",
            outcome=one_of(["obeyed", "broken", "unmeasured"], "i"),
        )
        self.insert(
            SongWords,
            runs,
            run_id=say.uid("run", "i"),
            artist_id=self.artist("i"),
            title_key=f"{one_of(FIRST, 'i')} || {one_of(SECOND, 'i / 13')}",
            hook_key="'stay ' || (i % 90000)",
            shingles="'\\x00'::bytea" if say.postgres else "X'00'",
        )

    def going_out(self) -> None:
        say, runs = self.language, self.runs
        out = is_any("i", Run.Status.RELEASED)
        kept = is_any("i", Run.Status.APPROVED, Run.Status.RELEASED)
        self.insert(
            Artifact,
            runs,
            out,
            id=say.uid("bundle", "i"),
            run_id=say.uid("run", "i"),
            step="''",
            kind="'bundle'",
            file="'artifacts/bundles/' || i",
            sha256=say.sha256("'bundle' || i"),
            media_type="'application/zip'",
            bytes="90000000",
            created_at=self.made("i", later_s=7_200),
        )
        title = f"{one_of(FIRST, 'i')} || ' ' || {one_of(SECOND, 'i / 13')}"
        self.insert(
            Release,
            runs,
            kept,
            id=say.uid("release", "i"),
            artist_id=self.artist("i"),
            title=title,
            bundle_id=f"CASE WHEN {out} THEN {say.uid('bundle', 'i')} END",
            folder="'releases/' || i",
            disclosure=say.document({"music": "made by AI"}),
            upc=f"CASE WHEN {out} THEN SUBSTR('0000000000000' || i, -13) ELSE '' END"
            if not say.postgres
            else f"CASE WHEN {out} THEN LPAD(i::text, 13, '0') ELSE '' END",
            status=f"CASE WHEN {out} THEN 'published' ELSE 'draft' END",
            created_at=self.decided("i"),
            packaged_at=self.made("i", later_s=7_200),
            published_at=f"CASE WHEN {out} THEN {self.made('i', later_s=9_000)} END",
        )
        self.insert(
            Track,
            runs,
            kept,
            release_id=say.uid("release", "i"),
            run_id=say.uid("run", "i"),
            title=title,
            isrc=f"CASE WHEN {out} THEN 'QZAAA' || i ELSE '' END",
        )
        for number in range(CHANNELS):
            Channel.objects.create(
                kind=Channel.Kind.BY_HAND, name=f"Channel {number}", parts=["release"]
            )
        for number in range(2):
            self.insert(
                Publication,
                runs,
                out,
                id=say.uid(f"publication{number}", "i"),
                release_id=say.uid("release", "i"),
                channel_id=f"(SELECT MIN(id) FROM runs_channel) + (i / 7 + {number}) % {CHANNELS}",
                part="'release'",
                status="CASE WHEN i % 300 = 1 THEN 'failed' ELSE 'live' END",
                asked_at=self.made("i", later_s=90_000),
                due_at=self.made("i", later_s=90_000),
                send_at=self.made("i", later_s=9_000),
                live_at=self.made("i", later_s=90_000),
                sent_at=self.made("i", later_s=9_000),
                external_id="'item-' || i",
            )
        Budget.objects.create(period=Budget.Period.MONTH, cap_usd=100_000)
        Budget.objects.create(period=Budget.Period.DAY, cap_usd=10_000, provider="suno")

    def trying(self) -> None:
        """Experiments: one that runs on three runs of ten, and three that ended."""
        say, now = self.language, self.language.now
        for number, parameter in enumerate(list(Experiment.Parameter)[:4]):
            experiment = Experiment.objects.create(
                name=f"Which {parameter.label.lower()}?",
                parameter=parameter,
                status=Experiment.Status.CONCLUDED if number else Experiment.Status.RUNNING,
                planned_runs_per_arm=2_000,
                acts_by_itself=False,
                salt="benchmark",
                started_at=now - SPAN,
                concluded_at=now if number else None,
            )
            arms = [
                Variant.objects.create(experiment=experiment, name=name, is_control=name == "as is")
                for name in ("as is", "another")
            ]
            run = f"(i * 10 + {number})"
            count = self.runs // 10 - 1 if number else self.runs * 3 // 10
            if not number:
                run = "(i * 3)"
            # Of every third run of an artist, or as they come.
            place = f"({self.turn(run)}) / 3" if not number else "i"
            chances = {str(arm.pk): 0.5 for arm in arms}
            outcome = (
                f"CASE WHEN {is_any(run, Run.Status.APPROVED, Run.Status.RELEASED)} THEN 'approved'"
                f" WHEN {is_any(run, Run.Status.REJECTED)} THEN 'rejected'"
                f" WHEN {is_any(run, Run.Status.FAILED)} THEN 'failed' ELSE '' END"
            )
            self.insert(
                Assignment,
                count,
                experiment_id=experiment.pk,
                variant_id=f"CASE WHEN ({place}) % 2 = 0 THEN {arms[0].pk} ELSE {arms[1].pk} END",
                artist_id=self.artist(run),
                run_id=say.uid("run", run),
                position=place,
                block=f"({place}) / 2",
                probability="0.5",
                probabilities=say.document(chances),
                exposed_at=self.made(run, later_s=60),
                outcome=outcome,
                outcome_at=f"CASE WHEN {outcome} = '' THEN NULL ELSE {self.decided(run)} END",
                cost_usd="(i % 100) / 100.0",
                assigned_at=self.made(run),
            )

    def trends(self) -> None:
        say, topics = self.language, max(1, self.runs // 50)
        self.insert(
            TrendSource, SOURCES, id="i", name="'source-' || i", last_collected_at=say.ago("60")
        )
        self.insert(
            Topic,
            topics,
            id="i",
            name=f"{one_of(SECOND, 'i')} || ' ' || i",
            genre=f"CASE WHEN i % 3 = 0 THEN {one_of(GENRES, 'i')} ELSE '' END",
            score="(i % 1000) / 1000.0",
            scored_at=say.ago("600"),
        )
        self.insert(
            Observation,
            topics * 100,
            source_id=f"1 + i % {SOURCES}",
            topic_id="(i - 1) / 100 + 1",
            observed_at=say.ago("(i % 100) * 21600"),
            volume="50 + i * 37 % 400",
            engagement="i % 30",
        )
        self.insert(
            Collection,
            max(1, self.runs // 200),
            source_id=f"1 + i % {SOURCES}",
            at=say.ago("i * 10000"),
            calls="2",
            reads="100",
            cost_usd="0.01",
            observations="90",
        )


# Keys first when they are added, last when they are dropped.
KEYS = """
    SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid), contype
    FROM pg_constraint
    WHERE connamespace = current_schema()::regnamespace AND contype IN ('p', 'u', 'f', 'c')
    ORDER BY array_position(ARRAY['p', 'u', 'f', 'c'], contype::text), conname
"""
INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()"


def fill(runs: int) -> float:
    """Fill the database of this project, which must be empty and migrated. Returns the seconds."""
    started = time.monotonic()
    postgres = connection.vendor == "postgresql"
    filling = Filling(runs, Language(timezone.now(), postgres))
    with without_indexes() if postgres else nullcontext():
        filling.all()
    # Before the counters, whose queries would otherwise read whole tables.
    analyse = "VACUUM ANALYZE" if postgres else "ANALYZE"
    with connection.cursor() as cursor:
        cursor.execute(analyse)
    rebuild_counters()
    with connection.cursor() as cursor:
        cursor.execute(analyse)
    return time.monotonic() - started


@contextmanager
def without_indexes() -> Iterator[None]:
    """Drop all keys and indexes of PostgreSQL, and build them once the rows are there.

    What a foreign key promises holds by the numbers, and is not looked at again.
    """
    tables = connection.introspection.table_names()
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '512MB'; SET synchronous_commit = off")
        cursor.execute(KEYS)
        keys = cursor.fetchall()
        for table, name, _, _ in reversed(keys):
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for table in tables:
            cursor.execute(f'ALTER TABLE "{table}" SET UNLOGGED')
        cursor.execute(INDEXES)
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        yield
        for table, name, definition, kind in keys:
            if kind in "pu":
                cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
        for _, definition in indexes:
            cursor.execute(definition)
        for table, name, definition, kind in keys:
            if kind in "fc":
                unseen = "" if definition.endswith("NOT VALID") else "NOT VALID"
                cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition} {unseen}")
        cursor.execute("RESET maintenance_work_mem; RESET synchronous_commit")
