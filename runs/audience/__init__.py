"""Audience figures of platforms and distributors: files in, performance history out."""
