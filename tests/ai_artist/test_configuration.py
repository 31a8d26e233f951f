"""The table of settings, and what is printed from it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from ai_artist.configuration import GROUPS, SETTINGS, configuration_page, env_example, unknown_names

ROOT = Path(settings.BASE_DIR)


def test_configuration_page_is_current() -> None:
    assert (ROOT / "docs" / "configuration.md").read_text() == configuration_page()


def test_env_example_is_current() -> None:
    assert (ROOT / ".env.example").read_text() == env_example()


@pytest.mark.parametrize(
    ("arguments", "page"), [([], configuration_page), (["--env-example"], env_example)]
)
def test_describe_settings_prints_the_page(arguments: list[str], page) -> None:
    printed = StringIO()

    call_command("describe_settings", *arguments, stdout=printed)

    assert printed.getvalue() == page()


def test_every_setting_is_named_once_and_explained() -> None:
    names = [setting.name for group in GROUPS for setting in group.settings]

    assert len(names) == len(SETTINGS)
    assert all(setting.help.endswith(".") for setting in SETTINGS.values())


def test_unknown_name_is_answered_with_the_nearest_known_one() -> None:
    assert unknown_names(["AI_ARTIST_BATCHSIZE", "AI_ARTIST_MUSIC", "PATH"]) == [
        "AI_ARTIST_BATCHSIZE is not a setting of this product; did you mean AI_ARTIST_BATCH_SIZE?"
    ]


def test_unknown_name_stops_every_command_with_exit_code_2() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "doctor"],
        cwd=ROOT,
        env={**os.environ, "AI_ARTIST_LEASES": "120"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert done.stderr == (
        "Configuration error: AI_ARTIST_LEASES is not a setting of this product; "
        "did you mean AI_ARTIST_LEASE_S?\n"
    )


def test_docs_and_deployment_name_only_settings_that_exist() -> None:
    files = [ROOT / "README.md", *ROOT.glob("docs/*.md"), *(ROOT / "deploy").iterdir()]
    named = {
        name for path in files for name in re.findall(r"\bAI_ARTIST_[A-Z0-9_]+\b", path.read_text())
    }

    assert named - set(SETTINGS) == set()
    assert "AI_ARTIST_X_ACCEL_PREFIX" in named
