"""An experiment on one artist becomes one on a list of artists."""

from typing import Any

from django.db import migrations, models


def list_the_artist(apps: Any, schema_editor: Any) -> None:
    experiments = apps.get_model("experiments", "Experiment").objects.exclude(artist=None)
    for experiment in experiments.only("artist"):
        experiment.artists.add(experiment.artist_id)


def keep_the_first(apps: Any, schema_editor: Any) -> None:
    for experiment in apps.get_model("experiments", "Experiment").objects.exclude(artists=None):
        experiment.artist = experiment.artists.order_by("pk").first()
        experiment.save(update_fields=["artist"])


class Migration(migrations.Migration):
    dependencies = [
        ("artists", "0007_names_as_in_the_menu"),
        ("experiments", "0007_genres"),
    ]

    operations = [
        migrations.RemoveConstraint("experiment", "experiment_one_running_a_parameter"),
        migrations.RemoveConstraint("experiment", "experiment_one_running_an_artist"),
        migrations.RemoveConstraint("experiment", "experiment_of_an_artist_or_a_genre"),
        migrations.AddField(
            model_name="experiment",
            name="artists",
            field=models.ManyToManyField(
                blank=True,
                help_text="Only runs of these artists take part; empty: the whole roster's.",
                related_name="+",
                to="artists.artist",
            ),
        ),
        migrations.RunPython(list_the_artist, keep_the_first),
        migrations.RemoveField("experiment", "artist"),
        migrations.AlterField(
            model_name="experiment",
            name="artists",
            field=models.ManyToManyField(
                blank=True,
                help_text="Only runs of these artists take part; empty: the whole roster's.",
                related_name="experiments",
                to="artists.artist",
            ),
        ),
        migrations.AlterField(
            model_name="experiment",
            name="genre",
            field=models.CharField(
                blank=True,
                help_text="Without artists: only runs of artists of this genre take part.",
                max_length=40,
            ),
        ),
    ]
