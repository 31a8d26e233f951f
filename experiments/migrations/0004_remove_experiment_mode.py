from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [('experiments', '0003_end_other_modes')]

    operations = [migrations.RemoveField("experiment", "mode")]
