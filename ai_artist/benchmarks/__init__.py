"""Benchmarks: speed as figures, and as ratios measured in one run: `manage.py benchmark NAME`."""
