"""Counts rows and opens every address of the panel: `python -m tests.upgrades.open_pages`.

Prints {"rows": by table, "pages": status by name} as JSON, of a migrated database.
"""

from __future__ import annotations

import json

from manage import load_apps


def main() -> None:
    load_apps()
    from django.apps import apps
    from django.contrib.auth.models import User
    from django.test import Client

    from tests.addresses import addresses

    browser = Client(headers={"host": "localhost"})
    browser.force_login(User.objects.filter(is_superuser=True).earliest("pk"))
    rows = {model._meta.db_table: model._base_manager.count() for model in apps.get_models()}
    pages = {page.name: browser.get(page.url).status_code for page in addresses()}
    print(json.dumps({"rows": rows, "pages": pages}))


if __name__ == "__main__":
    main()
