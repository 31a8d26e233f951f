"""Benchmark of covers."""

from __future__ import annotations

from ai_artist.benchmarks.measuring import Result, cost_of_python, median_cpu_s
from media_tools.images.families import FAMILIES

COVER = """
import pathlib, tempfile
from media_tools.images.cover import CoverRequest, render_cover
request = CoverRequest(
    title="Neon Rivers", artist="Benchmark", genre="synthwave",
    palette=("#0b0620", "#3a1663", "#d2347f", "#ffd39b"), style="wet neon streets", seed={seed},
    family={family!r},
)
with tempfile.TemporaryDirectory() as name:
    render_cover(request, pathlib.Path(name) / "cover.jpg")
"""


def cover() -> Result:
    """A 3000 x 3000 cover of every family, start-up included."""
    costs = [
        cost_of_python(COVER.format(seed=seed, family=family))
        for seed, family in enumerate(FAMILIES)
    ]
    return Result(
        "cover",
        {
            "cpu_s_median": median_cpu_s(costs),
            "cpu_s_max": max(cost.cpu_s for cost in costs),
            "peak_mib": max(cost.peak_mib for cost in costs),
        },
    )
