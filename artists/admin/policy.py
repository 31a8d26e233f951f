"""Admin of the lifecycle policies: what each risks, and what it would have done so far."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin

from ai_artist.kit.admin import LongListMixin, PageContextMixin
from ai_artist.kit.values import percent
from artists.admin.forms import PolicyForm
from artists.lifecycle import risk
from artists.lifecycle.replay import RosterReplay, replay_roster
from artists.models import Artist, LifecyclePolicy

NAMES_SHOWN = 12
# Reading an artist takes four queries, however few runs it has.
MOST_ARTISTS = 100
# The statuses a replay is compared in: (status, words for it).
COMPARED = (
    (Artist.Status.RETIRED, "Retired"),
    (Artist.Status.PAUSED, "Paused"),
    (Artist.Status.EVOLVING, "Evolving"),
)


@admin.register(LifecyclePolicy)
class LifecyclePolicyAdmin(LongListMixin, PageContextMixin, SimpleHistoryAdmin, ModelAdmin):
    empty_words = "A policy says when artists are promoted, paused and retired."
    list_display = (
        "name",
        "is_default",
        "retirement_mode",
        "consecutive_rejections",
        "evolution_mode",
    )
    search_fields = ("name",)
    form = PolicyForm
    warn_unsaved_form = True
    change_form_outer_before_template = "panel/policy.html"
    fieldsets = (
        (None, {"fields": (("name", "is_default"),)}),
        (
            "Retirement",
            {
                "description": (
                    "If an artist is retired at once, bad luck alone can retire a good one; on "
                    "probation more reviewed runs decide."
                ),
                "fields": (
                    ("retirement_mode", "consecutive_rejections"),
                    ("probation_runs", "retire_failed_evolutions"),
                    "retire_paused_days",
                ),
            },
        ),
        (
            "Rates",
            {
                "description": (
                    "A rate counts as too low when that is 90% certain on the last 30 to 50 runs "
                    "of the present profile."
                ),
                "fields": (
                    ("pause_below_rate", "evolve_below_rate"),
                    ("explore_above_rate", "pause_above_error_rate"),
                    ("min_runs", "promote_after_approvals"),
                    ("evaluation_period_days", "pause_inactivity_days"),
                ),
            },
        ),
        (
            "Evolution and offspring",
            {
                "fields": (
                    ("evolution_mode", "evolution_trial_runs"),
                    ("keep_evolution_chance", "offspring_min_approvals"),
                ),
            },
        ),
    )

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        if isinstance(obj, LifecyclePolicy) and obj.is_default:
            return False
        allowed: bool = super().has_delete_permission(request, obj)
        return allowed

    def save_model(
        self, request: HttpRequest, obj: LifecyclePolicy, form: Any, change: bool
    ) -> None:
        """Save one that becomes the default after the others, of which none may be it any more."""
        if obj.is_default:
            for other in LifecyclePolicy.objects.filter(is_default=True).exclude(pk=obj.pk):
                other.is_default = False
                other.save(update_fields=["is_default"])
        super().save_model(request, obj, form, change)

    def page_context(self, request: HttpRequest, obj: LifecyclePolicy) -> dict[str, Any]:
        """Return the risk and the replay; not for a posted form, since a replay takes a second."""
        return risk_and_replay(obj) if request.method == "GET" else {}


def risk_and_replay(policy: LifecyclePolicy) -> dict[str, Any]:
    """Return what a saved policy's page shows above its form."""
    artists = Artist.objects.order_by("-last_run_at", "pk")
    replayed = replay_roster(policy, artists[:MOST_ARTISTS].iterator(chunk_size=50))
    return {
        "policy": policy,
        "risk_horizons": risk.HORIZONS,
        "risk_rows": [
            (f"{line.rate:.0%}", [_chance(chance) for chance in line.chances])
            for line in risk.risk_table(policy)
        ],
        "risk_sentence": risk.sentence(policy),
        "risk_asks": policy.retirement_mode == LifecyclePolicy.RetirementMode.PROPOSE,
        "idle_rules": risk.idle_rules(policy),
        "replay_rows": [
            (words, _names(replayed.that_would(status)), _names(replayed.that_did(status)))
            for status, words in COMPARED
        ],
        "replay_artists": len(replayed.replays),
        "replay_runs": _runs(replayed),
        "replay_left_out": replayed.left_out + max(0, artists.count() - MOST_ARTISTS),
    }


def _chance(chance: float) -> str:
    """Return a chance in whole percent; "under 1" and "over 99" instead of a rounded 0 or 100."""
    if chance < 0.005:
        return "under 1%"
    return "over 99%" if chance >= 0.995 else percent(chance)


def _names(artists: list[Artist]) -> dict[str, Any]:
    return {
        "count": len(artists),
        "artists": artists[:NAMES_SHOWN],
        "more": max(0, len(artists) - NAMES_SHOWN),
    }


def _runs(replayed: RosterReplay) -> int:
    return sum(replay.seen + replay.unseen for replay in replayed.replays)
