"""Writes docs/provider-errors.md from the tests: `python -m tests.contract_servers.error_table`.

Every test of an error row carries

    @pytest.mark.provider_error(adapter="suno", row="429 ...", outcome="ProviderUnavailable")

The marked tests are run; the message shown to the operator is that of the last error of that class
made in the test. `--check` writes nothing and fails if the page would change.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from media_tools.errors import ProviderError

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "provider-errors.md"

RETRIED = {
    "ProviderUnavailable": "later, by itself",
    "ProviderRejected": "no",
    "NeedsPerson": "no; somebody has to act there first",
    "SubmissionUnknown": "never by itself; a person resolves it",
    "JobFailed": "later, by a new submission",
    "JobRefused": "no; a person's retry submits anew",
}
# At a channel an item costs nothing and can be looked for.
RETRIED_AT_CHANNELS = {
    **RETRIED,
    "ProviderUnavailable": "later, by itself; what was sent is not sent again",
    "SubmissionUnknown": "later, if it is not found at the channel",
}
HEAD = """# What each provider's errors lead to

Made from the tests by `python -m tests.contract_servers.error_table`; do not edit.

- ProviderUnavailable: the run is parked and tries again later, when the provider says if it does.
- ProviderRejected: the run fails with this message; something must change first.
- NeedsPerson: as ProviderRejected, and it is an account that must change: sign in, grant, pay.
- SubmissionUnknown: a paid request may have been taken; it stands in the ledger until a person
  resolves it, and is never sent again by itself. At a channel, where items are published, it is
  looked for there, and sent again only if it is not there.
- JobFailed: a job that was taken ended without a result; the next attempt submits anew.
- JobRefused: as JobFailed, but the same request must not be repeated; the run fails.
"""


@dataclass(frozen=True, order=True)
class Row:
    """One error of one adapter. outcome: an error class, or in words what happens instead.

    channel: the adapter publishes.
    """

    adapter: str
    row: str
    outcome: str
    channel: bool = field(default=False, compare=False)

    @property
    def retried(self) -> str:
        return (RETRIED_AT_CHANNELS if self.channel else RETRIED).get(self.outcome, "-")


def rows_of(item: pytest.Item) -> list[Row]:
    """The rows a test shows. Raises TypeError for a marker with other arguments."""
    return [Row(*mark.args, **mark.kwargs) for mark in item.iter_markers("provider_error")]


class Recorder:
    """A pytest plugin: the rows that were collected, and the messages made in their tests."""

    def __init__(self) -> None:
        self.messages: dict[Row, str] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            self.messages |= dict.fromkeys(rows_of(item), "")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        made: dict[str, str] = {}
        plain = ProviderError.__init__

        def noted(self: ProviderError, *arguments: Any, **details: Any) -> None:
            plain(self, *arguments, **details)
            for parent in type(self).__mro__:
                made[parent.__name__] = str(self)

        ProviderError.__init__ = noted  # type: ignore[method-assign]
        try:
            return (yield)
        finally:
            ProviderError.__init__ = plain  # type: ignore[method-assign]
            for row in rows_of(item):
                self.messages[row] = self.messages[row] or steady(made.get(row.outcome, ""))


def steady(message: str) -> str:
    """A message without what differs from run to run."""
    message = re.sub(r"(127\.0\.0\.1|localhost):\d+", r"\1", message)
    message = re.sub(r"/tmp/\S+/", "", message)
    uuid = r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
    return re.sub(uuid, "…", message)


def marked_files() -> list[str]:
    """Test files with such markers; collecting every other file would only cost time."""
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    return [str(path) for path in files if "mark.provider_error(" in path.read_text("utf-8")]


def collected(*, run: bool) -> dict[Row, str]:
    """Rows with their messages (run), or with empty ones. Raises RuntimeError if a test fails."""
    recorder = Recorder()
    options = ["-q", "--no-header", "-p", "no:cacheprovider", "-m", "provider_error"]
    options += marked_files() if run else ["--collect-only", *marked_files()]
    code = pytest.main(options, plugins=[recorder])
    if code != pytest.ExitCode.OK:
        raise RuntimeError("Tests of error rows fail; the page was not written.")
    return recorder.messages


def page_of(messages: dict[Row, str]) -> str:
    """The page's text. Raises RuntimeError for a row whose error its test never made."""
    silent = [row for row, text in messages.items() if row.outcome in RETRIED and not text]
    if silent:
        raise RuntimeError(f"These tests never made the error they are marked with: {silent}")
    parts = [HEAD]
    for adapter in sorted({row.adapter for row in messages}):
        parts.append(f"\n## {adapter}\n\n| Error | Class | Retried | What the operator reads |")
        parts.append("|---|---|---|---|")
        for row in sorted(row for row in messages if row.adapter == adapter):
            cells = (row.row, row.outcome, row.retried, messages[row] or "-")
            parts.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(parts) + "\n"


def rows_on(page: str) -> set[Row]:
    """The rows a page lists."""
    found, adapter = set(), ""
    for line in page.splitlines():
        if line.startswith("## "):
            adapter = line[3:]
        cells = [cell.replace("\\|", "|") for cell in re.split(r" (?<!\\)\| ", line.strip("| "))]
        if adapter and len(cells) == 4 and cells[0] != "Error":
            found.add(Row(adapter, cells[0], cells[1]))
    return found


def write_page(file: Path, make: Callable[[], str], count: Callable[[str], int]) -> int:
    """The command behind a page that tests make: write it, or with --check only compare.

    make: the page's text; raises RuntimeError where it cannot be made. Returns an exit code.
    """
    parser = argparse.ArgumentParser(description=f"Writes {file.name} from the tests.")
    parser.add_argument("--check", action="store_true", help="only tell whether it is current")
    check = parser.parse_args().check
    try:
        page = make()
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    if check and (not file.exists() or file.read_text(encoding="utf-8") != page):
        print(f"{file.name} is out of date; run this without --check.", file=sys.stderr)
        return 1
    if not check:
        file.write_text(page, encoding="utf-8")
        print(f"{file.name}: {count(page)} rows")
    return 0


def main() -> int:
    return write_page(PAGE, lambda: page_of(collected(run=True)), lambda page: len(rows_on(page)))


if __name__ == "__main__":
    sys.exit(main())
