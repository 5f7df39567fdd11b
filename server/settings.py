"""Every setting of the web face; the flags of `loopmatte serve` are built from these fields.

The defaults are those of a person alone at their own machine: nobody else can connect, nothing but
the page's own origin is let in, no address inside the network is fetched, no outside server is
asked for a way through a firewall. Whoever opens a door does so by a flag that names it.
"""

from dataclasses import MISSING, dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from streaming.live import SettingsError, option

__all__ = ["ServerSettings"]


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where the page is served, to whom, and how much of the machine it may use."""

    library: Path = option(
        MISSING,
        "folder for sessions, loops, uploads and the key (default: in the user's data folder)",
        metavar="DIR",
    )
    cache: Path = option(
        MISSING, "folder for weights and converted networks (default: as for run)", metavar="DIR"
    )
    host: str = option(
        "127.0.0.1", "address to listen on; 0.0.0.0 for the whole network", metavar="ADDRESS"
    )
    port: int = option(8080, "port to listen on; 0 for any free one", metavar="N")
    open: bool = option(False, "open the page in the browser")
    media: tuple[Path, ...] = option(
        (), "offer the videos in this folder; may be given several times", metavar="DIR"
    )
    token_file: Path | None = option(
        None, "read the link's token from this file instead of making one", metavar="FILE"
    )
    tls_cert: Path | None = option(
        None,
        "serve https with this certificate (PEM); browsers then give their camera to "
        "another machine's page",
        metavar="FILE",
    )
    tls_key: Path | None = option(None, "the certificate's private key (PEM)", metavar="FILE")
    allow_host: tuple[str, ...] = option(
        (), "also answer under this name or name:port; may be given several times", metavar="NAME"
    )
    allow_origin: tuple[str, ...] = option(
        (),
        "let pages of this origin in, with the token; may be given several times",
        metavar="ORIGIN",
    )
    allow_private: bool = option(False, "fetch URLs inside the own network and machine too")
    ice_server: tuple[str, ...] = option(
        (), "STUN or TURN server; none is asked unless given", metavar="URL"
    )
    max_sessions: int = option(2, "how many sessions may run at once", metavar="N")
    max_viewers: int = option(8, "how many may watch one session", metavar="N")
    max_upload_mb: int = option(2000, "largest upload or fetched video", metavar="MB")
    upload_timeout_s: float = option(
        1800.0,
        "longest time for one upload or fetch in seconds",
        metavar="S",
        flag="--upload-timeout",
    )
    stall_timeout_s: float = option(
        30.0,
        "give an upload or fetch up when nothing comes for this long",
        metavar="S",
        flag="--stall-timeout",
    )
    ceiling_s: float = option(
        6.0,
        "longest loop that any session can be asked for; sizes its memory",
        metavar="S",
        flag="--ceiling",
    )
    expire_days: int = option(
        14,
        "delete uploads and sessions without kept loops after so many days, 0 for never",
        metavar="N",
    )
    preview_px: int = option(640, "long side of the preview in pixels", metavar="PX")

    def __post_init__(self) -> None:
        _require(0 <= self.port <= 65535, f"--port {self.port}", "give 0 to 65535")
        _require(
            (self.tls_cert is None) == (self.tls_key is None),
            "one of --tls-cert and --tls-key",
            "give both or neither",
        )
        for origin in self.allow_origin:
            _require(_is_origin(origin), f"--allow-origin {origin}", "give it as https://name:port")
        for name, least in (
            ("max_sessions", 1),
            ("max_viewers", 1),
            ("max_upload_mb", 1),
            ("expire_days", 0),
        ):
            flag = f"--{name.replace('_', '-')} {getattr(self, name)}"
            _require(getattr(self, name) >= least, flag, f"give at least {least}")
        _require(self.upload_timeout_s > 0, "--upload-timeout", "give more than 0 s")
        _require(self.stall_timeout_s > 0, "--stall-timeout", "give more than 0 s")
        _require(1 <= self.ceiling_s <= 60, f"--ceiling {self.ceiling_s:g}", "give 1 to 60 s")
        _require(
            192 <= self.preview_px <= 1920, f"--preview-px {self.preview_px}", "give 192 to 1920"
        )

    @property
    def upload_bytes(self) -> int:
        """Largest upload in bytes."""
        return self.max_upload_mb * 1_000_000

    @property
    def tls(self) -> bool:
        """Whether the page is served over https."""
        return self.tls_cert is not None

    @property
    def only_here(self) -> bool:
        """Whether only this machine can connect."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False


def _is_origin(text: str) -> bool:
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and text == f"{parts.scheme}://{parts.netloc}"


def _require(good: bool, seen: str, wanted: str) -> None:
    if not good:
        raise SettingsError(f"{seen}: {wanted}")
