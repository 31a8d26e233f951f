"""Writes docs/hostile-answers.md: `python -m tests.contract_servers.hostile_table`.

The rows are data (tests.contract_servers.hostile); they are played, and what the operator reads of
each comes from there. `--check` writes nothing and fails if the page would change.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping

import pytest

from tests.contract_servers.error_table import ROOT, steady, write_page
from tests.contract_servers.hostile import ROWS, Outcome, Row

PAGE = ROOT / "docs" / "hostile-answers.md"
TESTS = ROOT / "tests" / "runs" / "test_hostile_answers.py"

MEANINGS = {
    Outcome.KEPT: "what was sold, or what of it can be used, is kept; the run goes on",
    Outcome.PERSON: "it may have been sold: the run waits for a person, who looks it up there",
    Outcome.OPEN: "the run fails after a while; the job stays open, and a retry collects it "
    "without another charge",
    Outcome.FAILED: "nothing usable was sold: the run, or the message, fails with the reason",
    Outcome.WITHOUT: "the run goes on without it: a drawn cover, generated pictures, no spoken tag",
    Outcome.LATER: "nothing was lost; it is asked again by itself",
}
HEAD = """# What becomes of hostile answers

Made from the tests by `python -m tests.contract_servers.hostile_table`; do not edit.

Every row is sent by a server on this machine and played through a whole run (or a collection of
trends, or a message to reviewers), on SQLite and on PostgreSQL. Whatever a provider sends, nothing
that was paid for is lost or paid twice, no worker stops, and the operator reads a sentence.

"""


class Recorder:
    """A pytest plugin: what the operator reads of each row."""

    def __init__(self) -> None:
        self.told: dict[str, str] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Of what is kept there is nothing to tell."""
        quiet = {row.name for row in ROWS if row.outcome is Outcome.KEPT}
        items[:] = [item for item in items if item.name.partition("[")[2][:-1] not in quiet]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        properties = dict(report.user_properties)
        if "row" in properties:
            self.told[str(properties["row"])] = str(properties["told"])


def played() -> dict[str, str]:
    """What the operator reads of each row, by its name. Raises RuntimeError if a row fails."""
    recorder = Recorder()
    options = ["-q", "--no-header", "-p", "no:cacheprovider", str(TESTS)]
    if pytest.main(options, plugins=[recorder]) != pytest.ExitCode.OK:
        raise RuntimeError("Rows of the table fail; the page was not written.")
    return recorder.told


def page_of(told: Mapping[str, str], rows: tuple[Row, ...] = ROWS) -> str:
    """The page's text. told: what the operator reads, by the row's name."""
    parts = [HEAD]
    parts += [f"- **{outcome.value}**: {meaning}.\n" for outcome, meaning in MEANINGS.items()]
    for provider in sorted({row.provider for row in rows}):
        parts.append(f"\n## {provider}\n\n| What comes | What becomes of it | What is told |\n")
        parts.append("| --- | --- | --- |\n")
        for row in rows:
            if row.provider == provider:
                outcome = row.outcome.value
                if row.kept > 1:
                    outcome += f" ({row.kept})"
                cells = (row.kind, outcome, cell(told.get(row.name, "")))
                parts.append("| " + " | ".join(text.replace("|", "\\|") for text in cells) + " |\n")
    return "".join(parts)


def cell(reason: str) -> str:
    """A reason without what differs from run to run."""
    reason = re.sub(r"\brow \d+", "row …", steady(reason))
    reason = re.sub(r"x{50,}", "x…", reason)
    return re.sub(r"[*_`<>]", lambda found: "\\" + found[0], reason) or "-"


def rows_on(page: str) -> list[tuple[str, str, str]]:
    """Provider, kind and outcome of each row of a page."""
    found, provider = [], ""
    for line in page.splitlines():
        if line.startswith("## "):
            provider = line[3:]
        cells = re.split(r" (?<!\\)\| ", line.strip("| "))
        if provider and len(cells) == 3 and cells[0] not in ("What comes", "---"):
            found.append((provider, cells[0], cells[1]))
    return found


def main() -> int:
    return write_page(PAGE, lambda: page_of(played()), lambda page: len(rows_on(page)))


if __name__ == "__main__":
    sys.exit(main())
