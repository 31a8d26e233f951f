"""Who makes the music."""

# The names by which settings and artists choose a provider.
PROVIDERS = ("local", "suno", "elevenlabs", "acestep", "replicate", "import")
