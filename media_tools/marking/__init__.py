"""Marks that say how a media file was made: signed Content Credentials (C2PA), and plain tags."""
