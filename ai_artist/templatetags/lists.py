"""The path to a page, and the tools above a list: saved filters, the export."""

from __future__ import annotations

from typing import Any

from django import template

register = template.Library()


@register.inclusion_tag("panel/_list_tools.html", takes_context=True)
def list_tools(context: dict[str, Any], changelist: Any) -> dict[str, Any]:
    """Return what the tools of a list show this person."""
    # The theme loads all tags before the models are there.
    from ai_artist.lists.saved import chips, query_of

    request, opts = context["request"], changelist.opts
    query = query_of(request.GET)
    shown = chips(request.user, opts.label_lower, query)
    return {
        "chips": shown,
        "query": query,
        "may_save": query and not any(chip.lit for chip in shown),
        "app": opts.app_label,
        "model": opts.model_name,
        "rows": changelist.result_count,
        "csrf_token": context.get("csrf_token"),
    }


@register.filter
def as_in_the_menu(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the path to a page with its group of the menu in the place of its app."""
    from ai_artist.site import group_of

    if len(parts) > 1 and (group := group_of(str(parts[1]["link"]))):
        return [{"title": group, "link": ""}, *parts[1:]]
    return parts
