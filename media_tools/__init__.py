"""Media work and provider adapters. Knows no models and no settings."""

VERSION = "0.1.0"
