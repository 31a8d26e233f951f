"""The public pages and feeds of what is out: static files, written to a folder."""
