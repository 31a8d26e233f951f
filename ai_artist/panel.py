"""The admin site of the product."""

from __future__ import annotations

from unfold.sites import UnfoldAdminSite


class PanelSite(UnfoldAdminSite):
    """Staff only; groups decide what each may do."""
