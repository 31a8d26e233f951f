"""Which policy judges an artist, and where the default one comes from."""

from __future__ import annotations

import itertools

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ValidationError

from artists.models import Artist, LifecyclePolicy


def default_policy() -> LifecyclePolicy:
    """The default policy, made from settings.POLICY_DEFAULTS when there is none yet.

    Raises ImproperlyConfigured when the settings contradict each other.
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
    # get_or_create survives another process that makes it at the same moment.
    return LifecyclePolicy.objects.get_or_create(is_default=True, defaults=values)[0]


def policy_of(artist: Artist) -> LifecyclePolicy:
    """The artist's own policy, else the default."""
    return artist.policy or default_policy()


def _free_policy_name() -> str:
    taken = set(LifecyclePolicy.objects.values_list("name", flat=True))
    names = itertools.chain(["Default"], (f"Default {number}" for number in itertools.count(2)))
    return next(name for name in names if name not in taken)
