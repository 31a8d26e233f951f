"""Approved runs without a bundle are to be packed; before, the sweep looked for them."""

from django.db import migrations
from django.utils import timezone


def ask_for_bundles(apps, schema_editor):
    Run = apps.get_model("runs", "Run")
    Packing = apps.get_model("runs", "Packing")
    in_grace = Run.objects.filter(
        reviews__undone_at=None, reviews__effective_at__isnull=False, reviews__applied_at=None
    )
    approved = Run.objects.filter(status="approved", release=None).exclude(pk__in=in_grace)
    now = timezone.now()
    Packing.objects.bulk_create(
        (Packing(run_id=pk, due_at=now) for pk in approved.values_list("pk", flat=True)),
        batch_size=1000,
    )


class Migration(migrations.Migration):
    dependencies = [('runs', '0006_packing_and_sent_forms')]

    operations = [migrations.RunPython(ask_for_bundles, migrations.RunPython.noop)]
