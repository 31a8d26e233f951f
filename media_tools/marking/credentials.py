"""Signed Content Credentials (C2PA) in a media file.

Two signatures of the same file differ, so whoever needs the same bytes again keeps the signed file.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import c2pa

from media_tools import VERSION
from media_tools.errors import MediaInvalid
from media_tools.files import CHUNK_BYTES
from media_tools.marking.certificates import Certificate, CertificateUnusable
from media_tools.marking.mark import DISCLOSURE_LABEL, SOFTWARE, Mark, Source

logger = logging.getLogger(__name__)

# What is signed and read, by the end of its name.
MEDIA_TYPES = {
    ".mp3": "audio/mpeg",
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
    ".wav": "audio/wav",
    ".mp4": "video/mp4",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
}
# "Do not train": what others may not do with the file (CAWG training and data mining assertion).
_FORBIDDEN = (
    "cawg.ai_generative_training",
    "cawg.ai_training",
    "cawg.data_mining",
    "cawg.ai_inference",
)
# No network: no manifest of elsewhere, no certificate status. No thumbnails, and no look at what
# was just signed: they cost as much as signing.
OFFLINE: dict[str, dict[str, Any]] = {
    "verify": {
        "remote_manifest_fetch": False,
        "ocsp_fetch": False,
        "verify_trust": False,
        "verify_after_sign": False,
    },
    "builder": {"thumbnail": {"enabled": False}},
}


def sign(path: Path, target: Path, mark: Mark, certificate: Certificate) -> None:
    """Write a signed copy of a file with all its tags.

    Credentials the file has are lost unless it is itself one of the mark's sources. Raises
    MediaInvalid if the file cannot be signed, CertificateUnusable if the certificate is not one for
    signing media.
    """
    try:
        with (
            _signer(certificate) as signer,
            c2pa.Context.from_dict(OFFLINE) as context,
            c2pa.Builder(manifest_of(mark), context) as builder,
        ):
            for number, source in enumerate(mark.sources, start=1):
                _place(builder, source, f"source-{number}")
            # The library reads and writes 8 KiB at a time: large buffers save a third of the work.
            with (
                path.open("rb", CHUNK_BYTES) as unsigned,
                target.open("w+b", CHUNK_BYTES) as signed,
            ):
                builder.sign(signer, media_type_of(path), unsigned, signed)
    except c2pa.C2paError as error:
        raise MediaInvalid(path, f"it cannot be signed ({error}); make it again.") from error


def media_type_of(path: Path) -> str:
    """By the end of its name."""
    return MEDIA_TYPES.get(path.suffix.lower(), "application/octet-stream")


def manifest_of(mark: Mark) -> dict[str, Any]:
    """What is signed, but for its sources, as c2pa's builder wants it."""
    made = {
        "action": "c2pa.created",
        "digitalSourceType": mark.source_type,
        "softwareAgent": {"name": SOFTWARE, "version": VERSION},
    }
    disclosure = {"statement": mark.statement, "contributions": mark.parts}
    forbidden = {"entries": {name: {"use": "notAllowed"} for name in _FORBIDDEN}}
    # created: this signer says so itself, and did not gather it from somebody else.
    return {
        "title": mark.title,
        "claim_generator_info": [{"name": SOFTWARE, "version": VERSION}],
        "assertions": [
            {"label": "c2pa.actions.v2", "created": True, "data": {"actions": [made]}},
            {"label": "cawg.training-mining", "created": True, "data": forbidden},
            {"label": DISCLOSURE_LABEL, "created": True, "kind": "Json", "data": disclosure},
        ],
    }


def _place(builder: c2pa.Builder, source: Source, label: str) -> None:
    """Make a source an ingredient, with its credentials, if these can be read at all."""
    about = {"title": source.title, "relationship": "componentOf", "label": label}
    try:
        with source.path.open("rb") as stream:
            builder.add_ingredient(json.dumps(about), media_type_of(source.path), stream)
    except c2pa.C2paError as error:
        # A provider's fault must not hold up a release; its file stays in the store.
        logger.warning("The credentials of %s are left out: %s", source.title, error)
        return
    placed = {"action": "c2pa.placed", "parameters": {"ingredientIds": [label]}}
    builder.add_action(json.dumps(placed))


def _signer(certificate: Certificate) -> c2pa.Signer:
    try:
        info = c2pa.C2paSignerInfo(
            certificate.algorithm.encode(), certificate.chain_pem, certificate.key_pem, None
        )
        return c2pa.Signer.from_info(info)
    except c2pa.C2paError as error:
        raise CertificateUnusable(
            f"The certificate of {certificate.name} cannot sign media ({error}); C2PA wants one "
            "with the key usage digitalSignature and the extended key usage emailProtection or "
            "documentSigning, no root, the signer's own first in the file."
        ) from error
