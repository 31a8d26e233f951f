"""Which crons are taken."""

from __future__ import annotations

import pytest

from runs.work.crons import BadCron, require_cron


@pytest.mark.parametrize(
    "cron",
    [
        "0 6 * * *",
        "0 6,18 * * *",
        "30 2 * * mon-fri",
        "*/5 * * * *",
        "0 6 L * *",
        "0 0 29 2 *",
        "0 0 29 2 mon",  # 29 February, and every Monday of February
        "@daily",
    ],
)
def test_a_cron_that_comes_is_taken(cron: str) -> None:
    require_cron(cron)


@pytest.mark.parametrize(
    "cron",
    [
        "0 6 31 2 *",
        "0 6 30 2 mon#5",
        "0 6 31 4,6,9,11 *",
        "0 6 29 2 mon#5",  # both must fit: every 28 years
        "0 6 * * * 30",  # seconds
        "0 6 * * * 0 2030",  # a year
        "@reboot",
        "60 * * * *",
        "0 24 * * *",
        "*/0 * * * *",
        "0 6 * *",
        "",
        "   ",
        "every morning",
        "٠ 6 * * *",
        "\uff10 6 * * *",
        "R R * * *",
        "H H * * *",
        "0 6 * * *\x00",
        f"{'9' * 50} 6 * * *",
        "1," * 60 + "1 * * * *",
    ],
)
def test_a_cron_that_never_comes_or_cannot_be_read_is_refused(cron: str) -> None:
    with pytest.raises(BadCron):
        require_cron(cron)
