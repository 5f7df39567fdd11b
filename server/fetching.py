"""Fetches a video from an address that a user gave, as nobody inside this network would.

Whoever can make a server fetch an address can make it knock at doors that are closed to themselves:
the router's pages, another program of this machine, a cloud's metadata. Names prove nothing, since
a name may resolve to anything and to something else a second later. So the address is judged where
it is final, when the socket to it is about to be made: that is the same place for a name, a number,
however it is written, and each redirect. FFmpeg, which has no such place, is never given an http
address: the file is fetched here, bounded in size and time, and opened as any upload is.

Streams (rtsp) only FFmpeg can read. Their name is resolved and judged here and replaced by the
address that was judged. What is left is that such a server may redirect FFmpeg to another one.
"""

import asyncio
import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import aiohttp

from server.errors import RequestError
from server.uploads import Upload, Uploads, plain_name

__all__ = ["fetch", "is_public", "judged_stream", "parts_of"]

LONGEST_URL = 2000
REDIRECTS = 5
CONNECT_S = 10.0
CHUNK = 1 << 16
RTSP_PORT = 554
# Public by their number, but a cloud's own machine behind it.
METADATA = (ip_network("168.63.129.16/32"),)
# IPv6 addresses that stand for an IPv4 address: judged by that one.
NAT64 = ip_network("64:ff9b::/96")
# Special by their standards, though Python does not call all of them private.
SPECIAL = tuple(map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "64:ff9b:1::/48", "fec0::/10")))

AddressInfo = tuple[Any, Any, int, str, tuple[Any, ...]]


def is_public(address: str) -> bool:
    """Whether a numeric address lies outside of this machine and its networks.

    Args:
        address: IPv4 or IPv6, perhaps with a zone (`fe80::1%eth0`).
    """
    ip = _meant(ip_address(address.partition("%")[0]))
    if any(ip.version == each.version and ip in each for each in (*METADATA, *SPECIAL)):
        return False
    special = ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_loopback
    return ip.is_global and not special


def parts_of(url: str) -> SplitResult:
    """The parts of a URL that may be fetched or watched.

    Raises:
        RequestError: It is none.
    """
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https", "rtsp", "rtsps") and parts.hostname
        parts.port  # noqa: B018 - raises where it is none
    except ValueError:
        good = None
    if not good or len(url) > LONGEST_URL or not url.isprintable() or " " in url:
        raise RequestError(
            422, "that is no address of a video; give one that starts with http, https or rtsp"
        )
    return parts


async def fetch(url: str, uploads: Uploads, *, allow_private: bool) -> Upload:
    """Fetch a video and take it in as an upload.

    Args:
        url: http or https.
        uploads: Where it goes, and how large and how slow it may be.
        allow_private: Whether addresses inside this machine and network may be asked.

    Raises:
        RequestError: It may not be asked, does not answer, or is no video.
    """
    connector = aiohttp.TCPConnector(
        socket_factory=_judging(allow_private), happy_eyeballs_delay=None, use_dns_cache=False
    )
    limits = aiohttp.ClientTimeout(
        total=uploads.bounds.total_s,
        sock_connect=CONNECT_S,
        sock_read=uploads.bounds.stall_s,
    )
    try:
        async with aiohttp.ClientSession(
            connector=connector,
            timeout=limits,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,  # a proxy would connect in our stead, unjudged
            headers={"User-Agent": "loopmatte", "Accept-Encoding": "identity"},
        ) as client:
            async with client.get(url, max_redirects=REDIRECTS) as answer:
                return await _taken(answer, uploads)
    except TimeoutError as error:
        raise RequestError(504, f"{_shown(url)}: it took too long to answer; try again") from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        said = type(error).__name__
        raise RequestError(502, f"{_shown(url)}: no answer from it ({said})") from error


async def judged_stream(url: str, *, allow_private: bool) -> str:
    """The address of a stream with its name replaced by the number that was judged.

    Args:
        url: rtsp or rtsps.
        allow_private: Whether addresses inside this machine and network may be asked.

    Raises:
        RequestError: Its name is not known, or it may not be asked.
    """
    parts = parts_of(url)
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(
            parts.hostname, parts.port or RTSP_PORT, type=socket.SOCK_STREAM
        )
    except OSError as error:
        raise RequestError(502, f"{_shown(url)}: its name is not known; check it") from error
    for each in found:
        _require_public(str(each[4][0]), allow_private)
    address = str(found[0][4][0])
    login, at, _ = parts.netloc.rpartition("@")
    host = f"[{address}]" if ":" in address else address
    port = f":{parts.port}" if parts.port else ""
    return parts._replace(netloc=f"{login}{at}{host}{port}").geturl()


async def _taken(answer: aiohttp.ClientResponse, uploads: Uploads) -> Upload:
    shown = _shown(str(answer.url))
    if answer.status != 200:
        raise RequestError(502, f"{shown}: it answers {answer.status} ({answer.reason})")
    if answer.content_type == "text/html":
        raise RequestError(422, f"{shown}: it is a web page; give the address of the video itself")
    name = plain_name(unquote(answer.url.path)) if answer.url.path.strip("/") else answer.url.host
    return await uploads.receive(
        answer.content.iter_chunked(CHUNK), name=name or "video", declared=answer.content_length
    )


def _judging(allow_private: bool) -> Callable[[AddressInfo], socket.socket]:
    """What makes the sockets of a connector, and refuses to make some."""

    def make(info: AddressInfo) -> socket.socket:
        family, kind, protocol, _, where = info
        _require_public(str(where[0]), allow_private)
        return socket.socket(family, kind, protocol)

    return make


def _require_public(address: str, allow_private: bool) -> None:
    if not allow_private and not is_public(address):
        raise RequestError(
            403,
            f"that leads to {address}, an address inside this machine or its network; start the "
            "server with --allow-private to let such be fetched",
        )


def _meant(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The address that an address stands for."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip in NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    teredo = ip.teredo
    return ip.ipv4_mapped or ip.sixtofour or (teredo[1] if teredo else None) or ip


def _shown(url: str) -> str:
    """An address for a message: without login and query, which may be secrets."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
