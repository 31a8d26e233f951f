"""Releases on their way out to channels, watched while they are out, and taken back with proof."""
