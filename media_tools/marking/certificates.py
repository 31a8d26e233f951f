"""The certificate that signs: one of the operator's, or one made here.

A certificate made here has its own root, which nobody else knows: others see an unknown signer. The
root's key stays, so that a renewed certificate has the same root and old signatures stay trusted.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from media_tools.errors import MediaError
from media_tools.files import atomic_output
from media_tools.foreign import label
from media_tools.marking.mark import SOFTWARE

# Without a time stamp a signature ends with its certificate, and files outlive their makers.
VALID_FOR = timedelta(days=20 * 365)
# Clocks of other machines may be behind.
VALID_SINCE = timedelta(days=1)
ROOT, ROOT_KEY = "root.pem", "root.key"
CHAIN, KEY = "signing.pem", "signing.key"

_MAX_PEM_BYTES = 1024 * 1024
_CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
_UNUSABLE_KEY = "use a key for EC (P-256, P-384, P-521), RSA or Ed25519"
_PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


class CertificateUnusable(MediaError):
    """Nothing can be signed: no certificate, or not one that fits. Says what to do."""


@dataclass(frozen=True)
class Certificate:
    """A certificate with its key.

    chain_pem: its own, then those above it. key_pem: PKCS#8. algorithm: by C2PA's name. local: made
    here, so that its signer is unknown to others.
    """

    name: str
    chain_pem: bytes
    key_pem: bytes = field(repr=False)
    algorithm: str
    fingerprint: str
    not_after: datetime
    local: bool


def local_certificate(folder: Path, *, now: datetime, name: str = SOFTWARE) -> Certificate:
    """The folder's own certificate; made, under a root of its own, if there is none.

    name: organisation that a new certificate names. Raises CertificateUnusable.
    """
    if not has_certificate(folder):
        with _locked(folder):
            # Another worker may have been faster.
            if not has_certificate(folder):
                _issue(folder, name, now=now)
    return read_certificate(folder / CHAIN, folder / KEY, now=now, local=True)


def renew_local_certificate(folder: Path, *, now: datetime, name: str = SOFTWARE) -> Certificate:
    """A new certificate and key under the folder's root. Raises CertificateUnusable."""
    with _locked(folder):
        _issue(folder, name, now=now)
    return read_certificate(folder / CHAIN, folder / KEY, now=now, local=True)


def read_certificate(chain: Path, key: Path, *, now: datetime, local: bool = False) -> Certificate:
    """The certificate in two PEM files. Raises CertificateUnusable: missing, broken or expired."""
    certificates = _certificates(chain)
    leaf, private = certificates[0], _private_key(key)
    renew = "run manage.py make_signing_cert --renew" if local else "ask its issuer for a new one"
    if leaf.public_key() != private.public_key():
        raise CertificateUnusable(
            f"The key {key} does not belong to the first certificate in {chain}; name the two that "
            f"belong together, or {renew}."
        )
    if not leaf.not_valid_before_utc <= now < leaf.not_valid_after_utc:
        raise CertificateUnusable(
            f"The signing certificate {chain} is valid from {leaf.not_valid_before_utc:%Y-%m-%d} "
            f"until {leaf.not_valid_after_utc:%Y-%m-%d}, and not today; {renew}."
        )
    return Certificate(
        name=_name(leaf),
        chain_pem=b"".join(map(_pem, certificates)),
        key_pem=private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        algorithm=_algorithm(private),
        fingerprint=leaf.fingerprint(hashes.SHA256()).hex(),
        not_after=leaf.not_valid_after_utc,
        local=local,
    )


def has_certificate(folder: Path) -> bool:
    """Whether a certificate was made in the folder."""
    return (folder / CHAIN).exists()


def root_of(folder: Path) -> str:
    """PEM of the root made here; empty if there is none."""
    try:
        return (folder / ROOT).read_text(encoding="ascii")
    except OSError:
        return ""


def issuers_in(chain: Path) -> str:
    """PEM of the certificates above the first one. Raises CertificateUnusable."""
    return "".join(_pem(issuer).decode("ascii") for issuer in _certificates(chain)[1:])


def _read(path: Path, what: str) -> bytes:
    try:
        with path.open("rb") as source:
            return source.read(_MAX_PEM_BYTES)
    except OSError as error:
        raise CertificateUnusable(
            f"The signing {what} {path} cannot be read ({error.strerror}); give the file to the "
            "user who runs the workers, or correct its path."
        ) from error


def _certificates(chain: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(_read(chain, "certificate"))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise CertificateUnusable(
            f"The signing certificate {chain} is no PEM file of certificates; put the signer's own "
            "first, then those above it."
        ) from error


def _private_key(path: Path) -> _PrivateKey:
    try:
        private = serialization.load_pem_private_key(_read(path, "key"), password=None)
    except TypeError as error:
        raise CertificateUnusable(
            f"The signing key {path} has a password; store it without one, readable by the "
            "workers' user alone."
        ) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise CertificateUnusable(
            f"The signing key {path} is no private key in PEM; {_UNUSABLE_KEY}."
        ) from error
    if not isinstance(private, _PrivateKey):
        raise CertificateUnusable(
            f"The signing key {path} is of no kind that signs; {_UNUSABLE_KEY}."
        )
    if isinstance(private, ec.EllipticCurvePrivateKey) and private.curve.name not in _CURVES:
        raise CertificateUnusable(
            f"The signing key {path} is on the curve {private.curve.name}; {_UNUSABLE_KEY}."
        )
    return private


def _algorithm(private: _PrivateKey) -> str:
    if isinstance(private, ec.EllipticCurvePrivateKey):
        return _CURVES[private.curve.name]
    return "ps256" if isinstance(private, rsa.RSAPrivateKey) else "ed25519"


def _name(certificate: x509.Certificate) -> str:
    """Organisation or common name of the one it was issued to."""
    for kind in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME):
        if found := certificate.subject.get_attributes_for_oid(kind):
            return label(found[0].value)
    return ""


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder against other workers. Raises CertificateUnusable if it cannot be written."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)
    except OSError as error:
        raise CertificateUnusable(
            f"No signing certificate can be made in {folder} ({error.strerror}); let "
            "AI_ARTIST_SIGNING_DIR name a folder the workers may write, that is kept and in no "
            "backup others can read, or name a certificate of your own (docs/marks.md)."
        ) from error


def _issue(folder: Path, name: str, *, now: datetime) -> None:
    """Write a key and a certificate for it, and before that the root if there is none."""
    if not (folder / ROOT).exists():
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _subject(name, f"{SOFTWARE} root")
        root = _draft(subject, subject, key.public_key(), now=now)
        root = root.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        root = root.add_extension(_key_usage(issues=True), critical=True)
        _write_key(folder / ROOT_KEY, key)
        _write(folder / ROOT, _pem(root.sign(key, hashes.SHA256())))
    issuer, issuer_key = _certificates(folder / ROOT)[0], _private_key(folder / ROOT_KEY)
    key = ec.generate_private_key(ec.SECP256R1())
    # C2PA asks for a leaf that signs and is for documents or e-mail.
    leaf = (
        _draft(_subject(name, f"{SOFTWARE} signer"), issuer.subject, key.public_key(), now=now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(issues=False), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
        .sign(issuer_key, hashes.SHA256())
    )
    _write_key(folder / KEY, key)
    # Last: whoever finds it finds the rest.
    _write(folder / CHAIN, _pem(leaf) + _pem(issuer))


def _subject(organisation: str, common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _draft(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, *, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - VALID_SINCE)
        .not_valid_after(now + VALID_FOR)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _key_usage(*, issues: bool) -> x509.KeyUsage:
    """Issuing certificates, or signing and nothing else."""
    return x509.KeyUsage(
        digital_signature=not issues,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=issues,
        crl_sign=issues,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    _write(path, pem, mode=0o600)


def _write(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Write a file that never was readable by more than its mode says."""
    with atomic_output(path) as partial:
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(handle, "wb") as target:
            target.write(content)
