from django.apps import AppConfig


class RunsConfig(AppConfig):
    name = "runs"
    verbose_name = "Production"

    def ready(self) -> None:
        # Models can be imported from here on only.
        from runs.work.schedules import plan_crons_in_utc

        plan_crons_in_utc()
