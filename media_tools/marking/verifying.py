"""What a file says of itself, and whether that can be believed. The file may be anybody's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import c2pa

from media_tools.files import CHUNK_BYTES
from media_tools.foreign import Refused, clean_json, fields, items, label, read_json
from media_tools.marking.credentials import OFFLINE, media_type_of
from media_tools.marking.mark import DISCLOSURE_LABEL
from media_tools.marking.plain import source_type_in

_LONGEST_STATEMENT = 2000
_MOST_CODES = 200
_MOST_INGREDIENTS = 100
_MOST_ASSERTIONS = 200
# Said of every certificate we were given no root for; the state tells it already.
_UNKNOWN_SIGNER = "signingCredential.untrusted"
_TRUSTED = "signingCredential.trusted"


class State(StrEnum):
    TRUSTED = "trusted"
    """Signed and unchanged, by a signer whose root we were given."""
    UNKNOWN_SIGNER = "unknown signer"
    """Signed and unchanged, by whom nobody here can tell."""
    INVALID = "invalid"
    """The file or its credentials were changed after signing, or are broken."""
    UNSIGNED = "not signed"


@dataclass(frozen=True)
class Verdict:
    """What one file says. faults: why it is invalid, by C2PA's codes. contributions: by part."""

    state: State
    signer: str = ""
    source_type: str = ""
    statement: str = ""
    contributions: Mapping[str, Any] | None = None
    ingredients: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def verify_file(path: Path, *, roots_pem: str) -> Verdict:
    """Read a file's marks and check its signature, without the network.

    roots_pem: of the signers to trust. Raises OSError if the file cannot be read.
    """
    options = dict(OFFLINE)
    if roots_pem:
        options |= {
            "verify": {**OFFLINE["verify"], "verify_trust": True},
            "trust": {"trust_anchors": roots_pem},
        }
    try:
        with (
            path.open("rb", CHUNK_BYTES) as source,
            c2pa.Context.from_dict(options) as context,
            c2pa.Reader(media_type_of(path), source, context=context) as reader,
        ):
            report = fields(read_json(reader.json()))
    except (c2pa.C2paError.ManifestNotFound, c2pa.C2paError.NotSupported):
        return Verdict(State.UNSIGNED, source_type=source_type_in(path))
    except (c2pa.C2paError, Refused) as error:
        return Verdict(State.INVALID, faults=(label(str(error)),))
    return _verdict(report)


def _verdict(report: Mapping[str, Any]) -> Verdict:
    manifest = fields(fields(report.get("manifests")).get(label(report.get("active_manifest"))))
    assertions = {
        label(assertion.get("label")): fields(assertion.get("data"))
        for assertion in map(fields, items(manifest.get("assertions"), _MOST_ASSERTIONS))
    }
    actions = items(assertions.get("c2pa.actions.v2", {}).get("actions"), 1)
    created = fields(actions[0]) if actions else {}
    disclosure = assertions.get(DISCLOSURE_LABEL, {})
    ingredients = map(fields, items(manifest.get("ingredients"), _MOST_INGREDIENTS))
    state = _state(report)
    return Verdict(
        state,
        signer=label(fields(manifest.get("signature_info")).get("issuer")),
        source_type=label(created.get("digitalSourceType")),
        statement=label(disclosure.get("statement"), longest=_LONGEST_STATEMENT),
        contributions=clean_json(fields(disclosure.get("contributions"))),
        ingredients=tuple(label(ingredient.get("title")) for ingredient in ingredients),
        faults=tuple(_codes(report, "failure")) if state is State.INVALID else (),
    )


def _state(report: Mapping[str, Any]) -> State:
    if report.get("validation_state") not in ("Trusted", "Valid"):
        return State.INVALID
    # The report's own "Trusted" asks for trust in the signers of all ingredients as well.
    return State.TRUSTED if _TRUSTED in _codes(report, "success") else State.UNKNOWN_SIGNER


def _codes(report: Mapping[str, Any], kind: str) -> list[str]:
    """C2PA's codes of what was found about the file itself: "success" or "failure"."""
    results = fields(fields(report.get("validation_results")).get("activeManifest"))
    codes = (label(fields(result).get("code")) for result in items(results.get(kind), _MOST_CODES))
    return [code for code in codes if code != _UNKNOWN_SIGNER]
