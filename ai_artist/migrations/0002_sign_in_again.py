"""Ends all sessions once: those from before the lists would be missing there."""

from django.db import migrations


def end_sessions(apps, schema_editor):
    sessions = apps.get_model("sessions", "Session").objects.using(schema_editor.connection.alias)
    sessions.all().delete()


class Migration(migrations.Migration):
    dependencies = [
        ("ai_artist", "0001_initial"),
        ("sessions", "0001_initial"),
        ("usersessions", "0001_initial"),
    ]
    operations = [migrations.RunPython(end_sessions, migrations.RunPython.noop)]
