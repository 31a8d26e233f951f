from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from media_tools.marking.certificates import Certificate, local_certificate, root_of
from media_tools.marking.credentials import sign
from media_tools.marking.plain import WRITERS, write_marked
from tests.media_tools.marking.media import MARK, make_media


@pytest.fixture(scope="session")
def signing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a local certificate."""
    folder = tmp_path_factory.mktemp("certificate") / "signing"
    local_certificate(folder, now=datetime.now(UTC))
    return folder


@pytest.fixture(scope="session")
def certificate(signing: Path) -> Certificate:
    return local_certificate(signing, now=datetime.now(UTC))


@pytest.fixture(scope="session")
def root(signing: Path) -> str:
    return root_of(signing)


@pytest.fixture(scope="session")
def unmarked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Media by suffix, with their tags."""
    return make_media(tmp_path_factory.mktemp("unmarked"))


@pytest.fixture(scope="session")
def marked(unmarked: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same with plain marks."""
    folder = tmp_path_factory.mktemp("marked")
    made = {kind: folder / path.name for kind, path in unmarked.items()}
    for kind, path in unmarked.items():
        if path.suffix in WRITERS:
            write_marked(path, made[kind], MARK)
        else:
            shutil.copyfile(path, made[kind])
    return made


@pytest.fixture(scope="session")
def signed(
    marked: dict[str, Path],
    certificate: Certificate,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Path]:
    """The same, signed."""
    folder = tmp_path_factory.mktemp("signed")
    made = {kind: folder / path.name for kind, path in marked.items()}
    for kind, path in marked.items():
        sign(path, made[kind], MARK, certificate)
    return made
