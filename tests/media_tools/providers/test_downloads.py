"""Downloads from addresses that strangers name: what is refused, and that nothing is kept."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from media_tools.errors import ProviderError, ProviderRejected, ProviderUnavailable
from media_tools.providers import downloads
from media_tools.providers.downloads import DownloadLimits, Downloads, address_fault, shown
from tests.contract_servers import media
from tests.contract_servers.base import ContractServer, Reply, Request, route

TLS = Path(__file__).parents[1] / "tls"
PUBLIC = "93.184.215.14"


class Files(ContractServer):
    """Serves files, good and bad, and redirects to wherever `?to=` says."""

    name = "files"

    @route("GET", "/song.mp3")
    def song(self, request: Request) -> Reply:
        return Reply(media.audio(duration_s=0.5))

    @route("GET", "/clip.mp4")
    def clip(self, request: Request) -> Reply:
        return Reply(media.video(duration_s=0.5))

    @route("GET", "/redirect")
    def redirect(self, request: Request) -> Reply:
        return Reply(b"", 302, {"Location": request.query["to"]})

    @route("GET", "/loop")
    def loop(self, request: Request) -> Reply:
        return Reply(b"", 307, {"Location": "/loop"})

    @route("GET", "/endless")
    def endless(self, request: Request) -> Reply:
        return Reply(iter(lambda: b"ID3" + b"\0" * 65536, b""))

    @route("GET", "/bomb")
    def bomb(self, request: Request) -> Reply:
        return Reply(b"ID3", headers={"Content-Encoding": "gzip"})

    @route("GET", "/{name}.bin")
    def binary(self, request: Request) -> Reply:
        bodies = {"page": b"<html>404</html>", "zip": b"PK\x03\x04" * 20, "empty": b""}
        return Reply(bodies[request.parts["name"]], content_type="audio/mpeg")


@pytest.fixture(scope="module")
def started_files() -> Iterator[Files]:
    with Files() as server:
        yield server


@pytest.fixture
def files(started_files: Files) -> Files:
    started_files.clear()
    return started_files


Fetch = Callable[..., Any]


@pytest.fixture
def fetch(files: Files, tmp_path: Path) -> Fetch:
    """Download to a folder of the test's own, the file server being the operator's."""

    def fetched(url: str, **options: Any) -> Any:
        if url.startswith("/"):
            url = files.url + url
        options.setdefault("trusted", (files.url,))
        limits = options.pop("limits", None)
        return Downloads("acme", **options).fetch(url, tmp_path / "out" / "file", limits)

    return fetched


def refused(fetch: Fetch, tmp_path: Path, url: str, **options: Any) -> ProviderError:
    """The error of a download that must fail and leave nothing behind."""
    with pytest.raises(ProviderError) as caught:
        fetch(url, **options)
    assert not (tmp_path / "out").exists() or list((tmp_path / "out").iterdir()) == []
    assert caught.value.action
    return caught.value


def answers(*addresses: str) -> Callable[[str, int], list[str]]:
    return lambda host, port: list(addresses)


def test_file_arrives_whole(fetch: Fetch, files: Files) -> None:
    saved = fetch("/song.mp3")

    assert saved.path.read_bytes() == media.audio(duration_s=0.5)
    assert saved.media.suffix == ".mp3"


def test_redirect_is_followed(fetch: Fetch, files: Files) -> None:
    assert fetch("/redirect?to=/song.mp3").media.suffix == ".mp3"


# Addresses


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "::1", "0.0.0.0", "::",
        "10.0.0.5", "172.16.3.4", "192.168.1.1", "100.64.0.1", "fd00::1",
        "169.254.169.254", "fe80::1", "fe80::1%eth0",
        "224.0.0.1", "ff02::1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
        "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::a00:1",
        "2001:0:4136:e378:8000:63bf:80ff:fffe", "not-an-address",
    ],
)  # fmt: skip
def test_inside_address_is_refused(address: str, fetch: Fetch, tmp_path: Path) -> None:
    error = refused(fetch, tmp_path, "https://cdn.example/f.mp3", resolve=answers(address))

    assert isinstance(error, ProviderRejected) and error.code == "refused_address"


@pytest.mark.parametrize("address", [PUBLIC, "2606:4700::1111", "64:ff9b::5db8:d70e"])
def test_public_address_is_taken(address: str) -> None:
    assert address_fault(address) == ""


def test_one_inside_address_among_public_ones_is_enough(fetch: Fetch, tmp_path: Path) -> None:
    error = refused(
        fetch, tmp_path, "https://cdn.example/f.mp3", resolve=answers(PUBLIC, "10.0.0.1")
    )

    assert "private" in error.cause


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/f.mp3",
        "https://[::1]/f.mp3",
        "https://[::ffff:127.0.0.1]/f.mp3",
        "https://2130706433/f.mp3",
        "https://0x7f.1/f.mp3",
        "https://127.1/f.mp3",
        "https://localhost/f.mp3",
    ],
)
def test_ways_to_write_loopback_are_refused(url: str, fetch: Fetch, tmp_path: Path) -> None:
    error = refused(fetch, tmp_path, url)

    assert error.code == "refused_address" or error.code == "no_dns"


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://cdn.example/f.mp3",
        "gopher://cdn.example/",
        "data:audio/mpeg;base64,SUQz",
        "http://cdn.example/f.mp3",
        "https://cdn.example:8443/f.mp3",
        "https://cdn.example:22/f.mp3",
        "https://user@cdn.example/f.mp3",
        "https://cdn.example@127.0.0.1/f.mp3",
        "https://cdn.example\\@127.0.0.1/f.mp3",
        "https://cdn.example/f.mp3\r\nX: 1",
        "https:///f.mp3",
        "https://cdn.example:99999/f.mp3",
        "https://[::1/f.mp3",
        "//cdn.example/f.mp3",
        "",
    ],
)
def test_odd_address_is_refused_before_any_lookup(url: str, tmp_path: Path) -> None:
    def no_lookup(host: str, port: int) -> list[str]:
        raise AssertionError("looked up")

    with pytest.raises(ProviderRejected) as caught:
        Downloads("acme", resolve=no_lookup).fetch(url, tmp_path / "f")

    assert caught.value.code == "refused_address"


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:9/f.mp3",
        "https://127.0.0.1/f.mp3",
        "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:10.0.0.1]/f.mp3",
        "file:///etc/passwd",
        "https://user:pass@cdn.example/f.mp3",
        "//169.254.169.254/f.mp3",
    ],
)
def test_redirect_inside_is_refused(
    target: str, fetch: Fetch, files: Files, tmp_path: Path
) -> None:
    error = refused(fetch, tmp_path, f"/redirect?to={target}")

    assert isinstance(error, ProviderRejected) and error.code == "refused_address"
    assert files.count() == 1


def test_endless_redirects_are_refused(fetch: Fetch, files: Files, tmp_path: Path) -> None:
    error = refused(fetch, tmp_path, "/loop")

    assert error.code == "too_many_redirects" and files.count() == 6


def test_name_is_looked_up_once_and_the_checked_address_is_dialled(
    fetch: Fetch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A DNS record that turns to loopback after the check changes nothing."""
    rebinding = iter([[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]])
    dialled: list[tuple[str, int]] = []

    def dial(address: tuple[str, int], *_: object, **__: object) -> socket.socket:
        dialled.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr("urllib3.util.connection.create_connection", dial)
    error = refused(
        fetch,
        tmp_path,
        "https://cdn.example/f.mp3",
        resolve=lambda host, port: next(rebinding),
    )

    assert isinstance(error, ProviderUnavailable)
    assert dialled == [(PUBLIC, 443)]


def test_next_address_is_dialled_when_the_first_is_silent(fetch: Fetch, files: Files) -> None:
    saved = fetch("/song.mp3", resolve=answers("127.0.0.2", "127.0.0.1"))

    assert saved.size_bytes > 0


def test_unknown_host_may_be_tried_again(fetch: Fetch, tmp_path: Path) -> None:
    error = refused(fetch, tmp_path, "https://cdn.example/f.mp3", resolve=answers())

    assert isinstance(error, ProviderUnavailable)


# TLS


@pytest.fixture(scope="module")
def secure_files() -> Iterator[Files]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "media_example.pem")
    with Files(tls=context) as server:
        yield server


def secure(host: str, server: Files, target: Path, ca_file: str | None) -> Any:
    base_url = f"https://{host}:{server.port}"
    trusting = Downloads("acme", (base_url,), answers("127.0.0.1"), ca_file)
    return trusting.fetch(f"{base_url}/song.mp3", target)


def test_certificate_is_checked_against_the_name_not_the_address(
    secure_files: Files, tmp_path: Path
) -> None:
    authority = str(TLS / "authority.pem")

    saved = secure("media.example", secure_files, tmp_path / "a.mp3", authority)

    assert saved.media.name == "audio/mpeg"
    assert secure_files.requests[-1].header("Host") == f"media.example:{secure_files.port}"


@pytest.mark.parametrize(
    ("host", "authority"), [("other.example", str(TLS / "authority.pem")), ("media.example", None)]
)
def test_wrong_name_or_unknown_authority_is_refused(
    host: str, authority: str | None, secure_files: Files, tmp_path: Path
) -> None:
    with pytest.raises(ProviderUnavailable, match="certificate"):
        secure(host, secure_files, tmp_path / "a.mp3", authority)


# Bodies


def test_gigantic_file_is_refused_by_its_length(fetch: Fetch, files: Files, tmp_path: Path) -> None:
    error = refused(fetch, tmp_path, "/song.mp3", limits=DownloadLimits(max_bytes=1000))

    assert isinstance(error, ProviderRejected) and error.code == "too_large"


def test_endless_file_is_cut_at_the_limit(fetch: Fetch, tmp_path: Path) -> None:
    error = refused(fetch, tmp_path, "/endless", limits=DownloadLimits(max_bytes=500_000))

    assert error.code == "too_large"


def test_slow_drip_is_cut_at_the_deadline(fetch: Fetch, files: Files, tmp_path: Path) -> None:
    files.fault(drip_s=0.05)

    error = refused(fetch, tmp_path, "/song.mp3", limits=DownloadLimits(max_seconds=0.3))

    assert isinstance(error, ProviderUnavailable) and error.code == "too_slow"


def test_headers_that_drip_are_cut_at_the_deadline(fetch: Fetch, tmp_path: Path) -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _ = listener.accept()
        over = threading.Event()
        with connection:
            try:
                connection.sendall(b"HTTP/1.1 200 OK\r\n")
                while not over.wait(0.05):
                    connection.sendall(b"X")
            except OSError:
                return

    threading.Thread(target=drip, daemon=True).start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    limits = DownloadLimits(max_seconds=0.3)

    error = refused(fetch, tmp_path, f"{url}/f", trusted=(url,), limits=limits)

    listener.close()
    assert error.code == "too_slow"


def test_silence_is_cut_by_the_read_limit(fetch: Fetch, files: Files, tmp_path: Path) -> None:
    files.fault(delay_s=0.4)

    error = refused(fetch, tmp_path, "/song.mp3", limits=DownloadLimits(read_s=0.2))

    assert isinstance(error, ProviderUnavailable) and error.code == "connection"


@pytest.mark.parametrize("trouble", [{"truncate_at": 700}, {"reset": "after"}])
def test_cut_off_file_is_not_kept(
    trouble: dict[str, Any], fetch: Fetch, files: Files, tmp_path: Path
) -> None:
    files.fault(**trouble)

    assert isinstance(refused(fetch, tmp_path, "/song.mp3"), ProviderUnavailable)


def test_existing_file_stays_when_a_download_fails(
    fetch: Fetch, files: Files, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "file").write_bytes(b"old")
    files.fault(truncate_at=700)

    with pytest.raises(ProviderUnavailable):
        fetch("/song.mp3")

    assert [p.read_bytes() for p in (tmp_path / "out").iterdir()] == [b"old"]


@pytest.mark.parametrize(
    ("name", "error_class"),
    [("zip", ProviderRejected), ("page", ProviderUnavailable), ("empty", ProviderUnavailable)],
)
def test_other_content_is_refused_whatever_the_header_says(
    name: str, error_class: type[ProviderError], fetch: Fetch, tmp_path: Path
) -> None:
    error = refused(fetch, tmp_path, f"/{name}.bin")

    assert type(error) is error_class and error.code == "wrong_type"


def test_media_of_another_kind_is_refused(fetch: Fetch, tmp_path: Path) -> None:
    error = refused(fetch, tmp_path, "/song.mp3", limits=DownloadLimits(media=("image", "video")))

    assert isinstance(error, ProviderRejected) and "audio/mpeg" in error.cause


def test_compressed_body_is_not_unpacked(fetch: Fetch) -> None:
    assert fetch("/bomb").size_bytes == 3


@pytest.mark.parametrize(
    ("status", "error_class"),
    [
        (403, ProviderRejected), (404, ProviderRejected), (410, ProviderRejected),
        (429, ProviderUnavailable), (500, ProviderUnavailable), (503, ProviderUnavailable),
        (206, ProviderRejected),
    ],
)  # fmt: skip
def test_status_decides_whether_to_try_again(
    status: int, error_class: type[ProviderError], fetch: Fetch, files: Files, tmp_path: Path
) -> None:
    files.fault(status=status)

    error = refused(fetch, tmp_path, "/song.mp3")

    assert type(error) is error_class and error.code == f"HTTP {status}"


# Messages


def test_signed_query_and_user_stay_out_of_messages(
    fetch: Fetch, files: Files, tmp_path: Path
) -> None:
    files.fault(status=403)
    error = refused(fetch, tmp_path, "/song.mp3?X-Amz-Signature=abcdef123456")

    assert "abcdef123456" not in str(error)
    assert (
        shown("https://user:pw@cdn.example:99/a/b.mp3?key=1#x") == "https://cdn.example:99/a/b.mp3"
    )


def test_error_chain_holds_no_address(fetch: Fetch, files: Files, tmp_path: Path) -> None:
    files.fault(reset="after")

    error = refused(fetch, tmp_path, "/song.mp3?sig=abcdef123456")

    assert error.__cause__ is None and error.__context__ is None


def test_no_credentials_or_proxy_are_used(
    fetch: Fetch, files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    fetch("/song.mp3")

    names = {name.lower() for name in files.requests[0].headers}
    assert not names & {"authorization", "cookie", "proxy-authorization"}


def test_origins_of_empty_base_urls_are_left_out() -> None:
    assert downloads.origins(["", "https://A.example/v1"]) == {
        downloads.Origin("https", "a.example", 443)
    }
