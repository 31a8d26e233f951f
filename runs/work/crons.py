"""Checks cron expressions for schedules."""

from __future__ import annotations

import re
from datetime import datetime

from croniter import CroniterBadDateError, croniter

LONGEST = 100  # characters, the length of django-q2's column
# 29 February may be eight years away; anything rarer is a typing error.
LONGEST_GAP_YEARS = 8
# A fixed start, so that the answer does not depend on the day the question is asked.
LOOK_FROM = datetime(2000, 1, 1)
# croniter replaces R and H by random numbers, new ones each time it reads the expression.
RANDOM_PART = re.compile(r"(?<![a-z])[rh](?![a-z])", re.IGNORECASE)


class BadCron(ValueError):
    """A cron expression that a schedule cannot follow; the message says why."""


def require_cron(expression: str) -> None:
    """Raise BadCron for what django-q2 cannot follow: one such row stops all other schedules."""
    if len(expression) > LONGEST:
        raise BadCron(f"it has {len(expression)} characters, {LONGEST} are possible")
    if not expression.isascii() or RANDOM_PART.search(expression):
        raise BadCron("use digits, names of days and months, and * , - / only")
    try:
        fields = croniter.expand(expression)[0]
        if len(fields) != 5:
            raise BadCron("schedules know no seconds and no years; write five fields")
        looks = croniter(expression, LOOK_FROM, max_years_between_matches=LONGEST_GAP_YEARS)
        looks.get_next(datetime)
    except CroniterBadDateError as error:
        raise BadCron(
            f"it never comes, or not once in {LONGEST_GAP_YEARS} years; look at its day and month"
        ) from error
    except BadCron:
        raise
    except ValueError as error:
        raise BadCron("it is no cron expression; write five fields such as “0 6 * * *”") from error
