"""Registers the pages of the experiments app."""

from experiments.admin import experiments, promotions  # noqa: F401 - register their pages
