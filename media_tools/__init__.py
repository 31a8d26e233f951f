"""Media work and provider adapters. Knows no models and no settings."""

VERSION = "1.0.0rc1"
