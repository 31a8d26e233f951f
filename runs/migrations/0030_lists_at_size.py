"""Indexes for the lists: as they open, filtered, sorted and searched."""

from django.conf import settings
from django.db import migrations, models

from ai_artist.kit.migrating import AddIndexInUse


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL builds them while others write

    dependencies = [
        ('artists', '0008_lists_at_size'),
        ('runs', '0029_master_files'),
        ('trends', '0002_newest_first_indexes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddIndexInUse(
            model_name='artifact',
            index=models.Index(fields=['kind', '-created_at', '-id'], name='artifact_by_kind'),
        ),
        AddIndexInUse(
            model_name='proposal',
            index=models.Index(fields=['-created_at', 'id'], name='proposal_newest'),
        ),
        AddIndexInUse(
            model_name='providercall',
            index=models.Index(condition=models.Q(('status', 'succeeded'), _negated=True), fields=['status', '-created_at', '-id'], name='providercall_not_succeeded'),
        ),
        AddIndexInUse(
            model_name='providercall',
            index=models.Index(condition=models.Q(('external_id', ''), _negated=True), fields=['external_id'], name='providercall_by_job'),
        ),
        AddIndexInUse(
            model_name='reflection',
            index=models.Index(fields=['-created_at', '-id'], name='reflection_newest'),
        ),
        AddIndexInUse(
            model_name='release',
            index=models.Index(fields=['title', 'id'], name='release_by_title'),
        ),
        AddIndexInUse(
            model_name='release',
            index=models.Index(condition=models.Q(('kind', 'single'), _negated=True), fields=['kind', '-created_at', '-id'], name='release_of_several'),
        ),
        AddIndexInUse(
            model_name='run',
            index=models.Index(fields=['title', 'id'], name='run_by_title'),
        ),
        AddIndexInUse(
            model_name='run',
            index=models.Index(fields=['cost_usd', 'id'], name='run_by_cost'),
        ),
        AddIndexInUse(
            model_name='artifact',
            index=models.Index(condition=models.Q(('purged_at__isnull', True), ('superseded_at__isnull', False)), fields=['superseded_at'], name='artifact_replaced'),
        ),
    ]
