"""Counts rows and opens every address of the panel, of a migrated database."""

from __future__ import annotations

from typing import Any


def open_pages() -> dict[str, Any]:
    """Return the number of rows by table and the status by the page's name."""
    # Here and not above: the apps may not be loaded yet.
    from django.apps import apps
    from django.contrib.auth.models import User
    from django.test import Client

    from tests.addresses import addresses

    browser = Client(headers={"host": "localhost"})
    browser.force_login(User.objects.filter(is_superuser=True).earliest("pk"))
    rows = {model._meta.db_table: model._base_manager.count() for model in apps.get_models()}
    pages = {page.name: browser.get(page.url).status_code for page in addresses()}
    return {"rows": rows, "pages": pages}
