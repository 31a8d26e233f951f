"""What an operator states about a song that is brought from outside."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from media_tools.foreign import Refused
from media_tools.side_files import texts_of

NAME = "import"  # of the provider that waits for such songs
TAKEN = "taken"  # folder in the inbox
MAX_UPLOAD_BYTES = 500_000_000
GENERATORS = ("human", "ai", "algorithm")
NOT_DECLARED = "not declared: the operator has recorded no rights to this file"


@dataclass(frozen=True)
class Declaration:
    """What an operator states about a file. generator: "human", "ai" or "algorithm".

    model: what made it, such as "Suno V6, own Premier account". licence: the rights statement.
    """

    generator: str = "human"
    licence: str = NOT_DECLARED
    author: str = ""
    model: str = ""
    source_url: str = ""

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Raises Refused that says which field is wrong."""
        found = cls(**texts_of(data, cls.names()))
        if found.generator not in GENERATORS:
            raise Refused(f"generator has to be one of {', '.join(GENERATORS)}")
        return found

    @classmethod
    def names(cls) -> tuple[str, ...]:
        return tuple(field.name for field in fields(cls))

    def as_json(self) -> dict[str, str]:
        return asdict(self)
