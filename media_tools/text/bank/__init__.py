"""The offline writer's material, written by hand and kept as data in `assets/words/`.

themes: what a song can be about. genres: what fits a genre. voices: how an artist writes. lexicon:
kinds of nouns and the words that go with them. templates: lines with gaps, by their job in a
section. words: names, backstories, hooks, stories, and words to avoid. model.py holds the
dataclasses and explains the notation.
"""
