"""Take costs out of the ledger that nobody can believe, and out of what was summed up from them.

They made the ledger's pages fail and used every budget up. Rows are only updated here, never read:
reading such an amount is what fails on SQLite.
"""

from __future__ import annotations

from decimal import Decimal

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F, OuterRef, Q, Subquery, Sum, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat, Trim

LARGEST_USD = Decimal(100_000)


def mend(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    call_model, run_model = apps.get_model("runs", "ProviderCall"), apps.get_model("runs", "Run")
    database = schema_editor.connection.alias
    calls = call_model.objects.using(database)
    unbelievable = ~Q(cost_usd__range=(0, LARGEST_USD)) | ~Q(committed_usd__range=(0, LARGEST_USD))
    runs = list(
        calls.filter(unbelievable, run__isnull=False).values_list("run", flat=True).distinct()
    )
    calls.filter(unbelievable).update(
        error=Trim(
            Concat(
                F("error"),
                Value(" Its cost of "),
                Cast("cost_usd", TextField()),
                Value(" USD cannot be believed and was taken out of the ledger."),
                output_field=TextField(),
            )
        ),
        cost_usd=0,
        committed_usd=0,
    )
    spent = (
        calls.filter(run=OuterRef("pk")).order_by().values("run").values(sum=Sum("committed_usd"))
    )
    run_model.objects.using(database).filter(pk__in=runs).update(
        cost_usd=Coalesce(Subquery(spent), Decimal(0))
    )
    files = apps.get_model("runs", "Artifact").objects.using(database)
    files.filter(run__in=runs).exclude(cost_usd__range=(-LARGEST_USD, LARGEST_USD)).update(
        cost_usd=0
    )
    cost_of_run = run_model.objects.using(database).filter(pk=OuterRef("run_id"))
    assignments = apps.get_model("experiments", "Assignment").objects.using(database)
    assignments.filter(run_id__in=runs).update(cost_usd=Subquery(cost_of_run.values("cost_usd")))


class Migration(migrations.Migration):
    dependencies = [
        ('runs', '0001_initial'),
        ("experiments", "0001_initial"),
    ]

    operations = [migrations.RunPython(mend, migrations.RunPython.noop)]
