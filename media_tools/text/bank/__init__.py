"""The offline writer's material, written by hand and kept as data in `assets/words/`.

songbooks: couplets and choruses, by their job in a song. themes: what a song can be about. genres:
what fits a genre. voices: what an artist's songs are about. words: names, backstories, hooks,
stories, and words to avoid. model.py holds the dataclasses they share.
"""
