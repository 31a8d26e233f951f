"""The panel's accounts and runs."""

from tests.panel_fixtures import boss, browser_of, new_run

__all__ = ["boss", "browser_of", "new_run"]
