"""scipy's special functions, loaded at their first use: 0.2 s that few commands need."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import Any

from django.utils.functional import SimpleLazyObject

special: Any = SimpleLazyObject(partial(import_module, "scipy.special"))
