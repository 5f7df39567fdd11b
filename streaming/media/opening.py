"""What may be opened, and by whom: the guard at the door of everything that is read.

FFmpeg opens far more than videos. A playlist named `.mp4` makes it open other files or fetch pages;
a text that starts with `ffconcat` opens its siblings. So a local file is opened with the formats of
plain containers only and with no protocol but `file`: what it holds is all that is read. A URL may
use the network but never a file of this machine.

This is also the one place that turns the exceptions of FFmpeg into our own: a broken file may raise
a dozen kinds, none of which tells a user what to do.
"""

import os
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import av
from av.container import InputContainer

from streaming.errors import InputError
from streaming.media.reader import Kind

__all__ = ["FOREIGN", "Address", "address_of", "open_container", "telling_input"]

# FFmpeg's own errors, and what PyAV lets through from below and above it.
FOREIGN = (av.FFmpegError, OSError, ValueError, ArithmeticError, LookupError, MemoryError)

CONTAINERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,gif,apng,flv,live_flv,asf,asf_o,ogg,mpeg,mpegts,"
    "mpegvideo,h261,h263,h264,hevc,vvc,m4v,av1,obu,ivf,mjpeg,mjpeg_2000,mpjpeg,nut,rm,dv,mxf,gxf,"
    "yuv4mpegpipe,cavsvideo,vc1,dirac,wtv,nuv,nsv,dxa,smk,bink,roq,flic,swf,r3d,viv,jpegxl_anim"
)
FROM_NETWORK = f"{CONTAINERS},hls,rtsp,rtp,sdp"  # rtsp describes its streams by SDP
URL_PROTOCOLS = "http,https,httpproxy,tls,tcp,udp,rtp,srtp,rtsp,crypto"
CAMERA_FORMATS = {"linux": "v4l2", "darwin": "avfoundation", "win32": "dshow"}

OPEN_TIMEOUT_S, READ_TIMEOUT_S = 15, 15
SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+://")

# How files begin that only point at others.
POINTERS = {
    b"#EXTM3U": "an HLS playlist",
    b"ffconcat": "a concat list",
    b"v=0": "an SDP description",
    b"<?xml": "an XML text",
    b"<MPD": "a DASH manifest",
}


@dataclass(frozen=True, slots=True)
class Address:
    """Where an input is and how FFmpeg is to open it.

    Attributes:
        name: What to call it in messages.
        kind: Which way it is read.
        path: For a file or folder.
        url: What FFmpeg is given.
        format: FFmpeg's name of the format, where it cannot find it out.
        options: What FFmpeg is allowed and told.
        live: Whether it will not wait for a slow reader.
    """

    name: str
    kind: Kind
    path: Path | None
    url: str
    format: str | None = None
    options: dict[str, str] = field(default_factory=dict)
    live: bool = False


def address_of(what: str) -> Address:
    """Find out what was given: a camera, a URL, a folder or a file.

    Args:
        what: A path, a URL (http, https, rtsp) or a camera (`camera:0`).

    Raises:
        InputError: It is none of these, or it is not there.
    """
    if what.startswith("camera:"):
        return _camera(what)
    if SCHEME.match(what):
        return _url(what)
    return _local(what)


def open_container(address: Address) -> InputContainer:
    """Open a container within what its address allows.

    Raises:
        InputError: FFmpeg cannot open it.
    """
    with telling_input(address):
        container: InputContainer = av.open(
            address.url,
            "r",
            format=address.format,
            options=dict(address.options),
            metadata_errors="replace",
            timeout=None if address.kind == "file" else (OPEN_TIMEOUT_S, READ_TIMEOUT_S),
        )
        return container


@contextmanager
def telling_input(address: Address) -> Iterator[None]:
    """Turn what FFmpeg raises on opening into an `InputError` that says what to do."""
    try:
        yield
    except FOREIGN as error:
        raise InputError(f"{address.name}: {_why(address, error)}") from error


def _why(address: Address, error: BaseException) -> str:
    said = _words(error)
    if address.kind == "file":
        return (
            f"FFmpeg cannot open it as a video ({said}); it may be cut short or not be a video; "
            f"try to play it, or give another file"
        )
    if address.kind == "camera":
        return f"the camera does not open ({said}); is another program using it?"
    return f"it does not answer as a video ({said}); check the address and the network"


def _words(error: BaseException) -> str:
    """What FFmpeg says of an error, without its numbers and paths."""
    if isinstance(error, MemoryError):
        return "out of memory"
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text).split(": '")[0]


def _local(what: str) -> Address:
    path = Path(what)
    name = path.name or str(path)
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        raise InputError(f"{what}: there is no such file or folder; check the path") from error
    if stat.S_ISDIR(mode):
        return Address(path.resolve().name, "folder", path, "")
    if not stat.S_ISREG(mode):
        raise InputError(f"{name}: it is neither a file nor a folder; give a video file")
    _look_inside(path)
    options = {"format_whitelist": CONTAINERS, "protocol_whitelist": "file"}
    return Address(name, "file", path, f"file:{path}", None, options)


def _look_inside(path: Path) -> None:
    """Refuse what cannot be a video by its first bytes, with words better than FFmpeg's."""
    try:
        with path.open("rb") as file:
            head = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
    except OSError as error:
        raise InputError(f"{path.name}: it cannot be read ({error.strerror})") from error
    if not head:
        raise InputError(f"{path.name}: the file is empty; give a video file")
    for start, meaning in POINTERS.items():
        if head.startswith(start):
            raise InputError(
                f"{path.name}: it is {meaning}, which points at other files, and a local file is "
                f"never followed elsewhere; give the video itself or its URL"
            )


def _url(what: str) -> Address:
    parts = urlsplit(what)
    scheme = parts.scheme.lower()
    if scheme not in ("http", "https", "rtsp", "rtsps"):
        raise InputError(
            f"{what}: a URL starts with http, https or rtsp, not {scheme}; "
            f"for a file on this machine give its path"
        )
    shown = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    live = scheme.startswith("rtsp")
    options = {"format_whitelist": FROM_NETWORK, "protocol_whitelist": URL_PROTOCOLS}
    if live:
        options["rtsp_transport"] = "tcp"
    return Address(shown, "stream", None, what, None, options, live)


def _camera(what: str) -> Address:
    which = what.partition(":")[2]
    format = CAMERA_FORMATS.get(sys.platform)
    if format is None:
        raise InputError(f"{what}: cameras are not known on {sys.platform}; give a file or URL")
    device = _device(what, which)
    return Address(what, "camera", None, device, format, {}, live=True)


def _device(what: str, which: str) -> str:
    """The name under which the system knows the camera."""
    if sys.platform == "darwin":
        return f"{which}:none"
    if sys.platform == "win32":
        if which.isdecimal():
            raise InputError(
                f"{what}: Windows knows cameras by name; give camera:NAME as its settings show it"
            )
        return f"video={which}"
    if not which.isdecimal():
        raise InputError(f"{what}: a camera is given by its number, for example camera:0")
    device = f"/dev/video{which}"
    if not os.path.exists(device):  # noqa: PTH110 - a device, not a file of ours
        there = sorted(each.name.removeprefix("video") for each in Path("/dev").glob("video*"))
        found = f"there is camera:{', camera:'.join(there)}" if there else "none is connected"
        raise InputError(f"{what}: there is no such camera ({device}); {found}")
    return device
