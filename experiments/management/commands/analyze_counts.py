"""Check a result by hand: `analyze_counts '[{"name": "A", "approved": 3, "rejected": 7}, ...]'`."""

from __future__ import annotations

from typing import Any

import jsonschema
from django.core.management.base import CommandParser

from ai_artist.kit.commands import JsonCommand, Report, bad_usage
from experiments.analysis import figures_of_counts
from media_tools.foreign import Refused, read_strict_json

COUNT = {"type": "integer", "minimum": 0, "maximum": 10_000_000}
SCHEMA = {
    "type": "array",
    "minItems": 1,
    "maxItems": 20,
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": ["name", "approved", "rejected"],
        "properties": {"name": {"type": "string"}, "approved": COUNT, "rejected": COUNT},
    },
}


class Command(JsonCommand):
    help = (
        "Analyse plain counts with the code that judges experiments: chance to be the best, "
        "expected loss, 95 % interval, posterior mean, and the p-value of the ratio check."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("counts", help='[{"name": "A", "approved": 3, "rejected": 7}, ...]')

    def perform(self, **options: Any) -> Report:
        try:
            counts = read_strict_json(options["counts"])
            jsonschema.validate(counts, SCHEMA)
        except Refused as error:
            raise bad_usage(f"The counts cannot be read: {error}.") from error
        except jsonschema.ValidationError as error:
            raise bad_usage(
                f"The counts do not fit ({error.json_path}): {error.message}"
            ) from error
        figures = figures_of_counts(counts)
        rows = [f"{'arm':<20} {'approved':>12} {'95 % range':>15} {'best':>7} {'loss':>7}"]
        for given, arm in zip(counts, figures["arms"], strict=True):
            low, high = arm["interval"]
            share = f"{given['approved']} of {given['approved'] + given['rejected']}"
            rows.append(
                f"{arm['name']:<20} {share:>12} {low:>7.1%}-{high:>7.1%} "
                f"{arm['chance_best']:>7.1%} {arm['expected_loss']:>7.2%}"
            )
        rows.append(f"Ratio check: p = {figures['srm_p']:.4g}")
        return Report(data=figures, text="\n".join(rows))
