"""The offline writer's material, written by hand and kept as data in `assets/words/`.

themes: what a song can be about. genres: what fits a genre. endings: phrases that end a line, by
rhyme. templates: lines with gaps, in six roles. words: names, backstories, titles, and words to
avoid. model.py holds the dataclasses and explains the notation.
"""
