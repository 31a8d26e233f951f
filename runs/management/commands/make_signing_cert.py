"""Make the certificate that signs releases: `make_signing_cert [--renew]`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.utils import timezone

from ai_artist.kit.commands import JsonCommand, Report, bad_usage
from media_tools.marking.certificates import (
    ROOT,
    CertificateUnusable,
    local_certificate,
    renew_local_certificate,
)
from media_tools.marking.mark import SOFTWARE

# X.509 allows no longer organisation.
LONGEST_NAME = 64


class Command(JsonCommand):
    help = (
        "Make the certificate that signs releases, if there is none, and say what it is. Its "
        "signer is unknown to others; docs/marks.md tells how to use one that is not."
    )
    refusals = (CertificateUnusable,)
    # A server gets its certificate before its database.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--renew", action="store_true", help="A new certificate and key, under the same root."
        )
        parser.add_argument("--name", default=SOFTWARE, help="Who a new one names as the signer.")

    def perform(self, **options: Any) -> Report:
        name = options["name"].strip()
        if not 0 < len(name) <= LONGEST_NAME:
            raise bad_usage(f"A signer's name has 1 to {LONGEST_NAME} characters.")
        folder = Path(settings.SIGNING_DIR)
        make = renew_local_certificate if options["renew"] else local_certificate
        certificate = make(folder, now=timezone.now(), name=name)
        text = (
            f"{certificate.name}, until {certificate.not_after:%Y-%m-%d}; others do not know this "
            f"signer.\nKeys: {folder} (keep them, and let nobody else read them)\n"
            f"Root, to be given to whoever shall trust it: {folder / ROOT}"
        )
        if settings.SIGNING_CERT:
            text += f"\nIt is not used: AI_ARTIST_SIGNING_CERT names {settings.SIGNING_CERT}."
        return Report(
            data={
                "name": certificate.name,
                "folder": str(folder),
                "root": str(folder / ROOT),
                "not_after": certificate.not_after.isoformat(),
                "sha256_fingerprint": certificate.fingerprint,
                "used": not settings.SIGNING_CERT,
            },
            text=text,
        )
