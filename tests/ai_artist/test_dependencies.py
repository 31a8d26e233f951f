"""Every package has its line in docs/dependencies.md, and its version and hashes in a lock file."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(settings.BASE_DIR)
NAME = re.compile(r"^([A-Za-z0-9_.-]+)", re.MULTILINE)


def required() -> set[str]:
    names: set[str] = set()
    for path in ROOT.glob("requirements*.txt"):
        lines = [line for line in path.read_text().splitlines() if not line.startswith(("#", "-r"))]
        names |= {match.lower() for match in NAME.findall("\n".join(lines))}
    return names | set(json.loads((ROOT / "package.json").read_text())["devDependencies"])


def explained() -> dict[str, list[str]]:
    """The table's cells by package name."""
    page = (ROOT / "docs" / "dependencies.md").read_text()
    rows = {}
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split("|")]
        if match := re.fullmatch(r"`([^`]+)`", cells[0]):
            rows[match.group(1).lower()] = cells[1:]
    return rows


def test_every_required_package_is_explained_and_no_other() -> None:
    assert set(explained()) == required()


def test_every_package_has_a_licence_and_a_reason() -> None:
    assert all(len(cells) == 2 and all(cells) for cells in explained().values())


LOCKS = {
    "requirements.lock": ["requirements.txt", "requirements-server.txt"],
    "requirements-voice.lock": ["requirements.txt", "requirements-voice.txt"],
    "requirements-dev.lock": [path.name for path in ROOT.glob("requirements*.txt")],
}


def locked(name: str) -> dict[str, tuple[Version, int]]:
    """Version and number of hashes by package."""
    found = {}
    for entry in re.split(r"\n(?=\S)", (ROOT / name).read_text()):
        if match := re.match(r"([a-z0-9._-]+)(?:\[[^]]*\])?==([^\s;]+)", entry):
            found[match[1]] = (Version(match[2]), entry.count("--hash=sha256:"))
    return found


def wanted(name: str) -> list[Requirement]:
    lines = (ROOT / name).read_text().splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith(("#", "-r"))]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_fits_what_people_ask_for(lock: str) -> None:
    versions = locked(lock)

    unmet = [
        str(requirement)
        for name in LOCKS[lock]
        for requirement in wanted(name)
        if requirement.name.lower() not in versions
        or versions[requirement.name.lower()][0] not in requirement.specifier
    ]

    assert unmet == [], "run `make lock`"
    assert all(hashes for _, hashes in versions.values())


def test_the_locks_agree_with_each_other() -> None:
    everything = locked("requirements-dev.lock")

    for lock in LOCKS:
        assert {name: found[0] for name, found in locked(lock).items()}.items() <= {
            name: found[0] for name, found in everything.items()
        }.items()


def test_a_lock_names_no_index() -> None:
    assert not [lock for lock in LOCKS if "://" in (ROOT / lock).read_text()]
