"""Generated pictures that move with the music, one module per style."""
