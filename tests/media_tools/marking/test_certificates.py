"""The certificate made here, and what is said of one that cannot be used."""

from __future__ import annotations

import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes

from media_tools.marking.certificates import (
    CHAIN,
    KEY,
    ROOT,
    ROOT_KEY,
    VALID_FOR,
    CertificateUnusable,
    issuers_in,
    local_certificate,
    read_certificate,
    renew_local_certificate,
    root_of,
)
from media_tools.marking.credentials import sign
from media_tools.marking.verifying import State, verify_file
from tests.media_tools.marking.media import MARK

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
PEM, PKCS8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
OPEN = serialization.NoEncryption()


def write_key(path: Path, key: object, encryption: object = OPEN) -> Path:
    path.write_bytes(key.private_bytes(PEM, PKCS8, encryption))  # type: ignore[attr-defined]
    return path


def test_keys_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "var/signing"

    local_certificate(folder, now=NOW)

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes[KEY] == modes[ROOT_KEY] == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_it_is_made_once(tmp_path: Path) -> None:
    first = local_certificate(tmp_path, now=NOW)
    again = local_certificate(tmp_path, now=NOW + timedelta(days=300), name="Somebody else")

    assert again == first
    assert first.not_after == NOW + VALID_FOR
    assert (first.name, first.algorithm, first.local) == ("AI Artist Platform", "es256", True)


def test_workers_that_start_at_once_get_the_same(tmp_path: Path) -> None:
    """Forked by a process of their own: this one has threads."""
    code = (
        "import datetime, multiprocessing, pathlib, sys\n"
        "from media_tools.marking.certificates import local_certificate\n"
        "def start(now):\n"
        "    return local_certificate(pathlib.Path(sys.argv[1]), now=now).fingerprint\n"
        "with multiprocessing.get_context('fork').Pool(4) as workers:\n"
        "    found = workers.map(start, [datetime.datetime.now(datetime.UTC)] * 4, chunksize=1)\n"
        "print(len(found), len(set(found)))\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "signing")]

    done = subprocess.run(command, check=True, capture_output=True, text=True)

    assert done.stdout.split() == ["4", "1"]


def test_a_start_that_was_cut_off_is_done_again(tmp_path: Path) -> None:
    local_certificate(tmp_path, now=NOW)
    (tmp_path / CHAIN).unlink()
    root = root_of(tmp_path)

    assert local_certificate(tmp_path, now=NOW).name == "AI Artist Platform"
    assert root_of(tmp_path) == root


def test_what_an_earlier_certificate_signed_stays_trusted(
    tmp_path: Path, marked: dict[str, Path]
) -> None:
    first = local_certificate(tmp_path / "a", now=datetime.now(UTC))
    sign(marked["jpg"], tmp_path / "signed.jpg", MARK, first)

    second = renew_local_certificate(tmp_path / "a", now=datetime.now(UTC), name="My Label")

    assert second.fingerprint != first.fingerprint
    assert second.name == "My Label"
    verdict = verify_file(tmp_path / "signed.jpg", roots_pem=root_of(tmp_path / "a"))
    assert verdict.state is State.TRUSTED


@pytest.mark.parametrize(
    "key", [ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 2048)]
)
def test_a_key_of_another_certificate_is_refused(tmp_path: Path, key: object) -> None:
    local_certificate(tmp_path, now=NOW)
    other = write_key(tmp_path / "other.key", key)

    with pytest.raises(CertificateUnusable, match="does not belong"):
        read_certificate(tmp_path / CHAIN, other, now=NOW)


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (ec.generate_private_key(ec.SECP384R1()), "es384"),
        (ec.generate_private_key(ec.SECP521R1()), "es512"),
        (rsa.generate_private_key(65537, 2048), "ps256"),
        (ed25519.Ed25519PrivateKey.generate(), "ed25519"),
    ],
)
def test_operators_keys_of_other_kinds_sign_too(
    tmp_path: Path, marked: dict[str, Path], key: CertificateIssuerPrivateKeyTypes, algorithm: str
) -> None:
    now = datetime.now(UTC)
    local_certificate(tmp_path, now=now)
    template, issuer = x509.load_pem_x509_certificates((tmp_path / CHAIN).read_bytes())
    root_key = serialization.load_pem_private_key((tmp_path / ROOT_KEY).read_bytes(), None)
    draft = x509.CertificateBuilder(
        issuer.subject,
        template.subject,
        key.public_key(),
        x509.random_serial_number(),
        template.not_valid_before_utc,
        template.not_valid_after_utc,
        list(template.extensions)[1:],
    )
    leaf = draft.sign(root_key, hashes.SHA256())
    chain = tmp_path / "own.pem"
    chain.write_bytes(leaf.public_bytes(PEM) + issuer.public_bytes(PEM))

    own = read_certificate(chain, write_key(tmp_path / "own.key", key), now=now)

    assert own.algorithm == algorithm
    sign(marked["jpg"], tmp_path / "signed.jpg", MARK, own)
    verdict = verify_file(tmp_path / "signed.jpg", roots_pem=issuers_in(chain))
    assert verdict.state is State.TRUSTED


def test_an_operators_own_pair_is_read(tmp_path: Path) -> None:
    local_certificate(tmp_path, now=NOW, name="My Label")

    own = read_certificate(tmp_path / CHAIN, tmp_path / KEY, now=NOW)

    assert (own.name, own.local) == ("My Label", False)
    assert issuers_in(tmp_path / CHAIN) == (tmp_path / ROOT).read_text()


@pytest.mark.parametrize("days", [-30, 21 * 365])
def test_a_certificate_of_another_time_is_refused(tmp_path: Path, days: int) -> None:
    local_certificate(tmp_path, now=NOW)

    with pytest.raises(CertificateUnusable, match="make_signing_cert --renew"):
        local_certificate(tmp_path, now=NOW + timedelta(days=days))


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        (CHAIN, b"", "no PEM file of certificates"),
        (CHAIN, b"\x30\x82 not PEM", "no PEM file of certificates"),
        (KEY, b"", "no private key in PEM"),
        (KEY, b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "no private key"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, file: str, content: bytes, said: str) -> None:
    local_certificate(tmp_path, now=NOW)
    (tmp_path / file).write_bytes(content)

    with pytest.raises(CertificateUnusable, match=said):
        local_certificate(tmp_path, now=NOW)


def test_a_missing_file_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CertificateUnusable, match=r"own\.pem cannot be read .* correct its path"):
        read_certificate(tmp_path / "own.pem", tmp_path / "own.key", now=NOW)


def test_keys_that_cannot_sign_are_refused(tmp_path: Path) -> None:
    local_certificate(tmp_path, now=NOW)
    chain = tmp_path / CHAIN
    exchange = write_key(tmp_path / "x.key", x25519.X25519PrivateKey.generate())
    curve = write_key(tmp_path / "k.key", ec.generate_private_key(ec.SECP256K1()))
    locked = write_key(
        tmp_path / "l.key",
        ec.generate_private_key(ec.SECP256R1()),
        serialization.BestAvailableEncryption(b"secret"),
    )

    for key, said in (
        (exchange, "no kind that signs"),
        (curve, "secp256k1"),
        (locked, "has a password"),
    ):
        with pytest.raises(CertificateUnusable, match=said):
            read_certificate(chain, key, now=NOW)


def test_a_place_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")

    with pytest.raises(CertificateUnusable, match="AI_ARTIST_SIGNING_DIR"):
        local_certificate(tmp_path / "file" / "signing", now=NOW)
    assert root_of(tmp_path / "file") == ""


def test_a_key_is_in_no_text(tmp_path: Path) -> None:
    certificate = local_certificate(tmp_path, now=NOW)

    assert "PRIVATE KEY" not in repr(certificate)
