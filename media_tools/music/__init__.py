"""Who makes the music."""

# The names by which settings and artists choose a provider.
PROVIDERS = ("local", "suno", "elevenlabs", "acestep", "replicate", "import")
# The same as people write them.
NAMES = {
    "local": "The local engine",
    "suno": "Suno",
    "elevenlabs": "ElevenLabs",
    "acestep": "ACE-Step",
    "replicate": "Replicate",
    "import": "Imported files",
}
