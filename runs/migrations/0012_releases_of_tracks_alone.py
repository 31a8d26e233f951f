"""What tracks and codes hold now goes from releases, and bundles are due by release."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runs", "0011_singles_of_earlier_releases")]

    operations = [
        migrations.RemoveField("release", "run"),
        migrations.RemoveField("release", "isrc"),
        migrations.AlterField(
            "release",
            "artist",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="releases",
                to="artists.artist",
            ),
        ),
        migrations.AlterField("release", "title", models.CharField(max_length=120)),
        migrations.DeleteModel("Packing"),
        migrations.RenameModel("ReleasePacking", "Packing"),
        migrations.AlterField(
            "packing",
            "release",
            models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                primary_key=True,
                related_name="packing",
                serialize=False,
                to="runs.release",
            ),
        ),
        migrations.AddIndex("packing", models.Index(fields=["due_at"], name="packing_due")),
    ]
