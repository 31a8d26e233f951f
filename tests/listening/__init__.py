"""Instruments nobody here wrote, for judging finished tracks; each file says what it needs."""
