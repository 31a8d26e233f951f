"""What the palette (Ctrl+K) finds, and what it offers to do.

Nothing is done by it: an action leads to the page, or to the question, on which it is done.
"""

from ai_artist.palette.result import Page, Result
from ai_artist.palette.results import find

__all__ = ["Page", "Result", "find"]
