"""Measurements behind figures of the docs: `python -m tests.benchmarks NAME`.

What the product promises to measure on any machine is `manage.py benchmark`.
"""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import asdict

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ai_artist.settings")
    django.setup()
    from django.conf import settings

    from tests.benchmarks import (
        arrangement,
        bundles,
        catalogue,
        changelist,
        channels,
        decisions,
        embedded,
        endurance,
        films,
        hosts,
        learning,
        lyrics,
        pacing,
        pages,
        publishing,
        ranking,
        singing,
        site,
        tone,
        tracks,
        words,
    )
    from tests.benchmarks import watermark as marks
    from tests.benchmarks import whole_run as run

    benchmarks = {
        "arrangement": lambda: arrangement.arrangement(str(settings.SOUNDFONT)),
        "bundles": bundles.bundles,
        "catalogue": catalogue.catalogue,
        "changelist": changelist.changelist,
        "channels": channels.channels,
        "cover": embedded.cover,
        "decisions": decisions.decisions,
        "endurance": endurance.endurance,
        "films": films.films,
        "hosts": hosts.hosts,
        "learning": learning.learning,
        "lyrics": lyrics.lyrics,
        "pacing": pacing.pacing,
        "pages": pages.pages,
        "publishing": publishing.publishing,
        "ranking": ranking.ranking,
        "run": run.whole_run,
        "singing": lambda: singing.singing(str(settings.SOUNDFONT)),
        "tone": tone.tone,
        "tracks": tracks.tracks,
        "watermark": lambda: marks.watermark(str(settings.SOUNDFONT)),
        "site": site.site,
        "words": words.words,
    }
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=sorted(benchmarks))
    print(json.dumps(asdict(benchmarks[parser.parse_args().name]()), indent=2))


if __name__ == "__main__":
    main()
