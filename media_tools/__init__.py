"""Media work and provider adapters. Knows no models and no settings."""
