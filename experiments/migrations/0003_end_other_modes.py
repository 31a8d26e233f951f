"""Tell experiments of the open-ended and the bandit mode that a planned size decides them now."""

from django.db import migrations
from django.utils import timezone


def say_so(apps, schema_editor):
    """Experiments of the old modes keep their runs; running bandits, whose arms are uneven, pause."""
    experiments = apps.get_model("experiments", "Experiment")
    events = apps.get_model("experiments", "ExperimentEvent")
    for experiment in experiments.objects.filter(mode__in=["open", "bandit"]).exclude(
        status="concluded"
    ):
        pauses = experiment.mode == "bandit" and experiment.status == "running"
        if pauses:
            experiments.objects.filter(pk=experiment.pk).update(status="paused")
        message = (
            f"Its mode ({experiment.mode}) is no longer offered: it is decided at its planned size, "
            f"{experiment.planned_runs_per_arm} runs per arm."
        )
        if pauses:
            message += " Paused, because its arms have uneven numbers of runs: look, then resume."
        events.objects.create(
            experiment=experiment,
            at=timezone.now(),
            kind="paused" if pauses else "announced",
            message=message,
            figures={},
        )


class Migration(migrations.Migration):
    dependencies = [('experiments', '0002_wider_costs')]

    operations = [
        migrations.RunPython(say_so, migrations.RunPython.noop),
    ]
