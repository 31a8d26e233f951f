"""Generated pictures that move with the music, one module a style."""
