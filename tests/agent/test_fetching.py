"""A53: an address that resolves to a private, loopback, link-local or metadata address is blocked before connecting, also by redirect."""

from __future__ import annotations

import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from agent import fetching
from agent.fetching import Refused, Wanted, fetch, is_public

PUBLIC = "93.184.216.34"
Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def _server(answer: Answer) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """A client that hangs up is what is tested."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _get(url: str, folder: Path, port: int, *, names: dict[str, str] | None = None, whole: float = 5.0) -> fetching.Fetched:
    """Fetch with names resolved from a table and the public address leading to a server of the test."""
    dialled: list[str] = []

    def connect(address: str, _port: int) -> socket.socket:
        dialled.append(address)
        return socket.create_connection(("127.0.0.1", port), timeout=2)

    fetched = fetch(url, folder, resolve=lambda host, _: [(names or {}).get(host, PUBLIC)], connect=connect, whole=whole)
    assert set(dialled) == {PUBLIC}
    return fetched


def _sends(body: bytes, media: str = "text/plain", **headers: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in {"Content-Type": media, "Content-Length": str(len(body)), **given}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)

    return answer


def _nobody(address: str, port: int) -> socket.socket:
    raise AssertionError(f"connected to {address}")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::",
        "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::", "::127.0.0.1", "not an address",
    ],
)  # fmt: skip
def test_addresses_of_this_machine_and_its_network_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:8.8.8.8"])
def test_other_addresses_are(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://clinic.example/a.pdf", "http"),
        ("file:///etc/passwd", "http"),
        ("http://clinic.example:8080/a.pdf", "ports"),
        ("http://user:pass@clinic.example/a.pdf", "password"),
        ("http:///a.pdf", "http"),
        ("http://clinic.example:99999/", "no web address"),
        ("http://clinic.example/a b\nHost: x", "no web address"),
    ],
)
def test_only_plain_web_addresses_are_fetched(tmp_path: Path, url: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        fetch(url, tmp_path, resolve=lambda host, port: [PUBLIC], connect=_nobody)


@pytest.mark.parametrize("found", [["169.254.169.254"], [PUBLIC, "10.0.0.1"], ["::ffff:10.0.0.1"]])
def test_a_name_with_any_private_address_is_not_connected_to(tmp_path: Path, found: Sequence[str]) -> None:
    with pytest.raises(Refused, match="private network"):
        fetch("http://clinic.example/a.pdf", tmp_path, resolve=lambda host, port: found, connect=_nobody)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost", "0x7f000001", "2130706433", "127.1"])
def test_ways_of_writing_this_machine(tmp_path: Path, host: str) -> None:
    with pytest.raises(Refused):
        fetch(f"http://{host}/", tmp_path, connect=_nobody)


def test_a_redirect_to_a_private_address_is_refused(tmp_path: Path) -> None:
    def elsewhere(request: BaseHTTPRequestHandler) -> None:
        request.send_response(302)
        request.send_header("Location", "http://metadata.example/latest")
        request.end_headers()

    began = time.monotonic()
    with _server(elsewhere) as port, pytest.raises(Refused, match="private network"):
        _get("http://clinic.example/a", tmp_path, port, names={"metadata.example": "169.254.169.254"})
    assert time.monotonic() - began < 2


def test_redirects_end(tmp_path: Path) -> None:
    def around(request: BaseHTTPRequestHandler) -> None:
        request.send_response(301)
        request.send_header("Location", "/again")
        request.end_headers()

    with _server(around) as port, pytest.raises(Refused, match="again and again"):
        _get("http://clinic.example/a", tmp_path, port)


def test_a_document_is_downloaded_under_its_type(tmp_path: Path) -> None:
    with _server(_sends(b"<p>Parking is free.</p>", "text/html; charset=utf-8")) as port:
        fetched = _get("http://clinic.example/faq?token=abc", tmp_path, port)
    assert fetched.path.suffix == ".html"
    assert fetched.path.read_bytes() == b"<p>Parking is free.</p>"
    assert fetched.address.startswith("http://clinic.example/faq#")
    assert "abc" not in fetched.address


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (_sends(b"x", "image/png"), "image/png"),
        (_sends(b"x", "application/zip"), "application/zip"),
        (_sends(b"x", Content_Encoding="gzip"), "packed"),
        (_sends(b"x", Content_Length="50"), "broke off"),
        (_sends(b"x" * (fetching.LARGEST + 1)), "20 MB"),
    ],
)
def test_what_is_no_document_is_refused(tmp_path: Path, answer: Answer, said: str) -> None:
    with _server(answer) as port, pytest.raises(Refused, match=said):
        _get("http://clinic.example/a", tmp_path, port)


def test_a_server_that_drips_is_hung_up_on(tmp_path: Path) -> None:
    class Drip(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(1000)
            for byte in b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + b"x" * 1000:
                try:
                    self.request.sendall(bytes([byte]))
                except OSError:
                    return
                time.sleep(0.02)

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Drip)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    began = time.monotonic()
    try:
        with pytest.raises(Refused, match=r"long|in time"):
            _get("http://clinic.example/a", tmp_path, server.server_address[1], whole=0.4)
        assert time.monotonic() - began < 2
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_the_clinics_own_hosts_may_be_named_and_nothing_beside_them(tmp_path: Path) -> None:
    """A53: an exception is one host and port, and a redirect from it to anywhere else private is refused as ever."""
    with _server(_sends(b"Parking is free.")) as port:
        own = Wanted(within=(f"127.0.0.1:{port}",))
        assert fetch(f"http://127.0.0.1:{port}/a.txt", tmp_path, own).path.read_bytes() == b"Parking is free."
        for other in (f"http://127.0.0.1:{port + 1}/", "http://127.0.0.1/", f"http://localhost:{port}/"):
            with pytest.raises(Refused):
                fetch(other, tmp_path, own)

    def away(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", "http://169.254.169.254/latest/meta-data/")
        handler.end_headers()

    with _server(away) as port, pytest.raises(Refused, match="private network"):
        fetch(f"http://127.0.0.1:{port}/", tmp_path, Wanted(within=(f"127.0.0.1:{port}",)))


def test_a_calendar_is_fetched_where_one_is_wanted_and_not_as_a_document(tmp_path: Path) -> None:
    with _server(_sends(b"BEGIN:VCALENDAR", "text/calendar")) as port:
        within = (f"127.0.0.1:{port}",)
        assert fetch(f"http://127.0.0.1:{port}/a", tmp_path, Wanted({"text/calendar": ".ics"}, within)).path.suffix == ".ics"
        with pytest.raises(Refused, match="no document"):
            fetch(f"http://127.0.0.1:{port}/a", tmp_path, Wanted(within=within))
