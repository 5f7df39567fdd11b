"""What a request says of itself, read once into plain values that can be judged without a socket.

Whom the request claims to be for is compared with the end of the connection that it came to: that
is known to the system and cannot be forged, and it needs no setting that could be wrong.
"""

from dataclasses import dataclass

from aiohttp import web

from server.tokens import Cookies

__all__ = ["Ask", "ask_of"]


@dataclass(frozen=True, slots=True)
class Ask:
    """What a request says of itself.

    Attributes:
        method: In capitals.
        path: Decoded, without the query.
        scheme: http or https.
        host: Its one Host header in small letters; "" where there is none or several.
        address: The address of ours that the connection came to, as in a URL.
        port: The port that it came to.
        origin: Its Origin.
        site: Its Sec-Fetch-Site.
        authorization: Its Authorization.
        cookie: The value of our cookie.
    """

    method: str
    path: str
    scheme: str
    host: str
    address: str
    port: int
    origin: str | None = None
    site: str | None = None
    authorization: str | None = None
    cookie: str | None = None

    @property
    def own_origin(self) -> str:
        """The origin of a page that came from this server under the name it was asked by."""
        return f"{self.scheme}://{self.host}"


def ask_of(request: web.Request) -> Ask:
    """What a request says of itself, as plain values."""
    address, port = _local_end(request)
    hosts = request.headers.getall("Host", [])
    return Ask(
        method=request.method,
        path=request.path,
        scheme=request.scheme,
        host=hosts[0].lower() if len(hosts) == 1 else "",
        address=address,
        port=port,
        origin=request.headers.get("Origin"),
        site=request.headers.get("Sec-Fetch-Site"),
        authorization=request.headers.get("Authorization"),
        cookie=request.cookies.get(Cookies.name(port)),
    )


def _local_end(request: web.Request) -> tuple[str, int]:
    """The address of ours that the connection came to, as a URL has it, and its port."""
    transport = request.transport
    name = transport.get_extra_info("sockname") if transport is not None else None
    if not isinstance(name, tuple):
        return "", 0
    address = str(name[0]).partition("%")[0].removeprefix("::ffff:")
    return (f"[{address}]" if ":" in address else address), int(name[1])
