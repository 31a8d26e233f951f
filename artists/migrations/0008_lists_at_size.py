"""Indexes for the lists: as they open, filtered, sorted and searched."""

from django.conf import settings
from django.db import migrations, models

from ai_artist.kit.migrating import AddIndexInUse, add_trigrams, remove_trigrams


SEARCHED = (("artists_artist", "name"), ("artists_lesson", "text"))


def add(apps, schema_editor):
    for table, column in SEARCHED:
        add_trigrams(schema_editor, table, column)


def remove(apps, schema_editor):
    for table, column in SEARCHED:
        remove_trigrams(schema_editor, table, column)


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL builds them while others write

    dependencies = [
        ('artists', '0007_names_as_in_the_menu'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddIndexInUse(
            model_name='artist',
            index=models.Index(fields=['name', 'id'], name='artist_by_name'),
        ),
        AddIndexInUse(
            model_name='artist',
            index=models.Index(fields=['last_run_at', 'id'], name='artist_by_last_run'),
        ),
        AddIndexInUse(
            model_name='artist',
            index=models.Index(condition=models.Q(('autopilot', True)), fields=['name'], name='artist_on_autopilot'),
        ),
        AddIndexInUse(
            model_name='evolution',
            index=models.Index(fields=['-created_at', '-id'], name='evolution_newest'),
        ),
        AddIndexInUse(
            model_name='lesson',
            index=models.Index(fields=['-created_at', '-id'], name='lesson_newest'),
        ),
        AddIndexInUse(
            model_name='lesson',
            index=models.Index(fields=['status', '-created_at', '-id'], name='lesson_by_status'),
        ),
        AddIndexInUse(
            model_name='lesson',
            index=models.Index(fields=['source', '-created_at', '-id'], name='lesson_by_source'),
        ),
        AddIndexInUse(
            model_name='lesson',
            index=models.Index(fields=['strength', 'id'], name='lesson_by_strength'),
        ),
        AddIndexInUse(
            model_name='lesson',
            index=models.Index(fields=['last_seen_at', 'id'], name='lesson_by_last_seen'),
        ),
        AddIndexInUse(
            model_name='performanceentry',
            index=models.Index(condition=models.Q(('suspicious', True)), fields=['-at', '-id'], name='performance_suspicious'),
        ),
        AddIndexInUse(
            model_name='statuschange',
            index=models.Index(fields=['to_status', '-at', '-id'], name='statuschange_by_status'),
        ),
        migrations.RunPython(add, remove),
    ]
