"""The offline writer's material: words, lines and facts of style, written by hand.

themes/: what a song can be about, one module a theme. endings.py: phrases that end a line, by
rhyme. templates.py: lines with gaps, in six roles. genres.py: what fits a genre. names.py: parts
of artists' names. pronunciations.py: how the words sound. wordlists.py: clichés, explicit words
and real artists to keep away from. model.py explains the notation.
"""
