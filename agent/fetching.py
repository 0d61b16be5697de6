"""Downloads a document from an address somebody typed, without letting the address reach what only this machine can reach.

OWASP's server-side request forgery rules: the name is resolved here, every address it has must be a public one, the connection goes to the
address that was checked (so a name that changes its mind changes nothing), and each redirect is checked again. Bounded in size and time.
"""

from __future__ import annotations

import hashlib
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from knowledge.documents import formats

LARGEST = 20_000_000
WHOLE = 15.0
"""Seconds for one request from connecting to the last byte."""
_CONNECT = 4.0
_REDIRECTS = 4
_MOVED = (301, 302, 303, 307, 308)
_OK = 200
_USUAL = (None, 80, 443)
_PORTS = {"http": 80, "https": 443}
_LONGEST = 2000
_CHUNK = 65_536
_HEADERS = {"User-Agent": "Referline knowledge import", "Accept-Encoding": "identity", "Connection": "close"}
_EMBEDDED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
"""IPv6 that a gateway turns into IPv4 (RFC 6052, RFC 8215)."""

Resolve = Callable[[str, int], Sequence[str]]
Connect = Callable[[str, int], socket.socket]


class Refused(Exception):
    """An address that is not fetched, or a download that failed; the message is for the person who gave it."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A download on disk."""

    path: Path
    address: str
    """Where it came from in the end; what follows a question mark is only a digest."""


def resolve(host: str, port: int) -> Sequence[str]:
    """Every address a name has. Raises OSError."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def connect(address: str, port: int) -> socket.socket:
    """A connection to one address. Raises OSError."""
    return socket.create_connection((address, port), timeout=_CONNECT)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What may come back, from where."""

    types: Mapping[str, str] = field(default_factory=dict)
    """Media types besides those of documents, with the ending of each."""
    within: Collection[str] = ()
    """Hosts of the clinic's own network that may be asked, as `host` (ports 80 and 443) or `host:port`: `IMPORT_PRIVATE_HOSTS`."""


def fetch(
    url: str, folder: Path, wanted: Wanted | None = None, *, resolve: Resolve = resolve, connect: Connect = connect, whole: float = WHOLE
) -> Fetched:
    """Download `url` into `folder`. Raises Refused."""
    wanted = wanted or Wanted()
    for _ in range(_REDIRECTS + 1):
        parts, own = _allowed(url, wanted.within)
        address = _address(parts, resolve, own=own)
        moved = _get(parts, address, folder, connect, whole, wanted.types)
        if isinstance(moved, Fetched):
            return moved
        url = urljoin(url, moved)
    raise Refused("the address redirects again and again")


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet: not to this machine, its network, or a cloud's metadata service."""
    try:
        found = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and any(found in network for network in _EMBEDDED):
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if int(found) >> 32 == 0:
            return False
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified or found.is_loopback or found.is_link_local)


def _allowed(url: str, within: Collection[str]) -> tuple[SplitResult, bool]:
    """The address in its parts, and whether it is one of the clinic's own network."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise Refused("this is no web address") from error
    if len(url) > _LONGEST or any(ord(char) <= ord(" ") for char in url.strip()):
        raise Refused("this is no web address")
    if parts.scheme not in _PORTS or not parts.hostname:
        raise Refused("only addresses that begin with http:// or https:// can be brought in")
    if parts.username or parts.password:
        raise Refused("an address with a user name or password in it is not fetched")
    own = f"{parts.hostname}:{port}" in within or (port in _USUAL and parts.hostname in within)
    if port not in _USUAL and not own:
        raise Refused("only the usual ports of the web, 80 and 443, are fetched from")
    return parts, own


def _address(parts: SplitResult, resolve: Resolve, *, own: bool) -> str:
    """The address to connect to: a public one, unless the host is the clinic's `own`."""
    host = parts.hostname or ""
    try:
        found = list(dict.fromkeys(resolve(host, _port(parts))))
    except (OSError, UnicodeError) as error:
        raise Refused(f"the name {host} is not known") from error
    if not found:
        raise Refused(f"the name {host} is not known")
    if not own and not all(is_public(address) for address in found):
        raise Refused(f"{host} is an address inside a private network, and documents are only fetched from public ones; save the file and bring that")
    return found[0]


def _port(parts: SplitResult) -> int:
    return parts.port or _PORTS[parts.scheme]


def _get(parts: SplitResult, address: str, folder: Path, connect: Connect, whole: float, types: Mapping[str, str]) -> Fetched | str:
    """The download, or where it moved to."""
    host = (parts.hostname or "").encode("idna").decode()
    deadline = _Deadline(whole)
    try:
        plain = deadline.over(connect(address, _port(parts)))
        secure = deadline.over(ssl.create_default_context().wrap_socket(plain, server_hostname=host)) if parts.scheme == "https" else plain
        with closing(http.client.HTTPConnection(host, _port(parts))) as connection:
            connection.sock = secure
            connection.request("GET", f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}", headers=_HEADERS)
            with closing(connection.getresponse()) as response:
                moved = (response.getheader("Location") or "") if response.status in _MOVED else _keep(response, parts, folder, types)
        if not deadline.passed:
            return moved
        raise Refused("the server took too long")
    except Refused as error:
        if deadline.passed:
            raise Refused("the server took too long") from error
        raise
    except (OSError, http.client.HTTPException, ValueError) as error:
        if isinstance(error, ssl.SSLCertVerificationError):
            raise Refused("the server's certificate is not valid") from error
        raise Refused("the server did not answer in time, or broke off") from error
    finally:
        deadline.close()


class _Deadline:
    """Ends a connection after a time: a server that sends a byte now and then never runs into a socket's own timeout."""

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self._timer.start()

    def over(self, connection: socket.socket) -> socket.socket:
        """From now on this connection is the one to end."""
        self._socket = connection
        return connection

    def close(self) -> None:
        """Nothing is left to end."""
        self._timer.cancel()
        if self._socket is not None:
            self._socket.close()

    def _end(self) -> None:
        self.passed = True
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


def _keep(response: http.client.HTTPResponse, parts: SplitResult, folder: Path, types: Mapping[str, str]) -> Fetched:
    if response.status != _OK:
        raise Refused(f"the server answered {response.status}")
    if response.getheader("Content-Encoding", "identity").lower() not in ("", "identity"):
        raise Refused("the server sends the document packed, which was not asked for")
    media = response.getheader("Content-Type", "").partition(";")[0].strip().lower()
    suffix = types.get(media) or formats.suffix_for(media)
    named = Path(unquote(parts.path)).suffix.lower()
    if suffix is None and media in ("application/octet-stream", "") and named in (*formats.suffixes(), *types.values()):
        suffix = named
    if suffix is None:
        raise Refused(f"the address gives {media or 'something nameless'}, which is no document; a web page, PDF, Word file, text or CSV is")
    path, size = folder / f"download{named if named in formats.suffixes() and suffix in ('.txt', '.csv') else suffix}", 0
    with path.open("wb") as file:
        while chunk := response.read1(_CHUNK):
            size += len(chunk)
            if size > LARGEST:
                raise Refused(f"the document has more than {LARGEST // 1_000_000} MB")
            file.write(chunk)
    declared = response.getheader("Content-Length")
    if declared is not None and declared.isdigit() and size < int(declared):
        raise Refused("the server broke off")
    # A query may hold a password, so only its digest goes into the record; it tells two documents of one address apart.
    mark = hashlib.sha256(parts.query.encode()).hexdigest()[:8] if parts.query else ""
    return Fetched(path, parts._replace(query="", fragment=mark).geturl())
