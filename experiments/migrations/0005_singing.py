from django.db import migrations, models

CHOICES = [
    ("music_prompt_prefix", "Music prompt prefix"),
    ("tempo_range", "Tempo range"),
    ("visual_style", "Visual style"),
    ("cover_style", "Cover style"),
    ("lyric_form", "Lyric form"),
    ("temperature", "Temperature"),
    ("trend_probability", "Trend following"),
    ("llm_model", "Language model"),
    ("singing", "Singing"),
]


class Migration(migrations.Migration):
    dependencies = [("experiments", "0004_remove_experiment_mode")]

    operations = [
        migrations.AlterField(
            "experiment", "parameter", models.CharField(choices=CHOICES, max_length=40)
        ),
        migrations.AlterField(
            "promotion", "parameter", models.CharField(choices=CHOICES, max_length=40)
        ),
    ]
