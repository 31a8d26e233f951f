"""What every command and every worker loads before it does anything."""

from __future__ import annotations

import json
import subprocess
import sys

from django.conf import settings

# Each takes a second or tens of megabytes; only the code that needs one loads it.
HEAVY = ["boto3", "moviepy", "onnxruntime", "openai", "scipy.signal", "scipy.stats"]


def test_nothing_heavy_is_loaded_before_it_is_needed() -> None:
    script = (
        "import json, sys, django; django.setup();"
        "from django.contrib import admin; admin.autodiscover();"
        f"print(json.dumps([name for name in {HEAVY} if name in sys.modules]))"
    )

    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=settings.BASE_DIR,
        env={"DJANGO_SETTINGS_MODULE": "ai_artist.settings", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(done.stdout) == []
