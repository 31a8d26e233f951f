"""Finds the policy that judges an artist; makes the default one."""

from __future__ import annotations

import itertools

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ValidationError

from artists.models import Artist, LifecyclePolicy


def default_policy() -> LifecyclePolicy:
    """Return the default policy, made from settings.POLICY_DEFAULTS if there is none yet.

    Raises ImproperlyConfigured if the settings contradict each other.
    """
    default = LifecyclePolicy.objects.filter(is_default=True).first()
    if default:
        return default
    policy = LifecyclePolicy(name=_free_policy_name(), is_default=True, **settings.POLICY_DEFAULTS)
    try:
        policy.full_clean(validate_unique=False, validate_constraints=False)
        policy.validate_constraints(exclude={"is_default"})
    except ValidationError as error:
        raise ImproperlyConfigured(
            f"The lifecycle settings make no valid policy: {'; '.join(error.messages)} "
            "Correct them in the environment."
        ) from error
    values = {"name": policy.name, **settings.POLICY_DEFAULTS}
    # get_or_create: another process may make it at the same moment.
    return LifecyclePolicy.objects.get_or_create(is_default=True, defaults=values)[0]


def policy_of(artist: Artist) -> LifecyclePolicy:
    """Return the artist's own policy, or else the default one."""
    return artist.policy or default_policy()


def _free_policy_name() -> str:
    taken = set(LifecyclePolicy.objects.values_list("name", flat=True))
    names = itertools.chain(["Default"], (f"Default {number}" for number in itertools.count(2)))
    return next(name for name in names if name not in taken)
