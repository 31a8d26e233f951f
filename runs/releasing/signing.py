"""The certificate that signs releases, as the settings name it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.conf import settings

from media_tools.marking import certificates
from media_tools.marking.certificates import Certificate, CertificateUnusable


def signing_certificate(*, now: datetime) -> Certificate:
    """The operator's own certificate, or the local one, made if there is none yet.

    Raises CertificateUnusable.
    """
    if settings.SIGNING_CERT and settings.SIGNING_KEY:
        return certificates.read_certificate(settings.SIGNING_CERT, settings.SIGNING_KEY, now=now)
    return certificates.local_certificate(Path(settings.SIGNING_DIR), now=now)


def known_certificate(*, now: datetime) -> Certificate | None:
    """As signing_certificate, but makes none: None if the first bundle is still to come."""
    folder = Path(settings.SIGNING_DIR)
    if not settings.SIGNING_CERT and not certificates.has_certificate(folder):
        return None
    return signing_certificate(now=now)


def trusted_roots() -> str:
    """PEM of who vouches for our own signatures: the local root, and the operator's issuers."""
    roots = certificates.root_of(Path(settings.SIGNING_DIR))
    if settings.SIGNING_CERT:
        roots += certificates.issuers_in(settings.SIGNING_CERT)
    return roots


def who_signs(certificate: Certificate) -> str:
    """Who is named as the signer, and what others see of that, in words."""
    if certificate.local:
        return (
            f"signed as {certificate.name} by a certificate made here: the signer is unknown to "
            "others"
        )
    return f"signed as {certificate.name}"


def signer_in_words(*, now: datetime) -> str:
    """How the files of a bundle that is made now are signed, or why none can be made."""
    if not settings.SIGN:
        return "and is not signed"
    try:
        certificate = known_certificate(now=now)
    except CertificateUnusable as error:
        return f"but cannot be signed: {error}"
    return who_signs(certificate) if certificate else "and is signed when it is packaged"
