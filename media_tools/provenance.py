"""Where a file came from: the record each artifact carries."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

# IPTC NewsCodes "Digital Source Type", https://cv.iptc.org/newscodes/digitalsourcetype/, by what
# made it: alone, and together with material of people.
SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_ALONE = {"ai": "trainedAlgorithmicMedia", "algorithm": "algorithmicMedia"}
_MIXED = {"ai": "compositeWithTrainedAlgorithmicMedia", "algorithm": "compositeSynthetic"}
MADE_BY_PEOPLE = SOURCE_TYPES + "digitalCreation"
# Of several elements, of which a model may have made some, or none.
COMPOSITE = SOURCE_TYPES + "composite"


@dataclass(frozen=True)
class Provenance:
    """How a file was made, for the ledger, the reviewer and the AI disclosure.

    provider: "local", "suno" ...; model: engine and version; licence: SPDX id or the
    provider's terms in words; generator: "ai", "algorithm" or "human".
    """

    provider: str
    model: str
    licence: str
    generator: str = "algorithm"
    author: str = ""
    source_url: str = ""
    prompt: str = ""
    seed: int | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def made_from(made_with: Provenance, *sources: Provenance) -> Provenance:
    """The provenance of a file made out of others: every provider, licence, author and page.

    made_with: of the making itself; its prompt and seed stay. What a model made stays "ai".
    """
    parts = (made_with, *sources)

    def together(name: str) -> str:
        texts = (text for part in parts for text in getattr(part, name).split("; "))
        return "; ".join(dict.fromkeys(filter(None, texts)))

    return replace(
        made_with,
        provider=together("provider"),
        licence=together("licence"),
        author=together("author"),
        source_url=together("source_url"),
        generator="ai" if any(part.generator == "ai" for part in parts) else made_with.generator,
    )


def digital_source_type(generator: str, *, mixed: bool = False) -> str:
    """IPTC's address for what an "ai" or an "algorithm" made. mixed: with material of people."""
    return SOURCE_TYPES + (_MIXED if mixed else _ALONE)[generator]
