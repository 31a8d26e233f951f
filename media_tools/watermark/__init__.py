"""A watermark: an inaudible mark in a track's sound that carries 32 bits, found again by its key.

It raises and lowers small patches of the spectrum by fractions of a decibel, in a pattern
that only the key tells from chance. `embed.marked_master` writes it, `detect.find_watermarks` looks
for it.
"""
